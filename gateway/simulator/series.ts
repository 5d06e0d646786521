import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'

const DATA = fileURLToPath(new URL('../../data/', import.meta.url))
const WEEK_S = 7 * 86_400

/** A data set of `data/` as a row for every interval, cells as they are written there. */
export interface Series {
  /** Unix seconds at which the first row's interval begins. */
  readonly start: number
  /** Seconds of a row. */
  readonly interval: number
  readonly columns: ReadonlyMap<string, number>
  readonly rows: readonly (readonly string[])[]
}

/** What each data set's README says about its time; see the mapping beside it for the reasons. */
const SETS = {
  'gas-turbine': { file: 'gas-turbine/gt_2011.csv.gz', start: '2011-01-01T00:00:00+02:00', interval: 3600, head: 1 },
  // Stamps are ends and the row of 00:00 stands last in its day: in the order of the file, row by row from midnight.
  'steel-energy': {
    file: 'steel-energy/steel_2018.csv.gz',
    start: '2018-01-01T00:00:00+09:00',
    interval: 900,
    head: 1,
  },
  'tetouan-power': { file: 'tetouan-power/tetouan_2017.csv.gz', start: '2017-01-01T00:00:00Z', interval: 600, head: 1 },
  // TOA5: four lines before the data, names in the second; a stamp ends its interval.
  'soil-21': {
    file: 'soil-tempest/TEROS21_11192020.dat.gz',
    start: '2020-10-19T23:45:00-05:00',
    interval: 900,
    head: 4,
  },
  'soil-33': {
    file: 'soil-tempest/TEROS33_04182021.dat.gz',
    start: '2021-03-18T23:45:00-05:00',
    interval: 900,
    head: 4,
  },
} as const

export type SeriesName = keyof typeof SETS

/** Reads a data set. */
export async function readSeries(name: SeriesName): Promise<Series> {
  const { file, start, interval, head } = SETS[name]
  const lines: string[] = []
  const source = createReadStream(`${DATA}${file}`).pipe(createGunzip())
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY }))
    if (line !== '') lines.push(line)
  const cells = lines.map(cellsOf)
  const names = cells[head === 1 ? 0 : 1] ?? []
  return {
    start: Date.parse(start) / 1000,
    interval,
    columns: new Map(names.map((column, at) => [column, at])),
    rows: cells.slice(head),
  }
}

/** A data set that is played as if it happened from a moment on. */
export interface Replay {
  /** Seconds of a row. */
  readonly interval: number
  /** The cell of the row whose interval holds a moment. */
  cell(column: string, atS: number): string
  /** A column's number at a moment, on the straight line between the middles of the rows around it. */
  level(column: string, atS: number): number
  /** A column's sum from the first row's start to a moment, in steps of a column's last digit: a register that only grows. */
  sum(column: string, atS: number): bigint
}

/** Every replay begins here, whenever a plant is started, so that its registers go on where an earlier run left them. */
export const BEGIN_S = Date.parse('2026-01-01T00:00:00Z') / 1000

/**
 * Moves a data set by whole weeks to the beginning of 2026, so that hours and weekdays keep their loads, and repeats its whole weeks.
 * @param digits digits after the point of what is summed: 2 counts hundredths; sums begin with the data set
 */
export function replay(series: Series, digits = 2): Replay {
  const { interval, columns } = series
  const origin = series.start + Math.ceil((BEGIN_S - series.start) / WEEK_S) * WEEK_S
  const rows = series.rows.slice(0, Math.floor((series.rows.length * interval) / WEEK_S) * (WEEK_S / interval))
  const count = rows.length
  const sums = new Map<string, bigint[]>()
  const place = (column: string): number => {
    const at = columns.get(column)
    if (at === undefined) throw new RangeError(`the data set has no column ${column}`)
    return at
  }
  const cellOf = (column: string, index: number) => rows[((index % count) + count) % count]?.[place(column)] ?? ''
  const sumsOf = (column: string): bigint[] => {
    const known = sums.get(column)
    if (known !== undefined) return known
    const made = [0n]
    for (let at = 0; at < count; at++) made.push((made[at] ?? 0n) + steps(cellOf(column, at), digits))
    sums.set(column, made)
    return made
  }
  return {
    interval,
    cell: (column, atS) => cellOf(column, Math.floor((atS - origin) / interval)),
    level(column, atS) {
      const middle = (atS - origin) / interval - 0.5
      const index = Math.floor(middle)
      const [a, b] = [Number(cellOf(column, index)), Number(cellOf(column, index + 1))]
      return a + (b - a) * (middle - index)
    },
    sum(column, atS) {
      const whole = sumsOf(column)
      const index = Math.floor((atS - origin) / interval)
      const rounds = Math.floor(index / count)
      const at = index - rounds * count
      const before = (whole[at] ?? 0n) + BigInt(rounds) * (whole[count] ?? 0n)
      const inside = (whole[at + 1] ?? 0n) - (whole[at] ?? 0n)
      return before + (inside * BigInt(atS - origin - index * interval)) / BigInt(interval)
    },
  }
}

/** `3.17` with two digits is 317 steps; further digits are cut. */
function steps(cell: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = cell.split('.')
  return BigInt(`${whole}${fraction.slice(0, digits).padEnd(digits, '0')}`)
}

/** The cells of a line; commas inside quotes are part of a cell, as in the names of TOA5. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
