import mqtt from 'mqtt'
import type { Certificate } from '../certificate.ts'
import type { Message, Wire } from '../courier.ts'

export interface MqttOptions {
  /** How long an answer is waited for. */
  readonly timeoutMs: number
  readonly url: string
  readonly clientId: string
  readonly topic: string
  /** The device's certificate, and the authority that it trusts. */
  readonly identity: Certificate & { readonly authority: string }
}

/**
 * Carries messages by MQTT 5, QoS 1, with a client certificate.
 * @param sealed what is sent of a message: with its signature, which is no part of the bytes that are kept
 */
export function openMqttWire(
  { url, clientId, topic, identity, timeoutMs }: MqttOptions,
  encode: (message: Message) => Uint8Array<ArrayBuffer>,
  sealed: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Wire {
  const client = mqtt.connect(url, {
    protocolVersion: 5,
    clientId,
    cert: identity.certificate,
    key: identity.key,
    ca: identity.authority,
    reconnectPeriod: 250,
    connectTimeout: 5000,
    // What is not acknowledged is the courier's to send again, once.
    queueQoSZero: false,
  })
  // Without a listener an error ends the process; it connects again by itself.
  client.on('error', () => {})
  return {
    send(message) {
      const bytes = encode(message)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no acknowledgement in time')), timeoutMs)
        client.publish(topic, Buffer.from(sealed(bytes)), { qos: 1 }, (error, packet) => {
          clearTimeout(timer)
          const code = packet !== undefined && 'reasonCode' in packet ? Number(packet.reasonCode ?? 0) : 0
          if (error != null) reject(error)
          else if (code >= 0x80) reject(new Error(`refused with ${code}`))
          else resolve(bytes)
        })
      })
    },
    close: () => client.endAsync(true).then(() => undefined),
  }
}
