import { type ErrorValues, TanlianError, type Zone, zoneOf } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Mapping } from './mapping.ts'
import { compileStamp, type StampReader } from './stamp.ts'
import { type ColumnPlaces, createColumn, type TableReading, trimmed } from './table-column.ts'

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
  const { rows } = mapping
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

/** What the commonest slip of a mapping looks like. */
function hintOf(code: string, { text }: ErrorValues): string {
  const comma = code === 'E_TABLE_NUMBER' && typeof text === 'string' && /^-?[\d. ']*,\d+$/.test(text)
  return comma
    ? " If the comma begins the fraction, say decimal: ',' in the mapping; if it marks thousands, say thousands: ','."
    : ''
}

function problem(row: number, column: string | null, code: string, values: ErrorValues): RowError {
  const shown = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  return {
    row,
    column,
    code,
    message: `Row ${row}: ${MESSAGES[code] ?? code} (${shown.join(', ')}).${hintOf(code, values)}`,
    values,
  }
}
