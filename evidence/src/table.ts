import {
  addRatios,
  divideRatios,
  type ErrorValues,
  multiplyRatios,
  parseRatio,
  type Ratio,
  ratio,
  roundRatio,
  TanlianError,
  type Zone,
  zoneOf,
} from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Amount, compileAmount } from './amount.ts'
import type { Flag } from './kind.ts'
import { type ColumnMapping, linearOf, type Mapping } from './mapping.ts'
import { createSpans } from './spans.ts'
import { compileStamp, type StampReader } from './stamp.ts'

/** A reading as a table gives it; the tree's builder takes it as it is (spec section 1). */
export interface TableReading {
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly stream: number
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  readonly flag: Flag
  readonly source: CID | null
}

/** Why a row was not taken: row number from 1 as in the file, the column's name, a code of `docs/errors.md`. */
export interface RowError {
  readonly row: number
  readonly column: string | null
  readonly code: string
  readonly message: string
  readonly values: ErrorValues
}

/** What became of a row: its readings (none for the header, an empty row or missing values), or every reason against it. */
export type RowOutcome =
  | { readonly ok: true; readonly readings: readonly TableReading[] }
  | { readonly ok: false; readonly errors: readonly RowError[] }

/** Counts of what was pushed so far. */
export interface TableSummary {
  readonly rows: number
  readonly readings: number
  readonly badRows: number
  /** Cells that held no value, and readings that repeated an earlier one (only where the mapping says `repeated: skip`). */
  readonly missing: number
  readonly repeated: number
  /** Least start and greatest end of the readings. */
  readonly from: number | undefined
  readonly to: number | undefined
}

/** Turns the rows of a file into readings, one at a time and in flat memory. */
export interface Table {
  /**
   * Takes the next row of the file, the header rows too. A row is taken whole or not at all.
   * @throws TanlianError E_TABLE_COLUMN where the header row lacks a column of the mapping
   */
  push(cells: readonly string[], row: number, source?: CID | null): RowOutcome
  summary(): TableSummary
}

const NOTHING: RowOutcome = { ok: true, readings: [] }

/**
 * Rows and a mapping become readings, in the browser, the command line and the gateway alike. Times may be out of order, unless a
 * register is among the columns; no two readings of a stream may overlap.
 * Codes of row errors: E_TABLE_CELLS, E_TABLE_TIME, E_TIME_FORM, E_TIME_MISSING, E_TIME_AMBIGUOUS, E_TABLE_FLAG, E_TABLE_NUMBER,
 * E_TABLE_INEXACT, E_TABLE_NEGATIVE, E_TABLE_RANGE, E_TABLE_ORDER, E_TABLE_REGISTER, E_TABLE_DUPLICATE, E_TABLE_OVERLAP.
 */
export function createTable(mapping: Mapping): Table {
  const { rows, missing, repeated } = mapping
  const clock = createClock(mapping)
  const columns = mapping.columns.map((column) => createColumn(column, mapping))
  let places: Places | undefined = rows.header === 0 ? byNumber(mapping) : undefined
  let [count, taken, bad, blank, again] = [0, 0, 0, 0, 0]
  let [from, to]: [number | undefined, number | undefined] = [undefined, undefined]

  const readRow = (cells: readonly string[], row: number, source: CID | null): RowOutcome => {
    const at = places as Places
    const index = count++
    if (at.width !== undefined && cells.length !== at.width)
      return { ok: false, errors: [problem(row, null, 'E_TABLE_CELLS', { have: cells.length, expected: at.width })] }
    const stamp = clock(cells, at, index)
    if (typeof stamp !== 'number') return { ok: false, errors: [{ row, ...stamp }] }
    const readings: TableReading[] = []
    const commits: (() => void)[] = []
    let errors: RowError[] | undefined
    let [blanks, repeats] = [0, 0]
    for (const [i, column] of columns.entries()) {
      const outcome = column(cells, at.columns[i] as ColumnPlaces, stamp)
      if (outcome === undefined) continue
      if (outcome === 'missing') blanks++
      else if (outcome === 'repeated') repeats++
      else if ('code' in outcome) {
        errors ??= []
        errors.push(problem(row, mapping.columns[i]?.column ?? null, outcome.code, outcome.values))
      } else {
        commits.push(outcome.commit)
        if (outcome.reading !== undefined) readings.push({ ...outcome.reading, source })
      }
    }
    if (errors !== undefined) return { ok: false, errors }
    for (const commit of commits) commit()
    blank += blanks
    again += repeats
    for (const { start, seconds } of readings) {
      if (from === undefined || start < from) from = start
      if (to === undefined || start + seconds > to) to = start + seconds
    }
    taken += readings.length
    return { ok: true, readings }
  }

  return {
    push(cells, row, source = null) {
      if (row === rows.header) places = byName(mapping, cells)
      if (row < rows.first || cells.every((cell) => cell.trim() === '')) return NOTHING
      if (places === undefined) throw columnError(`row ${rows.header} with the names`, 'has not been read')
      const outcome = readRow(cells, row, source)
      if (!outcome.ok) bad++
      return outcome
    },
    summary: () => ({ rows: count, readings: taken, badRows: bad, missing: blank, repeated: again, from, to }),
  }

  /** A column's state from row to row, and what it makes of one. */
  function createColumn(column: ColumnMapping, { time }: Mapping): ReadColumn {
    const linear = linearOf(column, time.interval)
    const amount = compileAmount(linear, column.rounding, mapping.thousands)
    const bounds = column.valid && [column.valid.least, column.valid.most].map((bound) => edge(bound, column, linear))
    const modulus = column.rollover === undefined ? undefined : amountOf(column.rollover, amount)
    const spans = createSpans()
    const seen = repeated === 'skip' ? new Map<number, string>() : undefined
    const tokens = new Set(missing.tokens)
    let last: { readonly stamp: number; readonly quantity: number } | undefined

    const reading = (start: number, seconds: number, quantity: number, flag: Flag, and?: () => void): ColumnOutcome => {
      if (start < 0) return { code: 'E_TABLE_TIME', values: { start } }
      const print = seen === undefined ? '' : `${seconds} ${quantity} ${flag}`
      if (!spans.isFree(start, start + seconds)) {
        if (seen?.get(start) === print) return 'repeated'
        // Spans of one interval's length each lie end to end, so a start on their grid is a reading's own.
        const same = (start - (spans.startOf(start) ?? start + 1)) % seconds === 0
        return { code: same ? 'E_TABLE_DUPLICATE' : 'E_TABLE_OVERLAP', values: { start, stream: column.stream } }
      }
      const commit = () => {
        spans.take(start, start + seconds)
        seen?.set(start, print)
        and?.()
      }
      return { reading: { type: column.type, stream: column.stream, start, seconds, quantity, flag }, commit }
    }

    return (cells, at, stamp) => {
      if (column.where !== undefined && trimmed(cells, at.where) !== column.where.equals) return undefined
      const flag = flagOf(column, cells, at)
      const cell = trimmed(cells, at.value)
      if (flag === undefined) return { code: 'E_TABLE_FLAG', values: { text: trimmed(cells, at.flag).slice(0, 40) } }
      const start = time.stamp === 'start' ? stamp : stamp - time.interval
      if (tokens.has(cell)) {
        if (missing.flag === undefined || column.value === 'register') return 'missing'
        return reading(start, time.interval, 0, missing.flag)
      }
      const quantity = amount(cell)
      if (typeof quantity === 'string') return { code: quantity, values: { text: cell.slice(0, 40) } }
      if (bounds !== undefined && column.valid !== undefined) {
        const [least = 0, most = 0] = bounds
        if (quantity < least || quantity > most) return reading(start, time.interval, 0, column.valid.flag)
      }
      if (quantity < 0) return { code: 'E_TABLE_NEGATIVE', values: { text: cell.slice(0, 40) } }
      if (column.value !== 'register') return reading(start, time.interval, quantity, flag)
      const step = () => {
        last = { stamp, quantity }
      }
      if (last === undefined) return { commit: step }
      if (stamp <= last.stamp) {
        if (repeated === 'skip' && stamp === last.stamp && quantity === last.quantity) return 'repeated'
        return { code: 'E_TABLE_ORDER', values: { stamp, last: last.stamp } }
      }
      // Rounded where they stand, registers add up to exactly what the last and the first of them differ by.
      const grown = quantity - last.quantity
      const turned = grown < 0 && modulus !== undefined ? grown + modulus : grown
      if (turned < 0 || (modulus !== undefined && (quantity >= modulus || turned * 2 > modulus)))
        return { code: 'E_TABLE_REGISTER', values: { text: cell.slice(0, 40) } }
      return reading(last.stamp, stamp - last.stamp, turned, flag, step)
    }
  }
}

/** A whole table at once: readings in the order of time and stream, and every bad row. @throws TanlianError E_TABLE_COLUMN */
export function readTable(
  mapping: Mapping,
  rows: Iterable<readonly string[]>,
  source: CID | null = null,
): { readonly readings: TableReading[]; readonly errors: RowError[]; readonly summary: TableSummary } {
  const table = createTable(mapping)
  const readings: TableReading[] = []
  const errors: RowError[] = []
  let row = 0
  for (const cells of rows) {
    const outcome = table.push(cells, ++row, source)
    if (outcome.ok) for (const reading of outcome.readings) readings.push(reading)
    else errors.push(...outcome.errors)
  }
  readings.sort((a, b) => a.start - b.start || a.stream - b.stream)
  return { readings, errors, summary: table.summary() }
}

/** Where the mapping's columns stand in a row; `width` is known from the header. */
interface Places {
  readonly width: number | undefined
  readonly time: readonly number[]
  readonly columns: readonly ColumnPlaces[]
}

interface ColumnPlaces {
  readonly value: number
  readonly flag: number | undefined
  readonly where: number | undefined
}

type ColumnOutcome =
  | 'missing'
  | 'repeated'
  | undefined
  | { readonly code: string; readonly values: ErrorValues }
  | { readonly reading?: Omit<TableReading, 'source'>; readonly commit: () => void }

type ReadColumn = (cells: readonly string[], at: ColumnPlaces, stamp: number) => ColumnOutcome

function byName(mapping: Mapping, header: readonly string[]): Places {
  const names = header.map((cell) => cell.replace(/^\ufeff/, '').trim())
  return placesOf(mapping, names.length, (name) => {
    const place = names.indexOf(name)
    if (place < 0) throw columnError(name, 'is not in the header')
    if (names.indexOf(name, place + 1) >= 0) throw columnError(name, 'stands in the header twice')
    return place
  })
}

function byNumber(mapping: Mapping): Places {
  return placesOf(mapping, undefined, (name) => {
    if (!/^[1-9]\d{0,3}$/.test(name)) throw columnError(name, 'is no number, and the file has no header')
    return Number(name) - 1
  })
}

function placesOf(mapping: Mapping, width: number | undefined, place: (name: string) => number): Places {
  return {
    width,
    time: mapping.time.columns.map(place),
    columns: mapping.columns.map((column) => ({
      value: place(column.column),
      flag: typeof column.flag === 'object' ? place(column.flag.column) : undefined,
      where: column.where === undefined ? undefined : place(column.where.column),
    })),
  }
}

/** The Unix seconds of a row's stamp. */
function createClock({ time }: Mapping) {
  const zone: Zone = zoneOf(time.zone)
  const read: StampReader = compileStamp(time.clock === undefined ? time.format : 'yyyy-MM-dd HH:mm:ss', time.midnight)
  const first = time.clock === undefined ? undefined : zone.toUnix(read(time.clock).seconds)
  return (cells: readonly string[], at: Places, index: number): number | Omit<RowError, 'row'> => {
    if (first !== undefined) return first + index * time.interval
    const [only] = at.time
    const text = at.time.length === 1 ? trimmed(cells, only) : at.time.map((place) => trimmed(cells, place)).join(' ')
    try {
      const { seconds, absolute } = read(text)
      return absolute ? seconds : zone.toUnix(seconds)
    } catch (error) {
      if (!(error instanceof TanlianError)) throw error
      return { column: time.columns.join(' '), code: error.code, message: error.message, values: error.values }
    }
  }
}

function flagOf(column: ColumnMapping, cells: readonly string[], at: ColumnPlaces): Flag | undefined {
  return typeof column.flag === 'string'
    ? column.flag
    : (column.flag.values.get(trimmed(cells, at.flag)) ?? column.flag.other)
}

/** A bound of plausible values, given in the column's unit, as a quantity; rounded like the values it is compared with. */
function edge(bound: string, column: ColumnMapping, { factor, offset }: { factor: Ratio; offset: Ratio }): number {
  const shifted = addRatios(parseRatio(bound), multiplyRatios(parseRatio(column.offset), ratio(-1n)))
  const cell = divideRatios(shifted, parseRatio(column.scale))
  const quantity = addRatios(multiplyRatios(cell, factor), offset)
  return Number(roundRatio(quantity, column.rounding === 'exact' ? 'half-even' : column.rounding))
}

function amountOf(text: string, amount: (text: string) => Amount): number {
  const value = amount(text)
  if (typeof value === 'string' || value <= 0)
    throw new TanlianError('E_MAPPING', `The rollover ${text} is not a whole amount above zero.`, {
      values: { path: 'rollover' },
    })
  return value
}

function trimmed(cells: readonly string[], place: number | undefined): string {
  return place === undefined ? '' : (cells[place] ?? '').trim()
}

function columnError(name: string, why: string): TanlianError {
  return new TanlianError(
    'E_TABLE_COLUMN',
    `The column "${name.slice(0, 80)}" ${why}. Check the mapping against the file.`,
    {
      values: { column: name.slice(0, 80), why },
    },
  )
}

const MESSAGES: Readonly<Record<string, string>> = {
  E_TABLE_TIME: 'The time is before 1970',
  E_TABLE_CELLS: 'The row has another number of cells than the header',
  E_TABLE_FLAG: 'The flag column holds a text that the mapping does not name',
  E_TABLE_NUMBER: 'The cell is not a decimal number',
  E_TABLE_INEXACT: 'The value has more digits than the base unit keeps',
  E_TABLE_NEGATIVE: 'The quantity is negative',
  E_TABLE_RANGE: 'The quantity is over 2^53 − 1',
  E_TABLE_ORDER: 'The register is not read later than the one before it',
  E_TABLE_REGISTER: 'The register went back',
  E_TABLE_DUPLICATE: 'The stream has a reading at this time already',
  E_TABLE_OVERLAP: 'The interval overlaps an earlier reading of the stream',
}

function problem(row: number, column: string | null, code: string, values: ErrorValues): RowError {
  const shown = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  return { row, column, code, message: `Row ${row}: ${MESSAGES[code] ?? code} (${shown.join(', ')}).`, values }
}
