import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ColumnMapping, isFlag, KINDS, kindInfo, linearOf } from '@tanlian/evidence'
import { ROUNDINGS } from '@tanlian/units'
import type { ProtocolName } from './arrival.ts'
import type { Limits, Point } from './device.ts'
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

/** First field of a device model's file. */
export const MODEL_FORMAT = 'tanlian/device-model/1'
export const PROTOCOL_NAMES = ['hj212', 'mqtt', 'sparkplug-b', 'modbus-tcp', 'http', 'file'] as const

/** What a make of instrument measures and how it says so (设备模型): a file of `gateway/devices/`. */
export interface DeviceModel {
  /** The file's name without `.yaml`. */
  readonly name: string
  readonly en: string
  readonly zh: string
  readonly protocol: ProtocolName
  /** Where the whole definition is from. */
  readonly definition: string
  /** What every device of the model has in its address, such as a file's form; a device may say otherwise. */
  readonly address: Readonly<Record<string, string | number>>
  readonly points: readonly ModelPoint[]
}

/** A quantity of a model; a device of a plant gives it its stream. */
export interface ModelPoint extends Omit<Point, 'stream'> {
  readonly en: string
  readonly zh: string
}

/** Every model of a folder, by name. @throws TanlianError E_PLANT with file, line and place */
export async function readModels(folder: string): Promise<Map<string, DeviceModel>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const models = files.map(async (file) => readModel(await readFile(join(folder, file), 'utf8'), file.slice(0, -5)))
  return new Map((await Promise.all(models)).map((model) => [model.name, model]))
}

/** A model from its file's text. @throws TanlianError E_PLANT with line and place */
export function readModel(source: string, name: string): DeviceModel {
  const root = openDocument(source, `${name}.yaml`)
  const f = fields(root, ['format', 'en', 'zh', 'protocol', 'definition', 'address', 'points'])
  choice(wanted(f.format, root, 'format'), [MODEL_FORMAT])
  const definition = text(wanted(f.definition, root, 'definition'))
  const points = list(wanted(f.points, root, 'points'), 1000).map((point) => readPoint(point, definition))
  const twice = points.find((point, i) => points.findIndex((other) => other.name === point.name) < i)
  if (twice !== undefined) throw refused(root, `has the point ${twice.name} twice`)
  return {
    name,
    en: text(wanted(f.en, root, 'en')),
    zh: text(wanted(f.zh, root, 'zh')),
    protocol: choice(wanted(f.protocol, root, 'protocol'), PROTOCOL_NAMES),
    definition,
    address: f.address === undefined ? {} : readScalars(f.address),
    points,
  }
}

function readPoint(place: Place, definition: string): ModelPoint {
  const f = fields(place, [
    'name',
    'en',
    'zh',
    'kind',
    'unit',
    'value',
    'scale',
    'offset',
    'rounding',
    'interval',
    'stamp',
    'source',
    'limits',
    'definition',
  ])
  const name = text(wanted(f.name, place, 'name'), 60)
  const point: ModelPoint = {
    name,
    en: text(wanted(f.en, place, 'en')),
    zh: text(wanted(f.zh, place, 'zh')),
    type: readKind(wanted(f.kind, place, 'kind')),
    unit: text(wanted(f.unit, place, 'unit'), 20),
    value: choice(wanted(f.value, place, 'value'), ['delta', 'register', 'mean']),
    scale: f.scale === undefined ? '1' : decimal(f.scale),
    offset: f.offset === undefined ? '0' : decimal(f.offset),
    rounding: choice(wanted(f.rounding, place, 'rounding'), ROUNDINGS),
    interval: readInterval(wanted(f.interval, place, 'interval')),
    stamp: choice(wanted(f.stamp, place, 'stamp'), ['start', 'end']),
    source: readScalars(wanted(f.source, place, 'source')),
    limits: f.limits === undefined ? {} : readLimits(f.limits),
    definition: f.definition === undefined ? definition : text(f.definition),
  }
  requireFit(place, point)
  return point
}

/** Seconds of an interval: a second to a leap year. */
export function readInterval(place: Place): number {
  return integer(place, 1, 366 * 86_400)
}

/** Limits of the quality rules. @throws TanlianError E_PLANT */
export function readLimits(place: Place): Limits {
  const f = fields(place, ['least', 'most', 'outside', 'rate', 'stuckAfter', 'rollover'])
  const outside = f.outside?.value
  if (f.outside !== undefined && !isFlag(outside)) throw refused(f.outside, 'is none of the flags N F M S D C T B E')
  return {
    ...(f.least === undefined ? {} : { least: decimal(f.least) }),
    ...(f.most === undefined ? {} : { most: decimal(f.most) }),
    ...(isFlag(outside) ? { outside } : {}),
    ...(f.rate === undefined ? {} : { rate: decimal(f.rate) }),
    ...(f.stuckAfter === undefined ? {} : { stuckAfter: integer(f.stuckAfter, 1, 366 * 86_400) }),
    ...(f.rollover === undefined ? {} : { rollover: decimal(f.rollover) }),
  }
}

/** A table whose values are texts and numbers. @throws TanlianError E_PLANT */
export function readScalars(place: Place): Record<string, string | number> {
  const found: Record<string, string | number> = Object.create(null)
  for (const [key, item] of entries(place))
    found[key] = typeof item.value === 'number' ? integer(item, -1e9, 1e9) : text(item)
  return found
}

/** Holds unit, scale and kind of value to the type, so that a wrong one is found before the first reading. @throws TanlianError E_PLANT */
export function requireFit(place: Place, point: Omit<Point, 'stream'>): void {
  const column: ColumnMapping = {
    ...{ column: point.name, name: point.name, stream: 1, device: 'model', type: point.type, unit: point.unit },
    ...{ value: point.value, scale: point.scale, offset: point.offset, rounding: point.rounding, flag: 'N' },
  }
  attempt(place, () => linearOf(column, point.interval))
}

function readKind(place: Place): number {
  const name = text(place)
  const type = /^[0-9a-f]{6}$/i.test(name) ? Number.parseInt(name, 16) : KINDS.find(({ en }) => en === name)?.type
  if (type === undefined || kindInfo(type) === undefined)
    throw refused(place, 'is no kind: give six quoted hex digits or its English name')
  return type
}
