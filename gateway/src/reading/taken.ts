import { spanAfter } from '@tanlian/evidence'

/**
 * Which seconds of a stream are taken, as sorted spans that do not touch, so that no two of its readings ever overlap (spec section 1).
 * Regular data is one span however long it is; of irregular data the latest holes are remembered, and what lies before them counts as
 * taken: a stream costs the same memory after a day and after ten years.
 */
export interface Taken {
  /** All before it is taken. */
  floor: number
  readonly starts: number[]
  readonly ends: number[]
}

/** Holes between spans that are remembered; a late sample for an older one comes too late. */
export const REMEMBERED_HOLES = 32

/** What an interval finds: the part of it that is free, or why there is none. */
export type Fit = { readonly from: number; readonly to: number } | 'taken' | 'forgotten'

/** Nothing taken yet. */
export function createTaken(): Taken {
  return { floor: 0, starts: [], ends: [] }
}

/**
 * The free part of `[from, to)`. Clocks that tick unevenly make neighbours overlap a little, so an interval may lose up to half of itself
 * to its neighbours; one that would lose more is of a time that is taken.
 */
export function fit(taken: Taken, from: number, to: number): Fit {
  if (from < taken.floor) return 'forgotten'
  const { starts, ends } = taken
  const at = spanAfter(ends, from)
  let [free, until] = [from, to]
  let next = at
  if (at < starts.length && (starts[at] as number) <= from) {
    free = ends[at] as number
    next = at + 1
  }
  if (next < starts.length && (starts[next] as number) < to) until = starts[next] as number
  return (until - free) * 2 >= to - from ? { from: free, to: until } : 'taken'
}

/** Takes `[from, to)`, which is free, and forgets the oldest hole where there are too many. */
export function take(taken: Taken, from: number, to: number): void {
  const { starts, ends } = taken
  const last = ends.length - 1
  if (last >= 0 && ends[last] === from) {
    ends[last] = to
    return
  }
  const at = spanAfter(ends, from - 1)
  const joinsBefore = at < ends.length && ends[at] === from
  const behind = joinsBefore ? at + 1 : at
  const joinsAfter = behind < starts.length && starts[behind] === to
  if (joinsBefore && joinsAfter) {
    ends[at] = ends[behind] as number
    starts.splice(behind, 1)
    ends.splice(behind, 1)
  } else if (joinsBefore) ends[at] = to
  else if (joinsAfter) starts[behind] = from
  else {
    starts.splice(behind, 0, from)
    ends.splice(behind, 0, to)
  }
  if (starts.length > REMEMBERED_HOLES + 1) {
    taken.floor = starts[1] as number
    starts.shift()
    ends.shift()
  }
}
