import { type Decimal, decimalText } from './decimal.ts'
import displays from './displays.json' with { type: 'json' }
import { DEFAULT_ZONE } from './period.ts'
import { compareRatios, exactDecimal, type Ratio, ratio, ratioOf, roundRatioTo } from './ratio.ts'
import { convert, type Locale, unitOf } from './unit.ts'

/** How a quantity is written. */
export interface FormatOptions {
  readonly locale: Locale
  /** The unit to show it in; otherwise the largest of its scale in which it is 1 or more. */
  readonly in?: string
  /** So many digits after the point, rounded half to even (GB/T 8170). Without it every digit is shown, and no zeros after the last. */
  readonly digits?: number
}

/** Parts of a written quantity, for a table that aligns numbers and units in columns. */
export interface Formatted {
  /** Grouped digits; show them with tabular figures. */
  readonly number: string
  readonly unit: string
  /** Whether digits were rounded away. */
  readonly rounded: boolean
}

/** A value to show: an integer of the unit, a decimal or an exact fraction (such as a mean). */
export type Value = bigint | number | Decimal | Ratio

/** Digits of a fraction whose own never end, such as a third, where the caller names no number of digits. */
const ENDLESS_DIGITS = 6

/**
 * The one function that writes a quantity, always with its unit: exact digits, grouped by locale, in a unit of fitting size
 * (Wh → kWh → MWh → GWh; g → kg → 吨 → 万吨; mK → °C).
 * @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION
 * @example formatQuantity(1234567n, 'Wh', { locale: 'en' }) // '1.234567 MWh'
 * @example formatQuantity(23_000_000_000n, 'g', { locale: 'zh-CN' }) // '2.3 万吨'
 */
export function formatQuantity(value: Value, unit: string, options: FormatOptions): string {
  const { number, unit: name } = formatParts(value, unit, options)
  return `${number} ${name}`
}

/** The same in parts. @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION */
export function formatParts(value: Value, unit: string, options: FormatOptions): Formatted {
  const { locale, digits } = options
  const exact = toRatio(value)
  const shownIn = options.in ?? fittingUnit(exact, unit, locale)
  const converted = shownIn === unit ? exact : convert(exact, unit, shownIn)
  const all = exactDecimal(converted)
  const most = digits ?? (all === undefined ? ENDLESS_DIGITS : Math.max(0, -all.exponent))
  const shown = roundRatioTo(converted, most, 'half-even')
  return {
    number: formatNumber(shown, locale, digits === undefined ? 0 : most),
    unit: unitOf(shownIn).names[locale],
    rounded: compareRatios(ratioOf(shown), converted) !== 0,
  }
}

/** A mean over time: `quantity` is the integral in unit × s. @throws TanlianError E_RATIO_ZERO where there are no seconds */
export function formatMean(quantity: bigint, seconds: bigint, unit: string, options: FormatOptions): string {
  return formatQuantity(ratio(quantity, seconds), unit, { digits: 2, ...options })
}

/** A bare number: a count, a size of the log. Every digit, grouped by locale. */
export function formatNumber(value: bigint | number | Decimal, locale: Locale, leastDigits = 0): string {
  const text = typeof value === 'object' ? decimalText(value) : value.toString()
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: leastDigits, maximumFractionDigits: 100 })
  // A text is formatted digit by digit, where a number would first lose what a double cannot hold.
  return format.format(text as Intl.StringNumericLiteral)
}

/** A moment with date and time to the second, in a named zone; the zone is part of the text unless it is the default. */
export function formatTime(unixSeconds: number, locale: Locale, zone: string = DEFAULT_ZONE): string {
  const text = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(unixSeconds * 1000)
  return zone === DEFAULT_ZONE ? text : `${text} ${zone}`
}

/** The largest unit of the scale in which the value is 1 or more; the smallest for zero and for what is less. */
function fittingUnit(value: Ratio, unit: string, locale: Locale): string {
  const scale = displays.find((row) => row.unit === unit)?.[locale] ?? [unit]
  const size = value.numerator < 0n ? ratio(-value.numerator, value.denominator) : value
  const fitting = scale.filter((name) => compareRatios(convert(size, unit, name), ratio(1n)) >= 0)
  return fitting.at(-1) ?? scale[0] ?? unit
}

function toRatio(value: Value): Ratio {
  if (typeof value === 'bigint') return ratio(value)
  if (typeof value === 'number') return ratio(BigInt(value))
  return 'coefficient' in value ? ratioOf(value) : value
}
