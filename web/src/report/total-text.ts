import { writtenText } from '../methodology/figure.ts'
import type { ReportRecord } from './record.ts'

/** The report's total, or what it shows first. */
export function totalText(outputs: ReportRecord['outputs']): string {
  const shown = outputs.find(({ name }) => name === 'total') ?? outputs[0]
  return shown === undefined ? '–' : `${writtenText(shown.value)} ${shown.unit}`
}
