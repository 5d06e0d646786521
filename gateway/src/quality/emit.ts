import type { Flag, Reading } from '@tanlian/evidence'
import type { Sink } from './judged.ts'
import { watchPattern } from './pattern.ts'
import { limitOf, type RuleId } from './rules.ts'
import { question, type Series, type Waiting } from './series.ts'
import { turnTally } from './tally.ts'

/** What a value is taken for. */
export interface Verdict {
  readonly flag: Flag
  readonly quantity: number
  readonly rule: RuleId | undefined
}

/** A unit that stood still. */
export const STOPPED: Verdict = { flag: 'F', quantity: 0, rule: undefined }

/** Moves the settled end on and counts the intervals that nothing came for. */
export function advance(series: Series, from: number, to: number, sink: Sink): void {
  const { quantity, tally, next } = series
  const { interval, value } = quantity.point
  turnTally(tally, from)
  if (next !== undefined) {
    const hole = value === 'register' ? to - next - interval : from - next
    const missing = Math.round(hole / interval)
    if (missing > 0) {
      tally.today.missing += missing
      if (missing >= limitOf('gap', 'missing'))
        sink.ask(question(series, 'gap', next, from === next ? to : from, { missing }))
    }
  }
  series.next = to
  series.refusedBy = -1
}

/** Hands a reading on and counts it. */
export function emit(
  series: Series,
  from: number,
  to: number,
  { flag, quantity, rule }: Verdict,
  sample: Waiting,
  sink: Sink,
): void {
  const { tally } = series
  const { type, stream, interval } = series.quantity.point
  const counts = tally.today
  counts.readings++
  if (rule !== undefined) counts.implausible++
  else if (flag !== 'N' && flag !== 'F') counts.flagged++
  if (sample.receivedMs <= (to + interval) * 1000 + 60_000) counts.timely++
  watchFlags(series, flag, rule, to, sink)
  const reading: Reading = { type, stream, start: from, seconds: to - from, quantity, flag, source: sample.frame }
  sink.reading({ reading, rule, device: series.device })
}

/** C6: a large share of readings that the device marks as maintenance, fault or calibration. */
function watchFlags(series: Series, flag: Flag, rule: RuleId | undefined, to: number, sink: Sink): void {
  const readings = limitOf('flags', 'readings')
  if (rule === undefined && (flag === 'M' || flag === 'D' || flag === 'C')) series.marked++
  series.markedOf++
  if (series.markedOf < readings) return
  const percent = Math.floor((series.marked * 100) / series.markedOf)
  if (percent > limitOf('flags', 'percent'))
    sink.ask(question(series, 'flags', to - readings * series.quantity.point.interval, to, { readings, percent }))
  series.marked = 0
  series.markedOf = 0
}

/** Learns from a good value, and asks where it departs from what was learned. */
export function watch(series: Series, quantity: number, text: string, from: number, sink: Sink): void {
  const found = watchPattern(series.pattern, { quantity, text, from, seconds: series.quantity.point.interval })
  if (found !== undefined) sink.ask(question(series, found.rule, found.from, found.to, found.values))
}
