import {
  assembleFacts,
  type CheckSources,
  findingText,
  type Outcome,
  type Program,
  type Report,
  type RuleSet,
  readDocumentContent,
  runChecks,
  type SeriesFact,
} from '@tanlian/accounting'
import { LIBRARY, loadChecks } from '@tanlian/accounting/library'
import { toHex } from '@tanlian/evidence'
import { periodOf, periodWindow, zoneOf } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { HOUR } from '../series/bucket.ts'

/** A question that a cross-check raises (核对发现), in words, with what the preparer answered. */
export interface FindingView {
  readonly rule: string
  readonly severity: string
  readonly subject: string
  readonly zh: string
  readonly en: string
  readonly months: string[]
  readonly source: { document: string; article: string | null; confidence: string }
  readonly answer: string | null
}

/** What is checked: a report, or a draft that is on its way to be one. */
export type Checked = Pick<
  Report,
  'type' | 'subject' | 'inputs' | 'outputs' | 'period' | 'zone' | 'methodology' | 'answers' | 'corrects'
>

/**
 * Runs the cross-checks that go with a methodology's sector on a report and what is logged around it. The same before submission, at the verifier's
 * and at the regulator's.
 */
export async function findingsOf(
  instance: Pick<Instance, 'db' | 'documents'>,
  organization: number,
  program: Program,
  report: Checked,
  outcome: Outcome | undefined,
): Promise<FindingView[]> {
  const [sets, series] = await Promise.all([
    ruleSets(program.methodology.sector),
    hoursOf(instance, organization, report),
  ])
  const facts = assembleFacts(sourcesOf(instance, organization, program, report, outcome, series))
  const answers = new Map(report.answers.map(([rule, subject, text]) => [`${rule}\n${subject}`, text]))
  return sets.flatMap(({ rules }) =>
    runChecks(rules, facts).flatMap((finding): FindingView[] => {
      const rule = rules.find(({ id }) => id === finding.rule)
      if (rule === undefined) return []
      const { document, article, confidence } = rule.source
      return [
        {
          rule: finding.rule,
          severity: finding.severity,
          subject: finding.subject,
          zh: findingText(rule, finding, 'zh'),
          en: findingText(rule, finding, 'en'),
          months: [...finding.months],
          source: { document, article: article ?? null, confidence },
          answer: answers.get(`${finding.rule}\n${finding.subject}`) ?? null,
        },
      ]
    }),
  )
}

/** The rules for everybody, and those of a sector. */
function ruleSets(sector: string): Promise<RuleSet[]> {
  const wanted = ['checks.series', 'checks.laboratory', `checks.cn.${sector}`]
  const ids = LIBRARY.filter(({ kind, id }) => kind === 'checks' && wanted.includes(id)).map(({ id }) => id)
  return Promise.all([...new Set(ids)].map(loadChecks))
}

const LABORATORY = ['sample', 'handover', 'receipt', 'analysis', 'voucher']

function sourcesOf(
  { documents }: Pick<Instance, 'documents'>,
  organization: number,
  { methodology }: Program,
  report: Checked,
  outcome: Outcome | undefined,
  series: readonly SeriesFact[],
): CheckSources {
  const { register } = documents
  const { type, subject, zone, period } = report
  const mine = (kind: string, cid: string, of: number) =>
    kind === 'voucher' ? of === organization : register.sample(cid)?.organization === organization
  const logged = LABORATORY.flatMap((kind) => documents.list(kind))
    .filter(({ kind, cid, organization: of }) => mine(kind, cid.toString(), of))
    .map(({ kind, cid, organization: of, content }) => ({
      cid: cid.toString(),
      organization: of,
      document: readDocumentContent(kind, content),
    }))
  const before = periodWindow(periodOf(period[0] - 1, type, zone), zone)
  const previous = register.latest(organization, { subject, type, period: [before.from, before.to] })
  const accepted = register
    .reports()
    .filter(({ stage, correctedBy }) => stage === 'accepted' && correctedBy === undefined)
  const peers = accepted.filter(
    ({ organization: of, content }) =>
      of !== organization && content.type === type && content.methodology.equals(report.methodology),
  )
  const corrected: Pick<Report, 'outputs'>[] = []
  for (let cid = report.corrects; cid !== null; ) {
    const earlier = register.report(cid)
    if (earlier !== undefined) corrected.unshift(earlier.content)
    cid = earlier?.content.corrects ?? null
  }
  return {
    report,
    outcome,
    documents: logged,
    series,
    previous: previous?.stage === 'accepted' ? previous.content : undefined,
    peers: peers.map(({ content }) => content),
    corrected,
    total: methodology.outputs.find(({ role }) => role === 'total')?.equation,
  }
}

/** The streams behind a report's totals by the hour of its period, what is not valid left out. */
async function hoursOf(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  { inputs, period, zone }: Checked,
): Promise<SeriesFact[]> {
  const asked = inputs.flatMap(({ origin }) =>
    origin.kind === 'total' ? [{ type: toHex(origin.type).slice(0, 6), streams: origin.streams }] : [],
  )
  const [from, to] = period
  const start = Math.ceil(from / HOUR) * HOUR
  const rows = await db
    .selectFrom('series_sum')
    .select(['stream', 'type', 'start_s', 'quantity'])
    .where('organization', '=', organization)
    .where('step_s', '=', HOUR)
    .where('start_s', '>=', start)
    .where('start_s', '<', to)
    .execute()
  const hours = Math.floor((to - start) / HOUR)
  const found = new Map<string, { stream: number; type: string; hours: (number | undefined)[] }>()
  for (const { stream, type, start_s, quantity } of rows) {
    const whole = type.toString(16).padStart(8, '0')
    const name = whole.slice(0, 6)
    if (type % 256 > 1) continue
    if (!asked.some((one) => name.startsWith(one.type) && (one.streams === null || one.streams.includes(stream))))
      continue
    const key = `${stream}/${name}`
    const fact = found.get(key) ?? { stream, type: name, hours: new Array<number | undefined>(hours).fill(undefined) }
    found.set(key, fact)
    const at = (start_s - start) / HOUR
    fact.hours[at] = (fact.hours[at] ?? 0) + Number(quantity)
  }
  const offsetSeconds = zoneOf(zone).toLocal(from) - from
  return [...found.values()]
    .sort((a, b) => a.stream - b.stream)
    .map((fact) => ({ ...fact, start, offsetSeconds }) satisfies SeriesFact)
}
