import { resolve } from 'node:path'
import type { PrivacyRule } from '@tanlian/evidence'
import { multiplyRatios, parseRatio, zoneOf } from '@tanlian/units'
import type { Device, Point } from './device.ts'
import { keyItems, readKeys } from './device-key.ts'
import {
  attempt,
  choice,
  decimal,
  entries,
  fields,
  integer,
  list,
  openDocument,
  type Place,
  refused,
  text,
  wanted,
} from './document.ts'
import { type DeviceModel, type ModelPoint, readInterval, readLimits, readScalars, requireFit } from './model.ts'
import { readPrivacy } from './privacy.ts'
import { type Listen, readListen } from './protocols/options.ts'
import type { Check } from './quality/check.ts'
import { readDeclared } from './quality/declare.ts'
import type { Derived } from './quality/derived.ts'

/** First field of a plant file. */
export const PLANT_FORMAT = 'tanlian/plant/1'

/** One plant and what its gateway does (工厂配置). */
export interface Plant {
  readonly organization: number
  /** Origin of the platform, such as `https://tanlian.example`. */
  readonly platform: string
  /** Name of the organization's key among those of this machine; without one, windows wait as drafts. */
  readonly key?: string
  /** Zone of the plant's wall clocks, where a device names none. */
  readonly zone: string
  readonly devices: readonly Device[]
  /** Streams made of others, and checks of streams against each other. */
  readonly derived: readonly Derived[]
  readonly checks: readonly Check[]
  readonly listen: Listen
  /** A window closes after so many seconds of readings, or so many readings. */
  readonly batch: { readonly seconds: number; readonly readings: number }
  /** How the readings of each type are kept; open where no line names it. */
  readonly privacy: readonly PrivacyRule[]
  readonly journal: { readonly budgetBytes: number }
}

/**
 * Reads a plant file strictly: unknown keys, devices that share an id, streams that are used twice and points that their model lacks are refused.
 * @param folder against which paths of the file are resolved
 * @throws TanlianError E_PLANT with file, line and place
 */
export function readPlant(source: string, models: ReadonlyMap<string, DeviceModel>, folder = '.'): Plant {
  const root = openDocument(source, 'plant.yaml')
  const f = fields(root, [
    'format',
    'organization',
    'platform',
    'key',
    'zone',
    'devices',
    'derived',
    'checks',
    'listen',
    'batch',
    'privacy',
    'journal',
  ])
  choice(wanted(f.format, root, 'format'), [PLANT_FORMAT])
  const organization = integer(wanted(f.organization, root, 'organization'), 1, Number.MAX_SAFE_INTEGER)
  const zone = readZone(wanted(f.zone, root, 'zone'))
  const places = list(wanted(f.devices, root, 'devices'))
  const ids = new Set<string>()
  const streams = new Map<number, string>()
  const devices = places.map((place) => {
    const device = readDevice(place, models, organization, zone)
    if (ids.has(device.id)) throw refused(place, `has the id ${device.id} of an earlier device`)
    ids.add(device.id)
    const changes = keyItems(device).map(({ stream }) => ({ stream, name: 'keys' }))
    for (const { stream, name } of [...device.points, ...changes]) {
      const other = streams.get(stream)
      if (other !== undefined) throw refused(place, `gives stream ${stream} to ${name}; ${other} has it`)
      streams.set(stream, `${device.id} ${name}`)
    }
    return device
  })
  const points = devices.flatMap((device) => device.points)
  const batch = f.batch && fields(f.batch, ['seconds', 'readings'])
  const journal = f.journal && fields(f.journal, ['budget'])
  return {
    organization,
    platform: readOrigin(wanted(f.platform, root, 'platform')),
    ...(f.key === undefined ? {} : { key: text(f.key) }),
    zone,
    devices,
    ...readDeclared(f.derived, f.checks, points, zone),
    listen: f.listen === undefined ? {} : readListen(f.listen, (path) => resolve(folder, path)),
    batch: {
      seconds: batch?.seconds === undefined ? 3600 : integer(batch.seconds, 1, 31 * 86_400),
      readings: batch?.readings === undefined ? 100_000 : integer(batch.readings, 1, 5_000_000),
    },
    privacy: readPrivacy(f.privacy),
    journal: { budgetBytes: journal?.budget === undefined ? 8 * 1024 ** 3 : readBytes(journal.budget) },
  }
}

function readDevice(
  place: Place,
  models: ReadonlyMap<string, DeviceModel>,
  organization: number,
  plantZone: string,
): Device {
  const f = fields(place, ['id', 'model', 'address', 'points', 'keys', 'zone'])
  const idPlace = wanted(f.id, place, 'id')
  const id = text(idPlace, 60)
  // It is a certificate's name, a topic and a part of a URL as well.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id))
    throw refused(idPlace, 'is not of letters, digits, dot, dash and underscore')
  const modelPlace = wanted(f.model, place, 'model')
  const model = models.get(text(modelPlace))
  if (model === undefined) throw refused(modelPlace, 'is no model of the devices folder')
  return {
    id,
    model: model.name,
    protocol: model.protocol,
    address: { ...model.address, ...(f.address === undefined ? {} : readScalars(f.address)) },
    points: entries(wanted(f.points, place, 'points')).map(([name, item]) => readPoint(item, name, model)),
    ...(f.keys === undefined ? {} : { keys: readKeys(f.keys, organization, id) }),
    zone: f.zone === undefined ? plantZone : readZone(f.zone),
  }
}

/** A stream number, or a table that says more: the interval of this device, its transformer ratio, its limits. */
function readPoint(place: Place, name: string, model: DeviceModel): Point {
  const known = model.points.find((point) => point.name === name)
  if (known === undefined) throw refused(place, `is no point of the model ${model.name}`)
  const { en: _, zh: __, ...point }: ModelPoint = known
  if (typeof place.value === 'number') return { ...point, stream: readStream(place) }
  const f = fields(place, ['stream', 'interval', 'ratio', 'limits'])
  const own: Point = {
    ...point,
    stream: readStream(wanted(f.stream, place, 'stream')),
    interval: f.interval === undefined ? point.interval : readInterval(f.interval),
    scale: f.ratio === undefined ? point.scale : product(point.scale, decimal(f.ratio)),
    limits: f.limits === undefined ? point.limits : { ...point.limits, ...readLimits(f.limits) },
  }
  requireFit(place, own)
  return own
}

function readStream(place: Place): number {
  return integer(place, 1, 0xffffffff)
}

function readZone(place: Place): string {
  const name = text(place, 60)
  attempt(place, () => zoneOf(name))
  return name
}

function readOrigin(place: Place): string {
  const value = text(place)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== value.replace(/\/$/, ''))
    throw refused(place, 'is not an origin such as https://tanlian.example')
  return url.origin
}

/** `8 GiB`, `500 MiB`. */
function readBytes(place: Place): number {
  const [, number, unit] = /^(\d{1,6}) (KiB|MiB|GiB)$/.exec(text(place)) ?? []
  if (number === undefined) throw refused(place, 'is not a size such as "8 GiB"')
  const bytes = Number(number) * { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit as 'KiB' | 'MiB' | 'GiB']
  if (bytes < 1024 ** 2) throw refused(place, 'is less than 1 MiB')
  return bytes
}

function product(a: string, b: string): string {
  const { numerator, denominator } = multiplyRatios(parseRatio(a), parseRatio(b))
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`
}
