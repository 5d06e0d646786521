import type { Proven } from '@tanlian/evidence'
import { element, sign } from './element.ts'
import { type Language, textIn } from './texts.ts'

/** What a proof of equivocation proves (双签证明), as a page part: the sentence first, then both statements. */
export function showEquivocation(proven: Proven, language: Language): HTMLElement {
  const said = (key: string, values?: Readonly<Record<string, string | number>>) =>
    textIn(language, `equivocation.${key}`, values)
  return element(
    'section',
    { id: 'result', tabindex: '-1', 'data-equivocation': proven.kind, 'aria-label': said('title') },
    element(
      'div',
      { class: 'note failed', role: 'status' },
      element('p', { class: 'row big' }, sign('not', 26), element('strong', {}, said('title'))),
      element('p', { class: 'big' }, sentenceOf(proven, said)),
      element('p', { class: 'small' }, said('body')),
      ...(proven.kind === 'entries' ? [element('p', { class: 'small' }, said('whose'))] : []),
    ),
    element(
      'dl',
      { class: 'statements' },
      ...detailsOf(proven, said).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  )
}

type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string

function sentenceOf(proven: Proven, said: Texts): string {
  if (proven.kind === 'checkpoints')
    return said(proven.use, { signer: proven.signer, sizes: [...new Set(proven.sizes)].join(', ') })
  const { organization, sequence, entryKind, kind } = proven
  return said(kind, { organization, sequence, what: said(entryKind === 1 ? 'batch' : 'document') })
}

function detailsOf(proven: Proven, said: Texts): (readonly [string, string])[] {
  if (proven.kind === 'checkpoints')
    return [
      ...proven.roots.map((root) => [said('root'), root] as const),
      ...(proven.index === null ? [] : [[said('index'), String(proven.index)] as const]),
      [said('key'), proven.vkey],
    ]
  const keys = proven.kind === 'receipts' ? [proven.key] : [...new Set(proven.accounts)]
  return [
    ...proven.digests.map((digest) => [said('digest'), digest] as const),
    ...keys.map((key) => [said('key'), key] as const),
  ]
}
