import { openCsv, type TableRecord } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'

/** A table file as the upload reads it: comma-separated text, or an Excel workbook's first sheet. */
export interface TableFile {
  readonly protocol: 'csv' | 'xlsx'
  /** All records in order, each with its line (of a sheet: its row). */
  records(): AsyncGenerator<readonly TableRecord[]>
}

/** Greatest workbook; a workbook is read into memory whole, text is not. */
const MAX_WORKBOOK_BYTES = 50 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024

/** Opens a file by its content, not its name (safety R18). Codes: E_UPLOAD_FILE, and those of the CSV reader. */
export async function openTableFile(file: Blob, onBytes: (read: number) => void): Promise<TableFile> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  // "PK\u0003\u0004": a zip archive, which a workbook is.
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) {
    if (file.size > MAX_WORKBOOK_BYTES)
      throw new TanlianError(
        'E_UPLOAD_FILE',
        `The workbook has ${file.size} bytes, at most ${MAX_WORKBOOK_BYTES} are read in a browser. Save it as CSV.`,
        { values: { bytes: file.size, limit: MAX_WORKBOOK_BYTES } },
      )
    return { protocol: 'xlsx', records: () => readWorkbook(file, onBytes) }
  }
  return { protocol: 'csv', records: () => readText(file, onBytes) }
}

async function* readText(file: Blob, onBytes: (read: number) => void): AsyncGenerator<readonly TableRecord[]> {
  const reader = openCsv({ encoding: await encodingOf(file) })
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    const bytes = new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer())
    yield reader.push(
      at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes,
    )
    onBytes(Math.min(file.size, at + CHUNK_BYTES))
  }
  yield reader.end()
}

/** UTF-8 where the beginning is valid UTF-8, else GB 18030, in which Chinese spreadsheets still save text. */
async function encodingOf(file: Blob): Promise<'utf-8' | 'gb18030'> {
  const head = await file.slice(0, 64 * 1024).arrayBuffer()
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return 'utf-8'
  } catch {
    return 'gb18030'
  }
}

async function* readWorkbook(file: Blob, onBytes: (read: number) => void): AsyncGenerator<readonly TableRecord[]> {
  // Nearly a megabyte of code: loaded only for those who bring a workbook.
  const { default: Excel } = await import('exceljs/dist/exceljs.min.js')
  const book = new Excel.Workbook()
  try {
    await book.xlsx.load(await file.arrayBuffer())
  } catch (cause) {
    throw new TanlianError('E_UPLOAD_FILE', 'The workbook cannot be read. Save it anew as .xlsx or as CSV.', { cause })
  }
  onBytes(file.size)
  const sheet = book.worksheets[0]
  if (sheet === undefined) throw new TanlianError('E_UPLOAD_FILE', 'The workbook has no sheet.')
  const records: TableRecord[] = []
  const encoder = new TextEncoder()
  sheet.eachRow((row, line) => {
    const cells = Array.from({ length: sheet.columnCount }, (_, at) => cellText(row.getCell(at + 1).value))
    // A sheet's row has no bytes of its own; its cells as text are what the frame keeps.
    records.push({ line, cells, bytes: encoder.encode(`${cells.join('\t')}\n`) })
  })
  yield records
}

/** A cell as text: a formula by its result, a date as the wall clock that the sheet shows. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
  if (typeof value === 'object') {
    if ('result' in value) return cellText(value.result)
    if ('text' in value) return cellText(value.text)
    if ('richText' in value && Array.isArray(value.richText))
      return value.richText.map((part: { text?: string }) => part.text ?? '').join('')
    return ''
  }
  return String(value)
}
