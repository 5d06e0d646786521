import type { Dataset, DatasetColumn } from '@tanlian/sdk'
import { openCsv } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'

/** A described column as it is shown for one year: where it stands in the file. */
export interface ShownColumn {
  readonly column: DatasetColumn
  /** Its name in the address: of a column by years the part before the year. */
  readonly name: string
  readonly at: number
}

/** What a reader asks of the table; it stands in the address. */
export interface View {
  /** Words to look for in the columns of text. */
  readonly words: string
  /** Chosen values by the column's name. */
  readonly chosen: Readonly<Record<string, string>>
  /** By column name; undefined leaves the file's order. */
  readonly sort: { readonly name: string; readonly descending: boolean } | undefined
}

/** The records of a data set's text, without the head. Codes: E_DATASET_TABLE and those of the CSV reader. */
export function readRows(text: Uint8Array): {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  const reader = openCsv({ delimiter: ',' })
  const [head, ...rows] = [...reader.push(text), ...reader.end()].map(({ cells }) => cells)
  if (head === undefined) throw new TanlianError('E_DATASET_TABLE', 'The file of the data set has no first line.')
  return { head, rows }
}

/** The years for which the data set has columns, newest first. */
export function yearsOf(dataset: Dataset): readonly number[] {
  return [...new Set(dataset.columns.flatMap(({ years }) => years))].sort((a, b) => b - a)
}

/** The described columns for a year, in the publisher's order; one that the file does not have is left out. */
export function columnsFor(
  dataset: Dataset,
  head: readonly string[],
  year: number | undefined,
): readonly ShownColumn[] {
  return dataset.columns.flatMap((column) => {
    const inFile = column.years.length === 0 ? column.name : column.name.replace('{year}', String(year))
    const at = head.indexOf(inFile)
    const name = column.name.replace(/_?\{year\}/, '')
    return at < 0 ? [] : [{ column, name, at }]
  })
}

/** The rows that a reader asked for, in the order asked for: numbers by size with what is no number last, words by the language. */
export function viewOf(
  rows: readonly (readonly string[])[],
  columns: readonly ShownColumn[],
  view: View,
  language: string,
): readonly (readonly string[])[] {
  const words = view.words.trim().toLowerCase()
  const texts = columns.filter(({ column }) => column.sort === 'text')
  const chosen = columns.flatMap(({ name, at }) => {
    const value = view.chosen[name]
    return value === undefined ? [] : [{ at, value }]
  })
  const found = rows.filter(
    (row) =>
      chosen.every(({ at, value }) => row[at] === value) &&
      (words === '' || texts.some(({ at }) => row[at]?.toLowerCase().includes(words) === true)),
  )
  const by = columns.find(({ name }) => name === view.sort?.name)
  if (by === undefined) return found
  const sign = view.sort?.descending === true ? -1 : 1
  const { compare } = new Intl.Collator(language, { numeric: true })
  return found.toSorted((a, b) => {
    const [left, right] = [a[by.at] ?? '', b[by.at] ?? '']
    if (by.column.sort !== 'number')
      return sign * compare(labelOf(by.column, left, language), labelOf(by.column, right, language))
    const [first, second] = [numberOf(left), numberOf(right)]
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined)
    return sign * (first - second)
  })
}

/** The sum of a column of numbers, exact, and how many of the rows have one. */
export function sumOf(
  rows: readonly (readonly string[])[],
  at: number,
): { readonly sum: string; readonly count: number } {
  let count = 0
  let sum = 0n
  let digits = 0
  for (const row of rows) {
    const cell = row[at] ?? ''
    if (numberOf(cell) === undefined) continue
    count += 1
    const [whole = '', part = ''] = cell.split('.')
    if (part.length > digits) {
      sum *= 10n ** BigInt(part.length - digits)
      digits = part.length
    }
    sum += BigInt(whole + part.padEnd(digits, '0'))
  }
  const text = sum.toString().padStart(digits + 1, '0')
  return { sum: digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`, count }
}

/** The values of a column of categories with how many rows have each, most first. */
export function valuesOf(
  rows: readonly (readonly string[])[],
  at: number,
): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row[at] ?? '', (counts.get(row[at] ?? '') ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** What a value is called in the reader's language, where the publisher says so. */
export function labelOf(column: DatasetColumn, value: string, language: string): string {
  return column.values[value]?.[language === 'en' ? 'en' : 'zh'] ?? value
}

/** A cell as a number, for order only; undefined where it is a mark or empty. */
export function numberOf(cell: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined
}
