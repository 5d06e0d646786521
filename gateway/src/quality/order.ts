import type { Sink } from './judged.ts'
import { repeated, saysSame } from './repeat.ts'
import { type Series, startOf, type Waiting } from './series.ts'
import { settle } from './settle.ts'

/** How many samples wait at most; the oldest of more is settled at once. */
const HELD_MOST = 48

/**
 * Takes a sample. One that follows what is settled is settled at once, and so is one that is older; one with a hole before it waits for
 * the hole to be filled, `holdMs` at most. So messages that overtake each other by less make the same readings as in order (safety F11).
 */
export function offer(series: Series, sample: Waiting, holdMs: number, sink: Sink): void {
  const { held } = series
  series.tally.today.samples++
  if (sample.receivedMs > series.heardMs) series.heardMs = sample.receivedMs
  if (held.length > 0) release(series, sample.receivedMs, holdMs, sink)
  if (held.length === 0 ? follows(series, sample.stamp) : fills(series, sample.stamp)) {
    settle(series, sample, sink)
    while (held.length > 0 && follows(series, (held[0] as Waiting).stamp)) settleHeld(series, sink)
    return
  }
  hold(series, sample, sink)
  if (held.length <= HELD_MOST) return
  settleHeld(series, sink)
  while (held.length > 0 && follows(series, (held[0] as Waiting).stamp)) settleHeld(series, sink)
}

/** Settles what has waited long enough. */
export function release(series: Series, nowMs: number, holdMs: number, sink: Sink): void {
  const { held } = series
  while (held.length > 0 && (nowMs - series.heldSinceMs >= holdMs || follows(series, (held[0] as Waiting).stamp)))
    settleHeld(series, sink)
}

/** Whether nothing is missing before a sample; a clock may be half an interval off. */
function follows(series: Series, stamp: number): boolean {
  const { next, quantity } = series
  if (next === undefined) return false
  const { interval, value } = quantity.point
  return value === 'register' ? stamp <= next + 1.5 * interval : startOf(quantity, stamp) <= next + 0.5 * interval
}

/** Whether a sample comes before all that wait, and follows what is settled. */
function fills(series: Series, stamp: number): boolean {
  return stamp < (series.held[0] as Waiting).stamp && follows(series, stamp)
}

function hold(series: Series, sample: Waiting, sink: Sink): void {
  const { held } = series
  let at = held.length
  while (at > 0 && (held[at - 1] as Waiting).stamp > sample.stamp) at--
  const twin = held[at - 1]
  if (twin?.stamp === sample.stamp) {
    repeated(series, sample.stamp, saysSame(series.quantity, twin, sample), sink)
    return
  }
  if (held.length === 0 || sample.receivedMs < series.heldSinceMs) series.heldSinceMs = sample.receivedMs
  held.splice(at, 0, sample)
}

function settleHeld(series: Series, sink: Sink): void {
  const { held } = series
  const sample = held.shift() as Waiting
  if (sample.receivedMs === series.heldSinceMs)
    series.heldSinceMs = held.reduce((least, { receivedMs }) => Math.min(least, receivedMs), Number.POSITIVE_INFINITY)
  settle(series, sample, sink)
}
