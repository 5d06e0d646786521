/*
 * HJ 212-2017 on the wire: `##`, four digits of length, the data segment of so many bytes, four hex digits of CRC, CR LF.
 * What the segment says is read in `segment.ts`.
 */

import { uncleared } from '../../frame.ts'

/** Fields of a packet, in the order in which they are written (通讯包). */
export interface PacketFields {
  /** `YYYYMMDDhhmmsszzz`: names a request; its answer repeats it. */
  readonly QN?: string
  /** System code: 31 stack, 22 air, 21 surface water, 91 system interaction … */
  readonly ST: string
  /** Command. */
  readonly CN: string
  /** Password, at most six characters. */
  readonly PW: string
  /** Identity of the device. */
  readonly MN: string
  readonly Flag?: number
  readonly PNUM?: number
  readonly PNO?: number
  /** What stands between the two `&&`. */
  readonly CP: string
}

/** What a reader found in the stream: a frame whose length and CRC hold, or bytes that cannot be trusted, with the reason. */
export type Cut = CutFrame | CutFault

export interface CutFrame {
  readonly ok: true
  /** The whole frame, from `##` to CR LF. */
  readonly bytes: Uint8Array
  readonly segment: Uint8Array
  /** The sender writes its CRC with small letters. */
  readonly smallCrc: boolean
  /** The sender counts characters, not bytes, in its length. */
  readonly characters: boolean
}

export interface CutFault {
  readonly ok: false
  readonly code: CutCode
  readonly bytes: Uint8Array
}

export type CutCode =
  | 'E_HJ212_NO_HEADER'
  | 'E_HJ212_BAD_LENGTH'
  | 'E_HJ212_TOO_LONG'
  | 'E_HJ212_LENGTH_MISMATCH'
  | 'E_HJ212_CRC_MISMATCH'
  | 'E_HJ212_INCOMPLETE'

/** Cuts frames out of a stream of bytes and finds the next one after anything that is none. */
export interface PacketReader {
  /** The cuts share the memory of the chunks. */
  push(chunk: Uint8Array): Cut[]
  /** Gives up the frame that is being waited for and looks for others in its bytes (after a timeout). */
  expire(): Cut[]
  /** The stream has ended: nothing is waited for. */
  end(): Cut[]
  /** Bytes that wait for the rest of their frame; never more than a frame. */
  pending(): number
}

/** Bytes of the longest data segment (HJ 212-2017, 6.3.1). */
export const MAX_SEGMENT = 1024
/** Bytes around the data segment. */
export const HEAD = 6
export const TAIL = 6
const HASH = 0x23
const CR = 13
const LF = 10
const NOTHING = new Uint8Array(0)

/** The CRC of HJ 212-2017 annex A over a data segment. It is not CRC-16/MODBUS: each byte meets the register's upper half. */
export function crcOf(segment: Uint8Array): number {
  let register = 0xffff
  for (let i = 0; i < segment.length; i++)
    register = CRC_TABLE[((register >> 8) ^ (segment[i] as number)) & 0xff] as number
  return register
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let register = byte
  for (let bit = 0; bit < 8; bit++) register = (register & 1) === 0 ? register >> 1 : (register >> 1) ^ 0xa001
  return register
})

/** A whole frame. The caller keeps to the forms of the fields. @throws RangeError for a segment over 1,024 bytes */
export function encodePacket(fields: PacketFields): Uint8Array {
  const { QN, ST, CN, PW, MN, Flag, PNUM, PNO, CP } = fields
  const text = `${item('QN', QN)}ST=${ST};CN=${CN};PW=${PW};MN=${MN};${item('Flag', Flag)}${item('PNUM', PNUM)}${item('PNO', PNO)}CP=&&${CP}&&`
  const segment = Buffer.from(text)
  if (segment.length > MAX_SEGMENT) throw new RangeError(`The data segment has ${segment.length} bytes, over 1,024.`)
  const frame = uncleared(HEAD + segment.length + TAIL)
  const crc = crcOf(segment)
  frame[0] = HASH
  frame[1] = HASH
  for (let at = HEAD - 1, rest = segment.length; at >= 2; at--, rest = Math.floor(rest / 10))
    frame[at] = 0x30 + (rest % 10)
  frame.set(segment, HEAD)
  for (let i = 0; i < 4; i++) frame[HEAD + segment.length + i] = HEX.charCodeAt((crc >> (12 - 4 * i)) & 15)
  frame[frame.length - 2] = CR
  frame[frame.length - 1] = LF
  return frame
}

const HEX = '0123456789ABCDEF'

function item(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${value};`
}

/** A reader of one connection's bytes, in constant memory. */
export function createPacketReader(): PacketReader {
  let rest: Uint8Array = NOTHING

  /** Cuts what is there; with `last` nothing more is waited for, with `giveUp` the first wait ends. */
  const drain = (giveUp: boolean, last: boolean): Cut[] => {
    const cuts: Cut[] = []
    let at = 0
    let patience = !giveUp
    for (;;) {
      const start = findHeader(rest, at)
      // A last `#` may be the first half of a header.
      const end = start >= 0 ? start : !last && rest.at(-1) === HASH ? rest.length - 1 : rest.length
      if (end > at && !isBlank(rest, at, end))
        cuts.push({ ok: false, code: 'E_HJ212_NO_HEADER', bytes: rest.subarray(at, end) })
      at = end
      if (start < 0) break
      let cut = cutAt(rest, start)
      if (cut === undefined) {
        if (patience && !last) break
        patience = true
        cut = 'E_HJ212_INCOMPLETE'
      }
      if (typeof cut === 'string') {
        // The bytes up to the next header go with the fault, so that one bad frame is one fault.
        const next = findHeader(rest, start + 1)
        at = next >= 0 ? next : !last && rest.at(-1) === HASH && rest.length > start + 2 ? rest.length - 1 : rest.length
        cuts.push({ ok: false, code: cut, bytes: rest.subarray(start, at) })
      } else {
        cuts.push(cut)
        at = start + cut.bytes.length
      }
    }
    rest = at === rest.length ? NOTHING : rest.subarray(at)
    return cuts
  }

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : joined(rest, chunk)
      return drain(false, false)
    },
    expire: () => drain(true, false),
    end: () => drain(true, true),
    pending: () => rest.length,
  }
}

/** The frame at a header; what is wrong with it; or undefined while bytes are missing. */
function cutAt(bytes: Uint8Array, start: number): CutFrame | CutCode | undefined {
  let length = 0
  for (let i = start + 2; i < start + HEAD; i++) {
    const byte = bytes[i]
    if (byte === undefined) return undefined
    if (byte < 0x30 || byte > 0x39) return 'E_HJ212_BAD_LENGTH'
    length = length * 10 + byte - 0x30
  }
  if (length > MAX_SEGMENT) return 'E_HJ212_TOO_LONG'
  const first = start + HEAD
  let end = first + length
  if (bytes.length < end + TAIL) return undefined
  let characters = false
  if (!endsAt(bytes, end)) {
    const wider = endOfCharacters(bytes, first, length)
    if (wider === end) return 'E_HJ212_LENGTH_MISMATCH'
    if (bytes.length < wider + TAIL) return undefined
    if (!endsAt(bytes, wider)) return 'E_HJ212_LENGTH_MISMATCH'
    end = wider
    characters = true
  }
  const segment = bytes.subarray(first, end)
  let given = 0
  let smallCrc = false
  for (let i = end; i < end + 4; i++) {
    const digit = hexDigit(bytes[i] as number)
    if (digit < 0) return 'E_HJ212_CRC_MISMATCH'
    given = given * 16 + digit
    smallCrc ||= (bytes[i] as number) > 0x60
  }
  if (given !== crcOf(segment)) return 'E_HJ212_CRC_MISMATCH'
  return { ok: true, bytes: bytes.subarray(start, end + TAIL), segment, smallCrc, characters }
}

function endsAt(bytes: Uint8Array, end: number): boolean {
  return bytes[end + 4] === CR && bytes[end + 5] === LF
}

/** Where so many characters of UTF-8 end; no further than a segment may reach. */
function endOfCharacters(bytes: Uint8Array, first: number, count: number): number {
  let at = first
  let left = count
  for (; left > 0 && at < bytes.length; left--) {
    at++
    while (at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80) at++
  }
  return Math.min(at + left, first + MAX_SEGMENT)
}

function findHeader(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(HASH, from); at >= 0; at = bytes.indexOf(HASH, at + 1))
    if (bytes[at + 1] === HASH) return at
  return -1
}

/** Line ends between frames are nobody's message. */
function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== CR && bytes[i] !== LF) return false
  return true
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte & 0xdf
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
