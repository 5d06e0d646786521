import { TanlianError } from '@tanlian/units'

/** One record of a table: its cells, and the bytes of the file that said so, line end included. */
export interface TableRecord {
  /** Line of the file where it begins, from 1. */
  readonly line: number
  readonly bytes: Uint8Array
  readonly cells: readonly string[]
}

/** How a table is written. */
export interface CsvOptions {
  /** As named for TextDecoder; `utf-8` where it is left out. Encodings whose second bytes can be a quote or a line end are refused. */
  readonly encoding?: string
  /** One ASCII character; found from the first record where it is left out. */
  readonly delimiter?: string
}

/** Splits a file into records as its bytes come in, keeping each record's bytes exactly. */
export interface CsvReader {
  push(chunk: Uint8Array): TableRecord[]
  end(): TableRecord[]
}

/** Longest record, quotes and all: the size of the greatest frame. */
export const MAX_RECORD_BYTES = 256 * 1024
const QUOTE = 0x22
const LF = 0x0a
const DELIMITERS = [',', ';', '\t', '|']
/** In these, ASCII bytes stand for nothing but themselves where it matters: no second byte is a quote or a line end. */
const ENCODINGS = new Set(['utf-8', 'gbk', 'gb18030', 'windows-1252', 'iso-8859-2', 'windows-1251', 'us-ascii'])

/**
 * A reader of comma-separated text (RFC 4180, lines ending in LF or CR LF, one of four delimiters). Blank lines are passed over.
 * Codes: E_CSV_QUOTE, E_CSV_RECORD_SIZE, E_CSV_ENCODING, each with its line.
 */
export function openCsv(options: CsvOptions = {}): CsvReader {
  const decoder = openDecoder(options.encoding ?? 'utf-8')
  let delimiter = options.delimiter
  let rest: Uint8Array = new Uint8Array(0)
  let scanned = 0
  let quoted = false
  let line = 1

  const cut = (bytes: Uint8Array): TableRecord | undefined => {
    const first = line
    for (const byte of bytes) if (byte === LF) line += 1
    let text: string
    try {
      text = decoder.decode(bytes)
    } catch (cause) {
      throw csvError('E_CSV_ENCODING', first, notIn(decoder.encoding), cause)
    }
    text = text.replace(/\r?\n$/, '')
    if (text === '') return undefined
    delimiter ??= mostFrequent(text)
    return { line: first, bytes, cells: splitCells(text, delimiter, first) }
  }

  const drain = (last: boolean): TableRecord[] => {
    const records: TableRecord[] = []
    let start = 0
    let at = scanned
    for (; at < rest.length; at++) {
      const byte = rest[at]
      if (byte === QUOTE) quoted = !quoted
      else if (byte === LF && !quoted) {
        pushRecord(records, cut(rest.subarray(start, at + 1)))
        start = at + 1
      }
      if (at - start > MAX_RECORD_BYTES)
        throw csvError('E_CSV_RECORD_SIZE', line, `is longer than ${MAX_RECORD_BYTES} bytes`)
    }
    if (last && quoted) throw csvError('E_CSV_QUOTE', line, 'has a quoted field that does not end')
    if (last && start < rest.length) {
      pushRecord(records, cut(rest.subarray(start)))
      start = rest.length
    }
    rest = rest.subarray(start)
    scanned = rest.length
    return records
  }

  return {
    push(chunk) {
      if (rest.length === 0) rest = chunk
      else {
        const joined = new Uint8Array(rest.length + chunk.length)
        joined.set(rest)
        joined.set(chunk, rest.length)
        rest = joined
      }
      return drain(false)
    },
    end: () => drain(true),
  }
}

/** Cells of one record without its line end. Codes: E_CSV_QUOTE. */
export function splitCells(text: string, delimiter: string, line: number): string[] {
  if (!text.includes('"')) return text.split(delimiter)
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let cell = ''
      for (;;) {
        const close = text.indexOf('"', at + 1)
        if (close < 0) throw csvError('E_CSV_QUOTE', line, 'has a quoted field that does not end')
        cell += text.slice(at + 1, close)
        at = close + 1
        if (text[at] !== '"') break
        cell += '"'
      }
      cells.push(cell)
      if (at < text.length && text[at] !== delimiter)
        throw csvError('E_CSV_QUOTE', line, 'has text after a closing quote')
    } else {
      const next = text.indexOf(delimiter, at)
      const cell = text.slice(at, next < 0 ? text.length : next)
      if (cell.includes('"'))
        throw csvError('E_CSV_QUOTE', line, 'has a quote inside a field that does not begin with one')
      cells.push(cell)
      at = next < 0 ? text.length : next
    }
    if (at >= text.length) return cells
    at += 1
    if (at === text.length) return [...cells, '']
  }
}

function pushRecord(records: TableRecord[], record: TableRecord | undefined) {
  if (record !== undefined) records.push(record)
}

function openDecoder(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true })
    if (ENCODINGS.has(decoder.encoding)) return decoder
  } catch (cause) {
    throw new TanlianError('E_CSV_ENCODING', `The encoding ${encoding} is not known. Save the table as UTF-8.`, {
      values: { encoding },
      cause,
    })
  }
  throw new TanlianError(
    'E_CSV_ENCODING',
    `The encoding ${encoding} cannot be read row by row. Save the table as UTF-8.`,
    {
      values: { encoding },
    },
  )
}

/** Tables of Chinese Excel are the ones that are not UTF-8. */
function notIn(encoding: string): string {
  return `is not ${encoding} text; ${encoding === 'utf-8' ? 'a table saved by a Chinese Excel is often gbk: name the encoding' : 'name another encoding'}`
}

function mostFrequent(text: string): string {
  let best = ','
  let most = 0
  for (const candidate of DELIMITERS) {
    const count = text.split(candidate).length - 1
    if (count > most) {
      best = candidate
      most = count
    }
  }
  return best
}

function csvError(code: string, line: number, why: string, cause?: unknown): TanlianError {
  return new TanlianError(code, `Line ${line} ${why}. Correct the file.`, { values: { line, why }, cause })
}
