import { getJson, type Page } from '../service.ts'

/** Where a report stands: by the documents in the log. */
export const STAGES = ['submitted', 'verified', 'adverse', 'returned', 'accepted', 'rejected'] as const
export type Stage = (typeof STAGES)[number]

/** A line of results as it was reported. */
export interface ReportedValue {
  readonly name: string
  readonly value: string
  readonly unit: string
}

/** A report in lists, as the platform has it. */
export interface ReportRecord {
  readonly cid: string
  readonly organization: number
  readonly type: 'month' | 'year'
  readonly subject: string
  readonly period: string
  readonly zone: string
  readonly methodology: string
  readonly stage: Stage
  readonly locked: boolean
  readonly corrects: string | null
  readonly correctedBy: string | null
  readonly reason: string | null
  /** RFC 3339. */
  readonly submitted: string
  /** Place in the log; until it is there the log's size. */
  readonly index: number
  readonly verifier: number | null
  readonly outputs: readonly ReportedValue[]
}

/** What a report's own page needs beside. */
export interface ReportWhole extends ReportRecord {
  /** Whether anybody may do it again. */
  readonly public: boolean
}

/** Which reports are asked for. */
export interface ReportFilter {
  readonly organization?: number
  readonly type?: 'month' | 'year'
  readonly stage?: Stage
  /** CID of a methodology or factor set that they rest on. */
  readonly uses?: string
}

/** Reports in the log, the last submitted first. */
export function listReports(filter: ReportFilter, limit: number): Promise<Page<ReportRecord>> {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const [name, value] of Object.entries(filter)) query.set(name, String(value))
  return getJson<Page<ReportRecord>>(`/v1/reports?${query}`)
}
