import type { Generated } from 'kysely'

/** Table of migrations 0115 and 0128. */
declare module '../schema.ts' {
  interface Schema {
    report_project: ReportProjectTable
  }
}

/** A plant or unit that reports in a sector. */
export interface ReportProjectTable {
  id: string
  organization: number
  sector: string
  subject: string
  /** JSON: name → text. */
  facts: Generated<string>
  created_by: string
  created_ms: number
}
