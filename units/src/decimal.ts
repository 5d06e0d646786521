import { TanlianError } from './error.ts'

/** An exact decimal: `coefficient × 10^exponent`. Digits are kept as they were written, trailing zeros too. */
export interface Decimal {
  readonly coefficient: bigint
  readonly exponent: number
}

/** More digits than any meter or factor has; longer input is refused before it costs anything (safety S35). */
const MAX_DIGITS = 60
const MAX_EXPONENT = 60

/** A decimal from its parts. */
export function decimal(coefficient: bigint, exponent = 0): Decimal {
  return { coefficient, exponent }
}

/**
 * Reads a decimal such as `-12.340`, `0.5` or `1.2e-5`, keeping every digit. A thousands separator is accepted only where the caller
 * declares it, and then only in its places.
 * @throws TanlianError E_DECIMAL_FORM
 * @example parseDecimal('1,234.5', { thousands: ',' }) // 12345 × 10^-1
 */
export function parseDecimal(text: string, options: { readonly thousands?: ',' | ' ' | "'" } = {}): Decimal {
  const plain = options.thousands === undefined ? text : withoutThousands(text, options.thousands)
  const match = plain.length > 2 * MAX_DIGITS ? null : /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(plain)
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? []
  const exponent = Number(power) - fraction.length
  if (match === null || whole.length + fraction.length > MAX_DIGITS || Math.abs(exponent) > MAX_EXPONENT)
    throw new TanlianError(
      'E_DECIMAL_FORM',
      `"${text.slice(0, 40)}" is not a decimal number that can be kept exactly.`,
      {
        values: { text: text.slice(0, 40) },
      },
    )
  return { coefficient: BigInt(`${sign}${whole}${fraction}`), exponent }
}

/** a + b */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { coefficient: raised(a, exponent) + raised(b, exponent), exponent }
}

/** a × b */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent }
}

/** Negative, zero or positive, as a is less than, equal to or greater than b; 1.0 equals 1. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent)
  const difference = raised(a, exponent) - raised(b, exponent)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** All digits as text, without an exponent: `-12.340`. */
export function decimalText({ coefficient, exponent }: Decimal): string {
  const sign = coefficient < 0n ? '-' : ''
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString()
  if (exponent >= 0) return `${sign}${digits}${coefficient === 0n ? '' : '0'.repeat(exponent)}`
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

function raised({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to)
}

/** Takes separators out where each stands before exactly three digits; otherwise the text stays and is refused. */
function withoutThousands(text: string, separator: string): string {
  const [head = '', ...tail] = text.split('.')
  const groups = head.split(separator)
  const regular =
    groups.length > 1 && /^-?\d{1,3}$/.test(groups[0] ?? '') && groups.slice(1).every((g) => /^\d{3}$/.test(g))
  return regular ? [groups.join(''), ...tail].join('.') : text
}
