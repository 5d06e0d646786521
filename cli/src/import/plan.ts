import { batchDay, type Mapping, type RowError, type Table, type TableReading } from '@tanlian/evidence'
import type { TableRecord } from '@tanlian/sdk'
import { zoneOf } from '@tanlian/units'

/** One batch to be: the rows of one local day or month, or a part of them. */
export interface Window {
  /** Its first day: days since 1970-01-01 on the wall clock of the mapping's zone. */
  readonly day: number
  /** From 0; above 0 where a day or month has more readings than a batch may hold. */
  readonly part: number
  readonly readings: number
  /** The first and the last line of the file that give a reading to it. */
  readonly firstLine: number
  readonly lastLine: number
}

/** What the first pass over a table found. */
export interface Plan {
  /** Rows that give readings. */
  readonly rows: number
  readonly readings: number
  /** In order of day and part: a window's place is the batch's place in the import. */
  readonly windows: readonly Window[]
  /** The first of them, at most {@link MAX_FAULTS}. */
  readonly faults: readonly RowError[]
  readonly faultCount: number
  /** Least start and greatest end, Unix seconds. */
  readonly from: number
  readonly to: number
  /** Time that each stream accounts for, in runs sorted by start. */
  readonly runs: ReadonlyMap<number, readonly Run[]>
}

/** Readings of one stream and length that follow one another, with the line that gave the first. */
export interface Run {
  readonly start: number
  readonly seconds: number
  readonly count: number
  readonly line: number
}

/** Most readings of one batch (spec and issue: a day or 65,536 readings each). */
export const MAX_BATCH_READINGS = 65_536
/** Faults that are kept with their text; all are counted. */
export const MAX_FAULTS = 10_000

/** Gives a reading its place among the batches; the same in both passes over a file. */
export interface Windower {
  /** @returns day and part for all of a row's readings of one day. */
  place(start: number, count: number): { readonly day: number; readonly part: number }
}

/** Days or months on the mapping's wall clock, cut into parts of at most 65,536 readings in the order of the file. A row's readings of one stay together. */
export function openWindower(mapping: Mapping): Windower {
  const zone = zoneOf(mapping.time.zone)
  const parts = new Map<number, { part: number; readings: number }>()
  const days = new Map<number, number>()
  const dayOf = (start: number) => {
    // Every offset there is changes at a quarter of an hour, so a quarter has one day.
    const quarter = Math.floor(start / 900)
    let day = days.get(quarter)
    if (day === undefined) {
      day = batchDay(mapping, zone.toLocal(start))
      if (days.size > 100_000) days.clear()
      days.set(quarter, day)
    }
    return day
  }
  return {
    place(start, count) {
      const day = dayOf(start)
      const open = parts.get(day) ?? { part: 0, readings: 0 }
      parts.set(day, open)
      if (open.readings + count > MAX_BATCH_READINGS && open.readings > 0) {
        open.part += 1
        open.readings = 0
      }
      open.readings += count
      return { day, part: open.part }
    },
  }
}

/** Groups a row's readings by batch: most rows belong to one. */
export function placeRow(
  windower: Windower,
  readings: readonly TableReading[],
): { day: number; part: number; readings: TableReading[] }[] {
  const placed: { day: number; part: number; readings: TableReading[] }[] = []
  let from = 0
  while (from < readings.length) {
    // Readings of a row nearly always share their start; a row that spans midnight is cut where its start changes.
    const start = (readings[from] as TableReading).start
    let to = from + 1
    while (to < readings.length && (readings[to] as TableReading).start === start) to += 1
    const part = readings.slice(from, to)
    placed.push({ ...windower.place(start, part.length), readings: part })
    from = to
  }
  return placed
}

/** The first pass: reads every row, names every bad one, and lays out the batches. Memory grows with days and gaps, not with rows. */
export async function planImport(
  records: AsyncIterable<readonly TableRecord[]>,
  table: Table,
  mapping: Mapping,
  onRows?: (rows: number) => void,
): Promise<Plan> {
  const windower = openWindower(mapping)
  const windows = new Map<
    string,
    { day: number; part: number; readings: number; firstLine: number; lastLine: number }
  >()
  const runs = new Map<number, Run[]>()
  const faults: RowError[] = []
  let faultCount = 0
  let rows = 0
  let readings = 0
  let from = Number.MAX_SAFE_INTEGER
  let to = 0
  const addFault = (fault: RowError) => {
    faultCount += 1
    if (faults.length < MAX_FAULTS) faults.push(fault)
  }
  for await (const batch of records) {
    for (const record of batch) {
      const row = table.push(record.cells, record.line)
      if (!row.ok) for (const fault of row.errors) addFault(fault)
      if (!row.ok || row.readings.length === 0) continue
      rows += 1
      readings += row.readings.length
      for (const reading of row.readings) {
        if (reading.start < from) from = reading.start
        if (reading.start + reading.seconds > to) to = reading.start + reading.seconds
        extend(runs, reading, record.line)
      }
      for (const placed of placeRow(windower, row.readings)) {
        const name = `${placed.day}:${placed.part}`
        const window = windows.get(name)
        if (window === undefined) {
          const { day, part } = placed
          windows.set(name, {
            day,
            part,
            readings: placed.readings.length,
            firstLine: record.line,
            lastLine: record.line,
          })
        } else {
          window.readings += placed.readings.length
          window.lastLine = record.line
        }
      }
    }
    onRows?.(rows)
  }
  for (const list of runs.values()) list.sort((a, b) => a.start - b.start)
  return {
    rows,
    readings,
    windows: [...windows.values()].sort((a, b) => a.day - b.day || a.part - b.part),
    faults,
    faultCount,
    from,
    to,
    runs,
  }
}

/** Readings that one pass may hold open at once, over all batches that are not whole yet. */
const OPEN_READINGS_MAX = 4 * MAX_BATCH_READINGS

/**
 * Which batches are built in which pass over the file, so that memory stays flat however its rows are ordered: a file in order of time
 * takes one pass, a shuffled one as many as it needs. @returns sets of places in `windows`.
 */
export function roundsOf(windows: readonly Window[], wanted: readonly number[]): readonly ReadonlySet<number>[] {
  const rounds: Set<number>[] = []
  let left = [...wanted].sort((a, b) => (windows[a] as Window).firstLine - (windows[b] as Window).firstLine)
  while (left.length > 0) {
    const round = new Set<number>()
    const later: number[] = []
    let open: { lastLine: number; readings: number }[] = []
    for (const at of left) {
      const window = windows[at] as Window
      open = open.filter((other) => other.lastLine >= window.firstLine)
      const held = open.reduce((sum, other) => sum + other.readings, 0)
      if (held + window.readings > OPEN_READINGS_MAX && round.size > 0) later.push(at)
      else {
        round.add(at)
        open.push(window)
      }
    }
    rounds.push(round)
    left = later
  }
  return rounds
}

function extend(runs: Map<number, Run[]>, { stream, start, seconds }: TableReading, line: number) {
  const list = runs.get(stream) ?? []
  if (list.length === 0) runs.set(stream, list)
  const last = list.at(-1)
  if (last !== undefined && last.seconds === seconds && last.start + last.seconds * last.count === start)
    list[list.length - 1] = { ...last, count: last.count + 1 }
  else list.push({ start, seconds, count: 1, line })
}
