import { TanlianError } from '@tanlian/units'
import { type Document, parseDocument } from 'yaml'
import type { ProtocolName } from './arrival.ts'
import type { Device } from './device.ts'
import { GATEWAY_ERRORS } from './errors.ts'
import type { Gateway, Tried } from './gateway.ts'
import type { LiveValue } from './live.ts'
import type { DeviceModel } from './model.ts'
import { readPlant } from './plant.ts'
import { shownValue } from './reading/shown.ts'

/** What the page asks of the gateway. Values go out as JSON. */
export interface PageApi {
  state(): unknown
  live(): { readonly version: number; readonly nowMs: number; readonly values: readonly LiveValue[] }
  drivers(): unknown
  /** `{device, listen?}` as in a plant file: listens to it and gives what it says first. */
  testConnection(body: unknown): Promise<unknown>
  /** `{device, listen?}`: writes it into the plant file and goes on with it. */
  addDevice(body: unknown): Promise<{ readonly device: string }>
  /** `{stream, readings, reason}`: a person's correction. */
  correct(body: unknown): Promise<{ readonly position: number }>
  /** Messages as the journal keeps them, from a position on: of one device, or of all and those that none is known for. */
  messages(query: URLSearchParams): Promise<unknown>
  /** Closes the open window now. */
  closeWindow(): Promise<unknown>
}

/** The plant file, and the gateway that runs by it. */
export interface PlantFile {
  readonly gateway: Gateway
  readonly models: ReadonlyMap<string, DeviceModel>
  /** Folder against which the file's paths are resolved. */
  readonly folder: string
  text(): string
  /** Writes a new plant file and starts the gateway again with it. */
  replace(text: string): Promise<void>
}

/** How long a device is listened to when it is tried: one that speaks once a minute is heard. */
const TRY_MS = 75_000

/** The page's API over a running gateway. */
export function createPageApi(file: PlantFile, now: () => number): PageApi {
  const api: PageApi = {
    state: () => stateOf(file.gateway, now()),
    live: () => ({ version: file.gateway.live.version, nowMs: now(), values: file.gateway.live.values }),
    drivers: () => ({ models: [...file.models.values()].map(driverOf), tryMs: TRY_MS }),
    async testConnection(body) {
      const wanted = readWanted(body)
      const candidate = readPlant(plantWith(file, wanted), file.models, file.folder)
      const device = candidate.devices.at(-1)
      if (device === undefined) throw new TanlianError('E_PLANT', 'There is no device to try.')
      return triedOf(await file.gateway.tryDevice(candidate, device, TRY_MS), device)
    },
    async addDevice(body) {
      const wanted = readWanted(body)
      const text = plantWith(file, wanted)
      const plant = readPlant(text, file.models, file.folder)
      await file.replace(text)
      return { device: plant.devices.at(-1)?.id ?? '' }
    },
    correct: async (body) => ({ position: await file.gateway.core.correct(body) }),
    messages: (query) =>
      file.gateway.core.messages({ from: positionOf(query.get('from')), device: query.get('device') ?? undefined }),
    async closeWindow() {
      await file.gateway.core.closeWindow()
      return stateOf(file.gateway, now())
    },
  }
  return api
}

function positionOf(text: string | null): number {
  const position = text === null ? 0 : Number(text)
  if (!Number.isSafeInteger(position) || position < 0)
    throw new TanlianError('E_PAGE_QUERY', 'The position to read from is no whole number.', { values: { from: text } })
  return position
}

/** What the wizard sends: a device as a plant file has it, and how its protocol is to be opened where it is not yet. */
interface Wanted {
  readonly device: Readonly<Record<string, unknown>>
  readonly listen: Readonly<Record<string, unknown>>
}

function readWanted(body: unknown): Wanted {
  const { device, listen = {} } = (body ?? {}) as { device?: unknown; listen?: unknown }
  if (!isTable(device) || !isTable(listen))
    throw new TanlianError('E_PAGE_BODY', 'A device, and how to listen to it, are tables as in a plant file.')
  return { device, listen }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The plant file with one device more, its comments kept. The strict reader judges it afterwards. */
function plantWith(file: PlantFile, { device, listen }: Wanted): string {
  const document: Document = parseDocument(file.text())
  document.addIn(['devices'], document.createNode(device))
  for (const [protocol, options] of Object.entries(listen))
    if (!document.hasIn(['listen', protocol])) document.setIn(['listen', protocol], document.createNode(options))
  return String(document)
}

function stateOf({ plant, core, channels, questions }: Gateway, nowMs: number): unknown {
  const { organization, platform, zone, devices } = plant
  const { uplink } = core.state
  return {
    nowMs,
    plant: { organization, platform, zone, signs: plant.key !== undefined },
    ...core.state,
    uplink: { ...uplink, ...(uplink.problem && { problem: told(uplink.problem) }) },
    protocols: (Object.keys(plant.listen) as ProtocolName[]).map((name) => ({
      name,
      address: channels.get(name)?.address ?? null,
    })),
    devices: devices.map(({ id, model, protocol, keys, points }) => ({
      id,
      model,
      protocol,
      signs: keys !== undefined,
      presence: channels.get(protocol)?.devices.get(id) ?? null,
      counts: core.intake.counts.get(id) ?? null,
      points: points.map(({ name, stream, unit, interval }) => ({ name, stream, unit, interval })),
    })),
    /** Refused messages of nobody that is known. */
    strangers: core.intake.counts.get(undefined) ?? null,
    scores: core.fold.quality.scores(),
    questions,
  }
}

/** A refusal with the code's sentence in Chinese beside the English one, for a page that knows no codes of the gateway. */
export function told<T extends { readonly code: string }>(refusal: T): T & { readonly zh?: string } {
  const known: Readonly<Record<string, { readonly zh: string }>> = GATEWAY_ERRORS
  const zh = known[refusal.code]?.zh
  return zh === undefined ? refusal : { ...refusal, zh }
}

/** What was heard, each value in its point's unit. */
function triedOf(tried: Tried, { points }: Device): unknown {
  if (!tried.ok) return told(tried)
  const known = new Map(points.map((point) => [point.name, point]))
  const samples = tried.samples.map(({ point, stamp, value, flag }) => {
    const of = known.get(point)
    const shown = value === undefined || of === undefined ? value : shownValue(of, value)
    return { point, stamp, value: shown, unit: of?.unit, flag }
  })
  return { ...tried, samples }
}

function driverOf({ name, en, zh, protocol, address, points }: DeviceModel): unknown {
  return {
    name,
    en,
    zh,
    protocol,
    address,
    points: points.map(({ name, en, zh, unit, type, interval }) => ({ name, en, zh, unit, type, interval })),
  }
}
