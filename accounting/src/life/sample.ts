import { compareKeys, digestOf, encodeBlock } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'

/** Readings that are looked at alike (层), such as one type and month, in key order. */
export interface Stratum {
  readonly name: string
  readonly count: number
  /** The key of its reading at a place from 0. */
  readonly keyAt: (place: number) => Uint8Array
  /** Points of risk; a stratum without any is drawn from all the same. */
  readonly points: number
}

/**
 * The seed of a verifier's sample: H of `["tanlian/sampling/1", root, assignment]` in DAG-CBOR, the root being the log's right after the report.
 * So the preparer could not know the sample, and the verifier cannot choose it.
 */
export function samplingSeed(root: Uint8Array, assignment: CID): Uint8Array {
  return hash(['tanlian/sampling/1', root, assignment])
}

/**
 * Plans a sample (抽样): `size` readings, to each stratum its share of readings × (1 + points), in each stratum without replacement. The same
 * seed, strata and size give the same keys anywhere.
 * @returns keys, sorted
 */
export function planSample(seed: Uint8Array, strata: readonly Stratum[], size: number): readonly Uint8Array[] {
  const sorted = [...strata].sort((a, b) => (a.name < b.name ? -1 : 1))
  const shares = sharesOf(sorted, size)
  return sorted
    .flatMap(({ name, count, keyAt }, place) => {
      const next = lots(seed, name)
      return placesOf(count, shares[place] ?? 0, next).map(keyAt)
    })
    .sort(compareKeys)
}

/** How many each stratum gives: by weight, whole numbers, the largest remainders first, never more than it has. */
function sharesOf(strata: readonly Stratum[], size: number): readonly number[] {
  const shares = strata.map(() => 0)
  let left = Math.min(
    size,
    strata.reduce((sum, { count }) => sum + count, 0),
  )
  // What a full stratum cannot take goes to the others.
  while (left > 0) {
    const open = strata.flatMap(({ count, points }, place) =>
      count > (shares[place] ?? 0) ? [{ place, count, weight: BigInt(count) * BigInt(1 + points) }] : [],
    )
    const all = open.reduce((sum, { weight }) => sum + weight, 0n)
    const parts = open.map(({ place, count, weight }) => {
      const whole = Number((BigInt(left) * weight) / all)
      return { place, room: count - (shares[place] ?? 0), whole, rest: (BigInt(left) * weight) % all }
    })
    const before = left
    for (const { place, room, whole } of parts) {
      const given = Math.min(room, whole)
      shares[place] = (shares[place] ?? 0) + given
      left -= given
    }
    if (left < before) continue
    parts.sort((a, b) => (a.rest === b.rest ? a.place - b.place : a.rest > b.rest ? -1 : 1))
    for (const { place } of parts.slice(0, left)) {
      shares[place] = (shares[place] ?? 0) + 1
      left--
    }
  }
  return shares
}

/** So many different places below `count`, each set as likely as any other (Floyd's method). */
function placesOf(count: number, size: number, next: (below: number) => number): readonly number[] {
  const chosen = new Set<number>()
  for (let top = count - size; top < count; top++) {
    const place = next(top + 1)
    chosen.add(chosen.has(place) ? top : place)
  }
  return [...chosen]
}

/** Whole numbers below a bound: 48 bits of H of `[seed, stratum, counter]`, those that would favour small numbers passed over. */
function lots(seed: Uint8Array, stratum: string): (below: number) => number {
  let counter = 0
  return (below) => {
    const limit = 2 ** 48 - (2 ** 48 % below)
    for (;;) {
      const digest = hash([seed, stratum, counter++])
      const view = new DataView(digest.buffer, digest.byteOffset)
      const value = view.getUint32(0) * 2 ** 16 + view.getUint16(4)
      if (value < limit) return value % below
    }
  }
}

function hash(value: readonly unknown[]): Uint8Array {
  return digestOf(encodeBlock(value).cid)
}
