import { readFileSync } from 'node:fs'
import { encodeBlock, isFlag } from '@tanlian/evidence'
import { compareRatios, parseRatio, periodOf } from '@tanlian/units'
import protobuf from 'protobufjs/minimal.js'
import { describe, expect, test } from 'vitest'
import type { Device } from './device.ts'
import { type DeviceModel, readModel, readModels } from './model.ts'
import { encodePacket } from './protocols/hj212/packet.ts'
import { PROTOCOLS } from './protocols/index.ts'
import { encodePoll, registerMapOf } from './protocols/modbus/registers.ts'

const folder = new URL('../devices', import.meta.url).pathname
const models = await readModels(folder)
/** A whole day in Shanghai begins. */
const AT = Date.parse('2026-01-05T00:00:00+08:00') / 1000

/** A device of a model with all its points, and what its address must have beyond the model's. */
function deviceOf(model: DeviceModel): Device {
  const more: Record<Device['protocol'], Device['address']> = {
    hj212: { mn: 'A'.repeat(24), password: '123456' },
    'modbus-tcp': { host: '127.0.0.1' },
    http: { token: 'a-token-of-sixteen-and-more' },
    'sparkplug-b': { node: 'edge', device: 'meter' },
    mqtt: {},
    file: {},
  }
  const points = model.points.map(({ en: _, zh: __, ...point }, i) => ({ ...point, stream: i + 1 }))
  const address = { ...model.address, ...more[model.protocol] }
  return { id: 'device', model: model.name, protocol: model.protocol, address, points, zone: 'Asia/Shanghai' }
}

/** A message of each protocol that gives every point the value 1. */
const MESSAGES: Readonly<Record<Device['protocol'], (device: Device) => Uint8Array[]>> = {
  hj212: ({ points }) =>
    [...Map.groupBy(points, ({ source }) => String(source.command))].map(([CN, own]) => {
      const items = own.map(({ source }) => `${source.code}-${source.field}=1`)
      const CP = ['DataTime=20260105000000', ...items].join(';')
      return encodePacket({ QN: '20260105000000000', ST: '31', CN, PW: '123456', MN: 'A'.repeat(24), Flag: 5, CP })
    }),
  mqtt: json,
  http: json,
  'modbus-tcp': (device) => {
    const one: Record<string, string> = {
      uint16: '0001',
      int16: '0001',
      float32: '3f800000',
      float64: '3ff0000000000000',
    }
    const data = new Map<string, string>()
    for (const { function: fn, address, format } of registerMapOf(device).points) {
      const hex = one[format] ?? '1'.padStart(Number(format.replace(/\D/g, '')) / 4, '0')
      for (let i = 0; i < hex.length; i += 4) data.set(`${fn} ${address + i / 4}`, hex.slice(i, i + 4))
    }
    const reads = registerMapOf(device).reads.map((read) => {
      const words = Array.from(
        { length: read.count },
        (_, i) => data.get(`${read.function} ${read.address + i}`) ?? '0000',
      )
      return [read, new Uint8Array(Buffer.from(words.join(''), 'hex'))] as const
    })
    return [encodePoll(AT, 1, reads)]
  },
  file: ({ points, address }) => {
    const times = String(address.time).split('+')
    const head = [...times, ...points.map(({ source }) => String(source.column))]
    const stamp = String(address.format)
      .replace('yyyy', '2026')
      .replace('MM', '01')
      .replace('dd', '05')
      .replace(/HH|mm|ss/g, '00')
    const row = [...(times.length === 1 ? [stamp] : stamp.split(' ')), ...points.map(() => '1')]
    return [new TextEncoder().encode(`${head.map((cell) => `"${cell}"`).join(',')}\n${row.join(',')}\n`)]
  },
  'sparkplug-b': ({ points }) => {
    const payload = protobuf.Writer.create()
      .uint32(8)
      .uint64(AT * 1000)
    for (const _ of points) payload.uint32(18).bytes(protobuf.Writer.create().uint32(80).uint32(1).finish())
    const names = points.map(({ source }) => [source.metric, 3])
    return [encodeBlock({ type: 'DDATA', payload: payload.finish(), names }).bytes]
  },
}

function json({ points }: Device): Uint8Array[] {
  const metrics = points.map(({ source }) => `"${source.field}":1`)
  return [new TextEncoder().encode(`{"ts":${AT * 1000},"seq":1,"metrics":{${metrics.join(',')}}}`)]
}

describe.each([...models.values()].map((model) => [model.name, model] as const))('the model %s', (_, model) => {
  test('gives each point its value from a message of its protocol', () => {
    const device = deviceOf(model)
    const samples = MESSAGES[device.protocol](device).flatMap((bytes) =>
      PROTOCOLS[device.protocol].samples(bytes, device),
    )
    expect(samples.map(({ point }) => point).sort()).toEqual(device.points.map(({ name }) => name).sort())
    for (const { value, stamp } of samples) {
      expect(value).toBe('1')
      expect(periodOf(stamp, 'day')).toBe('2026-01-05')
    }
  })

  test('says where it is from, in both languages what it measures, and has limits that can be met', () => {
    expect(model.zh).toMatch(/\p{Script=Han}/u)
    expect(model.definition.length).toBeGreaterThan(10)
    for (const { zh, limits, value } of model.points) {
      expect(zh).toMatch(/\p{Script=Han}|PM/u)
      if (limits.least !== undefined && limits.most !== undefined)
        expect(compareRatios(parseRatio(limits.least), parseRatio(limits.most))).toBe(-1)
      if (limits.rollover !== undefined) expect(value).toBe('register')
      if (limits.outside !== undefined) expect(isFlag(limits.outside)).toBe(true)
    }
  })
})

describe('a model’s file', () => {
  const good = readFileSync(`${folder}/eastron-sdm630.yaml`, 'utf8')
  const bad: [string, (text: string) => string, string][] = [
    ['an unknown key', (text) => `${text}\nmore: 1\n`, 'more'],
    ['an unknown key of a point', (text) => text.replace('unit: kWh', 'unit: kWh, colour: red'), 'points[0].colour'],
    ['a key twice', (text) => `${text}\nen: again\n`, ''],
    [
      'an alias',
      (text) => text.replace('en: imported energy', 'en: &x imported').replace('en: exported energy', 'en: *x'),
      '',
    ],
    ['another format', (text) => text.replace('device-model/1', 'device-model/2'), 'format'],
    ['a unit of another quantity', (text) => text.replace('unit: kWh', 'unit: kg'), 'points[0]'],
    [
      'a register of a level',
      (text) => text.replace('"020100"', '"0b0100"').replace('unit: kWh', 'unit: °C'),
      'points[0]',
    ],
    ['an unknown kind', (text) => text.replace('"020100"', '"ff0100"'), 'points[0].kind'],
    ['a decimal without quotes', (text) => text.replace('"10000000"', '10000000'), 'points[0].limits.rollover'],
    ['a rounding that is none', (text) => text.replace('half-even', 'nearest'), 'points[0].rounding'],
    ['a point twice', (text) => text.replace('name: exported', 'name: imported'), ''],
    ['no points', (text) => `${text.split('points:')[0]}points: []\n`, 'points'],
    ['no YAML', () => '{', ''],
  ]
  test.each(bad)('%s is refused with its place, twice alike', (_, change, place) => {
    const text = change(good)
    expect(text).not.toBe(good)
    const read = () => readModel(text, 'meter')
    for (const _round of [1, 2])
      expect(read).toThrow(
        expect.objectContaining({ code: 'E_PLANT', values: expect.objectContaining({ file: 'meter.yaml', place }) }),
      )
  })

  test('the line is named', () => {
    const text = good.replace('unit: kWh', 'unit: kWh, colour: red')
    const line = text.split('\n').findIndex((one) => one.includes('colour')) + 1
    expect(() => readModel(text, 'meter')).toThrow(`meter.yaml line ${line}: points[0].colour is not a known key`)
  })
})
