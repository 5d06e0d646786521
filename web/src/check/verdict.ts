import { CHECKING_ERRORS, kindInfo, type PackageQuestion, type Verdict } from '@tanlian/evidence'
import { type ErrorTable, formatMean, formatNumber, formatQuantity } from '@tanlian/units'
import { windowText } from '../window-text.ts'
import { element, sign } from './element.ts'
import { type Language, textIn } from './texts.ts'

const CODES: ErrorTable = CHECKING_ERRORS

/** The verdict as a page part: the word and the figure it is about, who and when; then one line a check, and the totals in full. */
export function showVerdict(
  verdict: Verdict,
  question: PackageQuestion,
  note: string | undefined,
  organization: string | undefined,
  language: Language,
): HTMLElement {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) => textIn(language, key, values)
  const n = (value: number | bigint) => formatNumber(value, language)
  const size = n(verdict.asOf.size)
  const { hidden, all } = verdict.batches
  const kind = verdict.status === 'verified' ? 'held' : verdict.status === 'failed' ? 'not' : 'open'
  return element(
    'div',
    { 'data-verdict': verdict.status },
    element(
      'div',
      { class: `note ${verdict.status}`, role: 'status' },
      element('p', { class: 'row big' }, sign(kind, 26), element('strong', {}, t(`verdict.${verdict.status}.title`))),
      // A figure that did not hold is not put in large letters.
      ...(verdict.status === 'failed' ? [] : [element('p', { class: 'headline' }, headline(verdict, language))]),
      element(
        'p',
        {},
        t('verdict.about', {
          organization: organization ?? t('verdict.organization', { id: question.organization }),
          window: windowText(question.from, question.to, language),
        }),
      ),
      element('p', { class: 'small' }, t(`verdict.${verdict.status}.body`, { size, hidden: n(hidden), all: n(all) })),
      ...(organization === undefined
        ? []
        : [element('p', { class: 'small' }, t('verdict.named', { id: question.organization }))]),
      ...(note === undefined ? [] : [element('p', { class: 'small' }, note)]),
    ),
    element('h2', {}, t('verdict.lines')),
    element('p', { class: 'small muted' }, t('verdict.asOf', { size, block: n(verdict.asOf.block) })),
    element(
      'ol',
      { class: 'lines' },
      ...verdict.lines.map((line) => showLine(line, { said: t, codes: CODES }, language)),
    ),
    totals(verdict, question, language),
  )
}

/** The one figure that a reader came for, where there is one; else how many readings it is about. */
function headline(verdict: Verdict, language: Language): string {
  const measured = verdict.totals.filter(({ validity }) => validity !== 2)
  const [first] = measured
  const kind = first === undefined ? undefined : kindInfo(first.type)
  if (first === undefined || kind === undefined || measured.some(({ type }) => type !== first.type))
    return textIn(language, 'verdict.several', {
      count: formatNumber(
        verdict.totals.reduce((sum, { count }) => sum + count, 0),
        language,
      ),
    })
  const quantity = measured.reduce((sum, total) => sum + total.quantity, 0n)
  const seconds = measured.reduce((sum, total) => sum + total.seconds, 0)
  const name = language === 'en' ? kind.en : kind.zh
  const amount =
    kind.sort === 'gauge' && seconds > 0
      ? formatMean(quantity, BigInt(seconds), kind.unit, { locale: language })
      : formatQuantity(quantity, kind.unit, { locale: language })
  return `${name} ${amount}`
}

/** A step of any verdict, as far as the page shows it. */
export interface ShownStep {
  readonly step: string
  readonly ok: boolean | null
  readonly code?: string
  readonly message?: string
  readonly values: Readonly<Record<string, unknown>>
}

/** What is said of steps (a text by its key, `step.log.title`), and of what did not hold, by code. */
export interface StepWords {
  readonly said: (key: string, values?: Readonly<Record<string, string | number>>) => string
  readonly codes: ErrorTable
}

/** One line of a verdict; it opens to how we know and what it does not prove. */
export function showLine(line: ShownStep, { said, codes }: StepWords, language: Language): HTMLElement {
  const t = (key: string) => textIn(language, key)
  const kind = line.ok === null ? 'open' : line.ok ? 'held' : 'not'
  const word = t(line.ok === null ? 'verdict.open' : line.ok ? 'verdict.held' : 'verdict.notHeld')
  return element(
    'li',
    { class: `line ${kind}`, 'data-step': line.step, 'data-ok': String(line.ok) },
    element(
      'details',
      line.ok === false ? { open: '' } : {},
      element(
        'summary',
        {},
        sign(kind),
        element('span', {}, said(`step.${line.step}.title`)),
        element('small', {}, word),
        element('span', { class: 'detail small muted' }, detailOf(line, { said, codes }, language)),
      ),
      element(
        'dl',
        {},
        element('dt', {}, t('verdict.how')),
        element('dd', {}, said(`step.${line.step}.how`)),
        element('dt', {}, t('verdict.not')),
        element('dd', {}, said(`step.${line.step}.not`)),
      ),
    ),
  )
}

function detailOf(line: ShownStep, { said, codes }: StepWords, language: Language): string {
  if (line.ok === true) {
    const values = Object.entries(line.values).map(([name, value]) => [
      name,
      typeof value === 'number' ? formatNumber(value, language) : String(value),
    ])
    return said(`step.${line.step}.held`, Object.fromEntries(values))
  }
  if (line.code === 'E_VERDICT_NO_WITNESS') return said('step.witnesses.none')
  const known = line.code === undefined ? undefined : codes[line.code]?.[language === 'en' ? 'en' : 'zh']
  if (line.ok === null) return known ?? ''
  const text = language === 'en' ? (line.message ?? known) : known
  return `${text ?? ''}${line.code === undefined ? '' : ` (${line.code})`}`
}

function totals(verdict: Verdict, question: PackageQuestion, language: Language): HTMLElement {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) => textIn(language, key, values)
  const caption = t('totals.caption', {
    organization: question.organization,
    window: windowText(question.from, question.to, language),
  })
  if (verdict.totals.length === 0) {
    return element(
      'section',
      {},
      element('h2', {}, t('totals.title')),
      element('p', {}, caption),
      ...(verdict.status === 'failed' ? [] : [element('p', {}, t('totals.none'))]),
    )
  }
  const heads = ['type', 'validity', 'total', 'mean', 'readings'] as const
  const rows = verdict.totals.map((total) => {
    const kind = kindInfo(total.type)
    const isGauge = kind?.sort === 'gauge'
    const cells = [
      kind === undefined ? total.type.toString(16).padStart(6, '0') : language === 'en' ? kind.en : kind.zh,
      t(`validity.${total.validity}`),
      kind === undefined || isGauge ? '–' : formatQuantity(total.quantity, kind.unit, { locale: language }),
      kind !== undefined && isGauge && total.seconds > 0
        ? formatMean(total.quantity, BigInt(total.seconds), kind.unit, { locale: language })
        : '–',
      formatNumber(total.count, language),
    ]
    return element('tr', {}, ...cells.map((text, at) => element('td', { class: at >= 2 ? 'number' : '' }, text)))
  })
  const share =
    verdict.capture.of === 0
      ? '–'
      : `${formatNumber({ coefficient: BigInt(Math.floor((verdict.capture.seconds / verdict.capture.of) * 1000)), exponent: -1 }, language)} %`
  return element(
    'section',
    {},
    element('h2', {}, t('totals.title')),
    element(
      'div',
      { class: 'table-wrap', tabindex: '0', role: 'group', 'aria-label': t('totals.title') },
      element(
        'table',
        {},
        element('caption', {}, caption),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...heads.map((head, at) =>
              element('th', { scope: 'col', class: at >= 2 ? 'number' : '' }, t(`totals.${head}`)),
            ),
          ),
        ),
        element('tbody', {}, ...rows),
      ),
    ),
    element(
      'p',
      { class: 'small muted' },
      `${t('totals.capture')} ${t('totals.captureOf', { share, streams: verdict.streams.length })}`,
    ),
  )
}
