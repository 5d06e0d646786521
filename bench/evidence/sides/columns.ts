import { type Leaves, writeKey } from '../../../evidence/src/leaves.ts'

/** Leaves of one stream, a minute apart, their quantities so large that they take nine bytes in a proof. */
export function leavesOf(count: number): Leaves {
  const keys = new Uint8Array(16 * count)
  const view = new DataView(keys.buffer)
  const bodyDigests = new Uint8Array(32 * count)
  const digests = new DataView(bodyDigests.buffer)
  for (let at = 0; at < count; at++) {
    writeKey(view, 16 * at, 0x02010000, 1, 1_700_000_000 + 60 * at)
    digests.setUint32(32 * at, at)
  }
  return {
    count,
    keys,
    quantities: Float64Array.from({ length: count }, (_, at) => 5_000_000_000 + (at % 977)),
    seconds: new Float64Array(count).fill(60),
    bodyDigests,
  }
}

/** Runs until a second has passed, at least nine times, after warming up. @returns the median time in nanoseconds */
export function medianTime(run: () => unknown): number {
  const times: number[] = []
  for (let warm = performance.now() + 300; performance.now() < warm; ) run()
  for (let end = performance.now() + 1000; performance.now() < end || times.length < 9; ) {
    const start = performance.now()
    run()
    times.push((performance.now() - start) * 1e6)
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN
}
