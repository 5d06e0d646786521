import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { type CsvOptions, openCsv, type TableRecord } from '@tanlian/sdk'
import { isCode } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type ExcelJS from 'exceljs'

/** A table in a file: what is read of it, a few thousand records at a time, and how far the reading has come. */
export interface TableSource {
  /** How its rows came to be bytes: goes into every frame. */
  readonly protocol: 'file/csv' | 'file/toa5' | 'file/xlsx'
  /** Bytes of the file. */
  readonly size: number
  /** Records from the beginning; each call reads the file anew. `onBytes` hears how many bytes of the file have been read. */
  records(onBytes?: (read: number) => void): AsyncGenerator<readonly TableRecord[]>
}

/** How a table is written, where it cannot be seen from the file. */
export interface SourceOptions extends CsvOptions {
  /** Name of the sheet of a workbook; its first one where it is left out. */
  readonly sheet?: string
}

/** Bytes that a compressed table may unpack to: a bomb is stopped, not unpacked (safety R18). */
const UNPACKED_MAX = 16 * 1024 ** 3

/** Opens a table by what is in the file, not by its name. Codes: E_FILE_MISSING, E_IMPORT_FILE_KIND. */
export async function openSource(path: string, options: SourceOptions = {}): Promise<TableSource> {
  const { head, size } = await peek(path)
  if (head[0] === 0x50 && head[1] === 0x4b) return workbook(path, size, options.sheet)
  if (head[0] === 0xd0 && head[1] === 0xcf)
    throw kindError(path, 'it is a workbook of the old .xls form; save it as .xlsx')
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw kindError(path, 'it is UTF-16; save it as UTF-8')
  const packed = head[0] === 0x1f && head[1] === 0x8b
  const stream = (onBytes?: (read: number) => void) => {
    let read = 0
    const file = createReadStream(path, { highWaterMark: 256 * 1024 })
    file.on('data', (chunk) => {
      read += chunk.length
      onBytes?.(read)
    })
    if (!packed) return file
    const unpacked = createGunzip({ chunkSize: 256 * 1024 })
    file.on('error', (error) => unpacked.destroy(error))
    return file.pipe(unpacked)
  }
  const toa5 = await beginsToa5(stream())
  return {
    protocol: toa5 ? 'file/toa5' : 'file/csv',
    size,
    async *records(onBytes) {
      const reader = openCsv(options)
      let unpacked = 0
      for await (const chunk of stream(onBytes)) {
        unpacked += (chunk as Buffer).length
        if (unpacked > UNPACKED_MAX) throw kindError(path, `it unpacks to more than ${UNPACKED_MAX} bytes`)
        yield reader.push(new Uint8Array(chunk as Buffer))
      }
      yield reader.end()
    },
  }
}

/** SHA-256 of a file's bytes as they lie on the disk. Codes: E_FILE_MISSING. */
export async function hashFile(path: string): Promise<Uint8Array> {
  const hash = createHash('sha256')
  await peek(path)
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer)
  return new Uint8Array(hash.digest())
}

async function peek(path: string): Promise<{ head: Uint8Array; size: number }> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const head = new Uint8Array(8)
      await file.read(head, 0, 8, 0)
      return { head, size }
    } finally {
      await file.close()
    }
  } catch (cause) {
    const why = isCode(cause, 'EISDIR') ? 'it is a folder' : cause instanceof Error ? cause.message : String(cause)
    throw new TanlianError('E_FILE_MISSING', `The file ${path} cannot be opened: ${why}.`, {
      values: { path, why },
      cause,
    })
  }
}

/** Campbell's logger format begins with the word in quotes. */
async function beginsToa5(stream: NodeJS.ReadableStream): Promise<boolean> {
  for await (const chunk of stream)
    return (chunk as Buffer).subarray(0, 7).toString('latin1').replaceAll('"', '').startsWith('TOA5')
  return false
}

/** A sheet as records; the bytes of a record are its row as a line of CSV, since a workbook's own bytes are packed. */
function workbook(path: string, size: number, wanted: string | undefined): TableSource {
  return {
    protocol: 'file/xlsx',
    size,
    async *records(onBytes) {
      try {
        yield* sheetRecords(path, wanted, onBytes)
      } catch (error) {
        // The library has a sentence of its own for each way in which an archive can be damaged.
        if (error instanceof TanlianError) throw error
        throw kindError(path, `the workbook is damaged (${error instanceof Error ? error.message : String(error)})`)
      }
    },
  }
}

async function* sheetRecords(
  path: string,
  wanted: string | undefined,
  onBytes: ((read: number) => void) | undefined,
): AsyncGenerator<readonly TableRecord[]> {
  // Loaded only for a workbook: no gateway and no witness shall hold it in memory.
  const { default: excel } = await import('exceljs')
  const file = createReadStream(path)
  let read = 0
  file.on('data', (chunk) => {
    read += chunk.length
    onBytes?.(read)
  })
  const reader = new excel.stream.xlsx.WorkbookReader(file, {
    entries: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    worksheets: 'emit',
  })
  let found = false
  for await (const sheet of reader) {
    const name = (sheet as unknown as { name?: string }).name
    if (wanted !== undefined && name !== wanted) continue
    found = true
    let records: TableRecord[] = []
    for await (const row of sheet) {
      const values = row.values as ExcelJS.CellValue[]
      const cells = values.slice(1).map(cellText)
      if (cells.every((cell) => cell === '')) continue
      records.push({ line: row.number, bytes: new TextEncoder().encode(`${cells.map(quote).join(',')}\n`), cells })
      if (records.length === 2000) {
        yield records
        records = []
      }
    }
    yield records
    break
  }
  if (!found)
    throw kindError(path, wanted === undefined ? 'the workbook has no sheet' : `the workbook has no sheet "${wanted}"`)
}

/** What a cell shows, without what a locale would add. Dates are the wall clock that the sheet shows. */
function cellText(value: ExcelJS.CellValue): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
  if (typeof value !== 'object') return String(value)
  if ('result' in value) return cellText(value.result as ExcelJS.CellValue)
  if ('richText' in value) return value.richText.map((part) => part.text).join('')
  if ('text' in value) return String(value.text)
  return ''
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function kindError(path: string, why: string): TanlianError {
  return new TanlianError('E_IMPORT_FILE_KIND', `The table ${path} cannot be read: ${why}.`, { values: { path, why } })
}
