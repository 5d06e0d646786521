import protobuf from 'protobufjs/minimal.js'
import { floatText } from '../float.ts'

/*
 * The part of a Sparkplug B payload (Eclipse Sparkplug 3.0, section 6.4) that measured values need, read field by field. Metadata, properties,
 * data sets, templates and what later versions add are passed over.
 */

export interface Payload {
  /** Unix milliseconds. */
  readonly timestamp: number | undefined
  readonly metrics: readonly Metric[]
  /** 0 to 255, counted over all messages of an edge node; encoders that leave zeros out mean 0. */
  readonly seq: number
}

export interface Metric {
  readonly name: string | undefined
  readonly alias: number | undefined
  readonly timestamp: number | undefined
  readonly datatype: number | undefined
  /** Kept by the node while it was offline, and sent later. */
  readonly historical: boolean
  readonly isNull: boolean
  /** Whole numbers as they stand on the wire, floats as the shortest decimal that is them. */
  readonly value: bigint | string | undefined
}

/** Data types that hold a number (table of section 6.4.16): the bits of the signed ones, or 0. */
const SIGNED_BITS: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64, 5: 0, 6: 0, 7: 0, 8: 0, 11: 0 }
const MOST_METRICS = 5000
const VARINT = 0
const LENGTH = 2

/** Reads a payload. Undefined for bytes that are none. */
export function readPayload(bytes: Uint8Array): Payload | undefined {
  try {
    const reader = protobuf.Reader.create(bytes)
    let timestamp: number | undefined
    let seq = 0
    const metrics: Metric[] = []
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag === ((1 << 3) | VARINT)) timestamp = safe(reader)
      else if (tag === ((3 << 3) | VARINT)) seq = safe(reader)
      else if (tag === ((2 << 3) | LENGTH)) {
        if (metrics.length === MOST_METRICS) return undefined
        metrics.push(readMetric(reader))
      } else pass(reader, tag)
    }
    return reader.pos === reader.len ? { timestamp, metrics, seq } : undefined
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

/** A metric's value as decimal text; undefined for texts, tables and numbers that are none. */
export function metricText({ value }: Metric, datatype: number | undefined): string | undefined {
  if (typeof value !== 'bigint') return value
  const bits = datatype === undefined ? undefined : SIGNED_BITS[datatype]
  if (bits === undefined) return undefined
  return String(bits === 0 ? value : BigInt.asIntN(bits, value))
}

/** True for data types whose values are numbers. */
export function isNumeric(datatype: number | undefined): boolean {
  return datatype !== undefined && (SIGNED_BITS[datatype] !== undefined || datatype === 9 || datatype === 10)
}

function readMetric(reader: protobuf.Reader): Metric {
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new RangeError('a metric that ends too late')
  let name: string | undefined
  let alias: number | undefined
  let timestamp: number | undefined
  let datatype: number | undefined
  let historical = false
  let isNull = false
  let value: bigint | string | undefined
  while (reader.pos < end) {
    const tag = reader.uint32()
    switch (tag) {
      case (1 << 3) | LENGTH:
        name = reader.string()
        break
      case (2 << 3) | VARINT:
        alias = safe(reader)
        break
      case (3 << 3) | VARINT:
        timestamp = safe(reader)
        break
      case (4 << 3) | VARINT:
        datatype = reader.uint32()
        break
      case (5 << 3) | VARINT:
        historical = reader.bool()
        break
      case (7 << 3) | VARINT:
        isNull = reader.bool()
        break
      case (10 << 3) | VARINT:
        value = BigInt(reader.uint32())
        break
      case (11 << 3) | VARINT:
        value = BigInt(reader.uint64().toString())
        break
      case (12 << 3) | 5:
        value = floatText(reader.float(), 32)
        break
      case (13 << 3) | 1:
        value = floatText(reader.double(), 64)
        break
      case (14 << 3) | VARINT:
        value = reader.bool() ? 1n : 0n
        break
      default:
        pass(reader, tag)
    }
  }
  if (reader.pos !== end) throw new RangeError('a field that ends after its metric')
  return { name, alias, timestamp, datatype, historical, isNull, value }
}

/** Passes a field over; groups, which could nest without end, are no part of the format. */
function pass(reader: protobuf.Reader, tag: number): void {
  const wire = tag & 7
  if (tag >>> 3 === 0 || wire === 3 || wire === 4) throw new RangeError('a field of no kind')
  reader.skipType(wire)
}

function safe(reader: protobuf.Reader): number {
  const value = Number(reader.uint64().toString())
  if (!Number.isSafeInteger(value)) throw new RangeError('a number over 2^53 − 1')
  return value
}
