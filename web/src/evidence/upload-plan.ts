import { batchDay, createTable, type Mapping, type RowError, type TableReading } from '@tanlian/evidence'
import type { TableRecord } from '@tanlian/sdk'
import { zoneOf } from '@tanlian/units'

/** One batch to be: readings of one local day or month, at most 65,536 of them. */
export interface Window {
  readonly day: string
  readonly readings: number
}

/** What the first pass over a file found: every bad row with its reasons, and the batches that the good rows make. */
export interface Plan {
  readonly rows: number
  readonly readings: number
  readonly from: number | undefined
  readonly to: number | undefined
  readonly windows: readonly Window[]
  readonly badRows: number
  /** The first of them, at most {@link MOST_ERRORS}. */
  readonly errors: readonly RowError[]
  /** The bad rows' cells, with their line, for download. */
  readonly rejected: readonly { readonly line: number; readonly cells: readonly string[] }[]
  /** The first readings, to be looked at before anything is signed. */
  readonly preview: readonly TableReading[]
}

/** Errors and rejected rows that are kept; all are counted. */
export const MOST_ERRORS = 10_000
const MOST_READINGS = 65_536
const PREVIEW = 20
const DAY = 86_400

/** Names the batch of each reading: its local day or first of the month, and a part where it has more readings than a batch may hold. */
export function createWindower(mapping: Mapping): (reading: TableReading) => string {
  const zone = zoneOf(mapping.time.zone)
  const counts = new Map<number, number>()
  return ({ start }) => {
    const day = batchDay(mapping, zone.toLocal(start))
    const count = counts.get(day) ?? 0
    counts.set(day, count + 1)
    const part = Math.floor(count / MOST_READINGS)
    return `${new Date(day * DAY * 1000).toISOString().slice(0, 10)}${part === 0 ? '' : `/${part + 1}`}`
  }
}

/** The first pass: checks every row and lays out the batches. Nothing is signed or sent. Codes: E_TABLE_COLUMN; row errors are in the plan. */
export async function planUpload(mapping: Mapping, records: AsyncIterable<readonly TableRecord[]>): Promise<Plan> {
  const table = createTable(mapping)
  const windowOf = createWindower(mapping)
  const windows = new Map<string, number>()
  const errors: RowError[] = []
  const rejected: { line: number; cells: readonly string[] }[] = []
  const preview: TableReading[] = []
  for await (const part of records) {
    for (const { line, cells } of part) {
      const outcome = table.push(cells, line)
      if (!outcome.ok) {
        if (errors.length < MOST_ERRORS) {
          errors.push(...outcome.errors)
          rejected.push({ line, cells })
        }
        continue
      }
      for (const reading of outcome.readings) {
        const window = windowOf(reading)
        windows.set(window, (windows.get(window) ?? 0) + 1)
        if (preview.length < PREVIEW) preview.push(reading)
      }
    }
  }
  const { rows, readings, from, to, badRows } = table.summary()
  return {
    rows,
    readings,
    from,
    to,
    badRows,
    errors,
    rejected,
    preview,
    windows: [...windows].map(([day, count]) => ({ day, readings: count })).sort((a, b) => (a.day < b.day ? -1 : 1)),
  }
}
