import { addRatios, parseRatio, periodOf, type Ratio } from '@tanlian/units'
import { type Outcome, valuesOf } from '../calculate.ts'
import type { DocumentContent } from '../document/content.ts'
import type { Analysis, Handover, Sample, SampleReceipt } from '../document/laboratory.ts'
import type { Period } from '../document/read.ts'
import type { Report, ReportInput } from '../document/report.ts'
import type { AnalysisFact, CheckFacts, CorrectionFact, Figure, SeriesFact } from './facts.ts'

/** A logged document that checks may look at: its CID as text, who stated it, what it says. */
export interface LoggedDocument {
  readonly cid: string
  readonly organization: number
  readonly document: DocumentContent
}

/** Where the facts of a check are from. */
export interface CheckSources {
  readonly report: Pick<Report, 'inputs' | 'outputs' | 'period' | 'zone'>
  /** What the methodology makes of it; undefined while inputs are missing. */
  readonly outcome: Outcome | undefined
  /** The samples, handovers, receipts, analyses and vouchers of the report's period. */
  readonly documents: readonly LoggedDocument[]
  readonly series: readonly SeriesFact[]
  /** The accepted report of the period before. */
  readonly previous: Pick<Report, 'outputs'> | undefined
  /** Accepted reports of other organizations with the same methodology and length of period. */
  readonly peers: readonly Pick<Report, 'outputs'>[]
  /** Earlier reports of this period that were corrected, the oldest first, with the name of their total. */
  readonly corrected: readonly Pick<Report, 'outputs'>[]
  /** Name of the output that is the report's total. */
  readonly total: string | undefined
}

/**
 * The facts that checks look at, from a report and what is logged around it. A row of a group stands in the month of its own evidence: its total's
 * window, or the period of the voucher or sample behind it.
 */
export function assembleFacts(sources: CheckSources): CheckFacts {
  const { report, outcome, documents } = sources
  const { zone } = report
  const known = new Map(documents.map((one) => [one.cid, one]))
  const analyses = documents.flatMap((one) => analysisOf(one, known, zone))
  const months = monthsOf(report.period, zone)
  const rows = rowsOf(report.inputs, (input) => monthOf(input, known, zone))
  return {
    months,
    figures: [
      ...inputFigures(report, rows),
      ...outputFigures(report),
      ...(outcome === undefined ? [] : lines(outcome, rows)),
    ],
    analyses,
    series: sources.series,
    previous: outputsOf(sources.previous),
    peers: peersOf(sources.peers),
    corrections: correctionsOf(sources),
  }
}

/** Names of the months that a period touches, in its zone. */
function monthsOf([from, to]: Period, zone: string): readonly string[] {
  const months = new Set<string>()
  // No month is shorter than 28 days, so that no step leaps over one.
  for (let at = from; at < to; at += 27 * 86_400) months.add(periodOf(at, 'month', zone))
  months.add(periodOf(to - 1, 'month', zone))
  return [...months]
}

/** The month and the part of each row of a group, as `group/row`. */
type Rows = ReadonlyMap<string, { readonly month: string | undefined; readonly part: string }>

function rowsOf(inputs: readonly ReportInput[], month: (input: ReportInput) => string | undefined): Rows {
  const rows = new Map<string, { month: string | undefined; part: string }>()
  for (const input of inputs) {
    if (input.group === null) continue
    const name = `${input.group}/${input.row}`
    const row = rows.get(name) ?? { month: undefined, part: '' }
    rows.set(name, row)
    row.month ??= month(input)
    if (input.origin.kind === 'choice') row.part = row.part === '' ? input.value : `${row.part} ${input.value}`
  }
  return rows
}

/** The month of an input's evidence, where it lies in one. */
function monthOf(
  { origin }: ReportInput,
  known: ReadonlyMap<string, LoggedDocument>,
  zone: string,
): string | undefined {
  const period = periodOfOrigin(origin, known)
  if (period === undefined) return undefined
  const first = periodOf(period[0], 'month', zone)
  return first === periodOf(period[1] - 1, 'month', zone) ? first : undefined
}

function periodOfOrigin(origin: ReportInput['origin'], known: ReadonlyMap<string, LoggedDocument>): Period | undefined {
  if (origin.kind === 'total') return [origin.from, origin.to]
  if (origin.kind === 'voucher') {
    const voucher = known.get(origin.document.toString())?.document
    return voucher?.kind === 'voucher' ? voucher.content.period : undefined
  }
  if (origin.kind !== 'analysis') return undefined
  const analysis = known.get(origin.document.toString())?.document
  return analysis?.kind === 'analysis' ? wayOf(analysis.content, known)?.sample.period : undefined
}

function inputFigures({ inputs }: Pick<Report, 'inputs'>, rows: Rows): readonly Figure[] {
  return inputs.flatMap(({ name, group, row, value, origin }): Figure[] => {
    if (origin.kind === 'choice') return []
    const place = group === null ? undefined : rows.get(`${group}/${row}`)
    return [
      {
        name,
        month: place?.month,
        part: place?.part ?? '',
        value: parseRatio(value),
        text: value,
        origin: origin.kind,
      },
    ]
  })
}

function outputFigures({ outputs }: Pick<Report, 'outputs'>): readonly Figure[] {
  return [...onlyOnce(outputs)].map(([name, text]) => ({
    name,
    month: undefined,
    part: '',
    value: parseRatio(text),
    text,
    origin: undefined,
  }))
}

/** Equations of groups: a value a row, unrounded. */
function lines(outcome: Outcome, rows: Rows): readonly Figure[] {
  return outcome.program.steps.flatMap((step) => {
    if (step.of !== 'equation' || step.over === undefined) return []
    return valuesOf(outcome, step.equation.name).flatMap((value, row): Figure[] => {
      const place = rows.get(`${step.over}/${row}`)
      return [
        { name: step.equation.name, month: place?.month, part: place?.part ?? '', value, text: '', origin: undefined },
      ]
    })
  })
}

/** An analysis whose whole way is known: sample, handover, receipt. */
function analysisOf(
  { cid, organization, document }: LoggedDocument,
  known: ReadonlyMap<string, LoggedDocument>,
  zone: string,
): AnalysisFact[] {
  if (document.kind !== 'analysis') return []
  const way = wayOf(document.content, known)
  if (way === undefined) return []
  const { sample, handover, receipt } = way
  const { number, analysed, results } = document.content
  return [
    {
      reference: cid,
      laboratory: organization,
      number,
      material: sample.material,
      month: periodOf(sample.period[0], 'month', zone),
      taken: sample.taken,
      sealed: sample.sealed,
      handed: handover.at,
      received: receipt.at,
      analysed,
      intact: receipt.intact,
      results: new Map(results.map(({ name, value, unit }) => [name, { value: parseRatio(value), text: value, unit }])),
    },
  ]
}

function wayOf(
  { receipt: receiptCid }: Analysis,
  known: ReadonlyMap<string, LoggedDocument>,
): { readonly sample: Sample; readonly handover: Handover; readonly receipt: SampleReceipt } | undefined {
  const receipt = known.get(receiptCid.toString())?.document
  if (receipt?.kind !== 'receipt') return undefined
  const handover = known.get(receipt.content.handover.toString())?.document
  if (handover?.kind !== 'handover') return undefined
  const sample = known.get(handover.content.sample.toString())?.document
  if (sample?.kind !== 'sample') return undefined
  return { sample: sample.content, handover: handover.content, receipt: receipt.content }
}

function outputsOf(report: Pick<Report, 'outputs'> | undefined): ReadonlyMap<string, Ratio> {
  const values = [...onlyOnce(report?.outputs ?? [])]
  return new Map(values.map(([name, text]) => [name, parseRatio(text)]))
}

/** Outputs that a report has once; of those with a value a row none can be compared alone. */
function onlyOnce(outputs: Report['outputs']): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const twice = new Set<string>()
  for (const [name, text] of outputs) {
    if (values.has(name)) twice.add(name)
    values.set(name, text)
  }
  for (const name of twice) values.delete(name)
  return values
}

function peersOf(reports: readonly Pick<Report, 'outputs'>[]): ReadonlyMap<string, readonly Ratio[]> {
  const peers = new Map<string, Ratio[]>()
  for (const report of reports)
    for (const [name, value] of outputsOf(report)) peers.set(name, [...(peers.get(name) ?? []), value])
  return peers
}

function correctionsOf({ corrected, report, total }: CheckSources): readonly CorrectionFact[] {
  if (total === undefined) return []
  const totals = [...corrected, report].map((one) => outputsOf(one).get(total))
  return totals.slice(1).flatMap((value, at) => {
    const before = totals[at]
    if (value === undefined || before === undefined) return []
    const change = addRatios(value, { numerator: -before.numerator, denominator: before.denominator })
    return [{ reference: String(at + 1), change }]
  })
}
