import type { Program } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import exceljs from 'exceljs'
import { readCsv } from './csv.ts'
import type { AskedInput, Draft } from './draft.ts'
import { InputAsked } from './form.ts'

/** Columns of a sheet of inputs, in order; `unit` is for the reader and not read back. */
const COLUMNS = [
  ...(['name', 'group', 'row', 'value', 'unit', 'origin'] as const),
  ...(['type', 'streams', 'from', 'to', 'document', 'result', 'reason'] as const),
] as const
type Column = (typeof COLUMNS)[number]

/** Lines that are read: as many inputs as a draft takes. */
const LINES_MAX = 60_000

/** A line of a sheet that cannot be taken, and why. */
export interface LineError {
  /** As a spreadsheet numbers it: the titles are line 1. */
  readonly line: number
  readonly column: string
  readonly message: string
}

/** The inputs of a draft as rows, the titles first. Numbers are text: no spreadsheet shall round them. */
export function sheetRows(program: Program, { inputs }: Draft): string[][] {
  const units = new Map(program.methodology.inputs.map(({ name, unit }) => [name, unit?.text ?? '']))
  return [
    [...COLUMNS],
    ...inputs.map(({ name, group, row, value, origin }) => {
      const cells: Partial<Record<Column, string>> = {
        name,
        group: group ?? '',
        row: String(row + 1),
        value,
        unit: units.get(name) ?? '',
        origin: origin.kind,
        ...(origin.kind === 'total'
          ? {
              type: origin.type,
              streams: origin.streams?.join(' ') ?? '',
              from: String(origin.from),
              to: String(origin.to),
            }
          : {}),
        ...('document' in origin ? { document: origin.document } : {}),
        ...(origin.kind === 'analysis' ? { result: origin.result } : {}),
        ...(origin.kind === 'manual' ? { reason: origin.reason } : {}),
      }
      return COLUMNS.map((column) => cells[column] ?? '')
    }),
  ]
}

/** The same as a workbook; every cell is text, so none is a formula. */
export async function sheetWorkbook(rows: readonly (readonly string[])[]): Promise<Buffer> {
  const book = new exceljs.Workbook()
  const sheet = book.addWorksheet('inputs', { views: [{ state: 'frozen', ySplit: 1 }] })
  for (const row of rows) sheet.addRow([...row]).eachCell((cell) => Object.assign(cell, { numFmt: '@' }))
  for (const column of sheet.columns) column.width = 18
  return Buffer.from(await book.xlsx.writeBuffer())
}

/**
 * Reads a sheet back, line by line: what is wrong is told with its line and column, and nothing is taken unless every line reads. The server reads
 * CSV alone; a page turns a workbook into it (R18: no XML from outside is opened here).
 * @throws TanlianError E_DRAFT_SHEET for a file that is no such sheet at all
 */
export function readSheet(text: string): { readonly inputs: AskedInput[]; readonly errors: LineError[] } {
  const [titles, ...lines] = readCsv(text)
  const places = new Map(titles?.map((title, at) => [title.trim(), at] as const) ?? [])
  const missing = COLUMNS.filter((column) => column !== 'unit' && !places.has(column))
  if (missing.length > 0)
    throw new TanlianError('E_DRAFT_SHEET', `The sheet lacks the columns ${missing.join(', ')}.`, {
      values: { missing: missing.join(', ') },
    })
  if (lines.length > LINES_MAX)
    throw new TanlianError('E_DRAFT_SHEET', `The sheet has ${lines.length} lines, at most ${LINES_MAX} are read.`, {
      values: { lines: lines.length, most: LINES_MAX },
    })
  const inputs: AskedInput[] = []
  const errors: LineError[] = []
  for (const [at, cells] of lines.entries()) {
    const cell = (column: Column) => cells[places.get(column) ?? -1]?.trim() ?? ''
    const read = InputAsked.safeParse(inputOf(cell))
    if (read.success) inputs.push(read.data)
    else
      for (const { path, message } of read.error.issues) errors.push({ line: at + 2, column: columnOf(path), message })
  }
  return { inputs, errors }
}

function inputOf(cell: (column: Column) => string): unknown {
  const kind = cell('origin')
  const group = cell('group') === '' ? null : cell('group')
  const value = cell('value')
  return {
    name: cell('name'),
    group,
    row: group === null ? 0 : wholeOf(cell('row')) - 1,
    ...(kind === 'total' || value === '' ? {} : { value }),
    origin: {
      kind,
      ...(kind === 'total'
        ? {
            type: cell('type'),
            streams: cell('streams') === '' ? null : cell('streams').split(/\s+/).map(wholeOf),
            from: wholeOf(cell('from')),
            to: wholeOf(cell('to')),
          }
        : {}),
      ...(kind === 'analysis' || kind === 'voucher' ? { document: cell('document') } : {}),
      ...(kind === 'analysis' ? { result: cell('result') } : {}),
      ...(kind === 'manual' ? { reason: cell('reason') } : {}),
    },
  }
}

/** Digits alone are a number; anything else is none, and the form says so. */
function wholeOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

function columnOf(path: readonly PropertyKey[]): string {
  const names = path.filter((one): one is string => typeof one === 'string')
  const last = names.at(-1) ?? 'name'
  return last === 'kind' ? 'origin' : last
}
