import type { Refusal } from '@tanlian/units'
import { compareKeys, encodeKey, type Interval } from './key.ts'

/**
 * Readings of one stream that follow one another without a gap: `count` readings of `seconds` each, the first at `start`,
 * all of one four-byte type. Regular data is one run a year, irregular data one run a reading.
 */
export interface Run {
  readonly type: number
  readonly start: number
  readonly seconds: number
  readonly count: number
}

/**
 * What time each stream of an organization has accounted for: its live readings as runs, sorted by start, disjoint.
 * A fold over the batches in sequence: first a batch's restatement, then its readings.
 */
export type Coverage = ReadonlyMap<number, readonly Run[]>

/** Readings of one stream to be added, sorted by start. */
export interface CoverageRows {
  readonly type: number
  readonly stream: number
  readonly starts: ArrayLike<number>
  readonly seconds: ArrayLike<number>
}

/** Takes out every live reading whose key lies in one of the intervals: the voids of a restatement (spec section 5). */
export function voidCoverage(coverage: Coverage, intervals: readonly Interval[]): Coverage {
  if (intervals.length === 0) return coverage
  const next = new Map(coverage)
  for (const [stream, runs] of coverage) {
    let left: readonly Run[] = runs
    for (const interval of intervals) left = left.flatMap((run) => cutRun(run, stream, interval))
    if (left.length === 0) next.delete(stream)
    else next.set(stream, left)
  }
  return next
}

/**
 * Adds readings; no two intervals of a stream may overlap, whatever their type (spec sections 1 and 4).
 * @returns the next coverage, or a refusal E_AUDIT_OVERLAP that names the stream and the time.
 */
export function addCoverage(
  coverage: Coverage,
  added: readonly CoverageRows[],
): { ok: true; coverage: Coverage } | Refusal {
  const byStream = new Map<number, Run[]>()
  for (const rows of added) {
    const runs = byStream.get(rows.stream) ?? []
    byStream.set(rows.stream, runs)
    appendRuns(runs, rows)
  }
  const next = new Map(coverage)
  for (const [stream, runs] of byStream) {
    const all = [...(coverage.get(stream) ?? []), ...runs].sort((a, b) => a.start - b.start)
    const merged: Run[] = []
    for (const run of all) {
      const last = merged.at(-1)
      if (last !== undefined && endOf(last) > run.start)
        return {
          ok: false,
          code: 'E_AUDIT_OVERLAP',
          message: `Two readings of stream ${stream} overlap at ${run.start} (Unix seconds). Send the later one as a restatement.`,
          values: { stream, start: run.start },
        }
      pushRun(merged, run)
    }
    next.set(stream, merged)
  }
  return { ok: true, coverage: next }
}

/** The seconds of `[from, to)` for which a stream has a live reading that starts in the window, by validity. */
export function coveredSeconds(
  coverage: Coverage,
  stream: number,
  from: number,
  to: number,
): readonly [number, number, number] {
  const seconds: [number, number, number] = [0, 0, 0]
  for (const run of coverage.get(stream) ?? []) {
    const first = Math.max(0, Math.ceil((from - run.start) / run.seconds))
    const beyond = Math.min(run.count, Math.ceil((to - run.start) / run.seconds))
    const validity = run.type & 0xff
    if (beyond > first && validity <= 2) seconds[validity as 0 | 1 | 2] += (beyond - first) * run.seconds
  }
  return seconds
}

function cutRun(run: Run, stream: number, { lo, hi }: Interval): Run[] {
  // Keys of one type and stream are in the order of their starts, so an interval takes one stretch out of a run.
  const keyAt = (at: number) => encodeKey(run.type, stream, run.start + at * run.seconds)
  const first = least(run.count, (at) => compareKeys(keyAt(at), lo) >= 0)
  const beyond = least(run.count, (at) => compareKeys(keyAt(at), hi) > 0)
  if (beyond <= first) return [run]
  const pieces: Run[] = []
  if (first > 0) pieces.push({ ...run, count: first })
  if (beyond < run.count) pieces.push({ ...run, start: run.start + beyond * run.seconds, count: run.count - beyond })
  return pieces
}

/** The least of 0 … count for which a monotone test holds. */
function least(count: number, holds: (at: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

function appendRuns(runs: Run[], { type, starts, seconds }: CoverageRows) {
  for (let at = 0; at < starts.length; at++)
    pushRun(runs, { type, start: starts[at] as number, seconds: seconds[at] as number, count: 1 })
}

function pushRun(runs: Run[], run: Run) {
  const last = runs.at(-1)
  if (last !== undefined && last.type === run.type && last.seconds === run.seconds && endOf(last) === run.start)
    runs[runs.length - 1] = { ...last, count: last.count + run.count }
  else runs.push(run)
}

function endOf(run: Run): number {
  return run.start + run.seconds * run.count
}
