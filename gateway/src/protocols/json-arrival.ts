import { isUtf8 } from 'node:buffer'
import { fromHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Arrival, ProtocolName, Sample } from '../arrival.ts'
import type { Device } from '../device.ts'
import { AHEAD_MS, type JsonMessage, type Metrics, metricsOf, NO_METRICS, readJsonMessage } from './json-message.ts'
import { type JsonShape, shapeOf } from './json-shape.ts'

/**
 * The arrival that a JSON message is, named by its counter (S2) or, without one, its time; or the code of what is wrong with it: those of `readJsonMessage`, E_MESSAGE_FUTURE, E_MESSAGE_TEXT,
 * E_MESSAGE_SIGNATURE for a signature or salt that is none.
 */
export function jsonArrival(
  payload: Uint8Array,
  device: Device,
  protocol: ProtocolName,
  receivedMs: number,
): Arrival | string {
  const message = messageOf(payload, device, NO_METRICS)
  if (typeof message === 'string') return message
  const { ts, seq } = message
  if (ts > receivedMs + AHEAD_MS) return 'E_MESSAGE_FUTURE'
  if (message.sig === undefined) return new JsonArrival(device, protocol, payload, receivedMs, ts, seq)
  const signature = hexOf(message.sig, 64)
  const salt = hexOf(message.salt ?? '', 16)
  const bytes = unsigned(textOf(payload), message.sig)
  if (signature === undefined || salt === undefined || bytes === undefined || seq === undefined)
    return 'E_MESSAGE_SIGNATURE'
  const signed = { salt, received: Math.floor(ts / 1000) }
  return new JsonArrival(device, protocol, bytes, receivedMs, ts, seq, signature, signed)
}

/** A class, because every message of a gateway is one. */
class JsonArrival implements Arrival {
  readonly device: string
  readonly protocol: ProtocolName
  readonly bytes: Uint8Array
  readonly receivedMs: number
  readonly name: string
  readonly rank: number
  readonly counter: number | undefined
  readonly signature: Uint8Array | undefined
  readonly signed: Arrival['signed']
  readonly #of: Device

  constructor(
    of: Device,
    protocol: ProtocolName,
    bytes: Uint8Array,
    receivedMs: number,
    ts: number,
    seq: number | undefined,
    signature?: Uint8Array,
    signed?: Arrival['signed'],
  ) {
    this.device = of.id
    this.protocol = protocol
    this.bytes = bytes
    this.receivedMs = receivedMs
    this.name = seq === undefined ? `ts ${ts}` : `seq ${seq}`
    this.rank = seq ?? ts
    this.counter = seq
    this.signature = signature
    this.signed = signed
    this.#of = of
  }

  /** Made when they are asked for: most messages are read when they are folded. */
  get samples(): readonly Sample[] {
    return jsonSamples(this.bytes, this.#of)
  }
}

/** What a kept message says. @throws TanlianError for bytes that are no message of the device */
export function jsonSamples(bytes: Uint8Array, device: Device): readonly Sample[] {
  const message = messageOf(bytes, device, metricsOf(device))
  if (typeof message !== 'string') return message.samples
  throw new TanlianError(message, `The kept bytes are no message of ${device.id}.`, { values: { device: device.id } })
}

/** The shape of the last message of a device that was not of the shape before. */
const shapes = new WeakMap<Device, JsonShape>()

function messageOf(payload: Uint8Array, device: Device, metrics: Metrics): JsonMessage | string {
  const bytes = payload instanceof Buffer ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const known = shapes.get(device)
  if (known?.match(bytes, 0) === bytes.length) return known.message(bytes, metrics)
  if (!isUtf8(payload)) return 'E_MESSAGE_TEXT'
  const text = textOf(payload)
  const message = readJsonMessage(text, metrics)
  const shape = typeof message === 'string' ? undefined : shapeOf(text)
  if (shape !== undefined) shapes.set(device, shape)
  return message
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

/** The message as it was signed: without its last key. Undefined where that is not written in the one way. */
function unsigned(text: string, sig: string): Uint8Array | undefined {
  const end = `,"sig":"${sig}"}`
  return text.endsWith(end) ? new TextEncoder().encode(`${text.slice(0, -end.length)}}`) : undefined
}

function hexOf(text: string, length: number): Uint8Array | undefined {
  return text.length === length * 2 && /^[0-9a-f]*$/.test(text) ? fromHex(text) : undefined
}
