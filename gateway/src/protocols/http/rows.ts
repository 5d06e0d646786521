import { isUtf8 } from 'node:buffer'
import { TanlianError } from '@tanlian/units'
import type { Arrival, Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { jsonArrival } from '../json-arrival.ts'
import { AHEAD_MS, type JsonMessage, type Metrics, metricsOf, NO_METRICS, readJsonMessage } from '../json-message.ts'
import { type JsonShape, shapeOf } from '../json-shape.ts'

/** What is wrong with one row, counted from 1. */
export interface RowFault {
  readonly row: number
  readonly code: string
}

/** Rows of one request; faults of one answer. */
export const MOST_ROWS = 1000
const MOST_FAULTS = 100

/**
 * A body of JSON messages, one a line, as one arrival: taken whole or not at all. It is named by its first and last row, so the same request
 * sent again is a repeat. A device that signs sends one message a request.
 */
export function rowsArrival(body: Uint8Array, device: Device, receivedMs: number): Arrival | readonly RowFault[] {
  const known = shapes.get(device)
  const plain = known && plainRows(body, known, receivedMs)
  if (plain !== undefined) return new RowsArrival(body, device, receivedMs, plain)
  if (!isUtf8(body)) return [{ row: 0, code: 'E_MESSAGE_TEXT' }]
  const faults: RowFault[] = []
  let first: JsonMessage | undefined
  let end: JsonMessage | undefined
  const last = eachRow(body, device, NO_METRICS, (row, message) => {
    if (row > MOST_ROWS) return false
    const code = typeof message === 'string' ? message : faultOf(message, receivedMs)
    if (code !== undefined) faults.push({ row, code })
    else if (typeof message === 'object') {
      first ??= message
      end = message
    }
    return faults.length < MOST_FAULTS
  })
  if (last > MOST_ROWS) return [{ row: MOST_ROWS + 1, code: 'E_HTTP_ROWS' }]
  if (last === 1 && faults[0]?.code === 'E_MESSAGE_SIGNATURE') return signedArrival(body, device, receivedMs)
  if (faults.length > 0) return faults
  if (first === undefined || end === undefined) return [{ row: 1, code: 'E_HTTP_ROWS' }]
  return new RowsArrival(body, device, receivedMs, { first, end })
}

/** The first and the last row of a request. */
interface Ends {
  readonly first: Pick<JsonMessage, 'ts' | 'seq'>
  readonly end: Pick<JsonMessage, 'ts' | 'seq'>
}

class RowsArrival implements Arrival {
  readonly device: string
  readonly protocol = 'http'
  readonly bytes: Uint8Array
  readonly receivedMs: number
  readonly name: string
  readonly rank: number
  readonly #of: Device

  constructor(bytes: Uint8Array, of: Device, receivedMs: number, { first, end }: Ends) {
    const counted = first.seq !== undefined && end.seq !== undefined
    this.device = of.id
    this.bytes = bytes
    this.receivedMs = receivedMs
    this.name = counted ? `seq ${first.seq} to ${end.seq}` : `ts ${first.ts} to ${end.ts}`
    this.rank = counted ? (first.seq ?? 0) : first.ts
    this.#of = of
  }

  /** Made when they are asked for: most requests are read when they are folded. */
  get samples(): readonly Sample[] {
    return rowsSamples(this.bytes, this.#of)
  }
}

/** The shape of the rows that a device sent last. */
const shapes = new WeakMap<Device, JsonShape>()

/** The ends of a body whose rows are all of one shape and none of the future; undefined for any other, which is read row by row. */
function plainRows(body: Uint8Array, shape: JsonShape, receivedMs: number): Ends | undefined {
  const latest = receivedMs + AHEAD_MS
  let first: Ends['first'] | undefined
  for (let from = 0, row = 1; from < body.length; row++) {
    const end = shape.match(body, from)
    if (end < 0 || (end < body.length && body[end] !== LF) || shape.ts > latest || row > MOST_ROWS) return undefined
    first ??= { ts: shape.ts, seq: shape.seq }
    from = end + 1
  }
  return first && { first, end: { ts: shape.ts, seq: shape.seq } }
}

/** What a kept request says. @throws TanlianError for bytes that are none of the device */
export function rowsSamples(bytes: Uint8Array, device: Device): readonly Sample[] {
  const samples: Sample[] = []
  eachRow(bytes, device, metricsOf(device), (_, message) => {
    if (typeof message === 'string')
      throw new TanlianError(message, `The kept bytes are no rows of ${device.id}.`, { values: { device: device.id } })
    samples.push(...message.samples)
    return true
  })
  return samples
}

function signedArrival(body: Uint8Array, device: Device, receivedMs: number): Arrival | readonly RowFault[] {
  const arrival = jsonArrival(body.at(-1) === LF ? body.subarray(0, -1) : body, device, 'http', receivedMs)
  return typeof arrival === 'string' ? [{ row: 1, code: arrival }] : arrival
}

function faultOf({ ts, sig, salt }: JsonMessage, receivedMs: number): string | undefined {
  if (sig !== undefined || salt !== undefined) return 'E_MESSAGE_SIGNATURE'
  return ts > receivedMs + AHEAD_MS ? 'E_MESSAGE_FUTURE' : undefined
}

/** Calls with the message of each line that is not empty, or what is wrong with it, until it is told to stop. @returns the number of the last one */
function eachRow(
  body: Uint8Array,
  device: Device,
  metrics: Metrics,
  call: (row: number, message: JsonMessage | string) => boolean,
): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  let row = 0
  let shape = shapes.get(device)
  let missed = true
  for (let from = 0; from < bytes.length; ) {
    let end = shape?.match(bytes, from) ?? -1
    let message: JsonMessage | string | undefined
    if (shape !== undefined && end >= 0 && (end === bytes.length || bytes[end] === LF)) {
      message = shape.message(bytes, metrics)
      missed = false
    } else {
      const next = bytes.indexOf(LF, from)
      end = next < 0 ? bytes.length : next
      const text = bytes.toString('utf8', from, end)
      if (text !== '' && text !== '\r') message = readJsonMessage(text, metrics)
      // One row of another shape among many does not take the place of theirs.
      if (missed && typeof message === 'object') {
        shape = shapeOf(text) ?? shape
        if (shape !== undefined) shapes.set(device, shape)
      }
      missed = !missed
    }
    if (message !== undefined && !call(++row, message)) break
    from = end + 1
  }
  return row
}

const LF = 0x0a
