import { encodeBlock } from '@tanlian/evidence'
import { parseRatio, type Ratio, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { KindUnit } from './kind.ts'
import {
  choiceOf,
  dayOf,
  fieldsOf,
  formError,
  listOf,
  nameOf,
  requireBounded,
  type Source,
  sourceOf,
  textOf,
  unitAt,
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
  /** The rows by their keys, joined by line ends. */
  readonly byKeys: ReadonlyMap<string, Factor>
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
 * Reads a factor set from YAML parsed without types.
 * @throws TanlianError E_DOCUMENT_FORM, E_DOCUMENT_SIZE, E_KIND_FORM, E_UNIT_UNKNOWN, E_DECIMAL_FORM
 */
export function readFactors(input: unknown): FactorSet {
  requireBounded(input)
  const needed = ['format', 'id', 'version', 'name', 'region', 'valid', 'unit', 'keys', 'rows']
  const f = fieldsOf('factors', input, needed, ['source'])
  choiceOf('format', f.format, [FACTORS_FORMAT])
  const valid = fieldsOf('valid', f.valid, ['from'], ['to'])
  const keys = listOf('keys', f.keys, nameOf)
  const shared = f.source === undefined ? undefined : sourceOf('source', f.source)
  const rows = listOf('rows', f.rows, (at, item) => readRow(at, item, keys.length, shared))
  const byKeys = new Map<string, Factor>()
  for (const [place, row] of rows.entries()) {
    const name = row.keys.join('\n')
    if (byKeys.has(name)) throw formError(`rows[${place}]`, 'has the keys of an earlier row')
    byKeys.set(name, row)
  }
  return {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    region: textOf('region', f.region, 20),
    from: dayOf('valid.from', valid.from),
    to: valid.to === undefined ? undefined : dayOf('valid.to', valid.to),
    unit: unitAt('unit', f.unit),
    keys,
    rows,
    byKeys,
    cid: encodeBlock(input).cid,
  }
}

/** A year or region that a set does not have is an error with its name; a neighbouring row never stands in. */
export function missingFactor({ id, keys }: FactorSet, asked: readonly string[]): TanlianError {
  const wanted = keys.map((key, place) => `${key} ${asked[place]}`).join(', ')
  return new TanlianError(
    'E_FACTOR_MISSING',
    `The factor set ${id} has no row for ${wanted}. Choose keys that it has, or add the row with its source.`,
    { values: { set: id, wanted } },
  )
}

/**
 * The set's unit where its keys are these: a substance that is named like a key stands for the key's value, so that `t[gas]` of the row `N2O` is
 * `t[N2O]`.
 */
export function unitOfRow(set: FactorSet, keys: readonly string[]): KindUnit {
  const named = set.unit.text.replace(/\[([^\]]*)\]/g, (_, tags: string) => {
    const parts = tags.split(',').map((tag) => keys[set.keys.indexOf(tag.trim())] ?? tag.trim())
    return `[${parts.join(', ')}]`
  })
  return unitAt('unit', named)
}

/** A key on one line: rows are found by their keys joined by line ends. */
function keyOf(at: string, input: unknown): string {
  const key = textOf(at, input, 60)
  if (key.includes('\n')) throw formError(at, 'has more than one line')
  return key
}

function readRow(at: string, input: unknown, keys: number, shared: Source | undefined): Factor {
  const f = fieldsOf(at, input, ['value'], ['keys', 'source', 'from', 'to'])
  const own = listOf(`${at}.keys`, f.keys ?? [], keyOf)
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
