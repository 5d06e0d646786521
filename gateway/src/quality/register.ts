import { advance, emit, STOPPED, type Verdict, watch } from './emit.ts'
import type { Sink } from './judged.ts'
import { recall, refuse, remember, repeated, saysSame } from './repeat.ts'
import { question, type Series, type Waiting } from './series.ts'

/**
 * A register's stands tile time: a reading runs from stand to stand, so its sum is exact whatever was lost between. A stand that the
 * device calls not valid is passed over, and the next good one spans it.
 */
export function settleRegister(series: Series, sample: Waiting, sink: Sink): void {
  const { quantity, tally, next } = series
  const { value, flag, stamp } = sample
  const now = value === undefined ? undefined : quantity.whole(value)
  if (next !== undefined && stamp <= next) {
    const known = recall(series, stamp)
    if (known === undefined) refuse(series, 'late', sample, {}, sink)
    else repeated(series, stamp, saysSame(quantity, known, sample), sink)
    return
  }
  const usable = flag === undefined || flag === 'N' || flag === 'F'
  const absurd =
    typeof now !== 'number' ||
    now < 0 ||
    (quantity.least !== undefined && now < quantity.least) ||
    (quantity.most !== undefined && now > quantity.most)
  if (!usable || absurd || now === undefined) {
    if (usable) tally.today.implausible++
    else tally.today.flagged++
    return
  }
  remember(series, stamp, sample)
  const last = series.stand
  series.stand = now as number
  if (next === undefined || last === undefined) {
    series.next = stamp
    return
  }
  advance(series, next, stamp, sink)
  const verdict =
    flag === 'F' ? stoppedRegister(series, last, next, stamp, sink) : grown(series, last, next, stamp, sink)
  if (verdict.flag === 'F') tally.today.stopped++
  emit(series, next, stamp, verdict, sample, sink)
  if (verdict.flag === 'N' && stamp - next === quantity.point.interval)
    watch(series, verdict.quantity, value as string, next, sink)
}

function stoppedRegister(series: Series, last: number, from: number, to: number, sink: Sink): Verdict {
  const growth = series.quantity.growth(last, series.stand as number)
  if (growth !== 0) sink.ask(question(series, 'stopped', from, to, { value: growth ?? -1 }))
  return STOPPED
}

/** What a register has grown by since its last stand, and whether it can have. */
function grown(series: Series, last: number, from: number, to: number, sink: Sink): Verdict {
  const { quantity, before } = series
  const now = series.stand as number
  const can = (growth: number | undefined, seconds: number) =>
    growth !== undefined && (quantity.rate === undefined || growth <= quantity.rate * seconds)
  series.before = undefined
  // After an odd stand: if this one fits the stand before it, the odd one was a fault and nothing is lost.
  if (before !== undefined) {
    const over = now >= before ? now - before : undefined
    if (over !== undefined && can(over, to - from + quantity.point.interval))
      return { flag: 'N', quantity: over, rule: undefined }
  }
  const growth = quantity.growth(last, now)
  if (growth === undefined) {
    series.before = last
    sink.ask(question(series, 'rollback', from, to, { last, now }))
    return { flag: 'D', quantity: 0, rule: 'rollback' }
  }
  if (!can(growth, to - from)) {
    series.before = last
    sink.ask(question(series, 'jump', from, to, { growth }))
    return { flag: 'D', quantity: 0, rule: 'jump' }
  }
  if (now < last) sink.ask(question(series, 'rollover', from, to, { last, now }))
  return { flag: 'N', quantity: growth, rule: undefined }
}
