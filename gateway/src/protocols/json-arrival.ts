import { isUtf8 } from 'node:buffer'
import { fromHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Arrival, ProtocolName, Sample } from '../arrival.ts'
import type { Device } from '../device.ts'
import { AHEAD_MS, type JsonMessage, metricsOf, readJsonMessage } from './json-message.ts'

/**
 * The arrival that a JSON message is, or the code of what is wrong with it: those of `readJsonMessage`, E_MESSAGE_FUTURE, E_MESSAGE_TEXT,
 * E_MESSAGE_SIGNATURE for a signature or salt that is none.
 */
export function jsonArrival(
  payload: Uint8Array,
  device: Device,
  protocol: ProtocolName,
  receivedMs: number,
): Arrival | string {
  if (!isUtf8(payload)) return 'E_MESSAGE_TEXT'
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8')
  const message = readJsonMessage(text, metricsOf(device))
  if (typeof message === 'string') return message
  const { ts, seq, samples } = message
  if (ts > receivedMs + AHEAD_MS) return 'E_MESSAGE_FUTURE'
  const common = { device: device.id, protocol, receivedMs, samples, ...nameOf(message) }
  if (message.sig === undefined) return { ...common, bytes: payload, ...(seq === undefined ? {} : { counter: seq }) }
  const signature = hexOf(message.sig, 64)
  const salt = hexOf(message.salt ?? '', 16)
  const bytes = unsigned(text, message.sig)
  if (signature === undefined || salt === undefined || bytes === undefined || seq === undefined)
    return 'E_MESSAGE_SIGNATURE'
  return { ...common, bytes, counter: seq, signature, signed: { salt, received: Math.floor(ts / 1000) } }
}

/** What a kept message says. @throws TanlianError for bytes that are no message of the device */
export function jsonSamples(bytes: Uint8Array, device: Device): readonly Sample[] {
  const message = readJsonMessage(new TextDecoder().decode(bytes), metricsOf(device))
  if (typeof message !== 'string') return message.samples
  throw new TanlianError(message, `The kept bytes are no message of ${device.id}.`, { values: { device: device.id } })
}

/** A device's counter names its messages (S2); one without a counter has its time. */
function nameOf({ ts, seq }: JsonMessage): { name: string; rank: number } {
  return seq === undefined ? { name: `ts ${ts}`, rank: ts } : { name: `seq ${seq}`, rank: seq }
}

/** The message as it was signed: without its last key. Undefined where that is not written in the one way. */
function unsigned(text: string, sig: string): Uint8Array | undefined {
  const end = `,"sig":"${sig}"}`
  return text.endsWith(end) ? new TextEncoder().encode(`${text.slice(0, -end.length)}}`) : undefined
}

function hexOf(text: string, length: number): Uint8Array | undefined {
  return text.length === length * 2 && /^[0-9a-f]*$/.test(text) ? fromHex(text) : undefined
}
