/** What a raw message says, read in this browser for a person to see; the gateway's reading of it is what counts. */
export interface Message {
  readonly form: 'hj212' | 'modbus' | 'json' | 'text' | 'binary'
  /** Names and values in the order of the message. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The checksum that the message carries, beside the one computed here; undefined where its form has none. */
  readonly crc: { readonly given: string; readonly computed: string; readonly ok: boolean } | undefined
}

/** Reads the bytes of a frame. */
export function readMessage(bytes: Uint8Array): Message {
  const text = textOf(bytes)
  if (text === undefined) return { form: 'binary', fields: [], crc: undefined }
  const packet = /^##(\d{4})([\s\S]*)([0-9A-Fa-f]{4})(?:\r\n)?$/.exec(text)
  if (packet !== null) return readHj212(packet)
  try {
    const value: unknown = JSON.parse(text)
    const isPoll = typeof value === 'object' && value !== null && 'reads' in value && Array.isArray(value.reads)
    return { form: isPoll ? 'modbus' : 'json', fields: isPoll ? pollFields(value) : flatten(value), crc: undefined }
  } catch {
    return {
      form: 'text',
      fields: text
        .split(/\r?\n/)
        .slice(0, 200)
        .map((line, at) => [String(at + 1), line]),
      crc: undefined,
    }
  }
}

/** HJ 212-2017 annex A; not CRC-16/MODBUS. Four upper-case hex digits. */
export function crcOfHj212(segment: Uint8Array): string {
  let register = 0xffff
  for (const byte of segment) {
    register = (register >> 8) ^ byte
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >> 1) ^ 0xa001 : register >> 1
  }
  return register.toString(16).toUpperCase().padStart(4, '0')
}

/** Bytes as rows of sixteen: place, hex, and what can be printed. */
export function hexRows(
  bytes: Uint8Array,
): readonly { readonly at: string; readonly hex: string; readonly text: string }[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = bytes.subarray(row * 16, row * 16 + 16)
    return {
      at: (row * 16).toString(16).padStart(4, '0'),
      hex: Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(''),
    }
  })
}

function readHj212([, length = '', segment = '', given = '']: RegExpExecArray): Message {
  const [head = '', data = ''] = segment.split('CP=&&')
  const fields = [
    ['length', length],
    ...pairs(head, /;/),
    ...data
      .replace(/&&$/, '')
      .split(';')
      .flatMap((item) => pairs(item, /,/)),
  ] as const
  const computed = crcOfHj212(new TextEncoder().encode(segment))
  return {
    form: 'hj212',
    fields: fields.map(([name = '', value = '']) => [name, value] as const),
    crc: { given: given.toUpperCase(), computed, ok: computed === given.toUpperCase() },
  }
}

function pairs(text: string, between: RegExp): string[][] {
  return text
    .split(between)
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
    })
}

/** A gateway keeps a Modbus poll as time, unit, and function, address and bytes of each read. */
function pollFields(poll: { readonly reads?: unknown }): Message['fields'] {
  const { reads, ...head } = poll
  return [
    ...flatten(head),
    ...(reads as readonly unknown[]).map((read): readonly [string, string] =>
      Array.isArray(read) && read.length === 3
        ? [`FC${String(read[0]).padStart(2, '0')} @ ${read[1]}`, String(read[2])]
        : ['read', JSON.stringify(read)],
    ),
  ]
}

function flatten(value: unknown, path = ''): Message['fields'] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, inner]) => flatten(inner, path === '' ? name : `${path}.${name}`))
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return Array.from(text).some((sign) => sign < ' ' && !'\r\n\t'.includes(sign)) ? undefined : text
  } catch {
    return undefined
  }
}
