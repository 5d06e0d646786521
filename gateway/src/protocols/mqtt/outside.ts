import { readFile } from 'node:fs/promises'
import { TanlianError } from '@tanlian/units'
import type { MqttClient } from 'mqtt'
import type { OutsideBroker } from '../options.ts'

/** A message of a broker outside. Resolves when it may be acknowledged; rejects where it must be delivered again. */
export type Take = (topic: string, payload: Uint8Array) => Promise<'kept' | 'refused'>

/** What the broker keeps for everybody about this client: said after each connection, and by the broker itself when one is lost. */
export interface Announcement {
  readonly topic: string
  /** The message for a connection that began at a time, Unix milliseconds. */
  message(online: boolean, ms: number): Buffer
  now(): number
}

/** The gateway as a client of a broker. */
export interface OutsideClient {
  readonly client: MqttClient
  /** Says once more that this client is there, where another said that it is not. */
  announce(): void
  close(): Promise<void>
}

/** Reason codes (MQTT 5, 2.4): a payload of the wrong form is acknowledged as such, or the broker would send it for ever. */
const KEPT = 0
const WRONG_PAYLOAD = 0x99
/** The broker keeps for so long what comes while the gateway is away: the longest that MQTT can say. */
const SESSION_S = 0xffffffff
const RETRY_MS = 1000
const KEPT_BY_BROKER = { qos: 1, retain: true } as const

/**
 * Subscribes at a broker with a session that outlives the connection; a message is acknowledged only after `take`.
 * The first connection may be a long time in coming: it is tried until it is there.
 */
export async function openOutside(
  { url, client: clientId, files }: OutsideBroker,
  topics: readonly string[],
  take: Take,
  onState: (connected: boolean, problem: string | undefined) => void,
  announcement?: Announcement,
): Promise<OutsideClient> {
  const pem =
    files && (await Promise.all([files.certificate, files.key, files.authority].map((path) => readFile(path))))
  const say = (online: boolean) =>
    announcement && {
      topic: announcement.topic,
      payload: announcement.message(online, connectingMs),
      ...KEPT_BY_BROKER,
    }
  let connectingMs = announcement?.now() ?? 0
  const will = say(false)
  // Some megabytes that only a plant with a broker of its own has to hold.
  const { connect } = await import('mqtt')
  const client = connect(url, {
    protocolVersion: 5,
    clientId,
    clean: false,
    properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: 1000 },
    reconnectPeriod: RETRY_MS,
    // A broker that is starting may turn away who comes.
    reconnectOnConnackError: true,
    resubscribe: true,
    ...(pem && { cert: pem[0], key: pem[1], ca: pem[2] }),
    ...(will && { will }),
    customHandleAcks(topic, payload, packet, done) {
      const { stream } = client
      take(topic, payload).then(
        (what) => {
          // On another connection the packet id may be another message's, if the broker has forgotten the session.
          if (client.stream === stream && client.connected)
            done(what === 'kept' ? KEPT : packet.qos === 0 ? KEPT : WRONG_PAYLOAD)
        },
        (error: unknown) => {
          // Unacknowledged, and the connection ended: the broker delivers it again on the next one.
          onState(false, error instanceof TanlianError ? error.code : 'E_JOURNAL_STOPPED')
          client.reconnect()
        },
      )
    },
  })
  const announce = () => {
    const birth = say(true)
    // Without an answer the connection is gone, and the next one says it again.
    if (birth !== undefined) client.publishAsync(birth.topic, birth.payload, KEPT_BY_BROKER).catch(() => {})
  }
  client.on('connect', () => {
    onState(true, undefined)
    client.subscribe(topics as string[], { qos: 1 }, (error) => {
      if (error) onState(false, 'E_MQTT_BROKER')
      else announce()
    })
  })
  client.on('close', () => {
    onState(false, undefined)
    // Will and birth of one connection carry one time: a will that comes late speaks of none but its own.
    connectingMs = announcement?.now() ?? 0
    const next = say(false)
    if (next !== undefined) client.options.will = next
  })
  client.on('error', () => onState(false, 'E_MQTT_BROKER'))
  return {
    client,
    announce,
    close: async () => {
      // An orderly goodbye calls off the will.
      const last = client.connected ? say(false) : undefined
      if (last !== undefined) await client.publishAsync(last.topic, last.payload, KEPT_BY_BROKER).catch(() => {})
      await client.endAsync(true)
    },
  }
}
