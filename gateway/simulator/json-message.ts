import { createHash } from 'node:crypto'
import { signEd25519, toHex } from '@tanlian/evidence'
import type { Device } from '../src/device.ts'
import { encodeFrame } from '../src/frame.ts'
import type { Message } from './courier.ts'
import { textOf } from './instrument.ts'
import { stampOf } from './stamp.ts'

/**
 * A message as JSON, as `src/protocols/json-message.ts` describes it; its numbers digit for digit. One of a device that signs brings its
 * salt along, which follows from its key and counter: the same message, however often it is made, is the same bytes.
 */
export function jsonMessage({ points }: Device, message: Message, key?: Uint8Array): Uint8Array<ArrayBuffer> {
  const byName = new Map(points.map((point) => [point.name, point]))
  let ts = message.atMs
  const metrics = message.values.flatMap((value) => {
    const point = byName.get(value.point)
    if (point === undefined) return []
    ts = stampOf(message, point, value) * 1000
    const text = value.flag === undefined ? textOf(value) : `{"value":${textOf(value)},"flag":"${value.flag}"}`
    return [`"${point.source.field}":${text}`]
  })
  const salt = key === undefined ? '' : `,"salt":"${toHex(saltOf(key, message.counter))}"`
  return new TextEncoder().encode(`{"ts":${ts},"seq":${message.counter},"metrics":{${metrics.join(',')}}${salt}}`)
}

/** What goes over the wire: the message with the signature over its frame (spec section 5), or as it is where the device has no key. */
export function signMessage(device: Device, kept: Uint8Array<ArrayBuffer>, key: Uint8Array | undefined): Uint8Array {
  if (key === undefined) return kept
  const text = new TextDecoder().decode(kept)
  const { ts, seq } = JSON.parse(text) as { ts: number; seq: number }
  const frame = encodeFrame({
    bytes: kept,
    device: device.id,
    protocol: device.protocol,
    received: Math.floor(ts / 1000),
    salt: saltOf(key, seq),
    counter: seq,
  })
  return new TextEncoder().encode(`${text.slice(0, -1)},"sig":"${toHex(signEd25519(frame, key))}"}`)
}

function saltOf(key: Uint8Array, counter: number): Uint8Array {
  return new Uint8Array(createHash('sha256').update(key).update(`frame ${counter}`).digest().subarray(0, 16))
}
