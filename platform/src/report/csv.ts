import { TanlianError } from '@tanlian/units'

/** Signs that a spreadsheet takes for the beginning of a formula (R20). */
const FORMULA = /^[=+\-@\t\r]/

/** Rows as CSV (RFC 4180) that spreadsheets open in the right encoding and that holds no formula. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = FORMULA.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/**
 * Reads CSV: comma, quotes doubled within quotes, lines ended by LF or CRLF; a quote before a sign of a formula was put there by `writeCsv`.
 * @throws TanlianError E_DRAFT_SHEET for a quote that is never closed
 */
export function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const endCell = () => {
    row.push(cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell)
    cell = ''
  }
  const endRow = () => {
    endCell()
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  for (let at = 0; at < plain.length; at++) {
    const sign = plain[at] as string
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (plain[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = false
    } else if (sign === '"' && cell === '') quoted = true
    else if (sign === ',') endCell()
    else if (sign === '\n') endRow()
    else if (sign !== '\r' || plain[at + 1] !== '\n') cell += sign
  }
  if (quoted)
    throw new TanlianError('E_DRAFT_SHEET', `Line ${rows.length + 1} opens a quote that is never closed.`, {
      values: { line: rows.length + 1 },
    })
  if (cell !== '' || row.length > 0) endRow()
  return rows
}
