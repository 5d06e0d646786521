import {
  compareKeys,
  cutIntervals,
  encodeKey,
  type Interval,
  KEY_BYTES,
  mergeIntervals,
  toHex,
} from '@tanlian/evidence'
import type { Report } from '../document/report.ts'
import type { Stratum } from './sample.ts'

/** A batch that a sample is drawn from: the keys of its readings, in order and joined. */
export interface SampledBatch {
  readonly sequence: number
  readonly keys: Uint8Array
}

/** Keys that a batch states anew in place of earlier ones' (更正). */
export interface Void extends Interval {
  readonly sequence: number
}

/**
 * The strata of a report's sample (抽样层): by type of three bytes in hex, the keys of the readings that the report's totals are of.
 * @param streams all that the organization's batches declare, `type` of 24 bits
 * @param batches those before the report's size whose readings may count @param voids of all batches before that size
 * @param risks points by stratum; none where it is not named
 */
export function strataOf(
  { inputs }: Pick<Report, 'inputs'>,
  streams: readonly { readonly stream: number; readonly type: number }[],
  batches: Iterable<SampledBatch>,
  voids: readonly Void[],
  risks: readonly (readonly [stratum: string, points: number])[],
): readonly Stratum[] {
  const parts = mergeIntervals(
    inputs.flatMap(({ origin }) => (origin.kind === 'total' ? partsOf(origin, streams) : [])),
  )
  const found = new Map<string, Uint8Array[]>()
  for (const { sequence, keys } of batches) {
    const later = mergeIntervals(voids.filter((one) => one.sequence > sequence))
    for (const { lo, hi } of cutIntervals(parts, later))
      for (let at = placeOf(keys, lo); at * KEY_BYTES < keys.length && compareKeys(keyAt(keys, at), hi) <= 0; at++) {
        const key = keyAt(keys, at)
        const name = toHex(key.subarray(0, 3))
        const known = found.get(name)
        if (known === undefined) found.set(name, [key])
        else known.push(key)
      }
  }
  const points = new Map(risks)
  return [...found].map(([name, keys]): Stratum => {
    const sorted = join(keys.sort(compareKeys))
    return { name, count: keys.length, points: points.get(name) ?? 0, keyAt: (place) => keyAt(sorted, place) }
  })
}

/** One of some joined keys. */
export function keyAt(keys: Uint8Array, place: number): Uint8Array {
  return keys.subarray(KEY_BYTES * place, KEY_BYTES * (place + 1))
}

/** The place of the first of some joined keys that is not before this one. */
export function placeOf(keys: Uint8Array, key: Uint8Array): number {
  let low = 0
  let high = keys.length / KEY_BYTES
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(keyAt(keys, middle), key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Stretches of keys that a total asks for, of validity measured and entered. */
function partsOf(
  total: {
    readonly type: Uint8Array
    readonly streams: readonly number[] | null
    readonly from: number
    readonly to: number
  },
  declared: readonly { readonly stream: number; readonly type: number }[],
): Interval[] {
  const asked = toHex(total.type)
  return declared
    .filter(({ stream }) => total.streams === null || total.streams.includes(stream))
    .flatMap(({ stream, type }) =>
      [0, 1]
        .map((validity) => type * 256 + validity)
        .filter((whole) => whole.toString(16).padStart(8, '0').startsWith(asked))
        .map((whole) => ({ lo: encodeKey(whole, stream, total.from), hi: encodeKey(whole, stream, total.to - 1) })),
    )
}

function join(keys: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(KEY_BYTES * keys.length)
  for (const [place, key] of keys.entries()) all.set(key, KEY_BYTES * place)
  return all
}
