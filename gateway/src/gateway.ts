import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, ProtocolName, Sample } from './arrival.ts'
import { type Core, openCore } from './core.ts'
import type { Device } from './device.ts'
import type { Disk } from './disk.ts'
import { createLive, type Live } from './live.ts'
import type { Plant } from './plant.ts'
import type { Channel, Clock, Protocol } from './protocols/protocol.ts'
import type { Question } from './quality/rules.ts'
import type { Reached } from './uplink.ts'

/** Every way of talking to devices, by name; each takes the options that the plant file's `listen` has for it. */
export type Protocols = { readonly [name in ProtocolName]: Protocol<NonNullable<Plant['listen'][name]>> }

/** A gateway at work: core, open protocols, last values. */
export interface Gateway {
  readonly plant: Plant
  readonly core: Core
  readonly live: Live
  readonly channels: ReadonlyMap<ProtocolName, Channel>
  /** The latest questions of the quality rules, newest last. */
  readonly questions: readonly Question[]
  /** Listens to a device that the plant does not have yet, and gives what it says first; nothing of it is acknowledged or kept. */
  tryDevice(candidate: Plant, device: Device, limitMs: number): Promise<Tried>
  stop(): Promise<void>
}

/** What a device said when it was tried. */
export type Tried =
  | { readonly ok: true; readonly samples: readonly Sample[]; readonly afterMs: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

export interface GatewayOptions {
  readonly plant: Plant
  readonly protocols: Protocols
  readonly disk: Disk
  readonly directory: string
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
  readonly chance: () => number
  readonly reach: () => Promise<Reached>
  readonly onStopped: (error: unknown) => void
}

const MOST_QUESTIONS = 200

/** Opens the core and every protocol that the plant listens to. @throws TanlianError E_PLANT, E_LISTEN, E_JOURNAL_DAMAGED */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { plant, protocols, clock } = options
  const { organization, devices, derived, checks, zone, batch, journal } = plant
  const live = createLive()
  const questions: Question[] = []
  const core = await openCore({
    ...options,
    organization,
    devices,
    derived,
    checks,
    zone,
    window: batch,
    budgetBytes: journal.budgetBytes,
    samples: (name, bytes, device) => protocolOf(protocols, name).samples(bytes, device),
    onSeen(seen) {
      live.take(seen)
      questions.push(...core.fold.quality.questions())
      if (questions.length > MOST_QUESTIONS) questions.splice(0, questions.length - MOST_QUESTIONS)
    },
  })
  const channels = new Map<ProtocolName, Channel>()
  const open = async (name: ProtocolName, of: Plant, intake: Intake): Promise<Channel | undefined> => {
    const listen = of.listen[name]
    if (listen === undefined) return undefined
    const protocol = protocolOf(protocols, name)
    const own = of.devices.filter((device) => device.protocol === name)
    return protocol.open(listen, own, intake, clock)
  }
  const openOwn = async (name: ProtocolName) => {
    const channel = await open(name, plant, core.intake)
    if (channel !== undefined) channels.set(name, channel)
  }
  const close = async (name: ProtocolName) => {
    const channel = channels.get(name)
    channels.delete(name)
    await channel?.close()
  }
  const closeAll = async () => {
    await Promise.all([...channels.keys()].map(close))
    await core.stop()
  }
  try {
    for (const name of Object.keys(plant.listen) as ProtocolName[]) await openOwn(name)
  } catch (error) {
    await closeAll()
    throw error
  }

  return {
    plant,
    core,
    live,
    channels,
    questions,
    async tryDevice(candidate, device, limitMs) {
      const name = device.protocol
      const since = clock.now()
      const { probe } = protocolOf(protocols, name)
      // One that is asked answers at once; the moment of its next poll may be a quarter of an hour away.
      if (probe !== undefined) return probed(async () => probe(device, clock), clock)
      // Its own devices go on over the same socket; only the new one's messages end here.
      await close(name)
      let channel: Channel | undefined
      try {
        const heard = Promise.withResolvers<Arrival | undefined>()
        const cancel = clock.after(limitMs, () => heard.resolve(undefined))
        channel = await open(name, candidate, tryingIntake(core.intake, device.id, heard.resolve))
        const arrival = await heard.promise
        cancel()
        if (arrival === undefined) return silent(channel?.devices.get(device.id)?.problem, limitMs)
        return { ok: true, samples: samplesOf(protocols, arrival, device), afterMs: clock.now() - since }
      } catch (error) {
        return refusedTry(error)
      } finally {
        await channel?.close()
        await openOwn(name)
      }
    },
    stop: closeAll,
  }
}

function protocolOf<Name extends ProtocolName>(protocols: Protocols, name: Name): Protocol<unknown> {
  const protocol: Protocol<never> | undefined = protocols[name]
  if (protocol === undefined)
    throw new TanlianError('E_PLANT', `There is no protocol ${name}.`, { values: { protocol: name } })
  return protocol as Protocol<unknown>
}

async function probed(ask: () => Promise<readonly Sample[]>, clock: Clock): Promise<Tried> {
  const since = clock.now()
  try {
    return { ok: true, samples: await ask(), afterMs: clock.now() - since }
  } catch (error) {
    return refusedTry(error)
  }
}

/** What a device or its address got wrong is an answer to whoever tries it; everything else is our own fault. */
function refusedTry(error: unknown): Tried {
  if (!(error instanceof TanlianError)) throw error
  return { ok: false, code: error.code, message: error.message }
}

/** Refuses what the tried device sends, so that it sends it again once the device is in the plant. */
function tryingIntake(intake: Intake, device: string, heard: (arrival: Arrival) => void): Intake {
  return {
    async keep(arrival) {
      if (arrival.device !== device) return intake.keep(arrival)
      // The bytes are the protocol's again when this is over.
      heard({ ...arrival, bytes: Uint8Array.from(arrival.bytes) })
      throw new TanlianError('E_DEVICE_TRIED', `Device ${device} is being tried, so its message is not kept.`, {
        values: { device },
      })
    },
    refuse(refusal) {
      if (refusal.device !== device) intake.refuse(refusal)
    },
  }
}

function samplesOf(protocols: Protocols, arrival: Arrival, device: Device): readonly Sample[] {
  return arrival.samples ?? protocolOf(protocols, arrival.protocol).samples(arrival.bytes, device)
}

function silent(problem: string | undefined, limitMs: number): Tried {
  const seconds = Math.round(limitMs / 1000)
  const why = problem === undefined ? '' : ` The last thing that came was refused with ${problem}.`
  return {
    ok: false,
    code: 'E_DEVICE_SILENT',
    message: `The device said nothing within ${seconds} s. Check its address, and that it sends to this gateway.${why}`,
  }
}
