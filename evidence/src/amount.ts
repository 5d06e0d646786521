import { parseDecimal, type Ratio, type Rounding, ratio, ratioOf, roundRatio, TanlianError } from '@tanlian/units'

/** A cell's number as a whole quantity, or the code of what was wrong with it. */
export type Amount = number | 'E_TABLE_NUMBER' | 'E_TABLE_INEXACT' | 'E_TABLE_RANGE'

/**
 * A reader of numbers: `cell × factor + offset`, rounded once by the named mode, exact to the last digit. Numbers of up to fifteen digits
 * go through doubles wherever every step stays a whole number below 2^53; all others through bigints, with the same result.
 */
export function compileAmount(
  { factor, offset }: { readonly factor: Ratio; readonly offset: Ratio },
  rounding: Rounding,
  thousands?: ',' | ' ' | "'",
): (text: string) => Amount {
  const plans: (Plan | undefined)[] = []
  return (text) => {
    const short = readShort(text)
    if (short === undefined) return slowAmount(text, factor, offset, rounding, thousands)
    plans[short.digits] ??= planOf(factor, offset, short.digits)
    const plan = plans[short.digits]
    const numerator = plan === undefined ? Number.NaN : short.coefficient * plan.times + plan.plus
    if (plan === undefined || !(Math.abs(short.coefficient) <= plan.limit && Number.isSafeInteger(numerator)))
      return slowAmount(text, factor, offset, rounding, thousands)
    return divideRounded(numerator, plan.divisor, rounding)
  }
}

/** As {@link compileAmount}, for numbers such as `1.234,5`: comma and point change places, and nothing else is guessed. */
export function compileCommaAmount(
  linear: { readonly factor: Ratio; readonly offset: Ratio },
  rounding: Rounding,
  thousands?: '.' | ' ' | "'",
): (text: string) => Amount {
  const amount = compileAmount(linear, rounding, thousands === '.' ? ',' : thousands)
  return (text) => amount(text.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.')))
}

/**
 * What a register that only grows has grown by between two stands, both in base units; `modulus` is the count at which it begins again at 0.
 * @returns undefined where it went back: below its last stand without having turned, or by more than half a turn.
 */
export function registerGrowth(last: number, now: number, modulus?: number): number | undefined {
  const grown = now - last
  const turned = grown < 0 && modulus !== undefined ? grown + modulus : grown
  return turned < 0 || (modulus !== undefined && (now >= modulus || turned * 2 > modulus)) ? undefined : turned
}

/** `(coefficient × times + plus) / divisor`, for numbers of so many digits after the point; all whole and safe. */
interface Plan {
  readonly times: number
  readonly plus: number
  readonly divisor: number
  /** The greatest coefficient whose product stays exact. */
  readonly limit: number
}

function planOf(factor: Ratio, offset: Ratio, digits: number): Plan | undefined {
  const ten = 10n ** BigInt(digits)
  const times = factor.numerator * offset.denominator
  const plus = offset.numerator * factor.denominator * ten
  const divisor = factor.denominator * offset.denominator * ten
  // Lowest terms of all three keep the numbers small.
  const a = ratio(times, divisor)
  const b = ratio(plus, divisor)
  const common = (a.denominator * b.denominator) / gcd(a.denominator, b.denominator)
  const parts = [a.numerator * (common / a.denominator), b.numerator * (common / b.denominator), common]
  if (parts.some((part) => part > BigInt(Number.MAX_SAFE_INTEGER) || part < -BigInt(Number.MAX_SAFE_INTEGER)))
    return undefined
  const [t = 0, p = 0, d = 1] = parts.map(Number)
  return { times: t, plus: p, divisor: d, limit: Math.floor(Number.MAX_SAFE_INTEGER / t) }
}

/** Sign, digits and a point only; undefined for anything longer or odder. */
function readShort(text: string): { coefficient: number; digits: number } | undefined {
  const negative = text.charCodeAt(0) === 45
  let coefficient = 0
  let point = -1
  const first = negative ? 1 : 0
  if (text.length - first > 16) return undefined
  for (let at = first; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit >= 0 && digit <= 9) coefficient = coefficient * 10 + digit
    else if (digit === -2 && point < 0 && at > first && at < text.length - 1) point = at
    else return undefined
  }
  if (text.length === first || coefficient > 999_999_999_999_999) return undefined
  return { coefficient: negative ? -coefficient : coefficient, digits: point < 0 ? 0 : text.length - 1 - point }
}

function divideRounded(numerator: number, divisor: number, rounding: Rounding): Amount {
  let whole = Math.floor(numerator / divisor)
  let rest = numerator - whole * divisor
  // The quotient of two doubles may round up to the next whole number; the remainder, exact, shows it.
  if (rest < 0) {
    whole--
    rest += divisor
  }
  if (rest === 0 || rounding === 'floor') return whole
  if (rounding === 'exact') return 'E_TABLE_INEXACT'
  const over = rest - (divisor - rest)
  if (over !== 0) return over < 0 ? whole : whole + 1
  if (rounding === 'half-up') return numerator < 0 ? whole : whole + 1
  return whole % 2 === 0 ? whole : whole + 1
}

function slowAmount(
  text: string,
  factor: Ratio,
  offset: Ratio,
  rounding: Rounding,
  thousands?: ',' | ' ' | "'",
): Amount {
  try {
    const value = ratioOf(parseDecimal(text, thousands === undefined ? {} : { thousands }))
    const product = ratio(value.numerator * factor.numerator, value.denominator * factor.denominator)
    const sum = ratio(
      product.numerator * offset.denominator + offset.numerator * product.denominator,
      product.denominator * offset.denominator,
    )
    const whole = Number(roundRatio(sum, rounding))
    return Number.isSafeInteger(whole) ? whole : 'E_TABLE_RANGE'
  } catch (error) {
    if (error instanceof TanlianError && error.code === 'E_DECIMAL_FORM') return 'E_TABLE_NUMBER'
    if (error instanceof TanlianError && error.code === 'E_DECIMAL_INEXACT') return 'E_TABLE_INEXACT'
    throw error
  }
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
