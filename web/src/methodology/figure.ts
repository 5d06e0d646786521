import { exactDecimal, formatNumber, parseRatio, type Ratio, roundRatioTo } from '@tanlian/units'
import { locale } from '../format.ts'

/** Digits after the point of a value whose own never end. */
const ENDLESS_DIGITS = 8

/** A value of a trace, a fraction as text, as a person reads it; `≈` where digits had to be left out. */
export function figureText(value: string): string {
  const exact = fractionOf(value)
  const decimal = exactDecimal(exact)
  if (decimal !== undefined && -decimal.exponent <= ENDLESS_DIGITS) return formatNumber(decimal, locale())
  return `≈ ${formatNumber(roundRatioTo(exact, ENDLESS_DIGITS, 'half-even'), locale())}`
}

/** A decimal text with its digits as written, grouped. */
export function writtenText(text: string): string {
  const places = text.split('.')[1]?.length ?? 0
  const decimal = exactDecimal(fractionOf(text))
  return decimal === undefined ? text : formatNumber(decimal, locale(), places)
}

/** A fraction as a trace writes it: `44/3`, `-2`, `0.25`. @throws TanlianError E_DECIMAL_FORM */
export function fractionOf(value: string): Ratio {
  return parseRatio(value)
}

/**
 * A unit as it stands behind a figure: `tCO2/t[crude steel]` is tCO2/t. What is weighed, and in which state, is said by the figure's name and
 * on the methodology's page; nothing stands behind a figure without a unit.
 */
export function unitText(unit: string): string {
  return unit === '1' ? '' : unit.replaceAll(/\[[^\]]*\]/g, '')
}
