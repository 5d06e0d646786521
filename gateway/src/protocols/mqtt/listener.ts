import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { TanlianError } from '@tanlian/units'
import type { Intake, Kept } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { jsonArrival } from '../json-arrival.ts'
import { listenAt } from '../listen.ts'
import type { CertificateFiles, ListenAt } from '../options.ts'
import { createOutgoing } from '../outgoing.ts'
import type { PresenceBook } from '../presence.ts'
import type { Clock } from '../protocol.ts'
import {
  connack,
  createMqttReader,
  decline,
  disconnect,
  MqttFault,
  type MqttPacket,
  PINGRESP,
  puback,
  pubackWord,
  REASON,
  RECEIVE_MAXIMUM,
  type Version,
} from './codec.ts'

/** The one topic that a device may publish to. */
export function topicOf(device: string): string {
  return `tanlian/${device}/telemetry`
}

export interface Listener {
  readonly address: string
  close(): Promise<void>
}

/** Connections of one listener, and those that have not said who they are. */
const MOST_CONNECTIONS = 2000
const CONNECT_MS = 10_000
const KEEP_ALIVE_S = 3600
const MOST_UNSENT = 64 * 1024
/** Bytes of one client that wait for the disk; beyond it the client is not read from. */
const MOST_WAITING = 64 * 1024

/**
 * Listens for MQTT 3.1.1 and 5 over TLS and takes messages in; it delivers none, so there is nothing to retain, to will or to subscribe to
 * (safety R24). A client's certificate names the device: client id and topic are that name. PUBACK follows the intake.
 */
export async function openListener(
  options: ListenAt & CertificateFiles,
  devices: readonly Device[],
  presences: PresenceBook,
  intake: Intake,
  clock: Clock,
): Promise<Listener> {
  const known = new Map(devices.map((device) => [device.id, device]))
  const [cert, key, ca] = await Promise.all(
    [options.certificate, options.key, options.authority].map((path) => readPem(path)),
  )
  const live = new Map<string, { end(reason: number): void }>()
  const open = new Map<Socket, Promise<void>>()
  const server = createServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2', handshakeTimeout: CONNECT_MS },
    (socket) => {
      const done = serve(socket)
      open.set(socket, done)
      done.finally(() => open.delete(socket))
    },
  )
  server.maxConnections = MOST_CONNECTIONS
  // A handshake that fails is that client's affair.
  server.on('tlsClientError', () => {})
  const address = await listenAt(server, options)
  return {
    address,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const { end } of live.values()) end(REASON.success)
      for (const socket of open.keys()) socket.end()
      await Promise.all(open.values())
      await closed
    },
  }

  function serve(socket: TLSSocket): Promise<void> {
    const reader = createMqttReader()
    const named = nameIn(socket)
    let version: Version = 5
    let device: Device | undefined
    let topic = ''
    let waiting = 0
    let waitingBytes = 0
    let ended = false
    let settled = () => {}

    const { send, sendWord, take: unsent } = createOutgoing(() => setImmediate(flush))
    const flush = () => {
      const bytes = unsent()
      if (bytes !== undefined && socket.writable) socket.write(bytes)
      pace()
    }
    const pace = () => {
      if (waiting >= RECEIVE_MAXIMUM || waitingBytes > MOST_WAITING || socket.writableLength > MOST_UNSENT)
        socket.pause()
      else if (!ended) socket.resume()
    }
    /** Says why where the version can, and ends. */
    const end = (reason: number) => {
      if (version === 5 && device !== undefined) send(disconnect(reason))
      flush()
      socket.end()
      setImmediate(() => socket.destroy())
    }
    const me = { end }
    const trouble = (code: string, bytes?: Uint8Array) => {
      const id = device?.id ?? (named !== undefined && known.has(named) ? named : undefined)
      presences.troubled(id, code)
      if (bytes !== undefined) intake.refuse({ device: id, protocol: 'mqtt', bytes, receivedMs: clock.now(), code })
    }

    const greet = (packet: MqttPacket & { type: 'connect' }) => {
      version = packet.version
      const found = named === packet.client ? known.get(packet.client) : undefined
      if (found === undefined || packet.will) {
        trouble('E_MQTT_IDENTITY')
        send(connack(version, packet.will ? REASON.notAccepted : REASON.clientId))
        return end(REASON.notAuthorized)
      }
      const other = live.get(found.id)
      if (other !== undefined) {
        // Two hold one certificate: the specification lets the later one in; somebody should know of it (R24).
        presences.troubled(found.id, 'E_MQTT_TAKEN_OVER')
        other.end(REASON.takenOver)
      }
      device = found
      topic = topicOf(found.id)
      live.set(found.id, me)
      presences.connected(found.id, 1)
      socket.setTimeout((packet.keepAliveS || KEEP_ALIVE_S) * 1500)
      send(connack(version, 0))
    }

    /** Says no to a message, by its packet identifier; 0 is of one at QoS 0, which hears nothing. */
    const no = (id: number, reason: number) => {
      if (id !== 0 && version === 5) send(puback(id, reason))
      // MQTT 3.1.1 cannot say no; an acknowledgement would promise what is not so.
      else if (id !== 0) end(reason)
    }
    const refuse = ({ id, payload }: MqttPacket & { type: 'publish' }, code: string, reason: number) => {
      trouble(code, payload)
      no(id, reason)
    }

    const publish = (packet: MqttPacket & { type: 'publish' }, from: Device) => {
      const { qos, id, payload } = packet
      if (qos === 2) return end(REASON.noQos2)
      if (packet.retain) return refuse(packet, 'E_MQTT_TOPIC', REASON.noRetain)
      if (packet.topic !== topic) return refuse(packet, 'E_MQTT_TOPIC', REASON.notAuthorized)
      const receivedMs = clock.now()
      const arrival = jsonArrival(payload, from, 'mqtt', receivedMs)
      if (typeof arrival === 'string') return refuse(packet, arrival, REASON.payload)
      waiting++
      waitingBytes += payload.length
      acknowledge(intake.keep(arrival), from.id, id, payload.length, receivedMs)
    }

    /** Acknowledges a message once it is kept. Thousands wait for one sync: of each only what that needs. */
    const acknowledge = (kept: Promise<Kept>, from: string, id: number, length: number, receivedMs: number) => {
      kept.then(
        ({ state }) => {
          if (state === 'conflict') {
            presences.troubled(from, 'E_DEVICE_CONFLICT')
            no(id, REASON.notAccepted)
          } else {
            presences.heard(from, receivedMs)
            if (id !== 0) sendWord(pubackWord(id))
          }
          settle(length)
        },
        (error: unknown) => {
          const code = error instanceof TanlianError ? error.code : 'E_JOURNAL_STOPPED'
          presences.troubled(from, code)
          if (code.startsWith('E_DEVICE_')) no(id, REASON.notAuthorized)
          // Not kept, so not acknowledged: it sends again when it is back.
          else end(REASON.quota)
          settle(length)
        },
      )
    }

    /** A message waits for the disk no longer. */
    const settle = (length: number) => {
      waiting--
      waitingBytes -= length
      if (socket.isPaused()) pace()
      if (ended && waiting === 0) settled()
    }

    const take = (packet: MqttPacket) => {
      if (packet.type === 'connect') return greet(packet)
      if (device === undefined || ended) return
      if (packet.type === 'publish') publish(packet, device)
      else if (packet.type === 'ping') send(PINGRESP)
      else if (packet.type === 'disconnect') socket.end()
      else {
        trouble('E_MQTT_TOPIC')
        send(decline(version, packet.type, packet.id))
      }
    }

    return new Promise((resolve) => {
      socket.setTimeout(CONNECT_MS, () => socket.destroy())
      socket.on('error', () => {})
      socket.on('drain', pace)
      socket.on('data', (chunk) => {
        try {
          for (const packet of reader.push(chunk)) take(packet)
        } catch (error) {
          if (!(error instanceof MqttFault)) throw error
          trouble('E_MQTT_FORM', chunk)
          end(error.reason)
        }
        pace()
      })
      socket.on('close', () => {
        ended = true
        settled = resolve
        if (device !== undefined) {
          presences.connected(device.id, -1)
          if (live.get(device.id) === me) live.delete(device.id)
        }
        if (waiting === 0) resolve()
      })
    })
  }
}

/** The common name of the client's certificate. */
function nameIn(socket: TLSSocket): string | undefined {
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : undefined
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TanlianError('E_PLANT', `The file ${path} of the MQTT listener cannot be read: ${why}.`, {
      values: { place: path, why },
      cause,
    })
  }
}
