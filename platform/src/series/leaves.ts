import { decodeKey, type Interval, KEY_BYTES, type Leaves } from '@tanlian/evidence'
import type { Rows } from './bucket.ts'

/** The leaves whose keys lie in an interval, as columns by stream and type; found by bisection, so nothing else is touched. */
export function rowsInside(leaves: Leaves, { lo, hi }: Interval): Rows[] {
  const first = firstLeaf(leaves, (key) => Buffer.compare(key, lo) >= 0)
  const end = firstLeaf(leaves, (key) => Buffer.compare(key, hi) > 0)
  const found: Rows[] = []
  for (let at = first; at < end; ) {
    const { type, stream } = decodeKey(keyAt(leaves, at))
    const prefix = keyAt(leaves, at).subarray(0, 8)
    const from = at
    const starts: number[] = []
    for (; at < end; at++) {
      const key = keyAt(leaves, at)
      if (Buffer.compare(key.subarray(0, 8), prefix) !== 0) break
      starts.push(decodeKey(key).start)
    }
    const seconds = leaves.seconds.subarray(from, at)
    found.push({ type, stream, starts, seconds, quantities: leaves.quantities.subarray(from, at) })
  }
  return found
}

function keyAt({ keys }: Leaves, at: number): Uint8Array {
  return keys.subarray(KEY_BYTES * at, KEY_BYTES * (at + 1))
}

/** The place of the first leaf for which a monotone test holds. */
function firstLeaf(leaves: Leaves, holds: (key: Uint8Array) => boolean): number {
  let low = 0
  let high = leaves.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(keyAt(leaves, middle))) high = middle
    else low = middle + 1
  }
  return low
}
