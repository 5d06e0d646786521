import type { Proven } from '@tanlian/evidence'
import { element, sign } from './element.ts'
import { type Language, textIn } from './texts.ts'

/** What a proof of equivocation proves (双签证明), as a page part: the sentence first, then both statements. */
export function showEquivocation(proven: Proven, language: Language): HTMLElement {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    textIn(language, `equivocation.${key}`, values)
  return element(
    'section',
    { id: 'result', tabindex: '-1', 'data-equivocation': proven.kind, 'aria-label': t('title') },
    element(
      'div',
      { class: 'note failed', role: 'status' },
      element('p', { class: 'row big' }, sign('not', 26), element('strong', {}, t('title'))),
      element('p', { class: 'big' }, sentenceOf(proven, t)),
      element('p', { class: 'small' }, t('body')),
      ...(proven.kind === 'entries' ? [element('p', { class: 'small' }, t('whose'))] : []),
    ),
    element(
      'dl',
      { class: 'statements' },
      ...detailsOf(proven, t).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  )
}

type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string

function sentenceOf(proven: Proven, t: Texts): string {
  if (proven.kind === 'checkpoints')
    return t(proven.use, { signer: proven.signer, sizes: [...new Set(proven.sizes)].join(', ') })
  const { organization, sequence, entryKind, kind } = proven
  return t(kind, { organization, sequence, what: t(entryKind === 1 ? 'batch' : 'document') })
}

function detailsOf(proven: Proven, t: Texts): (readonly [string, string])[] {
  if (proven.kind === 'checkpoints')
    return [
      ...proven.roots.map((root) => [t('root'), root] as const),
      ...(proven.index === null ? [] : [[t('index'), String(proven.index)] as const]),
      [t('key'), proven.vkey],
    ]
  const keys = proven.kind === 'receipts' ? [proven.key] : [...new Set(proven.accounts)]
  return [
    ...proven.digests.map((digest) => [t('digest'), digest] as const),
    ...keys.map((key) => [t('key'), key] as const),
  ]
}
