import { parseRatio, type Ratio, ratio, TanlianError } from '@tanlian/units'

/*
 * The engine's numbers: exact fractions that are brought to lowest terms only when they have grown long, or are shown. Every step is paid from a
 * run's work, so that a hostile methodology ends with a code instead of keeping a machine busy (safety S35).
 */

/** An exact fraction, not always in lowest terms; the denominator is positive. */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** What one run may still do, in steps of about 100 ns. */
export interface Work {
  left: number
}

/** Steps of one run: a year of hours through a long methodology takes a twentieth. */
export const MAX_STEPS = 5_000_000
/** Digits that numerator or denominator may have in lowest terms. */
export const MAX_DIGITS = 4000

const LONG = 1n << 512n
const TOO_LONG = 10n ** BigInt(MAX_DIGITS)
const WORD_BITS = 64
const POWERS = Array.from({ length: 16 }, (_, power) => 10n ** BigInt(power))

export const ZERO: Fraction = { numerator: 0n, denominator: 1n }

export function add(a: Fraction, b: Fraction): Fraction {
  const [m, n] = [a.denominator, b.denominator]
  if (m === n) return { numerator: a.numerator + b.numerator, denominator: m }
  // Decimals of different places need no product of their denominators.
  if (n % m === 0n) return { numerator: a.numerator * (n / m) + b.numerator, denominator: n }
  if (m % n === 0n) return { numerator: a.numerator + b.numerator * (m / n), denominator: m }
  return { numerator: a.numerator * n + b.numerator * m, denominator: m * n }
}

export function negate({ numerator, denominator }: Fraction): Fraction {
  return { numerator: -numerator, denominator }
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

/** a ÷ b @throws TanlianError E_RATIO_ZERO */
export function divide(a: Fraction, b: Fraction): Fraction {
  if (b.numerator === 0n) return ratio(a.numerator, 0n)
  const [numerator, denominator] = [a.numerator * b.denominator, a.denominator * b.numerator]
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator }
}

/** value^exponent for a whole exponent. @throws TanlianError E_RATIO_ZERO, E_EQUATION_SIZE, E_EQUATION_STEPS */
export function power(value: Fraction, exponent: number, work: Work): Fraction {
  const base = trimmed(value, work)
  const times = BigInt(Math.abs(exponent))
  const bits = Math.max(bitsOf(base.numerator), bitsOf(base.denominator)) * Math.abs(exponent)
  if (bits > bitsOf(TOO_LONG)) throw tooLong()
  const raised = { numerator: base.numerator ** times, denominator: base.denominator ** times }
  return exponent < 0 ? divide({ numerator: 1n, denominator: 1n }, raised) : raised
}

/** Negative, zero or positive, as a is less than, equal to or greater than b. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The same value; in lowest terms where it has grown long. @throws TanlianError E_EQUATION_SIZE, E_EQUATION_STEPS */
export function trimmed(value: Fraction, work: Work): Fraction {
  const { numerator, denominator } = value
  if (denominator < LONG && numerator < LONG && numerator > -LONG) return value
  const words = Math.ceil(Math.max(bitsOf(numerator), bitsOf(denominator)) / WORD_BITS)
  spend(work, words * (25 + words))
  const lowest = ratio(numerator, denominator)
  if (lowest.denominator >= TOO_LONG || lowest.numerator >= TOO_LONG || lowest.numerator <= -TOO_LONG) throw tooLong()
  return lowest
}

/** In lowest terms. */
export function lowest({ numerator, denominator }: Fraction): Ratio {
  return ratio(numerator, denominator)
}

/** @throws TanlianError E_EQUATION_STEPS where a run has done all that it may */
export function spend(work: Work, steps: number): void {
  work.left -= steps
  if (work.left < 0)
    throw new TanlianError(
      'E_EQUATION_STEPS',
      `The equations take more than ${MAX_STEPS} steps on these rows. Use fewer rows, or let a line of each row be rounded and carried.`,
      { values: { most: MAX_STEPS } },
    )
}

/** Reads `0.5`, `-3` or `44/12`. @throws TanlianError E_DECIMAL_FORM, E_RATIO_ZERO */
export function parseFraction(text: string): Fraction {
  const { length } = text
  if (length > 15) return parseRatio(text)
  // Plain decimals are nearly all that a report gives: fifteen digits are exact in a double.
  let whole = 0
  let point = -1
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit >= 0 && digit <= 9) whole = whole * 10 + digit
    else if (digit === -2 && point < 0 && at > 0 && at < length - 1) point = at
    else return parseRatio(text)
  }
  if (length === 0) return parseRatio(text)
  return { numerator: BigInt(whole), denominator: POWERS[point < 0 ? 0 : length - 1 - point] as bigint }
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4
}

function tooLong(): TanlianError {
  return new TanlianError(
    'E_EQUATION_SIZE',
    `A value has more than ${MAX_DIGITS} digits. Round a line of each row and carry it, or use a smaller power.`,
    { values: { most: MAX_DIGITS } },
  )
}
