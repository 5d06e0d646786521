import { sumRun } from '@tanlian/accounting'

/** Seconds of the two lengths that sums are kept for. */
export const HOUR = 3600
export const DAY = 86_400

/** Asia/Shanghai is eight hours ahead of UTC and has no summer time, so a day begins at 16:00 UTC. */
const SHANGHAI = 8 * HOUR

/** The beginning of the bucket that holds a moment; both Unix seconds. Steps of a day are days of Asia/Shanghai. */
export function bucketStart(start: number, step: number): number {
  if (step < DAY) return Math.floor(start / step) * step
  return Math.floor((start + SHANGHAI) / step) * step - SHANGHAI
}

/** What one stream, kind and validity has in one bucket. */
export interface Sum {
  readonly stream: number
  readonly step: number
  readonly start: number
  /** All four bytes. */
  readonly type: number
  readings: number
  seconds: number
  quantity: bigint
}

/** Columns of readings of one stream and type, sorted by start. */
export interface Rows {
  readonly type: number
  readonly stream: number
  readonly starts: ArrayLike<number>
  readonly seconds: ArrayLike<number>
  readonly quantities: ArrayLike<number>
}

/** Adds readings to the sums of their buckets, or with `sign` −1 takes them out. */
export function addRows(sums: Map<string, Sum>, rows: Rows, step: number, sign: 1 | -1 = 1): void {
  const { type, stream, starts, seconds, quantities } = rows
  for (let at = 0; at < starts.length; ) {
    const start = bucketStart(starts[at] as number, step)
    let end = at + 1
    while (end < starts.length && bucketStart(starts[end] as number, step) === start) end++
    const name = `${stream}/${step}/${start}/${type}`
    const sum = sums.get(name) ?? { stream, step, start, type, readings: 0, seconds: 0, quantity: 0n }
    sums.set(name, sum)
    sum.readings += sign * (end - at)
    sum.seconds += sign * Number(sumRun(seconds, at, end))
    sum.quantity += BigInt(sign) * sumRun(quantities, at, end)
    at = end
  }
}
