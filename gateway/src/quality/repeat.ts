import type { Quantity } from '../reading/quantity.ts'
import type { Sink } from './judged.ts'
import { type Question, RULE_IDS, type RuleId } from './rules.ts'
import { question, type Said, type Series, startOf, type Waiting } from './series.ts'

const RECENT = 16
/** A longer text is no number of any instrument. */
const TEXT_MOST = 40

/** Notes that a sample could not become a reading. */
export function refuse(
  series: Series,
  rule: RuleId,
  { stamp }: { readonly stamp: number },
  values: Question['values'],
  sink: Sink,
): void {
  series.tally.today.refused++
  if (!isNews(series, rule)) return
  const start = startOf(series.quantity, stamp)
  sink.ask(question(series, rule, Math.max(0, start), Math.max(0, start) + series.quantity.point.interval, values))
}

/** Whether a refusal begins a streak; a reading in order ends it. */
function isNews(series: Series, rule: RuleId): boolean {
  const place = RULE_IDS.indexOf(rule)
  if (series.refusedBy === place) return false
  series.refusedBy = place
  return true
}

/** A sample for a time that is taken. */
export function repeatedAt(series: Series, start: number, sample: Waiting, sink: Sink): void {
  const known = recall(series, start)
  repeated(series, sample.stamp, known === undefined || saysSame(series.quantity, known, sample), sink)
}

/** Counts a repetition, or asks about a contradiction. */
export function repeated(series: Series, stamp: number, same: boolean, sink: Sink): void {
  if (same) {
    series.tally.today.repeated++
    return
  }
  series.tally.today.conflicts++
  if (!isNews(series, 'conflict')) return
  const start = startOf(series.quantity, stamp)
  sink.ask(question(series, 'conflict', start, start + series.quantity.point.interval))
}

/** Keeps what was said of a time, in the ring. */
export function remember(series: Series, start: number, { value, flag }: Waiting): void {
  const short = value !== undefined && value.length > TEXT_MOST ? value.slice(0, TEXT_MOST) : value
  series.recent[series.recentAt] = { start, value: short, flag }
  series.recentAt = (series.recentAt + 1) % RECENT
}

/** What was said of a time, where it is still known. */
export function recall({ recent }: Series, start: number): Said | undefined {
  return recent.find((said) => said.start === start)
}

/** Whether two samples say the same: 12.0 is 12.00. */
export function saysSame({ whole }: Quantity, a: Omit<Said, 'start'>, b: Omit<Said, 'start'>): boolean {
  if ((a.flag ?? 'N') !== (b.flag ?? 'N')) return false
  if (a.value === b.value) return true
  if (a.value === undefined || b.value === undefined) return false
  const amount = whole(a.value)
  return typeof amount === 'number' && amount === whole(b.value)
}
