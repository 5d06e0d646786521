import type { Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { type Items, readItems } from './items.ts'
import type { Hj212Record } from './record.ts'
import { type Packet, readTime } from './segment.ts'

/**
 * A packet without its times and numbers (数据包模板). A data logger sends one packet like the other; one that was read is a pattern for those
 * after it, which are compared with it byte by byte and held to the reader's rules for times and numbers alone. It is a class with plain
 * fields because every packet of a gateway goes through it.
 */
export class PacketShape {
  readonly #packet: Packet & { readonly QN: string }
  /** What stands before each time or number, and after the last. */
  readonly #literals: readonly Uint8Array[]
  readonly #values: readonly PointValue[]
  readonly #starts: number[]
  readonly #ends: number[]
  readonly #days = { day: -1, begins: 0 }
  #stamp = 0

  constructor(packet: Packet & { readonly QN: string }, literals: readonly string[], values: readonly PointValue[]) {
    this.#packet = packet
    this.#literals = literals.map((literal) => Buffer.from(literal, 'latin1'))
    this.#values = values
    this.#starts = literals.slice(1).map(() => 0)
    this.#ends = literals.slice(1).map(() => 0)
  }

  /** Whether a data segment is of this shape, whole; if it is not, the reader has to say what it is. */
  match(segment: Uint8Array): boolean {
    const last = this.#literals.length - 1
    let at = 0
    for (let place = 0; place < last; place++) {
      const start = passLiteral(segment, at, this.#literals[place] as Uint8Array)
      if (start < 0) return false
      if (place < TIMES) {
        const time = this.#timeAt(segment, start)
        at = start + (place === 0 ? QN_DIGITS : TIME_DIGITS)
        if (time < 0 || (place === 0 && passDigits(segment, at - 3, 3) !== at)) return false
        this.#stamp = time
      } else {
        at = passNumber(segment, start)
        if (at < 0) return false
      }
      this.#starts[place] = start
      this.#ends[place] = at
    }
    return passLiteral(segment, at, this.#literals[last] as Uint8Array) === segment.length
  }

  /** The packet that matched last, out of the same bytes. */
  packet(segment: Uint8Array): Packet {
    return new ShapedPacket(
      this.#packet,
      textOf(segment, this.#starts[0] as number, this.#ends[0] as number),
      this.#stamp,
      textOf(segment, this.#starts[1] as number, this.#ends[1] as number),
      segment.subarray((this.#starts[1] as number) - DATA_TIME.length, segment.length - 2),
    )
  }

  /** What the segment that matched last says of the device's points. */
  samples(segment: Uint8Array, { zone }: Hj212Record): Sample[] {
    const stamp = zone.toUnix(this.#stamp)
    return this.#values.map(({ point, place, flag }) => ({
      point,
      stamp,
      value:
        place === undefined ? undefined : textOf(segment, this.#starts[place] as number, this.#ends[place] as number),
      flag,
    }))
  }

  /** Local seconds of 14 digits, as {@link readTime} has them; −1 where they are none. */
  #timeAt(segment: Uint8Array, at: number): number {
    if (passDigits(segment, at, TIME_DIGITS) < 0) return -1
    const day = integerAt(segment, at, 8)
    if (day !== this.#days.day) {
      const begins = readTime(`${textOf(segment, at, at + 8)}000000`)
      if (begins === undefined) return -1
      this.#days.day = day
      this.#days.begins = begins
    }
    const [hour, minute, second] = [
      integerAt(segment, at + 8, 2),
      integerAt(segment, at + 10, 2),
      integerAt(segment, at + 12, 2),
    ]
    return hour < 24 && minute < 60 && second < 60 ? this.#days.begins + hour * 3600 + minute * 60 + second : -1
  }
}

/** A packet like an earlier one, but for its times and values. */
class ShapedPacket implements Packet {
  readonly QN: string
  readonly ST: string
  readonly CN: string
  readonly PW: string
  readonly MN: string
  readonly flag: number | undefined
  readonly needAck: boolean
  readonly part: Packet['part']
  readonly use: Packet['use']
  readonly content: Uint8Array
  readonly dataTime: number
  readonly stamp: string
  readonly warnings: Packet['warnings']

  constructor(like: Packet, QN: string, dataTime: number, stamp: string, content: Uint8Array) {
    this.QN = QN
    this.ST = like.ST
    this.CN = like.CN
    this.PW = like.PW
    this.MN = like.MN
    this.flag = like.flag
    this.needAck = like.needAck
    this.part = like.part
    this.use = like.use
    this.content = content
    this.dataTime = dataTime
    this.stamp = stamp
    this.warnings = like.warnings
  }

  /** Read where somebody asks: for its name and its answer a packet needs none of them. */
  get items(): Items {
    return readItems(Buffer.from(this.content).toString()) as Items
  }
}

/** Where a point's value stands in a shape, and the flag that is part of it. */
interface PointValue {
  readonly point: string
  readonly place: number | undefined
  readonly flag: Sample['flag']
}

/** QN and DataTime come first. */
const TIMES = 2
const QN_DIGITS = 17
const TIME_DIGITS = 14
const DATA_TIME = 'DataTime='
const SLOT =
  /(?<=^QN=)\d{17}(?=;)|(?<=CP=&&DataTime=)\d{14}(?=[;,&])|(?<=[;,][^-=;,]+-(?:Zs)?(?:Rtd|Min|Avg|Max|Cou)=)-?\d{1,15}(?:\.\d{1,12})?(?=[;,&])/

/** As a device sends real-time, minute, hour and day data. */
const MOST_SHAPES = 4
const shapes = new WeakMap<Device, PacketShape[]>()

/** The shape of a data segment, where the device has sent one like it. */
export function shapeLike(segment: Uint8Array, { device }: Hj212Record): PacketShape | undefined {
  return shapes.get(device)?.find((shape) => shape.match(segment))
}

/** Remembers the shape of a packet that the reader took. */
export function learnShape(segment: Uint8Array, packet: Packet, record: Hj212Record): void {
  const shape = shapeOf(segment, packet, record)
  if (shape !== undefined)
    shapes.set(record.device, [shape, ...(shapes.get(record.device) ?? [])].slice(0, MOST_SHAPES))
}

/** The shape of an upload of data that the reader took, where it is written in the plain way: QN first, DataTime before all factors, no parts. */
function shapeOf(segment: Uint8Array, packet: Packet, { points }: Hj212Record): PacketShape | undefined {
  const { QN, use, part, warnings, stamp } = packet
  if (QN === undefined || use !== 'data' || part !== undefined || warnings.length > 0 || stamp?.length !== TIME_DIGITS)
    return undefined
  const literals = textOf(segment, 0, segment.length).split(SLOT)
  if (literals[0] !== 'QN=' || literals[1]?.endsWith(`;CP=&&${DATA_TIME}`) !== true) return undefined
  const places = new Map<string, number>()
  for (const [at, literal] of literals.slice(0, -1).entries()) {
    const name = /[;,]([^;,]+)=$/.exec(literal)?.[1]
    if (at >= TIMES && name !== undefined) places.set(name, at)
  }
  const values: PointValue[] = []
  for (const { name: point, code, field } of points.get(packet.CN) ?? []) {
    const factor = packet.items.factors.get(code)
    // A time of its own, or a value whose form nobody checks, is not the same from one packet to the next.
    if (factor?.has('SampleTime')) return undefined
    const place = places.get(`${code}-${field}`)
    if (factor?.has(field) && place === undefined) return undefined
    const flag = factor?.get('Flag') as Sample['flag']
    if (place !== undefined || flag !== undefined) values.push({ point, place, flag })
  }
  return new PacketShape({ ...packet, QN }, literals, values)
}

function passLiteral(bytes: Uint8Array, from: number, literal: Uint8Array): number {
  if (from + literal.length > bytes.length) return -1
  for (let i = 0; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return -1
  return from + literal.length
}

/** Passes exactly so many digits. */
function passDigits(bytes: Uint8Array, from: number, count: number): number {
  if (from + count > bytes.length) return -1
  for (let at = from; at < from + count; at++) if (((bytes[at] as number) ^ ZERO) >= 10) return -1
  return from + count
}

/** Passes a number as the standard has it: up to 15 digits, up to 12 behind the point. */
function passNumber(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  let at = first
  while (at < bytes.length && ((bytes[at] as number) ^ ZERO) < 10) at++
  if (at === first || at - first > 15) return -1
  if (bytes[at] !== POINT) return at
  const point = ++at
  while (at < bytes.length && ((bytes[at] as number) ^ ZERO) < 10) at++
  return at === point || at - point > 12 ? -1 : at
}

function integerAt(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0
  for (let at = from; at < from + digits; at++) value = value * 10 + ((bytes[at] as number) - ZERO)
  return value
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to)
}

const ZERO = 0x30
const MINUS = 0x2d
const POINT = 0x2e
