import { divideRatios, multiplyRatios, parseRatio, type Ratio, ratio, TanlianError, unitOf } from '@tanlian/units'
import { add, divide, type Fraction, lowest, multiply, negate } from './fraction.ts'

/**
 * What a number measures (量类): an SI dimension for each substance with its basis, such as length² of a floor, or mass of coal as received.
 * Coal cannot be added to CO2, nor energy by the lower heating value to electricity, although both are masses, or energies.
 */
export interface Kind {
  /** The same text for the same kind, whatever the units it was written in: `mass[CO2]/energy[LHV]`. */
  readonly name: string
  /** Tag → exponents of the base dimensions; no tag is the empty one. */
  readonly parts: ReadonlyMap<string, Exponents>
}

/** A unit as a methodology writes it (`t[coal, as received]`, `tC/GJ[LHV]`, `1`): its kind, and how many base units it is. */
export interface KindUnit {
  readonly text: string
  readonly kind: Kind
  readonly factor: Ratio
  /** Nonzero for °C alone, which stands in no product. */
  readonly offset: Ratio
}

const BASES = ['mass', 'length', 'time', 'temperature', 'count'] as const
type Base = (typeof BASES)[number]
type Exponents = Readonly<Partial<Record<Base, number>>>

/** Dimensions of the table of units, in bases; the ratio brings their reference units to g, m, s, mK. */
const DIMENSIONS: Readonly<Record<string, { readonly in: Exponents; readonly times: string }>> = {
  mass: { in: { mass: 1 }, times: '1' },
  length: { in: { length: 1 }, times: '1' },
  area: { in: { length: 2 }, times: '1' },
  volume: { in: { length: 3 }, times: '1/1000' },
  time: { in: { time: 1 }, times: '1' },
  temperature: { in: { temperature: 1 }, times: '1' },
  energy: { in: { mass: 1, length: 2, time: -2 }, times: '1000' },
  pressure: { in: { mass: 1, length: -1, time: -2 }, times: '1000' },
  concentration: { in: { mass: 1, length: -3 }, times: '1/1000000000' },
  fraction: { in: {}, times: '1/1000000' },
  count: { in: { count: 1 }, times: '1' },
}

/** Greatest exponent of a base: a power of powers must not run away. */
const MAX_EXPONENT = 99

/** Units that carry their substance in their name. */
const SUBSTANCES: Readonly<Record<string, string>> = { C: 'C', CO2: 'CO2', CO2e: 'CO2e', CH4: 'CH4', N2O: 'N2O' }

/** The kind of a plain number. */
export const NUMBER: Kind = kindOf(new Map())
const ONE: KindUnit = { text: '1', kind: NUMBER, factor: ratio(1n), offset: ratio(0n) }

/**
 * Reads a unit: units of the table with an optional `[substance, basis]`, a whole-number power, joined by `·` and `/`.
 * @throws TanlianError E_KIND_FORM, E_UNIT_UNKNOWN
 */
export function parseUnit(text: string): KindUnit {
  const written = text.trim()
  if (written === '1' || written === '') return ONE
  let kind = NUMBER
  let factor = ratio(1n)
  let offset = ratio(0n)
  const pieces = written.split(/([·/])(?![^[]*\])/)
  for (let at = 0; at < pieces.length; at += 2) {
    const piece = parsePiece((pieces[at] ?? '').trim(), text)
    const below = at > 0 && pieces[at - 1] === '/'
    kind = below ? divideKinds(kind, piece.kind) : multiplyKinds(kind, piece.kind)
    factor = below ? divideRatios(factor, piece.factor) : multiplyRatios(factor, piece.factor)
    if (piece.offset.numerator !== 0n && pieces.length > 1)
      throw kindError(text, 'a unit with its own zero stands in no product; write K')
    offset = piece.offset
  }
  return { text: written, kind, factor, offset }
}

/** A value in base units. */
export function toBase(value: Fraction, { factor, offset }: KindUnit): Fraction {
  const scaled = multiply(value, factor)
  return offset.numerator === 0n ? scaled : add(scaled, offset)
}

/** A value in its unit, in lowest terms. */
export function fromBase(value: Fraction, { factor, offset }: KindUnit): Ratio {
  return lowest(divide(offset.numerator === 0n ? value : add(value, negate(offset)), factor))
}

export function multiplyKinds(a: Kind, b: Kind): Kind {
  return combine(a, b, 1)
}

export function divideKinds(a: Kind, b: Kind): Kind {
  return combine(a, b, -1)
}

/** @param exponent a whole number @throws TanlianError E_KIND_FORM where an exponent leaves ±99 */
export function powerKind(kind: Kind, exponent: number): Kind {
  return kindOf(
    new Map([...kind.parts].map(([tag, exponents]) => [tag, mapExponents(exponents, (value) => value * exponent)])),
  )
}

export function sameKind(a: Kind, b: Kind): boolean {
  return a.name === b.name
}

function parsePiece(piece: string, whole: string): KindUnit {
  if (piece === '1') return ONE
  const match = /^([^[\]^]+)(?:\[([^[\]]*)\])?(?:\^(-?\d))?$/.exec(piece)
  const [, symbol = '', tag, power] = match ?? []
  if (match === null) throw kindError(whole, `"${piece}" is no unit with an optional [substance, basis] and power`)
  const [base, substance] = splitSubstance(symbol.trim())
  const unit = unitOf(base)
  const tags = [substance, ...(tag ?? '').split(',')].map((one) => one.trim()).filter((one) => one !== '')
  const [dimension = '', ...slower] = unit.dimension.split(/[/·]/)
  const known = DIMENSIONS[dimension]
  if (known === undefined || slower.length > 0)
    throw kindError(whole, `"${symbol}" is a compound in the table of units; write its parts`)
  const exponent = power === undefined ? 1 : Number(power)
  const exponents = mapExponents(known.in, (value) => value * exponent)
  const scale = multiplyRatios(unit.factor, parseRatio(known.times))
  return {
    text: piece,
    kind: kindOf(new Map([[tags.join(', '), exponents]])),
    factor: powerRatio(scale, exponent),
    offset: multiplyRatios(unit.offset, parseRatio(known.times)),
  }
}

/** `tCO2e` is t of CO2e; a symbol of the table stays whole. */
function splitSubstance(symbol: string): readonly [base: string, substance: string] {
  const match = /^(mg|g|kg|t|kt|Mt|万t)(CO2e|CO2|CH4|N2O|C)$/.exec(symbol)
  return match === null ? [symbol, ''] : [match[1] as string, SUBSTANCES[match[2] as string] as string]
}

function combine(a: Kind, b: Kind, sign: 1 | -1): Kind {
  const parts = new Map(a.parts)
  for (const [tag, exponents] of b.parts) {
    const before = parts.get(tag) ?? {}
    parts.set(
      tag,
      Object.fromEntries(
        BASES.map((base) => [base, (before[base] ?? 0) + sign * (exponents[base] ?? 0)] as const).filter(
          ([, value]) => value !== 0,
        ),
      ),
    )
  }
  return kindOf(parts)
}

function kindOf(parts: ReadonlyMap<string, Exponents>): Kind {
  for (const exponents of parts.values())
    for (const exponent of Object.values(exponents))
      if (Math.abs(exponent) > MAX_EXPONENT) throw kindError(`^${exponent}`, `exponents go to ±${MAX_EXPONENT}`)
  const full = new Map([...parts].filter(([, exponents]) => Object.keys(exponents).length > 0))
  const name = [...full]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, exponents]) => {
      const bases = BASES.flatMap((base) => {
        const value = exponents[base]
        return value === undefined ? [] : [value === 1 ? base : `${base}^${value}`]
      })
      return `${bases.join('·')}${tag === '' ? '' : `[${tag}]`}`
    })
    .join(' ')
  return { name: name === '' ? 'number' : name, parts: full }
}

function mapExponents(exponents: Exponents, change: (value: number) => number): Exponents {
  return Object.fromEntries(Object.entries(exponents).map(([base, value]) => [base, change(value)]))
}

function powerRatio(value: Ratio, exponent: number): Ratio {
  const up = Math.abs(exponent)
  const numerator = value.numerator ** BigInt(up)
  const denominator = value.denominator ** BigInt(up)
  return exponent < 0 ? ratio(denominator, numerator) : ratio(numerator, denominator)
}

function kindError(text: string, why: string): TanlianError {
  return new TanlianError('E_KIND_FORM', `The unit "${text.slice(0, 80)}" does not read: ${why}.`, {
    values: { unit: text.slice(0, 80), why },
  })
}
