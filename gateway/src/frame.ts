import type { Frame } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'

const encoder = new TextEncoder()

/** Heads of CBOR (RFC 8949 section 3): the three upper bits of the first byte. */
const UINT = 0
const BYTES = 2
const TEXT = 3
const MAP = 5

/** A key as it is written; they stand in the order of DAG-CBOR, shorter first, then by bytes. */
const key = (name: string) => Buffer.of((TEXT << 5) | name.length, ...encoder.encode(name))
const KEYS = {
  salt: key('salt'),
  bytes: key('bytes'),
  device: key('device'),
  counter: key('counter'),
  protocol: key('protocol'),
  received: key('received'),
  signature: key('signature'),
} as const

/** A frame whose counter and signature may stand there without a value: all messages are objects of one shape. */
export type FrameFields = Omit<Frame, 'counter' | 'signature'> & {
  readonly counter?: number | undefined
  readonly signature?: Uint8Array | undefined
}

/**
 * A frame block (spec section 5) as canonical DAG-CBOR, byte for byte what `encodeBlock` gives, several times faster: it is made for each
 * message before its acknowledgement.
 */
export function encodeFrame(frame: FrameFields): Uint8Array {
  const out = uncleared(frameRoom(frame))
  return out.subarray(0, putFrame(out, 0, frame))
}

/** Bytes that a frame block takes at most. */
export function frameRoom({ bytes, device, protocol, signature }: FrameFields): number {
  return 130 + bytes.length + textBytes(device).length + textBytes(protocol).length + (signature?.length ?? 0)
}

/** Writes a frame block to a place where there is room. @returns its end */
export function putFrame(out: Uint8Array, from: number, frame: FrameFields): number {
  const { salt, bytes, device, counter, protocol, received, signature } = frame
  let at = putHead(out, from, MAP, 5 + (counter === undefined ? 0 : 1) + (signature === undefined ? 0 : 1))
  at = putBytes(out, at, KEYS.salt, salt)
  at = putBytes(out, at, KEYS.bytes, bytes)
  at = putText(out, at, KEYS.device, device)
  if (counter !== undefined) at = putNumber(out, at, KEYS.counter, counter)
  at = putText(out, at, KEYS.protocol, protocol)
  at = putNumber(out, at, KEYS.received, received)
  return signature === undefined ? at : putBytes(out, at, KEYS.signature, signature)
}

function putBytes(out: Uint8Array, from: number, name: Uint8Array, value: Uint8Array): number {
  out.set(name, from)
  const at = putHead(out, from + name.length, BYTES, value.length)
  out.set(value, at)
  return at + value.length
}

function putText(out: Uint8Array, from: number, name: Uint8Array, text: string): number {
  const value = textBytes(text)
  out.set(name, from)
  out.set(value, from + name.length)
  return from + name.length + value.length
}

function putNumber(out: Uint8Array, from: number, name: Uint8Array, value: number): number {
  out.set(name, from)
  return putHead(out, from + name.length, UINT, value)
}

/** Bytes to be written over: out of a pool where they are few, for an allocation of its own a message costs more than the message. */
export function uncleared(length: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(length)
  return new Uint8Array(buffer, byteOffset, length)
}

/** A text with its head. Ids of devices and names of protocols are few, and come again and again. */
function textBytes(text: string): Uint8Array {
  let bytes = known.get(text)
  if (bytes === undefined) {
    const content = encoder.encode(text)
    bytes = new Uint8Array(9 + content.length)
    const start = putHead(bytes, 0, TEXT, content.length)
    bytes.set(content, start)
    bytes = bytes.slice(0, start + content.length)
    if (known.size < MOST_KNOWN) known.set(text, bytes)
  }
  return bytes
}
const known = new Map<string, Uint8Array>()
const MOST_KNOWN = 10_000

/** Reads what {@link encodeFrame} wrote; byte strings are views. @throws TanlianError E_JOURNAL_DAMAGED for anything else. */
export function readFrame(block: Uint8Array): Frame {
  const from = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  let at = 0
  const head = (major: number): number => {
    const first = from[at] ?? 0xff
    if (first >> 5 !== major) throw notOurs(`at byte ${at} something else is expected`)
    at++
    const small = first & 31
    if (small < 24) return small
    const length = 1 << (small - 24)
    let value = 0
    for (let i = 0; i < length; i++) value = value * 256 + (from[at++] ?? 0)
    return value
  }
  const passed = (name: Buffer): boolean => {
    if (from.compare(name, 0, name.length, at, Math.min(at + name.length, from.length)) !== 0) return false
    at += name.length
    return true
  }
  const pass = (name: keyof typeof KEYS) => {
    if (!passed(KEYS[name])) throw notOurs(`${name} is missing`)
  }
  const take = (length: number): number => {
    if (at + length > from.length) throw notOurs('it ends too early')
    at += length
    return at - length
  }
  const bytes = (): Uint8Array => {
    const start = take(head(BYTES))
    return block.subarray(start, at)
  }
  const text = (): string => {
    const start = take(head(TEXT))
    return from.toString('utf8', start, at)
  }
  head(MAP)
  pass('salt')
  const salt = bytes()
  pass('bytes')
  const content = bytes()
  pass('device')
  const device = text()
  const counter = passed(KEYS.counter) ? head(UINT) : undefined
  pass('protocol')
  const protocol = text()
  pass('received')
  const received = head(UINT)
  const signature = passed(KEYS.signature) ? bytes() : undefined
  if (at !== block.length) throw notOurs('something follows it')
  return {
    ...{ salt, bytes: content, device, protocol, received },
    ...(counter === undefined ? {} : { counter }),
    ...(signature === undefined ? {} : { signature }),
  }
}

function putHead(out: Uint8Array, at: number, major: number, value: number): number {
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
