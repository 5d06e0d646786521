import type { Ratio } from '@tanlian/units'

/*
 * Only operations that every engine rounds alike: + − × ÷ and the square root. So a finding is the same in a browser and on a server.
 */

/** A fraction as a double, good for a comparison of plausibility and nothing else. */
export function approximate({ numerator, denominator }: Ratio): number {
  const excess = Math.max(0, Math.max(bitsOf(numerator), bitsOf(denominator)) - 1000)
  return Number(numerator >> BigInt(excess)) / Number(denominator >> BigInt(excess))
}

function bitsOf(value: bigint): number {
  return value.toString(16).length * 4
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const high = sorted[half] as number
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] as number) + high) / 2
}

/** Median absolute deviation, scaled so that it is the standard deviation of normal noise. */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1))
}

/** Places of the values that lie more than `times` spreads, and more than `floor` of the median, from the median of the others. */
export function outliers(values: readonly number[], times: number, floor: number): readonly number[] {
  if (values.length < 6) return []
  return values.flatMap((value, at) => {
    const others = values.filter((_, place) => place !== at)
    const middle = median(others)
    const distance = Math.abs(value - middle)
    return distance > times * spread(others) && distance > floor * Math.abs(middle) ? [at] : []
  })
}

/** An upper bound of the chance of `hits` or more events where `expected` are expected: λ^k/k!. */
export function chanceOf(hits: number, expected: number): number {
  let chance = 1
  for (let at = 1; at <= hits; at++) chance *= expected / at
  return Math.min(1, chance)
}

/** The chance of `hits` or more among `tries`, each with `chance`. */
export function binomialTail(hits: number, tries: number, chance: number): number {
  let term = 1
  for (let at = 0; at < tries; at++) term *= 1 - chance
  let below = 0
  for (let at = 0; at < hits; at++) {
    below += term
    term *= ((tries - at) / (at + 1)) * (chance / (1 - chance))
  }
  return Math.max(0, 1 - below)
}
