import { ACCOUNTING_ERRORS, checkReportPackage, type Methodology, type ReportVerdict } from '@tanlian/accounting'
import { CHECKING_ERRORS, decodeReportPackage, type ReportPackage } from '@tanlian/evidence'
import { addressOfPackage, openChain, openRpc, reportChainFacts, reportLogFacts } from '@tanlian/sdk'
import { type ErrorTable, exactDecimal, formatNumber, parseRatio } from '@tanlian/units'
import { element, sign } from './element.ts'
import en from './report-en.json'
import zh from './report-zh-CN.json'
import { type Language, textIn, textOf } from './texts.ts'
import { type StepWords, showLine } from './verdict.ts'

const CODES: ErrorTable = { ...CHECKING_ERRORS, ...ACCOUNTING_ERRORS }
/** Differences named one by one; a report that was made up differs everywhere. */
const NAMED = 20

/** A report done again, and why the chain could not be asked where it could not. */
export interface CheckedReport {
  readonly cid: string
  readonly verdict: ReportVerdict
  readonly chainError: unknown
}

/** Does a report again from its package; without a node, or with one that does not answer, the verdict says that the chain was not asked. */
export async function checkReport(bytes: Uint8Array, node: string): Promise<CheckedReport> {
  const pack = decodeReportPackage(bytes)
  const cid = pack.report.toString()
  if (node === '') return { cid, verdict: checkReportPackage(pack), chainError: undefined }
  try {
    return { cid, verdict: checkReportPackage(pack, await askNode(pack, node)), chainError: undefined }
  } catch (chainError) {
    return { cid, verdict: checkReportPackage(pack), chainError }
  }
}

async function askNode(pack: ReportPackage, rpc: string) {
  const chain = openChain(openRpc({ url: rpc, timeoutMs: 10_000, tries: 2 }), addressOfPackage(pack))
  const [facts, log] = await Promise.all([reportChainFacts(chain, pack), reportLogFacts(chain, pack)])
  return { chain: facts, log }
}

/** What is kept of a verdict in a file: the lines and the results, without the documents of the package. */
export function savedReport({ cid, verdict }: CheckedReport): unknown {
  const { status, lines, organization, report, stage, recomputed, witnesses } = verdict
  const { outputs = [], differences = [] } = recomputed ?? {}
  const about = { cid, organization, subject: report?.subject, period: report?.period }
  return { status, ...about, stage, lines, outputs, differences, witnesses }
}

/** A report that was done again (报告复算), as a page part: the word and its total, whose and when, one line a step, then the results. */
export function showReport(
  { verdict }: CheckedReport,
  note: string | undefined,
  organization: string | undefined,
  language: Language,
): HTMLElement {
  const said = textsOf(language)
  const { status, lines, report, stage, recomputed } = verdict
  const methodology = recomputed?.outcome.program.methodology
  const words: StepWords = { said, codes: CODES }
  return element(
    'div',
    { 'data-verdict': status, 'data-report': '' },
    element(
      'div',
      { class: `note ${status}`, role: 'status' },
      element(
        'p',
        { class: 'row big' },
        sign(status === 'verified' ? 'held' : status === 'failed' ? 'not' : 'open', 26),
        element('strong', {}, said(`${status}.title`)),
      ),
      ...headline(verdict, language).map((text) => element('p', { class: 'headline' }, text)),
      ...(report === undefined
        ? []
        : [
            element(
              'p',
              {},
              said('about', {
                organization: organization ?? textIn(language, 'verdict.organization', { id: verdict.organization }),
                subject: report.subject,
                period: daysOf(report.period, report.zone),
              }),
            ),
          ]),
      ...(stage === undefined ? [] : [element('p', {}, said('stage.label', { stage: said(`stage.${stage}`) }))]),
      element('p', { class: 'small' }, said(`${status}.body`)),
      ...(organization === undefined
        ? []
        : [element('p', { class: 'small' }, textIn(language, 'verdict.named', { id: verdict.organization }))]),
      ...(note === undefined ? [] : [element('p', { class: 'small' }, note)]),
    ),
    element('h2', {}, said('lines')),
    element('ol', { class: 'lines' }, ...lines.map((line) => showLine(line, words, language))),
    ...(recomputed === undefined || methodology === undefined ? [] : results(verdict, methodology, language)),
  )
}

/** The report's total; one that did not come out is not put in large letters. */
function headline({ status, recomputed }: ReportVerdict, language: Language): readonly string[] {
  const methodology = recomputed?.outcome.program.methodology
  const total = methodology?.outputs.find(({ role }) => role === 'total')
  const found = recomputed?.outputs.find(([name]) => name === total?.equation)
  if (status === 'failed' || methodology === undefined || found === undefined) return []
  const [name, value, unit] = found
  return [`${nameOf(methodology, name, language)} ${amountText(value, unit, language)}`]
}

function results(
  { recomputed, status }: ReportVerdict,
  methodology: Methodology,
  language: Language,
): readonly HTMLElement[] {
  const said = textsOf(language)
  const { outputs, differences } = recomputed as NonNullable<ReportVerdict['recomputed']>
  const times = new Map<string, number>()
  const rows = outputs.map(([name, value, unit]) => {
    const row = (times.get(name) ?? 0) + 1
    times.set(name, row)
    return { name, row, amount: amountText(value, unit, language) }
  })
  const isOne = ({ name }: { readonly name: string }) => times.get(name) === 1
  const others = rows.filter((row) => !isOne(row))
  const single = rows.filter(isOne).map(({ name, amount }) => [nameOf(methodology, name, language), amount])
  const many = others.map(({ name, row, amount }) => [
    said('row', { name: nameOf(methodology, name, language), row }),
    amount,
  ])
  const { name, version } = methodology
  return [
    element('h2', {}, said('results')),
    element('p', { class: 'small muted' }, said('method', { name: language === 'en' ? name.en : name.zh, version })),
    table([said('name'), said('value')], single, said('results')),
    ...(many.length === 0
      ? []
      : [
          element(
            'details',
            {},
            element('summary', {}, said('more', { count: formatNumber(many.length, language) })),
            table([said('name'), said('value')], many, said('results')),
          ),
        ]),
    ...(status === 'failed' && differences.length > 0
      ? [
          element('h2', {}, said('differences')),
          table(
            [said('name'), said('says'), said('found')],
            differences
              .slice(0, NAMED)
              .map(({ name: of, said: says, found }) => [nameOf(methodology, of, language), says, found]),
            said('differences'),
          ),
        ]
      : []),
  ]
}

function table(
  heads: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
  label: string,
): HTMLElement {
  const kind = (at: number) => (at > 0 ? 'number' : '')
  return element(
    'div',
    { class: 'table-wrap', tabindex: '0', role: 'group', 'aria-label': label },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map((head, at) => element('th', { scope: 'col', class: kind(at) }, head))),
      ),
      element(
        'tbody',
        {},
        ...rows.map((cells) =>
          element('tr', {}, ...cells.map((text, at) => element('td', { class: kind(at) }, text ?? ''))),
        ),
      ),
    ),
  )
}

/** What the methodology calls an input or a result. */
function nameOf({ inputs, equations }: Methodology, name: string, language: Language): string {
  const plain = name.replace(/\.remainder$/, '')
  const words = [...equations, ...inputs].find((one) => one.name === plain)?.words
  const text = words === undefined ? plain : language === 'en' ? words.en : words.zh
  return plain === name ? text : textsOf(language)('remainder', { of: text })
}

function amountText(value: string, unit: string, language: Language): string {
  const decimal = exactDecimal(parseRatio(value))
  const places = value.split('.')[1]?.length ?? 0
  const shown = decimal === undefined ? value : formatNumber(decimal, language, places)
  return unit === '1' ? shown : `${shown} ${unit}`
}

/** First and last day of a period in its zone. */
function daysOf([from, to]: readonly [number, number], zone: string): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
  return `${day.format(from * 1000)} – ${day.format((to - 1) * 1000)}`
}

function textsOf(language: Language): StepWords['said'] {
  return (key, values) => textOf(language === 'en' ? en : zh, key, values)
}
