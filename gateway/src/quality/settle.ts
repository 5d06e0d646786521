import type { Flag } from '@tanlian/evidence'
import { fit, take } from '../reading/taken.ts'
import { advance, emit, STOPPED, type Verdict, watch } from './emit.ts'
import type { Sink } from './judged.ts'
import { settleRegister } from './register.ts'
import { refuse, remember, repeatedAt } from './repeat.ts'
import type { RuleId } from './rules.ts'
import { question, type Series, startOf, type Waiting } from './series.ts'

/** Makes of a sample what it is: a reading, a repetition, a refusal. */
export function settle(series: Series, sample: Waiting, sink: Sink): void {
  if (series.quantity.point.value === 'register') settleRegister(series, sample, sink)
  else settleAmount(series, sample, sink)
}

function settleAmount(series: Series, sample: Waiting, sink: Sink): void {
  const { quantity, tally } = series
  const { interval } = quantity.point
  const start = startOf(quantity, sample.stamp)
  const place = fit(series.taken, start, start + interval)
  if (place === 'forgotten' || start < 0) {
    refuse(series, 'late', sample, {}, sink)
    return
  }
  if (place === 'taken') {
    repeatedAt(series, start, sample, sink)
    return
  }
  const { next, taken } = series
  const late = next !== undefined && place.from < next
  // A late one takes back the interval that was counted as missing; before the beginning nothing was.
  if (late && place.from >= (taken.starts[0] as number)) tally.today.missing--
  if (!late) advance(series, place.from, place.to, sink)
  // A crack that no sample fits into is no hole.
  const cracked = next !== undefined && place.from > next && (place.from - next) * 2 < interval
  take(taken, cracked ? next : place.from, place.to)
  const made = judge(series, sample, place.from, place.to - place.from, late, sink)
  remember(series, start, sample)
  if (made.flag === 'F') {
    tally.today.stopped++
    // A level under F is left out of means: no reading stands for it (iot.md section 1).
    if (quantity.kind.sort === 'gauge') {
      sink.stopped(quantity.point.stream, place.from, place.to)
      return
    }
  }
  emit(series, place.from, place.to, made, sample, sink)
  if (!late && made.flag === 'N' && series.level !== undefined)
    watch(series, series.level, sample.value as string, place.from, sink)
}

/** Flag and quantity of an amount or a mean. Late samples are judged by themselves: what came after them is settled. */
function judge(series: Series, sample: Waiting, from: number, seconds: number, late: boolean, sink: Sink): Verdict {
  const { quantity } = series
  const { limits, interval } = quantity.point
  const { value, flag } = sample
  const own = flag === undefined || flag === 'N' ? undefined : flag
  if (own === 'F') {
    if (value !== undefined && quantity.kind.sort === 'delta' && isAbove(quantity.whole(value)))
      sink.ask(question(series, 'stopped', from, from + seconds, { value }))
    series.level = undefined
    return STOPPED
  }
  if (value === undefined) return { flag: own ?? 'B', quantity: 0, rule: own === undefined ? 'empty' : undefined }
  const level = quantity.whole(value)
  const bad = (said: Flag, rule: RuleId): Verdict =>
    own === undefined ? { flag: said, quantity: 0, rule } : { flag: own, quantity: 0, rule: undefined }
  if (typeof level === 'string') return bad('D', 'number')
  if (
    (quantity.least !== undefined && level < quantity.least) ||
    (quantity.most !== undefined && level > quantity.most)
  )
    return bad(limits.outside ?? 'T', 'range')
  if (level < 0) return bad('D', 'negative')
  const amount = seconds === interval ? level : quantity.cut(value, seconds)
  if (typeof amount === 'string') return bad('D', 'number')
  // What the device itself calls not valid keeps its number, for all to see; it never enters a measured total.
  if (own !== undefined) return { flag: own, quantity: amount, rule: undefined }
  if (late) return { flag: 'N', quantity: amount, rule: undefined }
  if (quantity.rate !== undefined && series.level !== undefined) {
    const elapsed = Math.max(1, from - series.levelAt)
    if (Math.abs(level - series.level) > quantity.rate * elapsed) return { flag: 'D', quantity: amount, rule: 'rate' }
  }
  if (series.level !== level) series.sameSince = from
  const stuck = isStuck(series, level, from, from + seconds, sink)
  series.level = level
  series.levelAt = from
  return { flag: stuck ? 'D' : 'N', quantity: amount, rule: stuck ? 'stuck' : undefined }
}

/** Whether the value has stood still for the model's time; an amount of zero is rest, not a fault. */
function isStuck(series: Series, level: number, from: number, to: number, sink: Sink): boolean {
  const { quantity, sameSince } = series
  const { stuckAfter } = quantity.point.limits
  if (stuckAfter === undefined || (level === 0 && quantity.kind.sort === 'delta') || to - sameSince < stuckAfter)
    return false
  if (from - sameSince < stuckAfter) sink.ask(question(series, 'stuck', sameSince, to, { seconds: to - sameSince }))
  return true
}

function isAbove(amount: number | string): boolean {
  return typeof amount === 'number' && amount > 0
}
