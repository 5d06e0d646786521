import { addRatios, divideRatios, multiplyRatios, parseRatio, type Ratio, ratio, TanlianError } from '@tanlian/units'
import { approximateRoot } from './approximate.ts'
import { type Change, calculate, valuesOf } from './calculate.ts'
import type { ReportData, Uncertainty } from './methodology.ts'
import type { Program } from './program.ts'

/** A figure with its 95 % interval, and what makes it wide (不确定性). */
export interface Propagated {
  readonly value: Ratio
  /** Half of the 95 % interval, in the equation's unit and in percent. */
  readonly halfWidth: Ratio
  readonly percent: Ratio
  /** Shares of the variance, in percent, in the order of the methodology. */
  readonly shares: readonly { readonly of: string; readonly row: number | undefined; readonly percent: Ratio }[]
}

/** One value that may be off, at one row or at all. */
export interface Varying {
  readonly uncertainty: Uncertainty
  /** The row that it is off at; undefined where one error is shared by all rows. */
  readonly row: number | undefined
}

/** Values that may vary independently. */
const MAX_VARYING = 2000
/** Places to which roots are taken; what is shown is rounded once, from these. */
const PLACES = 30
const HUNDRED = ratio(100n)
const ZERO = ratio(0n)

/**
 * Error propagation (误差传播, IPCC 2006, volume 1, chapter 3, approach 1): each uncertain value is moved by its half-width, and what that does to
 * the result is added in squares. A factor that many lines share moves them together, as it must.
 * @param of an equation with one value
 * @throws TanlianError E_UNCERTAINTY, and what `calculate` throws
 */
export function propagate(program: Program, data: ReportData, of: string): Propagated {
  const value = singleOf(program, data, of)
  const moved = varyingOf(program, data).map((varying) => {
    const { of: name, percent, distribution } = varying.uncertainty
    const up = addRatios(ratio(1n), divideRatios(percent, HUNDRED))
    const change: Change = (one, row) =>
      one === name && (varying.row === undefined || varying.row === row) ? up : undefined
    const difference = addRatios(singleOf(program, data, of, change), multiplyRatios(value, ratio(-1n)))
    return { varying, square: multiplyRatios(multiplyRatios(difference, difference), WIDENING[distribution]) }
  })
  const sum = moved.reduce((total, { square }) => addRatios(total, square), ZERO)
  const halfWidth = approximateRoot(sum, PLACES)
  const size = value.numerator < 0n ? multiplyRatios(value, ratio(-1n)) : value
  return {
    value,
    halfWidth,
    percent: size.numerator === 0n ? ZERO : multiplyRatios(divideRatios(halfWidth, size), HUNDRED),
    shares: moved.map(({ varying, square }) => ({
      of: varying.uncertainty.of,
      row: varying.row,
      percent: sum.numerator === 0n ? ZERO : multiplyRatios(divideRatios(square, sum), HUNDRED),
    })),
  }
}

/** The values that may be off on this data: each row its own, unless the methodology says that they share one error. @throws TanlianError E_UNCERTAINTY */
export function varyingOf({ methodology, slotOf }: Program, data: ReportData): readonly Varying[] {
  const varying = methodology.uncertainty.flatMap((uncertainty): readonly Varying[] => {
    const over = slotOf.get(uncertainty.of)?.type.over
    if (over === undefined || uncertainty.shared) return [{ uncertainty, row: undefined }]
    return (data.groups[over] ?? []).map((_, row) => ({ uncertainty, row }))
  })
  if (varying.length > MAX_VARYING)
    throw uncertaintyError(`${varying.length} values vary, more than ${MAX_VARYING}; let rows share an error`)
  return varying
}

/** The one value of an equation. @throws TanlianError E_UNCERTAINTY where it has rows */
export function singleOf(program: Program, data: ReportData, of: string, change?: Change): Ratio {
  const [value, ...more] = valuesOf(calculate(program, data, change), of)
  if (value === undefined || more.length > 0) throw uncertaintyError(`${of} has a value for each row; choose a total`)
  return value
}

export function uncertaintyError(why: string): TanlianError {
  return new TanlianError('E_UNCERTAINTY', `The uncertainty cannot be computed: ${why}.`, { values: { why } })
}

/** From a half-width as declared to that of 95 %, squared: 1.96 standard deviations, of which a uniform range has √3 and a triangular one √6. */
const WIDENING: Readonly<Record<Uncertainty['distribution'], Ratio>> = {
  normal: ratio(1n),
  lognormal: ratio(1n),
  uniform: parseRatio('3.8416/3'),
  triangular: parseRatio('3.8416/6'),
}
