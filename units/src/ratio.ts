import { type Decimal, decimal } from './decimal.ts'
import { TanlianError } from './error.ts'

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

/**
 * How a value becomes an integer, always named, never a default: 'half-even' as in GB/T 8170, 'half-up' (halves away from zero),
 * 'floor' (towards minus infinity), 'exact' (refused unless it is one already).
 */
export type Rounding = (typeof ROUNDINGS)[number]

/** All rounding modes. */
export const ROUNDINGS = ['half-even', 'half-up', 'floor', 'exact'] as const

/** A fraction in lowest terms. @throws TanlianError E_RATIO_ZERO */
export function ratio(numerator: bigint, denominator: bigint = 1n): Ratio {
  if (denominator === 0n) throw new TanlianError('E_RATIO_ZERO', `${numerator} was to be divided by zero.`)
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** The same value as a fraction. */
export function ratioOf({ coefficient, exponent }: Decimal): Ratio {
  return exponent < 0 ? ratio(coefficient, 10n ** BigInt(-exponent)) : ratio(coefficient * 10n ** BigInt(exponent))
}

/** a + b */
export function addRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
}

/** a × b */
export function multiplyRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator)
}

/** a ÷ b @throws TanlianError E_RATIO_ZERO */
export function divideRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.denominator, a.denominator * b.numerator)
}

/** Negative, zero or positive, as a is less than, equal to or greater than b. */
export function compareRatios(a: Ratio, b: Ratio): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The integer by the named mode. @throws TanlianError E_DECIMAL_INEXACT in mode 'exact' */
export function roundRatio({ numerator, denominator }: Ratio, mode: Rounding): bigint {
  const remainder = ((numerator % denominator) + denominator) % denominator
  const below = (numerator - remainder) / denominator
  if (remainder === 0n || mode === 'floor') return below
  if (mode === 'exact')
    throw new TanlianError(
      'E_DECIMAL_INEXACT',
      `${numerator}/${denominator} is not a whole number. Name a rounding mode.`,
      {
        values: { numerator, denominator },
      },
    )
  const twice = 2n * remainder
  if (twice !== denominator) return twice < denominator ? below : below + 1n
  if (mode === 'half-up') return numerator < 0n ? below : below + 1n
  return below % 2n === 0n ? below : below + 1n
}

/** The integer by the named mode. @throws TanlianError E_DECIMAL_INEXACT in mode 'exact' */
export function roundDecimal(value: Decimal, mode: Rounding): bigint {
  return roundRatio(ratioOf(value), mode)
}

/** The decimal with so many digits after the point, by the named mode. @throws TanlianError E_DECIMAL_INEXACT in mode 'exact' */
export function roundRatioTo(value: Ratio, digits: number, mode: Rounding): Decimal {
  const scale = 10n ** BigInt(digits)
  return decimal(roundRatio(ratio(value.numerator * scale, value.denominator), mode), -digits)
}

/** The decimal of exactly this value, or undefined where its digits never end. */
export function exactDecimal({ numerator, denominator }: Ratio): Decimal | undefined {
  let rest = denominator
  let digits = 0
  for (; rest % 10n === 0n; rest /= 10n) digits++
  for (; rest % 2n === 0n; rest /= 2n) digits++
  for (; rest % 5n === 0n; rest /= 5n) digits++
  return rest === 1n ? decimal((numerator * 10n ** BigInt(digits)) / denominator, -digits) : undefined
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
