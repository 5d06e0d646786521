import { type Decimal, parseDecimal } from './decimal.ts'
import { TanlianError } from './error.ts'
import {
  addRatios,
  divideRatios,
  multiplyRatios,
  type Ratio,
  type Rounding,
  ratio,
  ratioOf,
  roundRatio,
} from './ratio.ts'
import rows from './units.json' with { type: 'json' }

/** The languages that everything is shown in. */
export type Locale = 'zh-CN' | 'en'

/** A unit of measurement (计量单位): `value in the dimension's reference = value × factor + offset`. */
export interface Unit {
  readonly symbol: string
  /** What it measures, such as `energy`; a rate is written `energy/time`. */
  readonly dimension: string
  readonly factor: Ratio
  /** Nonzero for °C only: its zero is 273 150 mK. */
  readonly offset: Ratio
  readonly aliases: readonly string[]
  /** How it is written in each language. */
  readonly names: Readonly<Record<Locale, string>>
}

interface UnitRow {
  readonly symbol: string
  readonly dimension: string
  readonly factor: string
  readonly offset?: string
  readonly aliases: readonly string[]
  readonly zh?: string
  readonly en?: string
}

/** `to = from × factor + offset`, exactly. */
export interface Conversion {
  readonly factor: Ratio
  readonly offset: Ratio
}

/** All units, from `units.json`. SI and its prefixes, and units defined by them (the SI Brochure, 9th ed.; °C by 273.15 K). */
export const UNITS: readonly Unit[] = (rows as readonly UnitRow[]).map((row) => ({
  symbol: row.symbol,
  dimension: row.dimension,
  factor: parseRatio(row.factor),
  offset: parseRatio(row.offset ?? '0'),
  aliases: row.aliases,
  names: { 'zh-CN': row.zh ?? row.symbol, en: row.en ?? row.symbol },
}))

const byName = new Map(UNITS.flatMap((unit) => [unit.symbol, ...unit.aliases].map((name) => [name, unit] as const)))

/** The unit of this symbol or alias, as written: `MW` and `mW` differ. @throws TanlianError E_UNIT_UNKNOWN */
export function unitOf(name: string): Unit {
  const unit = byName.get(name)
  if (unit === undefined)
    throw new TanlianError('E_UNIT_UNKNOWN', `There is no unit "${name.slice(0, 40)}" in the table of units.`, {
      values: { unit: name.slice(0, 40) },
    })
  return unit
}

/** How to get from one unit to another. @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION */
export function conversion(from: string, to: string): Conversion {
  const [a, b] = [unitOf(from), unitOf(to)]
  if (a.dimension !== b.dimension) throw dimensionError(a, b)
  const difference = addRatios(a.offset, multiplyRatios(b.offset, ratio(-1n)))
  return { factor: divideRatios(a.factor, b.factor), offset: divideRatios(difference, b.factor) }
}

/**
 * What a rate over one second amounts to: from kW to Wh it is 1000/3600. Multiply by value and seconds.
 * @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION
 */
export function rateFactor(rate: string, amount: string): Ratio {
  const [a, b] = [unitOf(rate), unitOf(amount)]
  if (a.dimension !== `${b.dimension}/time`) throw dimensionError(a, b)
  return divideRatios(a.factor, b.factor)
}

/** The exact value in another unit. @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION */
export function convert(value: Ratio, from: string, to: string): Ratio {
  const { factor, offset } = conversion(from, to)
  return addRatios(multiplyRatios(value, factor), offset)
}

/**
 * A decimal as a whole number of another unit, by the named rounding.
 * @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION, E_DECIMAL_INEXACT
 * @example toWhole(parseDecimal('3.17'), 'kWh', 'Wh', 'exact') // 3170n
 */
export function toWhole(value: Decimal, from: string, to: string, mode: Rounding): bigint {
  return roundRatio(convert(ratioOf(value), from, to), mode)
}

/** Reads `5/18`, `0.5` or `-3`. @throws TanlianError E_DECIMAL_FORM, E_RATIO_ZERO */
export function parseRatio(text: string): Ratio {
  const [numerator = '', denominator = '1', ...rest] = text.split('/')
  if (rest.length > 0) throw new TanlianError('E_DECIMAL_FORM', `"${text.slice(0, 40)}" is not a fraction.`)
  return divideRatios(ratioOf(parseDecimal(numerator)), ratioOf(parseDecimal(denominator)))
}

function dimensionError(a: Unit, b: Unit): TanlianError {
  return new TanlianError(
    'E_UNIT_DIMENSION',
    `${a.symbol} measures ${a.dimension} and ${b.symbol} ${b.dimension}: there is no conversion. Check the unit.`,
    { values: { from: a.symbol, to: b.symbol } },
  )
}
