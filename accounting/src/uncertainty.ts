import { addRatios, divideRatios, multiplyRatios, type Ratio, ratio } from '@tanlian/units'
import { approximateRoot } from './approximate.ts'

/** Places to which roots are taken; what is shown is rounded once, from these. */
const PLACES = 30
const HUNDRED = ratio(100n)

/** A figure with the half-width of its 95 % interval in percent (不确定性). */
export interface Uncertain {
  readonly value: Ratio
  readonly percent: Ratio
}

/** Half-width in percent of a product of independent factors: √Σu² (IPCC 2006, volume 1, equation 3.1). */
export function uncertaintyOfProduct(percents: readonly Ratio[]): Ratio {
  return approximateRoot(sum(percents.map((percent) => multiplyRatios(percent, percent))), PLACES)
}

/**
 * Half-width of a sum of independent terms, in the terms' unit and in percent: √Σ(E·u)² ÷ |ΣE| (IPCC 2006, volume 1, equation 3.2). Terms that
 * share a factor are not independent: add them to one term first.
 * @throws TanlianError E_RATIO_ZERO where the terms add up to nothing
 */
export function uncertaintyOfSum(terms: readonly Uncertain[]): { readonly halfWidth: Ratio; readonly percent: Ratio } {
  const widths = terms.map(({ value, percent }) => divideRatios(multiplyRatios(value, percent), HUNDRED))
  const halfWidth = approximateRoot(sum(widths.map((width) => multiplyRatios(width, width))), PLACES)
  const total = sum(terms.map(({ value }) => value))
  const size = total.numerator < 0n ? multiplyRatios(total, ratio(-1n)) : total
  return { halfWidth, percent: multiplyRatios(divideRatios(halfWidth, size), HUNDRED) }
}

function sum(values: readonly Ratio[]): Ratio {
  return values.reduce(addRatios, ratio(0n))
}
