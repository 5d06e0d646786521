import { decodeBlock, encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import protobuf from 'protobufjs/minimal.js'
import type { Arrival, Intake, Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError, readAddress, readSource } from '../address.ts'
import { AHEAD_MS } from '../json-message.ts'
import { openOutside } from '../mqtt/outside.ts'
import type { SparkplugOptions } from '../options.ts'
import { openPresences } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { type Metric, metricText, type Payload, readPayload } from './payload.ts'
import { type Named, openSession, type Session } from './session.ts'
import { readState, stateTopic, writeState } from './state.ts'

const TYPES = new Set(['NBIRTH', 'NDEATH', 'DBIRTH', 'DDEATH', 'NDATA', 'DDATA'])
/** A rebirth is not asked for more often, whatever a node does. */
const REBIRTH_MS = 10_000

/**
 * Sparkplug B of a broker outside, as a host application: births give names to aliases, data is kept with the names that it needs, and where a
 * message is missing the node is asked for a new birth. The host tells its own state, so that nodes which wait for it keep their data while it is
 * away. Other than the standard's, its session outlives the connection: a node that sends with QoS 1 loses nothing.
 * The broker's access rules must let each edge node publish under its own name alone.
 */
export const sparkplugB = {
  name: 'sparkplug-b',
  async open(options: SparkplugOptions, devices: readonly Device[], intake: Intake, clock: Clock): Promise<Channel> {
    const { group, host } = options
    const presences = openPresences(devices)
    const byPlace = new Map<string, Device>()
    const nodes = new Map<string, { readonly session: Session; rebirthMs: number }>()
    for (const device of devices) {
      const { node, device: name } = placeOf(device)
      if (byPlace.has(`${node}/${name}`)) throw addressError(device, 'node', 'and device are those of another device')
      byPlace.set(`${node}/${name}`, device)
      nodes.set(node, { session: openSession(), rebirthMs: Number.NEGATIVE_INFINITY })
    }
    const born = new Set<string>()
    const present = (device: Device | undefined, alive: boolean) => {
      if (device === undefined || born.has(device.id) === alive) return
      if (alive) born.add(device.id)
      else born.delete(device.id)
      presences.connected(device.id, alive ? 1 : -1)
    }

    const take = async (topic: string, bytes: Uint8Array): Promise<'kept' | 'refused'> => {
      if (topic === stateTopic(host)) {
        // The will of an earlier connection, or another host under this id: whoever waits for this one is told that it is here.
        if (readState(bytes)?.online === false) outside.announce()
        return 'kept'
      }
      const [version, of, type = '', nodeName = '', deviceName = ''] = topic.split('/')
      // Commands, our own among them, and what is of other groups.
      if (version !== 'spBv1.0' || of !== group || !TYPES.has(type)) return 'kept'
      const receivedMs = clock.now()
      const node = nodes.get(nodeName)
      const device = byPlace.get(`${nodeName}/${deviceName}`)
      const refuse = (code: string): 'refused' => {
        intake.refuse({ device: device?.id, protocol: 'sparkplug-b', bytes, receivedMs, code })
        presences.troubled(device?.id, code)
        return 'refused'
      }
      if (node === undefined) return refuse('E_DEVICE_UNKNOWN')
      const payload = readPayload(bytes)
      if (payload === undefined) return refuse('E_SPARKPLUG_FORM')
      if (type === 'NDEATH') {
        if (node.session.nodeDeath(payload))
          for (const [place, one] of byPlace) if (place.startsWith(`${nodeName}/`)) present(one, false)
        return 'kept'
      }
      const own = deviceName === '' ? undefined : deviceName
      if ((own === undefined) !== type.startsWith('N')) return refuse('E_SPARKPLUG_FORM')
      if (type === 'DDEATH') {
        node.session.deviceDeath(deviceName, payload)
        present(device, false)
        return 'kept'
      }
      const heard = type.endsWith('BIRTH') ? node.session.birth(own, payload) : node.session.data(own, payload)
      if (!heard.ok || heard.gap) askForBirth(node, nodeName)
      if (!heard.ok) return refuse(heard.code)
      if (heard.gap) presences.troubled(device?.id, 'E_SPARKPLUG_GAP')
      // What no device of the plant file stands for only keeps the count.
      if (device === undefined) return 'kept'
      present(device, true)
      const arrival = arrivalOf(device, type, payload, heard.names, bytes, receivedMs)
      if (typeof arrival === 'string') return refuse(arrival)
      const { state } = await intake.keep(arrival)
      if (state === 'conflict') presences.troubled(device.id, 'E_DEVICE_CONFLICT')
      else presences.heard(device.id, receivedMs)
      return 'kept'
    }
    const askForBirth = (node: { rebirthMs: number }, name: string) => {
      if (clock.now() - node.rebirthMs < REBIRTH_MS) return
      node.rebirthMs = clock.now()
      outside.client.publish(`spBv1.0/${group}/NCMD/${name}`, Buffer.from(rebirthCommand(clock.now())), { qos: 0 })
    }

    const outside = await openOutside(
      options,
      [stateTopic(host), `spBv1.0/${group}/+/+`, `spBv1.0/${group}/+/+/+`],
      take,
      (_, problem) => {
        if (problem !== undefined) for (const { id } of devices) presences.troubled(id, problem)
      },
      {
        topic: stateTopic(host),
        message: (online, timestamp) => writeState({ online, timestamp }),
        now: () => clock.now(),
      },
    )
    return { address: undefined, devices: presences.devices, close: () => outside.close() }
  },
  samples: sparkplugSamples,
} satisfies Protocol<SparkplugOptions>

/** A kept message: the payload goes by aliases, so the names that it needs stand beside it. */
interface KeptMessage {
  readonly type: string
  readonly payload: Uint8Array
  readonly names: readonly (readonly [name: string, datatype: number])[]
}

function arrivalOf(
  device: Device,
  type: string,
  payload: Payload,
  names: readonly Named[],
  bytes: Uint8Array,
  receivedMs: number,
): Arrival | string {
  const { timestamp, seq } = payload
  if (timestamp === undefined) return 'E_SPARKPLUG_FORM'
  if ([timestamp, ...payload.metrics.map((metric) => metric.timestamp ?? 0)].some((ms) => ms > receivedMs + AHEAD_MS))
    return 'E_MESSAGE_FUTURE'
  const kept: KeptMessage = { type, payload: bytes, names: names.map(({ name, datatype }) => [name, datatype ?? 0]) }
  return {
    device: device.id,
    protocol: 'sparkplug-b',
    bytes: encodeBlock(kept).bytes,
    receivedMs,
    // Sequence numbers come round every 256 messages; with the time they name one.
    name: `${type} ${timestamp} ${seq}`,
    rank: timestamp,
    content: bytes,
    samples: samplesOf(payload, names, device),
  }
}

/** What a kept message says. @throws TanlianError E_SPARKPLUG_FORM */
function sparkplugSamples(bytes: Uint8Array, device: Device): readonly Sample[] {
  const kept = decodeBlock(bytes) as KeptMessage
  const payload = kept.payload instanceof Uint8Array ? readPayload(kept.payload) : undefined
  if (payload === undefined || kept.names.length !== payload.metrics.length)
    throw new TanlianError('E_SPARKPLUG_FORM', `The kept bytes are no message of ${device.id}.`, {
      values: { device: device.id },
    })
  return samplesOf(
    payload,
    kept.names.map(([name, datatype]) => ({ name, datatype })),
    device,
  )
}

function samplesOf({ metrics, timestamp = 0 }: Payload, names: readonly Named[], device: Device): Sample[] {
  const { points } = placeOf(device)
  return metrics.flatMap((metric: Metric, i) => {
    const { name, datatype } = names[i] as Named
    const point = points.get(name)
    if (point === undefined) return []
    const value = metric.isNull ? undefined : metricText(metric, datatype)
    const flag = value === undefined ? (metric.isNull ? 'B' : 'D') : undefined
    return [{ point, stamp: Math.floor((metric.timestamp ?? timestamp) / 1000), value, flag }]
  })
}

interface SparkplugPlace {
  readonly node: string
  /** Empty for what the edge node measures itself. */
  readonly device: string
  /** Point by the metric's name. */
  readonly points: ReadonlyMap<string, string>
}

const places = new WeakMap<Device, SparkplugPlace>()

/** Where a device stands under its group, checked. @throws TanlianError E_PLANT */
function placeOf(device: Device): SparkplugPlace {
  let place = places.get(device)
  if (place === undefined) {
    const { node, device: name } = readAddress(device, { node: { form: 'text' }, device: { form: 'text', or: '' } })
    for (const [key, part] of Object.entries({ node, device: name }))
      if (/[+#/]/.test(part)) throw addressError(device, key, 'has a sign that topics use')
    const metrics = device.points.map((point) => readSource(device, point, { metric: { form: 'text' } }).metric)
    place = { node, device: name, points: new Map(metrics.map((metric, i) => [metric, device.points[i]?.name ?? ''])) }
    places.set(device, place)
  }
  return place
}

/** The command by which a host asks an edge node to introduce itself again: `Node Control/Rebirth`, a boolean (datatype 11). */
function rebirthCommand(nowMs: number): Uint8Array {
  const metric = protobuf.Writer.create()
    .uint32(10)
    .string('Node Control/Rebirth')
    .uint32(32)
    .uint32(11)
    .uint32(112)
    .bool(true)
  return protobuf.Writer.create().uint32(8).uint64(nowMs).uint32(18).bytes(metric.finish()).finish()
}
