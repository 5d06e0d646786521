import type { DraftRecord } from './draft-record.ts'
import type { ReportRecord } from './record.ts'

/** Whether a draft is still being prepared: no report of its subject and period was submitted since it was changed last. */
export function isOpen(
  { subject, period, changed }: Pick<DraftRecord, 'subject' | 'period' | 'changed'>,
  logged: readonly Pick<ReportRecord, 'subject' | 'period' | 'submitted'>[],
): boolean {
  return !logged.some(
    (report) =>
      report.subject === subject &&
      report.period === period &&
      Date.parse(report.submitted) >= Math.floor(Date.parse(changed) / 1000) * 1000,
  )
}
