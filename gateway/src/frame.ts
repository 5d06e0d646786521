import type { Frame } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Heads of CBOR (RFC 8949 section 3): the three upper bits of the first byte. */
const UINT = 0
const BYTES = 2
const TEXT = 3
const MAP = 5

/** Keys in the order of DAG-CBOR: shorter first, then by bytes. */
const KEYS = ['salt', 'bytes', 'device', 'counter', 'protocol', 'received', 'signature'] as const
const KEY_BYTES = new Map(KEYS.map((key) => [key, Uint8Array.of((TEXT << 5) | key.length, ...encoder.encode(key))]))

/**
 * A frame block (spec section 5) as canonical DAG-CBOR, byte for byte what `encodeBlock` gives, several times faster: it is made for each
 * message before its acknowledgement.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const texts = { device: textBytes(frame.device), protocol: textBytes(frame.protocol) }
  const room = 120 + frame.bytes.length + texts.device.length + texts.protocol.length + (frame.signature?.length ?? 0)
  const out = uncleared(room)
  let at = 0
  const head = (major: number, value: number) => {
    at = writeHead(out, at, major, value)
  }
  const put = (bytes: Uint8Array) => {
    out.set(bytes, at)
    at += bytes.length
  }
  head(MAP, 5 + (frame.counter === undefined ? 0 : 1) + (frame.signature === undefined ? 0 : 1))
  for (const key of KEYS) {
    const value = key === 'device' || key === 'protocol' ? texts[key] : frame[key]
    if (value === undefined) continue
    put(KEY_BYTES.get(key) as Uint8Array)
    if (typeof value === 'number') head(UINT, value)
    else {
      head(key in texts ? TEXT : BYTES, value.length)
      put(value)
    }
  }
  return out.subarray(0, at)
}

/** Bytes to be written over: out of a pool where they are few, for an allocation of its own a message costs more than the message. */
export function uncleared(length: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(length)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Ids of devices and names of protocols are few, and come again and again. */
function textBytes(text: string): Uint8Array {
  let bytes = known.get(text)
  if (bytes === undefined) {
    bytes = encoder.encode(text)
    if (known.size < MOST_KNOWN) known.set(text, bytes)
  }
  return bytes
}
const known = new Map<string, Uint8Array>()
const MOST_KNOWN = 10_000

/** Reads what {@link encodeFrame} wrote; byte strings are views. @throws TanlianError E_JOURNAL_DAMAGED for anything else. */
export function readFrame(block: Uint8Array): Frame {
  let at = 0
  const head = (major: number): number => {
    const first = block[at] ?? 0xff
    if (first >> 5 !== major) throw notOurs(`at byte ${at} something else is expected`)
    at++
    const small = first & 31
    if (small < 24) return small
    const length = 1 << (small - 24)
    let value = 0
    for (let i = 0; i < length; i++) value = value * 256 + (block[at++] ?? 0)
    return value
  }
  const take = (length: number): Uint8Array => {
    if (at + length > block.length) throw notOurs('it ends too early')
    at += length
    return block.subarray(at - length, at)
  }
  const found: Record<string, Uint8Array | string | number> = Object.create(null)
  for (let left = head(MAP); left > 0; left--) {
    const key = decoder.decode(take(head(TEXT)))
    if (key === 'counter' || key === 'received') found[key] = head(UINT)
    else if (key === 'device' || key === 'protocol') found[key] = decoder.decode(take(head(TEXT)))
    else found[key] = take(head(BYTES))
  }
  if (at !== block.length) throw notOurs('something follows it')
  for (const key of ['bytes', 'device', 'protocol', 'received', 'salt'])
    if (found[key] === undefined) throw notOurs(`${key} is missing`)
  return found as unknown as Frame
}

function writeHead(out: Uint8Array, at: number, major: number, value: number): number {
  const top = major << 5
  const length = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1_0000_0000 ? 4 : 8
  out[at] = top | (length === 0 ? value : 24 + Math.log2(length))
  let rest = value
  for (let i = length; i > 0; i--) {
    out[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return at + 1 + length
}

function notOurs(why: string): TanlianError {
  return new TanlianError('E_JOURNAL_DAMAGED', `A kept frame does not read: ${why}. Restore the segment from a copy.`, {
    values: { why },
  })
}
