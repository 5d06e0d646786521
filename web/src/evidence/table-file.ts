/**
 * A table as CSV (RFC 4180), with a byte-order mark so that spreadsheets read Chinese. A cell that a spreadsheet would run as a formula gets
 * a leading quote (safety R20).
 */
export function csvOf(rows: readonly (readonly (string | number | bigint)[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(value: string | number | bigint): string {
  if (typeof value !== 'string') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
