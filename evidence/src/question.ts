import { TanlianError } from '@tanlian/units'
import { MAX_INTERVALS, type StreamItem } from './form.ts'
import { compareKeys, encodeKey, type Interval, keyAfter, keyBefore, MAX_INTEGER, prefixInterval } from './key.ts'
import type { Validity } from './kind.ts'

/**
 * What a person asks of an organization: types by class, group, kind and validity (类型过滤, one to four bytes each), streams, and a
 * window `[from, to)` in Unix seconds.
 */
export interface Filter {
  readonly types: readonly Uint8Array[]
  /** Only these streams; every stream of the types where it is left out. */
  readonly streams?: readonly number[]
  readonly from: number
  readonly to: number
}

/** A stretch of keys that a filter asks for: a window of one stream and validity, or a gap in which nothing may be. */
export type Part =
  | { readonly interval: Interval; readonly type: number; readonly stream: number; readonly validity: Validity }
  | { readonly interval: Interval; readonly gap: true }

/**
 * The parts of a filter over the declared streams, sorted and disjoint. Where the filter names no streams, everything of its types
 * that no declared stream explains is asked for too, as gaps that must be empty: so an answer is complete even where a builder
 * had kept a stream to itself.
 * @throws TanlianError E_FILTER_FORM for a window that is empty or out of bounds, or no or overlapping types.
 */
export function partsOf(filter: Filter, declared: Iterable<StreamItem>): readonly Part[] {
  const { from, to } = filter
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to <= from || to > MAX_INTEGER)
    throw filterError('the window is empty or out of bounds')
  if (filter.types.length === 0 || filter.types.length > MAX_INTERVALS)
    throw filterError('it names no type, or too many')
  const prefixes = filter.types
    .map((prefix) => {
      if (prefix.length < 1 || prefix.length > 4) throw filterError('a type is one to four bytes')
      return prefixInterval(prefix)
    })
    .sort((a, b) => compareKeys(a.lo, b.lo))
  const only = filter.streams === undefined ? undefined : new Set(filter.streams)
  const windows = [...declared]
    .filter((item) => only === undefined || only.has(item.stream))
    .flatMap((item) =>
      ([0, 1, 2] as const).map((validity) => ({ type: item.type * 256 + validity, stream: item.stream, validity })),
    )
    .sort((a, b) => a.type - b.type || a.stream - b.stream)
  const parts: Part[] = []
  let last: Uint8Array | undefined
  for (const prefix of prefixes) {
    if (last !== undefined && compareKeys(prefix.lo, last) <= 0) throw filterError('two types overlap')
    last = prefix.hi
    let next: Uint8Array | undefined = prefix.lo
    for (const { type, stream, validity } of windows) {
      const whole = { lo: encodeKey(type, stream, 0), hi: prefixInterval(encodeKey(type, stream, 0).subarray(0, 8)).hi }
      if (compareKeys(whole.lo, prefix.lo) < 0 || compareKeys(whole.hi, prefix.hi) > 0) continue
      if (next !== undefined) pushGap(parts, next, keyBefore(whole.lo), only)
      parts.push({
        interval: { lo: encodeKey(type, stream, from), hi: encodeKey(type, stream, to - 1) },
        type,
        stream,
        validity,
      })
      next = keyAfter(whole.hi)
    }
    if (next !== undefined) pushGap(parts, next, prefix.hi, only)
  }
  return parts
}

/**
 * Cuts void intervals out of parts: what is left of a question to an earlier batch (spec section 5). Gaps are not cut: nothing may
 * ever have been there.
 * @returns undefined where no window remains, so that the batch is not asked.
 */
export function liveParts(parts: readonly Part[], voids: readonly Interval[]): readonly Part[] | undefined {
  const merged = mergeIntervals(voids)
  const left = parts.flatMap((part): readonly Part[] =>
    'gap' in part ? [part] : cutIntervals([part.interval], merged).map((interval) => ({ ...part, interval })),
  )
  return left.some((part) => !('gap' in part)) ? left : undefined
}

/** The fewest intervals that cover what `intervals` cover and `voids` do not; both sorted and disjoint. */
export function cutIntervals(intervals: readonly Interval[], voids: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = []
  for (const { lo, hi } of intervals) {
    let next: Uint8Array | undefined = lo
    for (const hole of voids) {
      if (next === undefined || compareKeys(hole.lo, hi) > 0) break
      if (compareKeys(hole.hi, next) < 0) continue
      const before = keyBefore(hole.lo)
      if (before !== undefined && compareKeys(next, before) <= 0) result.push({ lo: next, hi: before })
      next = keyAfter(hole.hi)
    }
    if (next !== undefined && compareKeys(next, hi) <= 0) result.push({ lo: next, hi })
  }
  return result
}

/** Sorts intervals and joins those that overlap or touch. */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => compareKeys(a.lo, b.lo))
  const result: Interval[] = []
  for (const interval of sorted) {
    const last = result.at(-1)
    const after = last === undefined ? undefined : keyAfter(last.hi)
    if (last !== undefined && (after === undefined || compareKeys(interval.lo, after) <= 0))
      result[result.length - 1] = { lo: last.lo, hi: compareKeys(last.hi, interval.hi) >= 0 ? last.hi : interval.hi }
    else result.push(interval)
  }
  return result
}

/** What locating needs of a header (定位). */
export interface Located {
  readonly sequence: number
  readonly from: number
  readonly to: number
  readonly restates: readonly (readonly [lo: Uint8Array, hi: Uint8Array])[]
}

/** The questions to put to one batch: at most 256 intervals each, in order. */
export interface BatchQuestions {
  readonly sequence: number
  readonly questions: readonly (readonly Part[])[]
}

/**
 * Locates (定位): which batches can hold what a filter asks for, and what to put to each, with the intervals cut out that later batches
 * restate. Prover and checker call the same function, so a proof of anything else than this is refused (safety R3).
 * @param headers all batches of the organization, in sequence @param declared all streams that it declared
 */
export function locate(
  filter: Filter,
  headers: readonly Located[],
  declared: Iterable<StreamItem>,
): readonly BatchQuestions[] {
  const parts = partsOf(filter, declared)
  const result: BatchQuestions[] = []
  // From the newest back: voids add up.
  let voids: readonly Interval[] = []
  for (const header of [...headers].reverse()) {
    if (header.from < filter.to && header.to > filter.from) {
      const live = liveParts(parts, voids)
      if (live !== undefined) result.push({ sequence: header.sequence, questions: inQuestions(live) })
    }
    if (header.restates.length > 0)
      voids = mergeIntervals([...voids, ...header.restates.map(([lo, hi]) => ({ lo, hi }))])
  }
  return result.reverse()
}

/** Splits a list in order, at most 256 intervals a question. */
export function inQuestions<T>(parts: readonly T[]): readonly (readonly T[])[] {
  const result: T[][] = []
  for (let at = 0; at < parts.length; at += MAX_INTERVALS) result.push(parts.slice(at, at + MAX_INTERVALS))
  return result
}

function pushGap(parts: Part[], lo: Uint8Array, hi: Uint8Array | undefined, only: ReadonlySet<number> | undefined) {
  if (only === undefined && hi !== undefined && compareKeys(lo, hi) <= 0)
    parts.push({ interval: { lo, hi }, gap: true })
}

function filterError(why: string): TanlianError {
  return new TanlianError('E_FILTER_FORM', `The filter cannot be asked: ${why}.`, { values: { why } })
}
