import {
  addRatios,
  conversion,
  multiplyRatios,
  parseRatio,
  type Ratio,
  ROUNDINGS,
  type Rounding,
  rateFactor,
  ratio,
  TanlianError,
  zoneOf,
} from '@tanlian/units'
import type { StreamItem } from './form.ts'
import { type Flag, isFlag, KINDS, kindInfo } from './kind.ts'
import { compileStamp } from './stamp.ts'

/** The form of a mapping (映射): how the columns of a file become readings. Plain data, written by hand as YAML. */
export const MAPPING_FORMAT = 'tanlian/mapping/1'

export interface Mapping {
  /** The device whose file it is, unless a column names its own. */
  readonly device: string
  /** What a frame's `protocol` will say, such as `csv`. */
  readonly protocol: string
  /** Row numbers from 1: where the names stand (0: nowhere, columns go by number) and where the data begins. */
  readonly rows: { readonly header: number; readonly first: number }
  readonly time: TimeMapping
  readonly thousands?: ',' | ' ' | "'"
  readonly missing: MissingMapping
  /** 'skip' passes over a reading that repeats an earlier one in every respect (a second download); 'refuse' reports it. */
  readonly repeated: 'refuse' | 'skip'
  readonly columns: readonly ColumnMapping[]
}

/** Where the time of a row is from. */
export interface TimeMapping {
  /** Cells that hold it, joined by a space; empty for a clock from outside. */
  readonly columns: readonly string[]
  /** As `dd/MM/yyyy HH:mm`, `iso` or `unix`; with a clock it is `clock`. */
  readonly format: string
  /** IANA name or fixed offset of the wall clock. */
  readonly zone: string
  /** Whether a stamp is the start or the end of its interval; for a register, either: it is the moment of reading. */
  readonly stamp: 'start' | 'end'
  /** Seconds of a row's interval. */
  readonly interval: number
  /** 'day-end': a stamp of 00:00 closes the date it bears, where a clock should have written 24:00. */
  readonly midnight: 'day-start' | 'day-end'
  /** For a file without times: local time of the first data row; each row after it is one interval later. */
  readonly clock?: string
}

export interface MissingMapping {
  /** Cells that hold no value, compared after trimming. */
  readonly tokens: readonly string[]
  /** The flag of a reading of quantity 0 that stands for it; without one there is no reading. */
  readonly flag?: Flag
}

/** One column that becomes a stream. */
export interface ColumnMapping {
  readonly column: string
  readonly stream: number
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly device: string
  readonly name: string
  readonly unit: string
  /** 'delta': the amount of the interval; 'register': a counter that only grows; 'mean': a level or rate, to be multiplied by its seconds. */
  readonly value: 'delta' | 'register' | 'mean'
  readonly rounding: Rounding
  /** value = scale × cell + offset, in `unit`. */
  readonly scale: string
  readonly offset: string
  /** Plausible values, in `unit`; others become a reading of quantity 0 with the flag. */
  readonly valid?: { readonly least: string; readonly most: string; readonly flag: Flag }
  /** A flag for all, or by the text of another column. */
  readonly flag: Flag | { readonly column: string; readonly values: ReadonlyMap<string, Flag>; readonly other?: Flag }
  /** Only rows where another column holds this text, for files with several devices one below the other. */
  readonly where?: { readonly column: string; readonly equals: string }
  /** A register's count of units at which it begins again at 0; without it, going back is refused. */
  readonly rollover?: string
  /** How it was measured, for the streams block. */
  readonly method?: string
}

/**
 * Reads a mapping from plain data (YAML parsed by the caller). Unknown keys are refused, nothing is coerced; decimals and type codes are
 * quoted texts.
 * @throws TanlianError E_MAPPING, naming the place
 */
export function parseMapping(input: unknown): Mapping {
  const root = fieldsOf('mapping', input, [
    'format',
    'device',
    'protocol',
    'rows',
    'time',
    'thousands',
    'missing',
    'repeated',
    'columns',
  ])
  choice('format', root.format, [MAPPING_FORMAT])
  const device = text('device', root.device)
  const columns = list('columns', root.columns).map((column, i) => parseColumn(`columns[${i}]`, column, device))
  const streams = columns.map(({ stream }) => stream)
  if (new Set(streams).size !== streams.length) throw wrong('columns', 'name one stream twice')
  const thousands = root.thousands === undefined ? undefined : choice('thousands', root.thousands, [',', ' ', "'"])
  const mapping: Mapping = {
    device,
    protocol: text('protocol', root.protocol),
    rows: parseRows(root.rows),
    time: parseTime(root.time),
    missing: parseMissing(root.missing),
    repeated: root.repeated === undefined ? 'refuse' : choice('repeated', root.repeated, ['refuse', 'skip']),
    columns,
    ...(thousands === undefined ? {} : { thousands }),
  }
  for (const [i, column] of columns.entries()) attempt(`columns[${i}]`, () => linearOf(column, mapping.time.interval))
  return mapping
}

/** The items of the streams block that a mapping declares (spec section 5): what each stream is, which never changes. */
export function streamsOf(mapping: Mapping): StreamItem[] {
  return mapping.columns.map((column) => ({
    stream: column.stream,
    type: column.type,
    device: column.device,
    interval: mapping.time.interval,
    name: column.name,
    unit: column.unit,
    value: column.value,
    rounding: column.rounding,
    ...(column.scale === '1' && column.offset === '0' ? {} : { scale: column.scale, offset: column.offset }),
    ...(column.method === undefined ? {} : { method: column.method }),
  }))
}

/**
 * What turns a column's number into a quantity before rounding: `quantity = cell × factor + offset`. A mean is multiplied by the interval.
 * @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION, E_MAPPING
 */
export function linearOf(column: ColumnMapping, interval: number): { factor: Ratio; offset: Ratio } {
  const kind = kindInfo(column.type)
  if (kind === undefined) throw wrong(column.column, `has no known kind of quantity`)
  const scale = parseRatio(column.scale)
  const shift = parseRatio(column.offset)
  if ((column.value === 'mean') !== (kind.sort === 'gauge' || isRate(column.unit, kind.unit)))
    throw wrong(
      column.column,
      `is given as ${column.value} in ${column.unit}, which does not make ${kind.en} (${kind.unit})`,
    )
  const length = column.value === 'mean' ? BigInt(interval) : 1n
  const unit =
    column.value === 'mean' && kind.sort === 'delta'
      ? { factor: rateFactor(column.unit, kind.unit), offset: ratio(0n) }
      : conversion(column.unit, kind.unit)
  if (scale.numerator <= 0n) throw wrong(column.column, 'has a scale that is not above zero')
  const factor = multiplyRatios(multiplyRatios(scale, unit.factor), ratio(length))
  const offset = multiplyRatios(addRatios(multiplyRatios(shift, unit.factor), unit.offset), ratio(length))
  if (column.value === 'register' && offset.numerator !== 0n) throw wrong(column.column, 'is a register with an offset')
  return { factor, offset }
}

function isRate(from: string, to: string): boolean {
  try {
    rateFactor(from, to)
    return true
  } catch (error) {
    if (error instanceof TanlianError && error.code === 'E_UNIT_DIMENSION') return false
    throw error
  }
}

function parseColumn(at: string, input: unknown, device: string): ColumnMapping {
  const f = fieldsOf(at, input, [
    'column',
    'stream',
    'kind',
    'device',
    'name',
    'unit',
    'value',
    'rounding',
    'scale',
    'offset',
    'valid',
    'flag',
    'where',
    'rollover',
    'method',
  ])
  const column = text(`${at}.column`, f.column)
  const value = choice(`${at}.value`, f.value, ['delta', 'register', 'mean'])
  if (f.rollover !== undefined && value !== 'register') throw wrong(`${at}.rollover`, 'is for registers only')
  if (f.valid !== undefined && value === 'register') throw wrong(`${at}.valid`, 'is not for registers')
  return {
    column,
    stream: integer(`${at}.stream`, f.stream, 1, 0xffffffff),
    type: parseKind(`${at}.kind`, f.kind),
    device: f.device === undefined ? device : text(`${at}.device`, f.device),
    name: f.name === undefined ? column : text(`${at}.name`, f.name),
    unit: text(`${at}.unit`, f.unit),
    value,
    rounding: choice(`${at}.rounding`, f.rounding, ROUNDINGS),
    scale: f.scale === undefined ? '1' : decimalText(`${at}.scale`, f.scale),
    offset: f.offset === undefined ? '0' : decimalText(`${at}.offset`, f.offset),
    flag: parseFlag(`${at}.flag`, f.flag),
    ...(f.valid === undefined ? {} : { valid: parseValid(`${at}.valid`, f.valid) }),
    ...(f.where === undefined ? {} : { where: parseWhere(`${at}.where`, f.where) }),
    ...(f.rollover === undefined ? {} : { rollover: decimalText(`${at}.rollover`, f.rollover) }),
    ...(f.method === undefined ? {} : { method: text(`${at}.method`, f.method) }),
  }
}

function parseRows(input: unknown): Mapping['rows'] {
  if (input === undefined) return { header: 1, first: 2 }
  const f = fieldsOf('rows', input, ['header', 'first'])
  const header = integer('rows.header', f.header, 0, 1000)
  return { header, first: f.first === undefined ? header + 1 : integer('rows.first', f.first, header + 1, 2000) }
}

function parseTime(input: unknown): TimeMapping {
  const f = fieldsOf('time', input, ['columns', 'format', 'zone', 'stamp', 'interval', 'midnight', 'clock'])
  const zone = text('time.zone', f.zone)
  attempt('time.zone', () => zoneOf(zone))
  const common = {
    zone,
    stamp: choice('time.stamp', f.stamp, ['start', 'end']),
    interval: integer('time.interval', f.interval, 1, 366 * 86_400),
    midnight:
      f.midnight === undefined ? ('day-start' as const) : choice('time.midnight', f.midnight, ['day-start', 'day-end']),
  }
  if (f.clock !== undefined) {
    if (f.columns !== undefined || f.format !== undefined)
      throw wrong('time', 'has both columns and a clock from outside')
    const clock = text('time.clock', f.clock)
    attempt('time.clock', () => compileStamp('yyyy-MM-dd HH:mm:ss', 'day-start')(clock))
    return { ...common, columns: [], format: 'clock', clock }
  }
  const columns = list('time.columns', f.columns).map((column, i) => text(`time.columns[${i}]`, column))
  const format = text('time.format', f.format)
  attempt('time.format', () => compileStamp(format, common.midnight))
  return { ...common, columns, format }
}

function parseMissing(input: unknown): MissingMapping {
  if (input === undefined) return { tokens: [] }
  const f = fieldsOf('missing', input, ['tokens', 'flag'])
  const tokens = list('missing.tokens', f.tokens).map((token, i) => anyText(`missing.tokens[${i}]`, token))
  return { tokens, ...(f.flag === undefined ? {} : { flag: oneFlag('missing.flag', f.flag) }) }
}

function parseKind(at: string, input: unknown): number {
  const name = text(at, input)
  const type = /^[0-9a-f]{6}$/i.test(name) ? Number.parseInt(name, 16) : KINDS.find(({ en }) => en === name)?.type
  if (type === undefined || kindInfo(type) === undefined)
    throw wrong(at, `"${name}" is no kind: give six quoted hex digits or its English name`)
  return type
}

function parseFlag(at: string, input: unknown): ColumnMapping['flag'] {
  if (input === undefined) return 'N'
  if (typeof input === 'string') return oneFlag(at, input)
  const f = fieldsOf(at, input, ['column', 'values', 'other'])
  if (typeof f.values !== 'object' || f.values === null || Array.isArray(f.values))
    throw wrong(`${at}.values`, 'is not a table')
  const values = new Map(Object.entries(f.values).map(([cell, flag]) => [cell, oneFlag(`${at}.values`, flag)] as const))
  return {
    column: text(`${at}.column`, f.column),
    values,
    ...(f.other === undefined ? {} : { other: oneFlag(`${at}.other`, f.other) }),
  }
}

function parseValid(at: string, input: unknown): NonNullable<ColumnMapping['valid']> {
  const f = fieldsOf(at, input, ['least', 'most', 'flag'])
  return {
    least: decimalText(`${at}.least`, f.least),
    most: decimalText(`${at}.most`, f.most),
    flag: oneFlag(`${at}.flag`, f.flag),
  }
}

function parseWhere(at: string, input: unknown): NonNullable<ColumnMapping['where']> {
  const f = fieldsOf(at, input, ['column', 'equals'])
  return { column: text(`${at}.column`, f.column), equals: anyText(`${at}.equals`, f.equals) }
}

function fieldsOf<const K extends string>(
  at: string,
  input: unknown,
  allowed: readonly K[],
): Partial<Record<K, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw wrong(at, 'is not a table of keys and values')
  const known: readonly string[] = allowed
  for (const key of Object.keys(input))
    if (!known.includes(key)) throw wrong(`${at}.${key.slice(0, 40)}`, 'is not a known key')
  return Object.assign(Object.create(null), input)
}

function list(at: string, input: unknown): readonly unknown[] {
  if (!Array.isArray(input) || input.length === 0 || input.length > 1000)
    throw wrong(at, 'is not a list of 1 to 1000 items')
  return input
}

function text(at: string, input: unknown): string {
  const value = anyText(at, input)
  if (value === '') throw wrong(at, 'is empty')
  return value
}

function anyText(at: string, input: unknown): string {
  if (typeof input !== 'string' || input.length > 500 || !input.isWellFormed())
    throw wrong(at, 'is not a text; put it in quotes')
  return input
}

function decimalText(at: string, input: unknown): string {
  const value = text(at, input)
  attempt(at, () => parseRatio(value))
  return value
}

function integer(at: string, input: unknown, least: number, most: number): number {
  if (typeof input !== 'number' || !Number.isInteger(input) || input < least || input > most)
    throw wrong(at, `is not a whole number of ${least} to ${most}`)
  return input
}

function choice<const T extends string>(at: string, input: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === input)
  if (found === undefined) throw wrong(at, `is not one of: ${allowed.join(', ')}`)
  return found
}

function oneFlag(at: string, input: unknown): Flag {
  if (!isFlag(input)) throw wrong(at, 'is not one of the flags N F M S D C T B E')
  return input
}

function attempt(at: string, action: () => unknown) {
  try {
    action()
  } catch (cause) {
    if (cause instanceof TanlianError && cause.code !== 'E_MAPPING')
      throw wrong(at, `is refused: ${cause.message}`, cause)
    throw cause
  }
}

function wrong(path: string, why: string, cause?: TanlianError): TanlianError {
  return new TanlianError('E_MAPPING', `The mapping's ${path} ${why}.`, {
    values: { path, why },
    ...(cause === undefined ? {} : { cause }),
  })
}
