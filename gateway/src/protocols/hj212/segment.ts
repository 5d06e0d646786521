import { localSeconds, TanlianError } from '@tanlian/units'
import { type CommandUse, commandUse, type Edition, VERSION_BITS } from './command.ts'
import { checkItems, type Items, readItems } from './items.ts'
import type { CutFrame } from './packet.ts'

/** What the device's record says of how it speaks (设备档案). */
export interface Enrolment {
  readonly password: string
  /** `lenient` takes the habits of older devices, each with its warning. */
  readonly profile: 'strict' | 'lenient'
  readonly edition: Edition
}

export type PacketWarning =
  | 'NO_QN'
  | 'NO_FLAG'
  | 'MN_FORM'
  | 'DATATIME_FORM'
  | 'CRC_CASE'
  | 'VERSION_BITS'
  | 'LENGTH_CHARACTERS'

export type SegmentCode =
  | 'E_HJ212_LENGTH_MISMATCH'
  | 'E_HJ212_CRC_MISMATCH'
  | 'E_HJ212_FIELD'
  | 'E_HJ212_BAD_TIME'
  | 'E_HJ212_BAD_MN'
  | 'E_HJ212_BAD_FLAG'
  | 'E_HJ212_MISSING_PART_NUMBER'
  | 'E_HJ212_BAD_PART_NUMBER'
  | 'E_HJ212_UNKNOWN_MN'
  | 'E_HJ212_BAD_PASSWORD'
  | 'E_HJ212_UNKNOWN_CN'
  | 'E_HJ212_BAD_CP'
  | 'E_HJ212_DUPLICATE_FACTOR'
  | 'E_HJ212_BAD_NUMBER'
  | 'E_HJ212_BAD_FLAG_VALUE'

/** The fields before CP as they stand in the segment, each with a plain form or absent. */
export interface Head {
  readonly QN: string | undefined
  readonly ST: string
  readonly CN: string
  readonly PW: string
  readonly MN: string
  /** Undefined where it is absent or no number of 0 to 255. */
  readonly flag: number | undefined
}

export interface Packet extends Head {
  readonly needAck: boolean
  /** Part and number of parts of a packet that was split. */
  readonly part: { readonly number: number; readonly of: number } | undefined
  readonly use: CommandUse
  /** What stands between the two `&&`, byte for byte. */
  readonly content: Uint8Array
  readonly items: Items
  /** Local seconds of DataTime, and as it stands. */
  readonly dataTime: number | undefined
  readonly stamp: string | undefined
  readonly warnings: readonly PacketWarning[]
}

export type ReadPacket =
  | { readonly ok: true; readonly packet: Packet }
  /** `head` is there where the fields could be told apart, so that an answer can be given. `qnRtn` is its code. */
  | { readonly ok: false; readonly code: SegmentCode; readonly qnRtn: number; readonly head: Head | undefined }

const decoder = new TextDecoder()
const NAMES = new Set(['QN', 'ST', 'CN', 'PW', 'MN', 'Flag', 'PNUM', 'PNO'])
const AMPERSAND = 0x26

/**
 * Reads a frame's segment; the first thing that does not hold names the error: QN, MN's form, Flag, PNUM and PNO, the device's record, PW,
 * CN, CP. `direction` is `down` for what a platform sends, which is under no device's record.
 */
export function readPacket(
  frame: CutFrame,
  find: (mn: string) => Enrolment | undefined,
  direction: 'up' | 'down' = 'up',
): ReadPacket {
  const text = decoder.decode(frame.segment)
  const at = text.startsWith('CP=') ? 0 : text.indexOf(';CP=') + 1
  const fields = at === 0 && !text.startsWith('CP=') ? undefined : readFields(text.slice(0, at))
  if (fields === undefined) return { ok: false, code: 'E_HJ212_FIELD', qnRtn: 100, head: undefined }
  const head = headOf(fields)
  const no = (code: SegmentCode, qnRtn = 100): ReadPacket => ({ ok: false, code, qnRtn, head })
  if (head === undefined) return { ok: false, code: 'E_HJ212_FIELD', qnRtn: 100, head: undefined }

  const device = find(head.MN)
  const lenient = device?.profile === 'lenient'
  const edition = device?.edition ?? '2017'
  const warnings: PacketWarning[] = []
  if (frame.characters) {
    if (!lenient) return no('E_HJ212_LENGTH_MISMATCH')
    warnings.push('LENGTH_CHARACTERS')
  }
  if (frame.smallCrc) {
    if (!lenient) return no('E_HJ212_CRC_MISMATCH', 9)
    warnings.push('CRC_CASE')
  }
  if (head.QN === undefined) {
    if (!lenient) return no('E_HJ212_BAD_TIME', 7)
    warnings.push('NO_QN')
  } else if (head.QN.length !== 17 || readTime(head.QN) === undefined) return no('E_HJ212_BAD_TIME', 7)
  if (!/^[0-9A-F]{24}$/.test(head.MN)) {
    if (!lenient) return no('E_HJ212_BAD_MN', 4)
    warnings.push('MN_FORM')
  }
  if (head.flag === undefined) {
    if (!lenient || fields.has('Flag')) return no('E_HJ212_BAD_FLAG', 6)
    warnings.push('NO_FLAG')
  } else if (head.flag >> 2 !== VERSION_BITS[edition]) warnings.push('VERSION_BITS')
  const split = head.flag !== undefined && (head.flag & 2) !== 0
  const part = split ? partOf(fields) : undefined
  if (typeof part === 'string') return no(part, part === 'E_HJ212_MISSING_PART_NUMBER' ? 6 : 100)
  if (device === undefined && direction === 'up') return no('E_HJ212_UNKNOWN_MN', 4)
  if (direction === 'up' && device?.password !== head.PW) return no('E_HJ212_BAD_PASSWORD', 3)
  const use = commandUse(head.CN, edition)
  if (use === undefined) return no('E_HJ212_UNKNOWN_CN', 8)

  const content = contentOf(text, at)
  const items = content === undefined ? undefined : readItems(content)
  if (content === undefined || items === undefined) return no('E_HJ212_BAD_CP')
  if (items === 'twice') return no('E_HJ212_DUPLICATE_FACTOR')
  const fault = checkItems(items)
  if (fault !== undefined) return no(fault)
  const stamp = items.plain.get('DataTime')
  const dataTime = stamp === undefined ? undefined : readTime(stamp)
  const wanted = use === 'data' && direction === 'up'
  if (stamp === undefined ? wanted : dataTime === undefined) return no('E_HJ212_BAD_TIME')
  if (stamp?.length === 17) {
    if (!lenient) return no('E_HJ212_BAD_TIME')
    warnings.push('DATATIME_FORM')
  }
  const needAck = head.flag !== undefined && (head.flag & 1) !== 0
  const bytes = frame.segment.subarray(frame.segment.indexOf(AMPERSAND) + 2, frame.segment.length - 2)
  return { ok: true, packet: { ...head, needAck, part, use, content: bytes, items, dataTime, stamp, warnings } }
}

/** The MN of a segment, before anything of it is read; not one of ours where it is written in another way. */
export function mnOf(segment: Uint8Array): string {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.length)
  const from = bytes.indexOf(';MN=') + 4
  return bytes.toString('latin1', from, bytes.indexOf(';', from))
}

/** Local seconds of 14 digits, or of 17 with milliseconds, as a calendar has them; undefined for anything else. */
export function readTime(text: string): number | undefined {
  if (!/^(?:\d{14}|\d{17})$/.test(text)) return undefined
  const field = (from: number, to: number) => Number(text.slice(from, to))
  try {
    if (field(8, 10) === 24) return undefined
    return localSeconds({
      year: field(0, 4),
      month: field(4, 6),
      day: field(6, 8),
      hour: field(8, 10),
      minute: field(10, 12),
      second: field(12, 14),
    })
  } catch (error) {
    if (error instanceof TanlianError && error.code === 'E_TIME_FORM') return undefined
    throw error
  }
}

/** `NAME=value;` in any order, each name once; undefined for anything else. */
function readFields(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>()
  for (const item of text.split(';').slice(0, -1)) {
    const equals = item.indexOf('=')
    const name = item.slice(0, equals)
    if (equals < 0 || !NAMES.has(name) || fields.has(name)) return undefined
    fields.set(name, item.slice(equals + 1))
  }
  return fields
}

/** Only plain characters pass, so that an answer that repeats them is a packet again. */
function headOf(fields: ReadonlyMap<string, string>): Head | undefined {
  const ST = fields.get('ST') ?? ''
  const CN = fields.get('CN') ?? ''
  const PW = fields.get('PW') ?? ''
  const MN = fields.get('MN') ?? ''
  const QN = fields.get('QN')
  const Flag = fields.get('Flag')
  if (!/^[0-9A-Z]{2}$/.test(ST) || !/^\d{4}$/.test(CN)) return undefined
  if (!/^[!-%'-:<-~]{0,16}$/.test(PW) || !/^[0-9A-Za-z_-]{1,32}$/.test(MN)) return undefined
  if (QN !== undefined && !/^\d{1,20}$/.test(QN)) return undefined
  const flag = Flag !== undefined && /^\d{1,3}$/.test(Flag) && Number(Flag) <= 255 ? Number(Flag) : undefined
  return { QN, ST, CN, PW, MN, flag }
}

function partOf(
  fields: ReadonlyMap<string, string>,
): { number: number; of: number } | 'E_HJ212_MISSING_PART_NUMBER' | 'E_HJ212_BAD_PART_NUMBER' {
  const [of, number] = [fields.get('PNUM'), fields.get('PNO')]
  if (of === undefined || number === undefined) return 'E_HJ212_MISSING_PART_NUMBER'
  if (!/^\d{1,4}$/.test(of) || !/^\d{1,4}$/.test(number)) return 'E_HJ212_BAD_PART_NUMBER'
  const part = { number: Number(number), of: Number(of) }
  return part.number >= 1 && part.number <= part.of ? part : 'E_HJ212_BAD_PART_NUMBER'
}

function contentOf(text: string, at: number): string | undefined {
  const start = at + 'CP=&&'.length
  if (!text.startsWith('CP=&&', at) || !text.endsWith('&&') || text.length < start + 2) return undefined
  const content = text.slice(start, -2)
  return content.includes('&&') || content.includes('\ufffd') ? undefined : content
}
