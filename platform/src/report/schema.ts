/** Table of migration 0112. */
declare module '../schema.ts' {
  interface Schema {
    report_draft: ReportDraftTable
  }
}

/** A report being prepared. */
export interface ReportDraftTable {
  id: string
  organization: number
  type: 'month' | 'year'
  /** The plant or unit. */
  subject: string
  /** `2025` or `2025-03`. */
  period: string
  zone: string
  from_s: number
  to_s: number
  methodology: Uint8Array
  corrects: Uint8Array | null
  reason: string | null
  /** JSON of {@link DraftInput}s. */
  inputs: string
  /** JSON: answers to findings, `[rule, subject, text]`. */
  answers: string
  version: number
  created_by: string
  created_ms: number
  changed_ms: number
}
