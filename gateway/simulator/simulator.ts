import type { Device } from '../src/device.ts'
import { createPlantClock, nap, type PlantClock } from './clock.ts'
import { type Courier, openCourier } from './courier.ts'
import { type Fault, faultAt } from './fault.ts'
import { type Instrument, withFaults } from './instrument.ts'
import { PLANTS, type PlantName } from './plants/index.ts'
import type { Site } from './plants/plant.ts'
import { createRandom } from './random.ts'
import { createTruth, type Truth } from './truth.ts'
import { type Endpoints, openWire } from './wires/index.ts'
import { type Meter, openMeter, placesOf } from './wires/modbus.ts'

/** What is simulated, and how. */
export interface SimulatorOptions {
  readonly plant: PlantName
  /** The devices of its plant file, as the gateway reads it; those of another plant are passed over. */
  readonly devices: readonly Device[]
  /** Where the gateway is to be found, and with what the devices show who they are. */
  readonly endpoints: Endpoints
  readonly seed: number
  /** The plant's first moment, Unix milliseconds. */
  readonly fromMs: number
  /** Plant seconds a second. */
  readonly speed: number
  /** When the plant began by the wall clock; now, where it is left out. */
  readonly startedMs?: number
  readonly faults?: readonly Fault[]
}

/** A plant at work. */
export interface RunningPlant {
  readonly clock: PlantClock
  readonly truth: Truth
  /** Ports of its meters by device, for those that are polled. */
  readonly ports: ReadonlyMap<string, number>
  /** Messages that wait for their acknowledgement. */
  readonly waiting: number
  /** Messages that were made. */
  readonly made: number
  /** Makes nothing new, and resolves when all that was made is acknowledged. Meters go on answering, and show what they showed. */
  drain(): Promise<void>
  stop(): Promise<void>
}

/** A device whose messages wait makes no more of them: at any speed the plant's memory is bounded. */
const MOST_WAITING = 200

/** Starts a plant's devices: those that speak begin to, those that are asked begin to listen. */
export async function startPlant(options: SimulatorOptions): Promise<RunningPlant> {
  const { plant, seed, fromMs, speed, endpoints, faults = [] } = options
  const fromS = Math.ceil(fromMs / 1000)
  const clock = createPlantClock({ fromMs, speed, startedMs: options.startedMs ?? Date.now() })
  const site = await PLANTS[plant]({ fromS, seed })
  const devices = new Map(options.devices.map((device) => [device.id, device]))
  const truth = createTruth(options.devices)
  const random = createRandom(seed)
  const ending = new AbortController()
  const peaks = peakHours(site, faults, fromS)
  const speakers: Speaker[] = []
  const meters: { readonly device: string; readonly meter: Meter }[] = []
  let heldAtS: number | undefined

  for (const own of site.instruments) {
    const device = devices.get(own.device)
    if (device === undefined) continue
    const instrument = withFaults(own, faults, fromS)
    if (device.protocol === 'modbus-tcp') {
      const { host, port, unit } = device.address
      const meter = await openMeter({
        host: String(host),
        port: Number(port),
        unit: Number(unit ?? 1),
        places: placesOf(device),
        // A meter has no memory: it shows the present, however fast the loggers beside it catch up.
        show: () => instrument.show(heldAtS ?? Math.floor(Date.now() / 1000)),
      })
      meters.push({ device: device.id, meter })
      continue
    }
    const courier = openCourier({
      wire: openWire(device, endpoints),
      faults,
      random: random.fork(`${device.id} ${speakers.length}`),
      clock,
      fromMs,
      onAcknowledged: (message, bytes) => truth.acknowledge(message, bytes),
    })
    speakers.push({ instrument, device, courier, nextS: fromS + own.every - (fromS % own.every) })
  }

  let made = 0
  const work = run()

  async function run(): Promise<void> {
    while (!ending.signal.aborted && speakers.length > 0) {
      const speaker = speakers.reduce((first, other) => (other.nextS < first.nextS ? other : first))
      const atS = speaker.nextS
      await clock.until(atS * 1000, ending.signal)
      if (ending.signal.aborted) return
      // Timers and sockets get their turn however fast the plant runs.
      do await nap(speaker.courier.waiting > MOST_WAITING ? 5 : 0, ending.signal)
      while (speaker.courier.waiting > MOST_WAITING && !ending.signal.aborted)
      speaker.nextS += speaker.instrument.every
      const values = speaker.instrument.show(atS)
      if (values.length === 0 || peaks(speaker.device.id, atS)) continue
      const ahead = faultAt(faults, 'clock', speaker.device.id, undefined, atS - fromS) ?? 0
      made++
      speaker.courier.post({
        device: speaker.device.id,
        // By the time, so that it goes on where an earlier run of the plant ended.
        counter: atS / speaker.instrument.every,
        atMs: (atS + ahead) * 1000,
        values: ahead === 0 ? values : values.map((value) => ({ ...value, atS: (value.atS ?? atS) + ahead })),
      })
    }
  }

  const settle = () => {
    for (const { device, meter } of meters)
      for (const { first, last } of meter.polled.values()) truth.polled(device, first, last)
  }
  return {
    clock,
    truth,
    ports: new Map(meters.map(({ device, meter }) => [device, meter.port])),
    get waiting() {
      return speakers.reduce((sum, { courier }) => sum + courier.waiting, 0)
    },
    get made() {
      return made
    },
    async drain() {
      heldAtS = Math.floor(Date.now() / 1000)
      ending.abort()
      await work
      await Promise.all(speakers.map(({ courier }) => courier.drain()))
      settle()
    },
    async stop() {
      ending.abort()
      await work
      settle()
      await Promise.all([
        ...speakers.map(({ courier }) => courier.close()),
        ...meters.map(({ meter }) => meter.close()),
      ])
    },
  }
}

interface Speaker {
  readonly instrument: Instrument
  readonly device: Device
  readonly courier: Courier
  nextS: number
}

/** The hours of highest load that are left out, by the order `peak` (fraud.md, section 4). */
function peakHours(site: Site, faults: readonly Fault[], fromS: number): (device: string, atS: number) => boolean {
  const orders = faults
    .filter(({ name }) => name === 'peak')
    .map(({ value, target, fromS: since }) => {
      const hours = Array.from({ length: 24 }, (_, hour) => fromS + since + hour * 3600)
      hours.sort((a, b) => site.load(b + 1800) - site.load(a + 1800))
      return { target, hours: hours.slice(0, value) }
    })
  return (device, atS) =>
    orders.some(
      ({ target, hours }) =>
        (target === undefined || target === device) && hours.some((hour) => atS > hour && atS <= hour + 3600),
    )
}
