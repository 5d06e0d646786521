/** Media types that are taken, told by the bytes themselves and never by what the sender calls them (R18). */
export const MEDIA = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpeg: 'image/jpeg',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
} as const

/** The media type of a file; undefined where it is none of those that are taken. */
export function mediaOf(bytes: Uint8Array): (typeof MEDIA)[keyof typeof MEDIA] | undefined {
  if (startsWith(bytes, '%PDF-')) return MEDIA.pdf
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return MEDIA.png
  if (startsWith(bytes, '\xff\xd8\xff')) return MEDIA.jpeg
  if (startsWith(bytes, 'PK\x03\x04')) return isWorkbook(bytes) ? MEDIA.xlsx : undefined
  return isPlainTable(bytes) ? MEDIA.csv : undefined
}

function startsWith(bytes: Uint8Array, start: string): boolean {
  return [...start].every((sign, at) => bytes[at] === sign.charCodeAt(0))
}

/** An archive whose directory names a workbook; it is never opened here. */
function isWorkbook(bytes: Uint8Array): boolean {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return whole.includes('[Content_Types].xml') && whole.includes('xl/workbook.xml')
}

/** Text in UTF-8 or GB 18030 with more than one column, and nothing that a browser would take for a page. */
function isPlainTable(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false
  const text = decode('utf-8', bytes) ?? decode('gb18030', bytes)
  return text !== undefined && /[,;\t]/.test(text) && !/^\s*</.test(text)
}

function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
