import protobuf from 'protobufjs/light.js'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryIntake, testClock, until } from '../../../test/memory-intake.ts'
import { type Published, tinyBroker } from '../../../test/tiny-broker.ts'
import type { Device, Point } from '../../device.ts'
import { readPayload } from './payload.ts'
import { sparkplugB } from './sparkplug.ts'

const NOW = '2026-01-05T08:00:00+08:00'
const TS = Date.parse(NOW) - 60_000

/** An encoder that shares nothing with our reader: the library's own, from field numbers of the specification. */
const Payload = protobuf.Root.fromJSON({
  nested: {
    Metric: {
      fields: {
        name: { type: 'string', id: 1 },
        alias: { type: 'uint64', id: 2 },
        timestamp: { type: 'uint64', id: 3 },
        datatype: { type: 'uint32', id: 4 },
        isHistorical: { type: 'bool', id: 5 },
        isNull: { type: 'bool', id: 7 },
        metadata: { type: 'bytes', id: 8 },
        intValue: { type: 'uint32', id: 10 },
        longValue: { type: 'uint64', id: 11 },
        floatValue: { type: 'float', id: 12 },
        doubleValue: { type: 'double', id: 13 },
        booleanValue: { type: 'bool', id: 14 },
        stringValue: { type: 'string', id: 15 },
      },
    },
    Payload: {
      fields: {
        timestamp: { type: 'uint64', id: 1 },
        metrics: { rule: 'repeated', type: 'Metric', id: 2 },
        seq: { type: 'uint64', id: 3 },
        uuid: { type: 'string', id: 4 },
      },
    },
  },
}).lookupType('Payload')

/** 64 bits that no double holds. */
const long = (text: string) => {
  const bits = BigInt.asUintN(64, BigInt(text))
  return { low: Number(BigInt.asIntN(32, bits)), high: Number(BigInt.asIntN(32, bits >> 32n)), unsigned: true }
}

const encode = (seq: number | undefined, metrics: object[], timestamp = TS + (seq ?? 0)) =>
  Payload.encode(Payload.create({ timestamp, metrics, ...(seq === undefined ? {} : { seq }) })).finish()

const point = (name: string, metric: string): Point => ({
  name,
  stream: 1,
  type: 0x020100,
  unit: 'kWh',
  value: 'register',
  scale: '1',
  offset: '0',
  rounding: 'exact',
  interval: 60,
  stamp: 'end',
  source: { metric },
  limits: {},
  definition: 'test',
})
const meter: Device = {
  id: 'meter',
  model: 'meter',
  protocol: 'sparkplug-b',
  address: { node: 'edge', device: 'm' },
  points: [point('energy', 'Energy/Total'), point('power', 'Power')],
  zone: 'Asia/Shanghai',
}
const other: Device = { ...meter, id: 'other', address: { node: 'edge2', device: 'm' } }

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function serve() {
  const intake = memoryIntake()
  const broker = await tinyBroker()
  open.push(broker)
  const options = { url: broker.url, client: 'gateway', group: 'plant', host: 'tanlian' }
  const channel = await sparkplugB.open(options, [meter, other], intake, testClock(NOW))
  open.push(channel)
  await until(() => broker.subscribed.length === 3 && broker.published.length === 1)
  let id = 0
  const send = async (type: string, payload: Uint8Array, place = 'edge/m') => {
    const [node, device] = place.split('/')
    const topic = ['spBv1.0', 'plant', type, node, ...(device === undefined ? [] : [device])].join('/')
    broker.deliver(++id, topic, payload)
    await until(() => broker.acknowledged.length === id)
    return broker.acknowledged.at(-1)?.[1]
  }
  const rebirths = () => broker.published.filter(({ topic }) => topic.includes('/NCMD/')).map(({ topic }) => topic)
  return { intake, broker, channel, send, rebirths, sent: () => id }
}

const nodeBirth = (bdSeq = 7) => encode(0, [{ name: 'bdSeq', datatype: 8, longValue: bdSeq }])
const birth = (seq = 1) =>
  encode(seq, [
    { name: 'Energy/Total', alias: 5, datatype: 4, longValue: 1_000 },
    { name: 'Power', alias: 6, datatype: 9, floatValue: 0.1 },
    { name: 'Serial', alias: 7, datatype: 12, stringValue: 'x' },
  ])

describe('a payload', () => {
  const values: [object, string | undefined][] = [
    [{ datatype: 3, intValue: 0xfffffffe }, '-2'],
    [{ datatype: 1, intValue: 0xfe }, '-2'],
    [{ datatype: 7, intValue: 0xfffffffe }, '4294967294'],
    [{ datatype: 8, longValue: long('9007199254740993') }, '9007199254740993'],
    [{ datatype: 4, longValue: long('-5') }, '-5'],
    [{ datatype: 9, floatValue: 230.5 }, '230.5'],
    [{ datatype: 10, doubleValue: 1e-7 }, '0.0000001'],
    [{ datatype: 11, booleanValue: true }, '1'],
    [{ datatype: 9, floatValue: Number.NaN }, undefined],
    [{ datatype: 10, isNull: true }, undefined],
  ]
  test.each(values)('%j is %s', async (metric, value) => {
    const { intake, send } = await serve()
    await send('NBIRTH', nodeBirth(), 'edge')
    await send('DBIRTH', encode(1, [{ name: 'Power', ...metric }]))
    const flag = value === undefined ? ('isNull' in metric ? 'B' : 'D') : undefined
    expect(intake.kept[0]?.samples).toEqual([{ point: 'power', stamp: Math.floor((TS + 1) / 1000), value, flag }])
  })

  test('every cut of a payload is read as a shorter one or refused, never with an error', () => {
    const whole = birth()
    for (let length = 0; length < whole.length; length++)
      expect(readPayload(whole.subarray(0, length))?.metrics.length ?? 0).toBeLessThanOrEqual(3)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const turned = whole.slice()
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
      readPayload(turned)
    }
    expect(readPayload(Uint8Array.of(0x0b, 0x0b, 0x0b))).toBeUndefined()
    expect(readPayload(Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f))).toBeUndefined()
  })
})

describe('the host’s own state', () => {
  const STATE = 'spBv1.0/STATE/tanlian'
  const said = ({ topic, payload, ...more }: Published) => ({
    topic,
    ...(JSON.parse(Buffer.from(payload).toString()) as object),
    ...more,
  })
  const kept = { topic: STATE, qos: 1, retain: true }
  const timestamp = Date.parse(NOW)

  test('is told once it listens, with the time that its will carries, and taken back by the will or at the end', async () => {
    const { broker, channel } = await serve()
    expect(broker.subscribed[0]).toBe(STATE)
    expect(broker.wills.map(said)).toEqual([{ ...kept, online: false, timestamp }])
    expect(broker.published.map(said)).toEqual([{ ...kept, online: true, timestamp }])
    broker.cut()
    await until(() => broker.published.length === 2)
    expect(broker.wills).toHaveLength(2)
    expect(broker.published.map(said)[1]).toEqual({ ...kept, online: true, timestamp })
    await channel.close()
    expect(broker.published.map(said)[2]).toEqual({ ...kept, online: false, timestamp })
  })

  test('is told again where another message says that the host is away, and at no other', async () => {
    const { broker } = await serve()
    const tell = (id: number, text: string) => broker.deliver(id, STATE, Buffer.from(text))
    tell(1, '{"online":true,"timestamp":1}')
    tell(2, 'rubbish')
    tell(3, '{"online":"no","timestamp":1}')
    tell(4, '{"online":false,"timestamp":1}')
    await until(() => broker.published.length === 2)
    expect(broker.acknowledged).toHaveLength(4)
    expect(said(broker.published[1] as Published)).toEqual({ ...kept, online: true, timestamp })
  })
})

describe('an edge node over a broker', () => {
  test('a birth gives names to aliases, data goes by them, and what is kept can be read alone', async () => {
    const { intake, channel, send, rebirths } = await serve()
    expect(await send('NBIRTH', nodeBirth(), 'edge')).toBe(0)
    expect(await send('DBIRTH', birth())).toBe(0)
    expect(
      await send(
        'DDATA',
        encode(2, [
          { alias: 5, longValue: 1_007 },
          { alias: 6, timestamp: TS - 5000, floatValue: 0.2, isHistorical: true },
        ]),
      ),
    ).toBe(0)
    expect(intake.kept.map(({ name, rank }) => [name, rank])).toEqual([
      [`DBIRTH ${TS + 1} 1`, TS + 1],
      [`DDATA ${TS + 2} 2`, TS + 2],
    ])
    const data = intake.kept[1]
    expect(data?.samples).toEqual([
      { point: 'energy', stamp: Math.floor(TS / 1000), value: '1007', flag: undefined },
      { point: 'power', stamp: Math.floor((TS - 5000) / 1000), value: '0.2', flag: undefined },
    ])
    expect(sparkplugB.samples(data?.bytes ?? new Uint8Array(), meter)).toEqual(data?.samples)
    expect(channel.devices.get('meter')).toMatchObject({ connected: true, messages: 2, problem: undefined })
    expect(rebirths()).toEqual([])
  })

  test('a message that is missing is told of, the node is asked once for a new birth, and what came is kept', async () => {
    const { intake, channel, send, rebirths } = await serve()
    await send('NBIRTH', nodeBirth(), 'edge')
    await send('DBIRTH', birth())
    await send('DDATA', encode(4, [{ alias: 5, longValue: 1 }]))
    await send('DDATA', encode(9, [{ alias: 5, longValue: 2 }]))
    await until(() => rebirths().length > 0)
    expect(rebirths()).toEqual(['spBv1.0/plant/NCMD/edge'])
    expect(channel.devices.get('meter')?.problem).toBe('E_SPARKPLUG_GAP')
    expect(intake.kept).toHaveLength(3)
  })

  test('sequence numbers come round after 255', async () => {
    const { intake, channel, send } = await serve()
    await send('NBIRTH', nodeBirth(), 'edge')
    await send('DBIRTH', birth())
    for (let i = 2; i < 260; i++) await send('DDATA', encode(i % 256, [{ alias: 5, longValue: i }], TS + i))
    expect(channel.devices.get('meter')?.problem).toBeUndefined()
    expect(intake.kept).toHaveLength(259)
  })

  test('aliases are good only after the birth, and end with the death of their session', async () => {
    const { intake, channel, send, rebirths } = await serve()
    expect(await send('DDATA', encode(2, [{ alias: 5, longValue: 1 }]))).toBe(0x99)
    await until(() => rebirths().length === 1)
    await send('NBIRTH', nodeBirth(7), 'edge')
    await send('DBIRTH', birth())
    // A death of the session before this one comes late.
    await send('NDEATH', encode(undefined, [{ name: 'bdSeq', datatype: 8, longValue: 6 }]), 'edge')
    expect(channel.devices.get('meter')?.connected).toBe(true)
    expect(await send('DDATA', encode(2, [{ alias: 5, longValue: 1 }]))).toBe(0)
    await send('NDEATH', encode(undefined, [{ name: 'bdSeq', datatype: 8, longValue: 7 }]), 'edge')
    expect(channel.devices.get('meter')?.connected).toBe(false)
    expect(await send('DDATA', encode(3, [{ alias: 5, longValue: 2 }]))).toBe(0x99)
    expect(intake.kept).toHaveLength(2)
    expect(intake.refused.map(({ code }) => code)).toEqual(['E_SPARKPLUG_ALIAS', 'E_SPARKPLUG_ALIAS'])
  })

  test('a message that is delivered twice is kept once', async () => {
    const { intake, send } = await serve()
    await send('NBIRTH', nodeBirth(), 'edge')
    for (const _ of [1, 2]) await send('DBIRTH', birth())
    expect(intake.kept).toHaveLength(1)
  })

  const bad: [string, string, Uint8Array, string, string][] = [
    ['bytes that are no payload', 'DDATA', Uint8Array.of(0xff, 0xff), 'edge/m', 'E_SPARKPLUG_FORM'],
    ['a node’s birth from a device', 'NBIRTH', birth(), 'edge/m', 'E_SPARKPLUG_FORM'],
    [
      'an alias twice',
      'DBIRTH',
      encode(1, [
        { name: 'a', alias: 1, datatype: 9 },
        { name: 'b', alias: 1, datatype: 9 },
      ]),
      'edge/m',
      'E_SPARKPLUG_BIRTH',
    ],
    ['a metric without a name', 'DBIRTH', encode(1, [{ alias: 1, datatype: 9 }]), 'edge/m', 'E_SPARKPLUG_BIRTH'],
    ['a node’s birth in the middle', 'NBIRTH', encode(5, []), 'edge', 'E_SPARKPLUG_BIRTH'],
    ['a stranger', 'DBIRTH', birth(), 'edge9/m', 'E_DEVICE_UNKNOWN'],
    [
      'the future',
      'DBIRTH',
      encode(1, [{ name: 'Power', datatype: 9, floatValue: 1 }], TS + 4e8),
      'edge/m',
      'E_MESSAGE_FUTURE',
    ],
  ]
  test.each(bad)(
    '%s is refused twice alike, nothing of it is kept, and others go on',
    async (_, type, payload, place, code) => {
      const { intake, send } = await serve()
      for (const round of [1, 2]) {
        expect(await send(type, payload, place)).toBe(0x99)
        expect(intake.refused.map((refusal) => refusal.code)).toEqual(Array(round).fill(code))
      }
      expect(intake.kept).toEqual([])
      await send('NBIRTH', nodeBirth(), 'edge2')
      await send('DBIRTH', birth(), 'edge2/m')
      expect(intake.kept).toMatchObject([{ device: 'other' }])
    },
  )
})
