/*
 * Chance from a seed: the same numbers on every machine. Only + − × ÷ of doubles are used, which IEEE 754 fixes to the last bit; `Math.log` and
 * its like may differ between browsers.
 */

/** A source of uniform numbers in [0, 1) that a seed determines. */
export type Chance = () => number

/** Uniform numbers of 53 bits from a text, by xoshiro128** (Blackman and Vigna). */
export function chanceOf(seed: string): Chance {
  // FNV-1a over the text, once for each word of the state.
  const [a, b, c, d] = [1, 2, 3, 4].map((word) => {
    let hash = Math.imul(0x811c9dc5 ^ word, 0x01000193)
    for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193)
    return hash | 1
  }) as [number, number, number, number]
  const state: [number, number, number, number] = [a, b, c, d]
  const word = () => {
    const result = Math.imul(rotated(Math.imul(state[1], 5), 7), 9) >>> 0
    const shifted = state[1] << 9
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotated(state[3], 11)
    return result
  }
  for (let skip = 0; skip < 16; skip++) word()
  return () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992
}

/** The standard normal value below which a share of 0 < p < 1 lies, to nine digits (Acklam's rational approximation). */
export function normalOf(p: number): number {
  const tail = 0.02425
  if (p < tail) return tailOf(rootOf(-2 * lnOf(p)))
  if (p > 1 - tail) return -tailOf(rootOf(-2 * lnOf(1 - p)))
  const q = p - 0.5
  const r = q * q
  return (polynomial(CENTRE_ABOVE, r) * q) / (polynomial(CENTRE_BELOW, r) * r + 1)
}

/** e^x for |x| ≤ 30. */
export function expOf(x: number): number {
  // e^x = (e^(x/1024))^1024, and the small power by its series.
  const step = x / 1024
  let value = 1 + step * (1 + (step / 2) * (1 + (step / 3) * (1 + (step / 4) * (1 + step / 5))))
  for (let square = 0; square < 10; square++) value *= value
  return value
}

/** The natural logarithm of x > 0. */
export function lnOf(x: number): number {
  let [twos, rest] = [0, x]
  for (; rest > 1.5; rest /= 2) twos++
  for (; rest < 0.75; rest *= 2) twos--
  const ratio = (rest - 1) / (rest + 1)
  let [sum, power] = [0, ratio]
  for (let odd = 1; odd < 40; odd += 2, power *= ratio * ratio) sum += power / odd
  return 2 * sum + twos * Math.LN2
}

const CENTRE_ABOVE = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const CENTRE_BELOW = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
]
const TAIL_ABOVE = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_BELOW = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]

function tailOf(q: number): number {
  return polynomial(TAIL_ABOVE, q) / (polynomial(TAIL_BELOW, q) * q + 1)
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}

/** The square root of a number between 1 and 1000, by Newton's method. */
function rootOf(x: number): number {
  let guess = x / 2 + 0.5
  for (let turn = 0; turn < 12; turn++) guess = (guess + x / guess) / 2
  return guess
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}
