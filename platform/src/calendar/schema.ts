/** Table of migration 0115. */
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
  created_by: string
  created_ms: number
}
