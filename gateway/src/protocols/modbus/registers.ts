import { TanlianError } from '@tanlian/units'
import type { Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError, readAddress, readSource } from '../address.ts'
import { floatText } from '../float.ts'

/** Where a device answers, and what is read of it (寄存器表). */
export interface RegisterMap {
  readonly host: string
  readonly port: number
  readonly unit: number
  /** Seconds between two polls. */
  readonly every: number
  readonly timeoutMs: number
  readonly points: readonly RegisterPoint[]
  readonly reads: readonly Read[]
}

export interface RegisterPoint {
  readonly name: string
  readonly function: number
  /** As on the wire, from 0. */
  readonly address: number
  readonly format: Format
  readonly order: Order
  readonly interval: number
}

/** One request: so many registers from an address. */
export interface Read {
  readonly function: number
  readonly address: number
  readonly count: number
}

const FORMATS = ['uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64'] as const
export type Format = (typeof FORMATS)[number]
/** How the bytes of 32 bits come over the wire, A the highest; 64 bits likewise. */
const ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const
export type Order = (typeof ORDERS)[number]

/** Registers of one read: what the most restrictive meters take (iot.md, section 3). */
const MOST_REGISTERS = 80
/** Registers that nobody asked for, read along to save a request. */
const MOST_BETWEEN = 8

const maps = new WeakMap<Device, RegisterMap>()

/** The register map of a device, checked. @throws TanlianError E_PLANT */
export function registerMapOf(device: Device): RegisterMap {
  let map = maps.get(device)
  if (map === undefined) {
    map = readMap(device)
    maps.set(device, map)
  }
  return map
}

function readMap(device: Device): RegisterMap {
  const shortest = Math.min(...device.points.map(({ interval }) => interval))
  const address = readAddress(device, {
    host: { form: 'text' },
    port: { form: 'number', or: 502, bounds: [1, 65_535] },
    unit: { form: 'number', or: 1, bounds: [0, 255] },
    every: { form: 'number', or: shortest, bounds: [1, 86_400] },
    timeoutMs: { form: 'number', or: 2000, bounds: [10, 60_000] },
  })
  const points = device.points.map((point): RegisterPoint => {
    const source = readSource(device, point, {
      function: { form: 'number', bounds: [3, 4] },
      address: { form: 'number', bounds: [0, 65_535] },
      format: { form: FORMATS },
      order: { form: ORDERS, or: 'ABCD' },
    })
    if (point.interval % address.every !== 0)
      throw addressError(device, 'every', `does not divide the interval of ${point.name}`)
    return {
      name: point.name,
      ...source,
      format: source.format as Format,
      order: source.order as Order,
      interval: point.interval,
    }
  })
  return { ...address, points, reads: planReads(points) }
}

/** The fewest requests that cover the points, none split. */
export function planReads(points: readonly RegisterPoint[]): Read[] {
  const reads: Read[] = []
  const sorted = [...points].sort((a, b) => a.function - b.function || a.address - b.address)
  for (const point of sorted) {
    const end = point.address + wordsOf(point.format)
    const last = reads.at(-1)
    const joins =
      last !== undefined &&
      last.function === point.function &&
      point.address - (last.address + last.count) <= MOST_BETWEEN &&
      end - last.address <= MOST_REGISTERS
    if (joins) reads[reads.length - 1] = { ...last, count: Math.max(last.count, end - last.address) }
    else reads.push({ function: point.function, address: point.address, count: end - point.address })
  }
  return reads
}

/**
 * A poll as it is kept (报文): Modbus answers name neither moment nor address, so what was asked stands beside what came.
 * `{"at":1767571200,"unit":1,"reads":[[4,52,"45bb8000"]]}`: Unix seconds, then function, address and the registers' bytes.
 */
export function encodePoll(at: number, unit: number, answers: readonly (readonly [Read, Uint8Array])[]): Uint8Array {
  const reads = answers.map(([read, data]) => [read.function, read.address, Buffer.from(data).toString('hex')])
  return new TextEncoder().encode(JSON.stringify({ at, unit, reads }))
}

/** What a kept poll says of a device's points. @throws TanlianError E_MODBUS_POLL for bytes that are no poll of it */
export function pollSamples(bytes: Uint8Array, device: Device): Sample[] {
  const { points, unit } = registerMapOf(device)
  const poll = parsePoll(bytes)
  if (poll === undefined || poll.unit !== unit)
    throw new TanlianError('E_MODBUS_POLL', `The kept bytes are no poll of ${device.id}.`, {
      values: { device: device.id },
    })
  return points
    .filter(({ interval }) => poll.at % interval === 0)
    .flatMap((point) => {
      const data = registersOf(poll.reads, point)
      return data === undefined ? [] : [{ point: point.name, stamp: poll.at, ...decimalOf(data, point) }]
    })
}

type Reads = readonly (readonly [fn: number, address: number, data: Uint8Array])[]

function parsePoll(bytes: Uint8Array): { at: number; unit: number; reads: Reads } | undefined {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { at, unit, reads } = value as Record<string, unknown>
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(unit) || !Array.isArray(reads)) return undefined
  const found: [number, number, Uint8Array][] = []
  for (const read of reads as unknown[]) {
    if (!Array.isArray(read) || read.length !== 3 || typeof read[2] !== 'string') return undefined
    found.push([Number(read[0]), Number(read[1]), new Uint8Array(Buffer.from(read[2], 'hex'))])
  }
  return { at: at as number, unit: unit as number, reads: found }
}

function registersOf(reads: Reads, point: RegisterPoint): Uint8Array | undefined {
  const length = wordsOf(point.format) * 2
  for (const [fn, address, data] of reads) {
    const from = (point.address - address) * 2
    if (fn === point.function && from >= 0 && from + length <= data.length) return data.subarray(from, from + length)
  }
  return undefined
}

/** A number of registers as decimal text; what is no number is a fault of the meter (D). */
export function decimalOf(data: Uint8Array, { format, order }: RegisterPoint): Pick<Sample, 'value' | 'flag'> {
  const bytes = ordered(data, order)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (format) {
    case 'uint16':
      return number(String(view.getUint16(0)))
    case 'int16':
      return number(String(view.getInt16(0)))
    case 'uint32':
      return number(String(view.getUint32(0)))
    case 'int32':
      return number(String(view.getInt32(0)))
    case 'uint64':
      return number(String(view.getBigUint64(0)))
    case 'int64':
      return number(String(view.getBigInt64(0)))
    case 'float32':
      return number(floatText(view.getFloat32(0), 32))
    case 'float64':
      return number(floatText(view.getFloat64(0), 64))
  }
}

function number(value: string | undefined): Pick<Sample, 'value' | 'flag'> {
  return value === undefined ? { value, flag: 'D' } : { value, flag: undefined }
}

/** The bytes with the highest first. */
function ordered(data: Uint8Array, order: Order): Uint8Array {
  const words: [number, number][] = []
  for (let i = 0; i < data.length; i += 2) words.push([data[i] as number, data[i + 1] as number])
  if (order === 'CDAB' || order === 'DCBA') words.reverse()
  return Uint8Array.from(words.flatMap(([a, b]) => (order === 'BADC' || order === 'DCBA' ? [b, a] : [a, b])))
}

function wordsOf(format: Format): number {
  return Number(format.replace(/\D/g, '')) / 16
}
