/**
 * Which seconds are taken, as sorted spans that do not touch: regular data in order is one span however long it is, so that a million
 * rows are watched for overlaps in flat memory.
 */
export interface Spans {
  /** Whether `[from, to)` is wholly free. */
  isFree(from: number, to: number): boolean
  /** The start of the taken span that holds a moment. */
  startOf(moment: number): number | undefined
  /** Takes a free span. */
  take(from: number, to: number): void
}

/** Nothing taken yet. */
export function createSpans(): Spans {
  const starts: number[] = []
  const ends: number[] = []
  const after = (moment: number): number => spanAfter(ends, moment)
  return {
    isFree(from, to) {
      const at = after(from)
      return at === starts.length || (starts[at] as number) >= to
    },
    startOf(moment) {
      const start = starts[after(moment)]
      return start !== undefined && start <= moment ? start : undefined
    },
    take(from, to) {
      const at = after(from)
      const joinsBefore = at > 0 && ends[at - 1] === from
      const joinsAfter = at < starts.length && starts[at] === to
      if (joinsBefore && joinsAfter) {
        ends[at - 1] = ends[at] as number
        starts.splice(at, 1)
        ends.splice(at, 1)
      } else if (joinsBefore) ends[at - 1] = to
      else if (joinsAfter) starts[at] = from
      else {
        starts.splice(at, 0, from)
        ends.splice(at, 0, to)
      }
    },
  }
}

/** Of sorted spans by their ends, the place of the first that ends after a moment. */
export function spanAfter(ends: readonly number[], moment: number): number {
  const last = ends.length - 1
  if (last < 0 || (ends[last] as number) <= moment) return last + 1
  let [low, high] = [0, last]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] as number) > moment) high = middle
    else low = middle + 1
  }
  return low
}
