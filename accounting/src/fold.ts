import { compareKeys, type Interval, KEY_BYTES, type Leaves } from '@tanlian/evidence'
import { multiplyRatios, type Ratio, ratio, TanlianError } from '@tanlian/units'

/*
 * Sums over millions of readings, as they stand in the flat buffers of evidence leaves: sorted by type, stream and time, with quantities that the
 * tree has checked to be integers of 0 … 2^53 − 1. A double holds every sum up to there exactly; what passes it is carried into a bigint.
 */

/** Readings that are summed together, such as a stream's of one month, and their factor. */
export interface Group {
  readonly interval: Interval
  readonly factor: Ratio
}

/** What a group came to, exactly. */
export interface GroupSum {
  readonly count: number
  readonly quantity: bigint
  /** Quantity × factor. */
  readonly product: Ratio
}

/** Readings that are added before the sum is looked at: most, and fewest. */
const LONGEST = 2048
const SHORTEST = 16

/**
 * Readings × factor by group (分组活动数据 × 排放因子).
 * @param groups in the order of keys; each is found from where the last one ended
 * @throws TanlianError E_QUANTITY
 */
export function sumGroups(
  leaves: Pick<Leaves, 'count' | 'keys' | 'quantities'>,
  groups: readonly Group[],
): readonly GroupSum[] {
  let place = 0
  return groups.map(({ interval: { lo, hi }, factor }) => {
    const from = firstFrom(leaves, place, (key) => compareKeys(key, lo) >= 0)
    const to = firstFrom(leaves, from, (key) => compareKeys(key, hi) > 0)
    place = to
    const quantity = sumRun(leaves.quantities, from, to)
    return { count: to - from, quantity, product: multiplyRatios(factor, ratio(quantity)) }
  })
}

/** The exact sum of a run of leaves' quantities, `to` not included. @throws TanlianError E_QUANTITY where a sum shows that one is no such integer */
export function sumRun(quantities: ArrayLike<number>, from: number, to: number): bigint {
  let sum = 0n
  let length = LONGEST
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + length)
    const block = sumBlock(quantities, at, end)
    // Sums of integers that are not negative only grow: where the last one is exact, all were. Where not, fewer are added at once.
    if (Number.isSafeInteger(block) && block >= 0) sum += BigInt(block)
    else if (length > SHORTEST) {
      length /= 2
      continue
    } else sum += sumOneByOne(quantities, at, end)
    at = end
  }
  return sum
}

/** Four sums side by side, so that no addition waits for the one before. */
function sumBlock(quantities: ArrayLike<number>, from: number, to: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let at = from
  for (const last = to - 3; at < last; at += 4) {
    a += quantities[at] as number
    b += quantities[at + 1] as number
    c += quantities[at + 2] as number
    d += quantities[at + 3] as number
  }
  for (; at < to; at++) a += quantities[at] as number
  return a + b + c + d
}

function sumOneByOne(quantities: ArrayLike<number>, from: number, to: number): bigint {
  let sum = 0n
  for (let at = from; at < to; at++) {
    const quantity = quantities[at] as number
    if (!Number.isSafeInteger(quantity) || quantity < 0)
      throw new TanlianError('E_QUANTITY', `Quantity ${at} is ${quantity}, no integer of 0 … 2^53 − 1.`, {
        values: { at, quantity },
      })
    sum += BigInt(quantity)
  }
  return sum
}

/** The first leaf from a place on for which a monotone test holds: by steps that double, then by halves. */
function firstFrom(
  { count, keys }: Pick<Leaves, 'count' | 'keys'>,
  place: number,
  holds: (key: Uint8Array) => boolean,
) {
  const at = (leaf: number) => holds(keys.subarray(KEY_BYTES * leaf, KEY_BYTES * (leaf + 1)))
  let [low, step] = [place, 1]
  while (low + step <= count && !at(low + step - 1)) {
    low += step
    step *= 2
  }
  let high = Math.min(count, low + step - 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(middle)) high = middle
    else low = middle + 1
  }
  return low
}
