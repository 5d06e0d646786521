import {
  addressOf,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  type Flag,
  openCar,
  type Reading,
} from '@tanlian/evidence'
import type { Gate, SignedStatement } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Arrival } from '../../gateway/src/arrival.ts'
import { type Core, openCore } from '../../gateway/src/core.ts'
import type { Device } from '../../gateway/src/device.ts'
import { itemOf } from '../../gateway/src/fold.ts'
import { meter, samplesOf } from '../../gateway/test/plant.ts'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import { DOMAIN } from './chain.ts'
import type { Clock } from './clock.ts'
import { openDurableOutbox } from './durable-outbox.ts'
import type { Uplink, Witness } from './enterprise.ts'
import { createLife, type Fate } from './life.ts'
import type { Network } from './network.ts'
import { livingDisk } from './platform.ts'
import { hold } from './properties.ts'
import type { Random } from './random.ts'

/** An enterprise's gateway: the real one, with meters that speak to it over the simulated network. */
export interface PlantUplink extends Uplink {
  readonly meters: readonly Meter[]
  /** Its process, while one runs. */
  core: Core | undefined
  /** How far its clock is off, ms (F14). */
  skewMs: number
}

/** A meter: what it measured, and what of it the gateway has acknowledged. */
export interface Meter {
  readonly device: Device
  /** By the start of the interval, Unix seconds. */
  readonly measured: Map<number, number>
  readonly acknowledged: Set<number>
  /** Starts that came back in a window of the gateway's. */
  readonly sealed: Set<number>
}

/** Seconds of a meter's interval. */
const INTERVAL_S = 1
const WINDOW = { seconds: 8, readings: 40 }
const TICK_MS = 2500

/** A gateway with its meters, not running yet. */
export function createPlant(parts: {
  readonly name: string
  readonly organization: number
  readonly streams: readonly number[]
  readonly random: Random
  readonly startS: number
}): PlantUplink {
  const key = parts.random.bytes(32)
  const meters = parts.streams.map((stream): Meter => {
    const device = meter(`${parts.name}-meter-${stream}`, stream, {}, INTERVAL_S)
    return { device, measured: new Map(), acknowledged: new Set(), sealed: new Set() }
  })
  return {
    name: parts.name,
    organization: parts.organization,
    key,
    address: addressOf(key),
    disk: createFaultDisk(),
    streams: meters.flatMap(({ device }) => device.points.map((point) => itemOf(device, point))),
    journal: [],
    nextS: parts.startS,
    life: undefined,
    meters,
    core: undefined,
    skewMs: 0,
  }
}

/** True for an uplink that is a gateway. */
export function isPlant(uplink: Uplink): uplink is PlantUplink {
  return 'meters' in uplink
}

/** Runs a gateway's process: opens the core on its disk, takes messages, sends. It ends by its fate, or where its disk fails. */
export function startPlant(
  plant: PlantUplink,
  parts: {
    readonly clock: Clock
    readonly random: Random
    readonly gate: Gate
    readonly fate: Fate
    readonly died: () => void
    readonly witness: Witness
  },
): void {
  const { clock, random, gate, witness } = parts
  const life = createLife(parts.fate, parts.died)
  plant.life = life
  life.onEnd(() => {
    plant.core = undefined
  })
  openCore({
    disk: livingDisk(life, plant.disk),
    directory: '/gateway',
    organization: plant.organization,
    devices: plant.meters.map(({ device }) => device),
    derived: [],
    checks: [],
    zone: 'Asia/Shanghai',
    window: WINDOW,
    budgetBytes: 1e8,
    samples: (_, bytes) => samplesOf(bytes),
    clock: {
      now: () => clock.now() + plant.skewMs,
      after(ms, call) {
        let wanted = true
        clock.after(ms, () => {
          if (wanted && life.alive) call()
        })
        return () => {
          wanted = false
        }
      },
    },
    random: (length) => random.bytes(length),
    chance: () => random.int(0, 1000) / 1000,
    reach: async () => ({
      gate: { ...gate, send: (statement) => gate.send(registered(plant, statement, witness)) },
      log: DOMAIN,
      outbox: openDurableOutbox(plant.disk, life),
      key: plant.key,
      // None of its meters signs.
      keyChanges: async () => [],
    }),
    onStopped: () => life.kill(),
    segmentBytes: 8000,
    tickMs: TICK_MS,
  }).then(
    (core) => {
      if (life.alive) plant.core = core
    },
    (error: unknown) => {
      // Damage does not go away by starting again; a disk that failed may.
      if (error instanceof TanlianError) witness.wrong(error)
      life.kill()
    },
  )
}

/** A meter measures, and sends what it measured until that is acknowledged. */
export function measure(plant: PlantUplink, meter: Meter, clock: Clock, network: Network, random: Random): void {
  const start = Math.floor(clock.now() / 1000)
  if (meter.measured.has(start)) return
  const value = random.int(0, 5000)
  meter.measured.set(start, value)
  const { id } = meter.device
  const arrival = (): Arrival => ({
    device: id,
    protocol: 'http',
    bytes: new TextEncoder().encode(`${start} ${value}`),
    receivedMs: clock.now() + plant.skewMs,
    name: String(start),
    rank: start,
  })
  const send = async (): Promise<void> => {
    try {
      const kept = await network.call(id, async () => {
        const { core, life } = plant
        if (core === undefined || life === undefined) throw new TanlianError('E_CLIENT_NETWORK', 'Nobody listens.')
        return life.reply(core.intake.keep(arrival()))
      })
      hold(kept.state !== 'conflict', `S2: message ${id} ${start} conflicts with itself`)
      meter.acknowledged.add(start)
    } catch (error) {
      if (!(error instanceof TanlianError)) throw error
      clock.after(random.int(200, 3000), () => void send())
    }
  }
  void send()
}

/** S1: what the gateway acknowledged is sealed, each in one window. */
export function requireAllSealed({ meters }: PlantUplink): void {
  for (const { device, acknowledged, sealed } of meters)
    for (const start of acknowledged)
      hold(sealed.has(start), `S1: message ${device.id} ${start} was acknowledged and is in no window`)
}

/** Holds a statement to what was measured before it leaves, and takes its window into the plant's own account. */
function registered(plant: PlantUplink, statement: SignedStatement, witness: Witness): SignedStatement {
  const { car, note } = statement
  const { header, cids, require } = openCar(car)
  witness.made(note, header)
  if (plant.journal.some((window) => window.note === note)) return statement
  const { data, streams } = decodeHeader(header.bytes)
  const { chunks } = decodeIndex(require(data))
  const readings = chunks.flatMap(([, , , cid]) => {
    const { type, stream, rows, sources } = decodeChunk(require(cid))
    return rows.map(([start, seconds, quantity, flag, source]): Reading => {
      const frame = source === null ? undefined : sources[source]
      const says = frame === undefined ? '' : new TextDecoder().decode(decodeFrame(require(frame)).bytes)
      requireMeasured(plant, { stream, start, quantity, flag }, says)
      return { type: type >>> 8, stream, start, seconds, quantity, flag, source: frame ?? null }
    })
  })
  const known = new Set([header.cid, data, streams, ...chunks.map(([, , , cid]) => cid)].map(String))
  const frames = cids.filter((cid) => !known.has(cid.toString())).map((cid) => ({ cid, bytes: require(cid) }))
  plant.journal.push({ note, readings, frames, restates: [] })
  return statement
}

function requireMeasured(
  { meters }: PlantUplink,
  { stream, start, quantity, flag }: Pick<Reading, 'stream' | 'start' | 'quantity'> & { readonly flag: Flag },
  says: string,
): void {
  const own = meters.find(({ device }) => device.points[0]?.stream === stream)
  hold(own !== undefined, `S13: nobody has stream ${stream}`)
  const value = own.measured.get(start)
  hold(
    value === quantity && flag === 'N',
    `S1: ${own.device.id} ${start} says ${quantity} ${flag}, measured was ${value}`,
  )
  hold(says === `${start} ${value}`, `S1: the source of ${own.device.id} ${start} is another message`)
  hold(!own.sealed.has(start), `S1: ${own.device.id} ${start} is in two windows`)
  own.sealed.add(start)
}
