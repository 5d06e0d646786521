/*
 * Ten million made-up readings of forty streams through twelve months, in the order of evidence leaves, and a factor for each of the 480 groups:
 * the same for every side. Sums pass 2^53.
 */
export const READINGS = 10_000_000
export const STREAMS = 40
export const MONTHS = 12
export const GROUPS = STREAMS * MONTHS

/** The group that a reading is of: a twelfth of a stream's readings is a month. */
export function groupOf(at: number): number {
  return Math.floor((at * GROUPS) / READINGS)
}

/** Whole numbers of up to 2^40: a terawatt-hour in Wh. */
export function quantities(): Float64Array {
  const values = new Float64Array(READINGS)
  let state = 1
  for (let at = 0; at < READINGS; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    values[at] = state * 256 + (at % 256)
  }
  return values
}

/** The factor of a group, in ten-thousandths. */
export function factorOf(group: number): number {
  return 1564 + ((group * 37) % 6709)
}

/** Products as one number, to hold one side against another. */
export function answerOf(products: readonly bigint[]): string {
  return String(products.reduce((sum, product) => (sum * 31n + product) % 9_007_199_254_740_881n, 0n))
}
