import { type Ratio, ratio, roundRatio, TanlianError } from '@tanlian/units'

/*
 * Roots, logarithms and powers are no fractions. They are computed in whole numbers with digits to spare and rounded once, half to even, at
 * the decimal place that the equation declares: the same digits on every machine.
 */

/** Greatest number of decimal places that an equation may declare. */
export const MAX_PLACES = 40
/** Digits kept beyond the declared ones. */
const SPARE = 16
/** e^x is asked for |x| up to this: 87 digits before the point. */
const MAX_EXPONENT = 200n

/** √value, to so many decimal places. @throws TanlianError E_EQUATION_DOMAIN for a negative value */
export function approximateRoot(value: Ratio, places: number): Ratio {
  if (value.numerator < 0n) throw domainError('root', value)
  const scale = 10n ** BigInt(places + SPARE)
  return rounded(wholeRoot((value.numerator * scale * scale) / value.denominator), scale, places)
}

/** The natural logarithm. @throws TanlianError E_EQUATION_DOMAIN for a value that is not above zero */
export function approximateLn(value: Ratio, places: number): Ratio {
  if (value.numerator <= 0n) throw domainError('ln', value)
  const scale = 10n ** BigInt(places + SPARE)
  // Near a power of two at once: a value may have thousands of digits.
  let twos = BigInt(value.numerator.toString(2).length - value.denominator.toString(2).length)
  let numerator = twos < 0n ? value.numerator << -twos : value.numerator
  let denominator = twos > 0n ? value.denominator << twos : value.denominator
  for (; numerator * 2n > denominator * 3n; denominator *= 2n) twos++
  for (; numerator * 4n < denominator * 3n; numerator *= 2n) twos--
  const rest = twiceArtanh(numerator - denominator, numerator + denominator, scale)
  return rounded(rest + twos * twiceArtanh(1n, 3n, scale), scale, places)
}

/** e to the power of the value. @throws TanlianError E_EQUATION_DOMAIN beyond ±200 */
export function approximateExp(value: Ratio, places: number): Ratio {
  const size = value.numerator < 0n ? -value.numerator : value.numerator
  if (size > MAX_EXPONENT * value.denominator) throw domainError('exp', value)
  // e^x = (e^(x / 2^16))^(2^16): each squaring doubles the error, and the result has up to 87 digits before the point.
  const halvings = 16n
  const scale =
    10n ** BigInt(places + SPARE + 8 + (value.numerator > 0n ? Number(size / value.denominator / 2n) + 1 : 0))
  const step = (value.numerator * scale) / (value.denominator << halvings)
  let sum = scale
  let term = scale
  for (let n = 1n; term !== 0n; n++) {
    term = (term * step) / (scale * n)
    sum += term
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) / scale
  return rounded(sum, scale, places)
}

/** 2·artanh(n/d) = ln((d + n)/(d − n)), times the scale, by its series. */
function twiceArtanh(n: bigint, d: bigint, scale: bigint): bigint {
  let power = (scale * n) / d
  let sum = 0n
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd
    power = (power * n * n) / (d * d)
  }
  return 2n * sum
}

/** The greatest whole number whose square is not above n, by Newton's method from above. */
function wholeRoot(n: bigint): bigint {
  if (n < 2n) return n
  let guess = 1n << BigInt((n.toString(2).length + 1) >> 1)
  for (;;) {
    const better = (guess + n / guess) >> 1n
    if (better >= guess) return guess
    guess = better
  }
}

function rounded(scaled: bigint, scale: bigint, places: number): Ratio {
  const unit = 10n ** BigInt(places)
  return ratio(roundRatio(ratio(scaled * unit, scale), 'half-even'), unit)
}

/** A value that a function is not defined for. */
export function domainError(name: string, value: Ratio | string): TanlianError {
  const text = typeof value === 'string' ? `"${value.slice(0, 60)}"` : `${value.numerator}/${value.denominator}`
  return new TanlianError(
    'E_EQUATION_DOMAIN',
    `${name} is not defined, or too large, at ${text.slice(0, 120)}. Check the inputs of the equation.`,
    { values: { function: name, at: text.slice(0, 120) } },
  )
}
