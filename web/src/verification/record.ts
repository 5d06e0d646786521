import type { ComparisonRecord } from '../report/comparison.tsx'
import type { DraftOutput } from '../report/draft-record.ts'
import type { ReportRecord } from '../report/record.ts'

/** How much a finding matters. */
export const SEVERITIES = ['info', 'question', 'hold'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A report on a verifier's desk. */
export interface WorkItem {
  readonly report: ReportRecord
  readonly assignment: string
  /** Unix seconds. */
  readonly due: number | null
  readonly risk: number
  readonly manual: number
  readonly planned: boolean
}

/** A finding on a row of a report, with what both sides said (核查问题). */
export interface Finding {
  readonly id: string
  readonly subject: string
  readonly rule: string | null
  readonly severity: Severity
  readonly state: 'open' | 'answered' | 'closed'
  readonly messages: readonly {
    readonly organization: number
    readonly who: string
    readonly kind: 'finding' | 'request' | 'answer' | 'note' | 'closing'
    readonly words: string
    readonly at: string
  }[]
}

/** A reading of the sample. */
export interface SampledReading {
  /** Its key, hex. */
  readonly key: string
  readonly type: string
  readonly stream: number
  readonly start: number
  readonly sequence: number | null
  readonly batch: string | null
}

/** The work on one report, as its verifier and its preparer see it. */
export interface CaseRecord {
  readonly report: ReportRecord
  readonly as: 'verifier' | 'enterprise'
  readonly assignment: string
  readonly risks: readonly { readonly stratum: string; readonly points: number; readonly reasons: readonly string[] }[]
  readonly audits: { readonly batches: number; readonly held: number; readonly documents: readonly string[] }
  readonly items: readonly SampledReading[]
  readonly findings: readonly Finding[]
  readonly visits: readonly {
    readonly id: string
    readonly at: number
    readonly place: string
    readonly people: string
    readonly words: string
    readonly files: readonly string[]
  }[]
}

/** What else is told of one report. */
export interface ReportWhole {
  readonly comparison: ComparisonRecord | null
  readonly lines: readonly DraftOutput[]
}

/** A draw of verifiers (随机分派); anybody draws the same from the log's root. */
export interface DrawRecord {
  readonly cid: string
  readonly organization: number
  readonly from: number
  readonly to: number
  readonly candidates: readonly number[]
  readonly block: number
  readonly due: number
  readonly size: number | null
  readonly drawn: readonly Pair[] | null
  readonly assignment: { readonly cid: string; readonly assigned: readonly Pair[] } | null
}

export interface Pair {
  readonly enterprise: number
  readonly verifier: number
}

/** A report that waits for a regulator's decision, done again by the platform. */
export interface ReviewItem {
  readonly report: ReportRecord
  readonly opinion: string | null
  readonly differences: number
  readonly later: number
  readonly problem: { readonly code: string; readonly message: string } | null
  readonly risk: number
  readonly manual: number
}

/** A report done again. */
export interface Recomputation {
  readonly outputs: readonly DraftOutput[]
  readonly differences: readonly {
    readonly code: string
    readonly name: string
    readonly row: number
    readonly said: string
    readonly found: string
  }[]
}
