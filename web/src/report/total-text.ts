import { unitText, writtenText } from '../methodology/figure.ts'
import type { ReportRecord } from './record.ts'

/** How methodologies name what a report comes to: its total, or what of it is reported in whole tonnes. */
const TOTALS: readonly string[] = ['total', 'reported']

/** The report's total; a dash where its methodology has none, since a part must not pass for the whole. */
export function totalText(outputs: ReportRecord['outputs']): string {
  const [shown] = TOTALS.flatMap((total) => outputs.filter(({ name }) => name === total))
  return shown === undefined ? '–' : `${writtenText(shown.value)} ${unitText(shown.unit)}`
}
