import { type KindInfo, kindInfo, toHex } from '@tanlian/evidence'
import {
  decimalText,
  divideRatios,
  exactDecimal,
  multiplyRatios,
  parseRatio,
  type Ratio,
  ratio,
  TanlianError,
} from '@tanlian/units'
import type { AnalysisResult } from './document/laboratory.ts'
import type { TotalOrigin } from './document/report.ts'
import { type Kind, type KindUnit, parseUnit } from './kind.ts'
import type { Input } from './methodology.ts'

/** What a filter's readings come to, measured and entered together (实测总量). */
export interface ProvenTotal {
  /** In the type's base unit; of a gauge base unit × s. */
  readonly quantity: bigint
  /** Seconds that the readings cover, over all streams. */
  readonly seconds: number
}

/**
 * A proven total in an input's unit, exactly: of a gauge its mean. The substance and basis in the input's unit are the methodology's to
 * name, so a type's unit fits where it measures the same apart from them: grams of type 010101 fill `t[coal, as received]`.
 * @throws TanlianError E_REPORT_TYPE, E_REPORT_UNIT, E_REPORT_EMPTY
 */
export function valueOfTotal(input: Input, { type }: Pick<TotalOrigin, 'type'>, total: ProvenTotal): string {
  const unit = requireQuantity(input)
  const info = requireType(input, type)
  if (info.sort === 'gauge' && total.seconds === 0)
    throw new TanlianError(
      'E_REPORT_EMPTY',
      `There is no reading of type ${toHex(type)} to take a mean of for ${input.name}.`,
      {
        values: { name: input.name, type: toHex(type) },
      },
    )
  const amount = info.sort === 'gauge' ? ratio(total.quantity, BigInt(total.seconds)) : ratio(total.quantity)
  return convertText(input.name, amount, baseUnit(input, info), unit)
}

/** A laboratory's value in an input's unit, exactly. @throws TanlianError E_REPORT_UNIT, E_KIND_FORM, E_UNIT_UNKNOWN */
export function valueOfResult(input: Input, { value, unit }: AnalysisResult): string {
  return convertText(input.name, parseRatio(value), parseUnit(unit), requireQuantity(input))
}

/** The one text of a value: its decimal, or where that never ends the fraction in lowest terms. */
export function exactText(value: Ratio): string {
  const decimal = exactDecimal(value)
  return decimal === undefined ? `${value.numerator}/${value.denominator}` : decimalText(decimal)
}

/** The unit that an input is given in. @throws TanlianError E_REPORT_ORIGIN for a text */
export function requireQuantity({ name, unit }: Input): KindUnit {
  if (unit === undefined)
    throw new TanlianError('E_REPORT_ORIGIN', `${name} is a text; it is chosen, not measured.`, { values: { name } })
  return unit
}

function requireType({ name, evidence }: Input, type: Uint8Array): KindInfo {
  const hex = toHex(type)
  const info = kindInfo(((type[0] ?? 0) << 16) | ((type[1] ?? 0) << 8) | (type[2] ?? 0))
  if (info === undefined || !evidence.some((prefix) => hex.startsWith(prefix)))
    throw new TanlianError(
      'E_REPORT_TYPE',
      `Totals of type ${hex} do not fill ${name}; the methodology takes ${evidence.join(', ') || 'none'}.`,
      { values: { name, type: hex } },
    )
  return info
}

function baseUnit(input: Input, info: KindInfo): KindUnit {
  try {
    return parseUnit(info.unit)
  } catch (cause) {
    if (cause instanceof TanlianError) throw unitError(input.name, info.unit, input.unit?.text ?? '', cause)
    throw cause
  }
}

function convertText(name: string, value: Ratio, from: KindUnit, to: KindUnit): string {
  if (bare(from.kind) !== bare(to.kind)) throw unitError(name, from.text, to.text)
  return exactText(fromBase(toBase(value, from), to))
}

function toBase(value: Ratio, { factor, offset }: KindUnit): Ratio {
  const { numerator, denominator } = multiplyRatios(value, factor)
  return ratio(numerator * offset.denominator + offset.numerator * denominator, denominator * offset.denominator)
}

function fromBase({ numerator, denominator }: Ratio, { factor, offset }: KindUnit): Ratio {
  const shifted = ratio(
    numerator * offset.denominator - offset.numerator * denominator,
    denominator * offset.denominator,
  )
  return divideRatios(shifted, factor)
}

/** What a kind measures apart from substance and basis: its exponents added over all tags. */
function bare({ parts }: Kind): string {
  const sums = new Map<string, number>()
  for (const exponents of parts.values())
    for (const [base, exponent] of Object.entries(exponents)) sums.set(base, (sums.get(base) ?? 0) + exponent)
  return [...sums]
    .filter(([, exponent]) => exponent !== 0)
    .map(([base, exponent]) => `${base}^${exponent}`)
    .sort()
    .join(' ')
}

function unitError(name: string, from: string, to: string, cause?: unknown): TanlianError {
  return new TanlianError('E_REPORT_UNIT', `A value in ${from} cannot fill ${name}, which is in ${to}.`, {
    values: { name, from, to },
    cause,
  })
}
