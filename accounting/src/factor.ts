import { encodeBlock } from '@tanlian/evidence'
import { parseRatio, type Ratio, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type KindUnit, parseUnit } from './kind.ts'
import {
  choiceOf,
  dayOf,
  fieldsOf,
  formError,
  listOf,
  nameOf,
  type Source,
  sourceOf,
  textOf,
  type Words,
  wordsOf,
} from './shape.ts'

export const FACTORS_FORMAT = 'tanlian/factors/1'

/** Values of one quantity (排放因子), found by keys such as region and year; each row with its own source. */
export interface FactorSet {
  readonly id: string
  readonly version: string
  readonly name: Words
  /** Where its values hold: a country by its code, or `world`. */
  readonly region: string
  /** Days between which they hold. */
  readonly from: string
  readonly to: string | undefined
  readonly unit: KindUnit
  /** What the rows are found by, in order; a set with no keys has one row. */
  readonly keys: readonly string[]
  readonly rows: readonly Factor[]
  /** Names the set, every digit of it. */
  readonly cid: CID
}

export interface Factor {
  readonly keys: readonly string[]
  readonly value: Ratio
  /** As its author wrote it. */
  readonly text: string
  readonly source: Source
  /** Days between which it applies, where the source says so. */
  readonly from?: string
  readonly to?: string
}

/**
 * Reads a factor set from YAML parsed without types. A volume of gas without its reference state is refused: at 20 °C it is 7 % larger than at 0 °C.
 * @throws TanlianError E_DOCUMENT_FORM, E_KIND_FORM, E_UNIT_UNKNOWN, E_DECIMAL_FORM
 */
export function readFactors(input: unknown): FactorSet {
  const needed = ['format', 'id', 'version', 'name', 'region', 'valid', 'unit', 'keys', 'rows']
  const f = fieldsOf('factors', input, needed, ['source'])
  choiceOf('format', f.format, [FACTORS_FORMAT])
  const valid = fieldsOf('valid', f.valid, ['from'], ['to'])
  const keys = listOf('keys', f.keys, nameOf)
  const shared = f.source === undefined ? undefined : sourceOf('source', f.source)
  const rows = listOf('rows', f.rows, (at, item) => readRow(at, item, keys.length, shared))
  const seen = new Set<string>()
  for (const [place, row] of rows.entries()) {
    const name = row.keys.join('\n')
    if (seen.has(name)) throw formError(`rows[${place}]`, 'has the keys of an earlier row')
    seen.add(name)
  }
  const unit = parseUnit(textOf('unit', f.unit))
  requireState(unit)
  return {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    region: textOf('region', f.region, 20),
    from: dayOf('valid.from', valid.from),
    to: valid.to === undefined ? undefined : dayOf('valid.to', valid.to),
    unit,
    keys,
    rows,
    cid: encodeBlock(input).cid,
  }
}

/** The row of these keys: never a neighbour's. @throws TanlianError E_FACTOR_MISSING */
export function factorOf(set: FactorSet, keys: readonly string[]): Factor {
  const found = set.rows.find((row) => row.keys.every((key, place) => key === keys[place]))
  if (found !== undefined) return found
  const wanted = set.keys.map((key, place) => `${key} ${keys[place]}`).join(', ')
  throw new TanlianError(
    'E_FACTOR_MISSING',
    `The factor set ${set.id} has no row for ${wanted}. Choose keys that it has, or add the row with its source.`,
    { values: { set: set.id, wanted } },
  )
}

function readRow(at: string, input: unknown, keys: number, shared: Source | undefined): Factor {
  const f = fieldsOf(at, input, ['value'], ['keys', 'source', 'from', 'to'])
  const own = listOf(`${at}.keys`, f.keys ?? [], (place, item) => textOf(place, item, 60))
  if (own.length !== keys) throw formError(`${at}.keys`, `are ${own.length}, the set has ${keys}`)
  const source = f.source === undefined ? shared : sourceOf(`${at}.source`, f.source)
  if (source === undefined) throw formError(`${at}.source`, 'is missing, and the set has none for all')
  const text = textOf(`${at}.value`, f.value, 60)
  return {
    keys: own,
    value: parseRatio(text),
    text,
    source,
    ...(f.from === undefined ? {} : { from: dayOf(`${at}.from`, f.from) }),
    ...(f.to === undefined ? {} : { to: dayOf(`${at}.to`, f.to) }),
  }
}

/** A gas by volume names temperature and pressure in its tag, as `[natural gas, 20 °C, 101.325 kPa]`. */
function requireState({ kind, text }: KindUnit) {
  for (const [tag, exponents] of kind.parts)
    if (exponents.length === -3 && /\bgas\b/.test(tag) && !/°C.*kPa/.test(tag))
      throw formError('unit', `${text} is per volume of gas without its reference state`)
}
