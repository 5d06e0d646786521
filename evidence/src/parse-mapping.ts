import { parseRatio, ROUNDINGS, TanlianError, zoneOf } from '@tanlian/units'
import { type Flag, isFlag, KINDS, kindInfo } from './kind.ts'
import {
  type ColumnMapping,
  linearOf,
  MAPPING_FORMAT,
  type Mapping,
  type MissingMapping,
  mappingError,
  type TimeMapping,
} from './mapping.ts'
import { compileStamp } from './stamp.ts'

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
    'decimal',
    'thousands',
    'missing',
    'repeated',
    'batch',
    'columns',
  ])
  choice('format', root.format, [MAPPING_FORMAT])
  const device = text('device', root.device)
  const columns = list('columns', root.columns).map((column, i) => parseColumn(`columns[${i}]`, column, device))
  const streams = columns.map(({ stream }) => stream)
  if (new Set(streams).size !== streams.length) throw mappingError('columns', 'name one stream twice')
  const thousands = root.thousands === undefined ? undefined : choice('thousands', root.thousands, [',', '.', ' ', "'"])
  const decimal = root.decimal === undefined ? '.' : choice('decimal', root.decimal, ['.', ','])
  const batch = root.batch === undefined ? 'day' : choice('batch', root.batch, ['day', 'month'])
  if (thousands === decimal) throw mappingError('thousands', `is ${thousands}, which stands between whole and fraction`)
  const mapping: Mapping = {
    device,
    protocol: text('protocol', root.protocol),
    rows: parseRows(root.rows),
    time: parseTime(root.time),
    missing: parseMissing(root.missing),
    repeated: root.repeated === undefined ? 'refuse' : choice('repeated', root.repeated, ['refuse', 'skip']),
    columns,
    ...(batch === 'day' ? {} : { batch }),
    ...(decimal === '.' ? {} : { decimal }),
    ...(thousands === undefined ? {} : { thousands }),
  }
  for (const [i, column] of columns.entries()) attempt(`columns[${i}]`, () => linearOf(column, mapping.time.interval))
  return mapping
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
  if (f.rollover !== undefined && value !== 'register') throw mappingError(`${at}.rollover`, 'is for registers only')
  if (f.valid !== undefined && value === 'register') throw mappingError(`${at}.valid`, 'is not for registers')
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
      throw mappingError('time', 'has both columns and a clock from outside')
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
    throw mappingError(at, `"${name}" is no kind: give six quoted hex digits or its English name`)
  return type
}

function parseFlag(at: string, input: unknown): ColumnMapping['flag'] {
  if (input === undefined) return 'N'
  if (typeof input === 'string') return oneFlag(at, input)
  const f = fieldsOf(at, input, ['column', 'values', 'other'])
  if (typeof f.values !== 'object' || f.values === null || Array.isArray(f.values))
    throw mappingError(`${at}.values`, 'is not a table')
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
    throw mappingError(at, 'is not a table of keys and values')
  const known: readonly string[] = allowed
  for (const key of Object.keys(input))
    if (!known.includes(key)) throw mappingError(`${at}.${key.slice(0, 40)}`, 'is not a known key')
  return Object.assign(Object.create(null), input)
}

function list(at: string, input: unknown): readonly unknown[] {
  if (!Array.isArray(input) || input.length === 0 || input.length > 1000)
    throw mappingError(at, 'is not a list of 1 to 1000 items')
  return input
}

function text(at: string, input: unknown): string {
  const value = anyText(at, input)
  if (value === '') throw mappingError(at, 'is empty')
  return value
}

function anyText(at: string, input: unknown): string {
  if (typeof input !== 'string' || input.length > 500 || !input.isWellFormed())
    throw mappingError(at, 'is not a text; put it in quotes')
  return input
}

function decimalText(at: string, input: unknown): string {
  const value = text(at, input)
  attempt(at, () => parseRatio(value))
  return value
}

function integer(at: string, input: unknown, least: number, most: number): number {
  if (typeof input !== 'number' || !Number.isInteger(input) || input < least || input > most)
    throw mappingError(at, `is not a whole number of ${least} to ${most}`)
  return input
}

function choice<const T extends string>(at: string, input: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === input)
  if (found === undefined) throw mappingError(at, `is not one of: ${allowed.join(', ')}`)
  return found
}

function oneFlag(at: string, input: unknown): Flag {
  if (!isFlag(input)) throw mappingError(at, 'is not one of the flags N F M S D C T B E')
  return input
}

function attempt(at: string, action: () => unknown) {
  try {
    action()
  } catch (cause) {
    if (cause instanceof TanlianError && cause.code !== 'E_MAPPING')
      throw mappingError(at, `is refused: ${cause.message}`, cause)
    throw cause
  }
}
