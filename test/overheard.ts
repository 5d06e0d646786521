import { cutPackets } from '../gateway/test/tiny-broker.ts'
import type { Listener } from './line.ts'

/** First halves of an MQTT packet's first byte. */
const PUBLISH = 3
const PUBACK = 4

/** Reads along between a client and its broker, MQTT 5: tells each message that the client acknowledged as taken. */
export function overhear(acknowledged: (topic: string, payload: Buffer) => void): Listener {
  const delivered = new Map<number, { readonly topic: string; readonly payload: Buffer }>()
  return {
    there: cutPackets((head, body) => {
      const message = head >> 4 === PUBACK ? delivered.get(body.readUInt16BE(0)) : undefined
      if (message !== undefined && (body[2] ?? 0) === 0) acknowledged(message.topic, message.payload)
    }),
    back: cutPackets((head, body) => {
      if (head >> 4 !== PUBLISH) return
      const after = 2 + body.readUInt16BE(0)
      // Behind the topic: packet id, length of the properties in one byte, and they.
      const payload = Buffer.from(body.subarray(after + 3 + (body[after + 2] ?? 0)))
      delivered.set(body.readUInt16BE(after), { topic: body.toString('utf8', 2, after), payload })
    }),
  }
}
