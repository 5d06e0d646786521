import type { Ratio } from '@tanlian/units'

/**
 * What cross-checks look at (交叉核对): the same facts before a report is submitted, at the verifier's and at the regulator's, so that each of
 * them comes to the same findings. All of it is in logged documents and proven totals.
 */
export interface CheckFacts {
  /** Months of the report's period in its zone, as `2026-03`, in order. */
  readonly months: readonly string[]
  readonly figures: readonly Figure[]
  readonly analyses: readonly AnalysisFact[]
  readonly series: readonly SeriesFact[]
  /** Outputs of the report before, by name. */
  readonly previous: ReadonlyMap<string, Ratio>
  /** The same output of other organizations of the sector, by name. */
  readonly peers: ReadonlyMap<string, readonly Ratio[]>
  readonly corrections: readonly CorrectionFact[]
}

/** One value of a report: an input's or an output's, in its own unit. */
export interface Figure {
  readonly name: string
  /** Undefined for a figure of the whole period. */
  readonly month: string | undefined
  /** What tells rows of one name and month apart, such as a fuel or a unit. */
  readonly part: string
  readonly value: Ratio
  /** As it was written, with its trailing zeros. */
  readonly text: string
  /** Where it is from; undefined for an output. */
  readonly origin: 'total' | 'analysis' | 'voucher' | 'choice' | 'manual' | undefined
}

/** A laboratory's report with the way of its sample; times in Unix seconds. */
export interface AnalysisFact {
  /** CID of the analysis. */
  readonly reference: string
  readonly laboratory: number
  readonly number: string
  /** What was sampled. */
  readonly material: string
  /** Month that the sample stands for. */
  readonly month: string
  readonly taken: number
  readonly sealed: number
  readonly handed: number
  readonly received: number
  readonly analysed: number
  readonly intact: boolean
  readonly results: ReadonlyMap<string, { readonly value: Ratio; readonly text: string; readonly unit: string }>
}

/** A measured stream by the hour, in its type's base unit. */
export interface SeriesFact {
  readonly stream: number
  /** Class, group and kind in hex. */
  readonly type: string
  /** Start of the first hour, Unix seconds; the hours follow without a hole, missing ones as undefined. */
  readonly start: number
  readonly hours: readonly (number | undefined)[]
  /** Seconds that local time is ahead of UTC. */
  readonly offsetSeconds: number
}

/** A correction of a report that was already submitted. */
export interface CorrectionFact {
  readonly reference: string
  /** Change of the total, in its unit. */
  readonly change: Ratio
}

/** A question that a check raises (问题): to a person, never a verdict. */
export interface CheckFinding {
  readonly rule: string
  readonly severity: Severity
  /** What it is about: a figure, a sample, a stream. */
  readonly subject: string
  /** Months that it is about; none for the whole period. */
  readonly months: readonly string[]
  /** Figures of the finding as text, for the words of the rule. */
  readonly values: Readonly<Record<string, string>>
}

export const SEVERITIES = ['info', 'question', 'hold'] as const

/** How much it matters: to know, to answer, or to mend before the report goes on. */
export type Severity = (typeof SEVERITIES)[number]
