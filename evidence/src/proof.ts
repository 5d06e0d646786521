import { TanlianError } from '@tanlian/units'
import { intervalFault, MAX_INTERVALS } from './form.ts'
import { compareKeys, type Interval } from './key.ts'

/** What is asked of one tree (spec section 4): 1 to 256 sorted, disjoint, closed key intervals; their totals or their readings. */
export interface Question {
  readonly intervals: readonly Interval[]
  readonly mode: 'total' | 'readings'
}

/** A proof may have at most this many bytes. */
export const MAX_PROOF_BYTES = 64 * 1024 * 1024
/** Arrays in a proof are nested at most this deep: 53 inner nodes and a leaf, since a count is at most 2^53 − 1. */
export const MAX_NESTING = 54

/** Where a range of keys lies when it is wholly outside all intervals. */
export const OUTSIDE = -1
/** Where a range of keys lies when it is partly in an interval and partly out. */
export const STRADDLES = -2

/** @throws TanlianError E_QUESTION_FORM for a question that is not of the form of the specification. */
export function requireQuestion({ intervals, mode }: Question): void {
  const fault =
    intervals.length === 0 || intervals.length > MAX_INTERVALS
      ? `it has ${intervals.length} intervals, 1 to ${MAX_INTERVALS} are allowed`
      : mode !== 'total' && mode !== 'readings'
        ? 'its mode is neither total nor readings'
        : intervalFault(intervals)
  if (fault !== undefined)
    throw new TanlianError('E_QUESTION_FORM', `The question is not well formed: ${fault}.`, { values: { why: fault } })
}

/** Where a range of keys lies: the number of the interval that holds it, {@link OUTSIDE} or {@link STRADDLES}. */
export function placeOf(min: Uint8Array, max: Uint8Array, intervals: readonly Interval[]): number {
  // The first interval that does not end before the range begins.
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys((intervals[middle] as Interval).hi, min) < 0) low = middle + 1
    else high = middle
  }
  const interval = intervals[low]
  if (interval === undefined || compareKeys(interval.lo, max) > 0) return OUTSIDE
  return compareKeys(interval.lo, min) <= 0 && compareKeys(interval.hi, max) >= 0 ? low : STRADDLES
}
