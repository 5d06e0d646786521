import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkEd25519, ed25519PublicKey, encodeBlock, signEd25519, toHex } from '@tanlian/evidence'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../../simulator/certificate.ts'
import { type MemoryIntake, memoryIntake, testClock, until } from '../../../test/memory-intake.ts'
import { tinyBroker } from '../../../test/tiny-broker.ts'
import type { Intake } from '../../arrival.ts'
import type { Device, Point } from '../../device.ts'
import type { CertificateFiles } from '../options.ts'
import type { Channel } from '../protocol.ts'
import { mqttProtocol } from './mqtt.ts'

const NOW = '2026-01-05T08:00:00+08:00'
const TS = Date.parse(NOW) - 60_000
const folder = mkdtempSync(join(tmpdir(), 'mqtt-'))
afterAll(() => rmSync(folder, { recursive: true }))
const authority = createAuthority('plant', Date.now())
const stranger = createAuthority('elsewhere', Date.now())
const files = ((): CertificateFiles => {
  const { certificate, key } = authority.forServer(['127.0.0.1'])
  const paths = { certificate: join(folder, 'c'), key: join(folder, 'k'), authority: join(folder, 'a') }
  writeFileSync(paths.certificate, certificate)
  writeFileSync(paths.key, key)
  writeFileSync(paths.authority, authority.certificate)
  return paths
})()

const device = (id: string): Device => {
  const point: Point = {
    name: 'energy',
    stream: 1,
    type: 0x020100,
    unit: 'kWh',
    value: 'register',
    scale: '1',
    offset: '0',
    rounding: 'exact',
    interval: 60,
    stamp: 'end',
    source: { field: 'imported' },
    limits: {},
    definition: 'test',
  }
  return { id, model: 'meter', protocol: 'mqtt', address: {}, points: [point], zone: 'Asia/Shanghai' }
}

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function serve(): Promise<{ intake: MemoryIntake; channel: Channel }> {
  const intake = memoryIntake()
  const broker = { host: '127.0.0.1', port: 0, ...files }
  const channel = await mqttProtocol.open({ broker }, [device('m1'), device('m2')], intake, testClock(NOW))
  open.push(channel)
  return { intake, channel }
}

async function dial({ address }: Channel, id: string, more: IClientOptions = {}): Promise<MqttClient> {
  const { certificate, key } = authority.forDevice(id)
  const identity = { clientId: id, cert: certificate, key, ca: authority.certificate }
  const client = await mqtt.connectAsync(`mqtts://${address}`, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 3000,
    ...identity,
    ...more,
  })
  client.on('error', () => {})
  open.push({ close: () => client.endAsync(true) })
  return client
}

const message = (seq: number, value = '1.50') => `{"ts":${TS + seq},"seq":${seq},"metrics":{"imported":${value}}}`
const publish = async (client: MqttClient, payload: string, topic = 'tanlian/m1/telemetry', more = {}) => {
  const answer = await client.publishAsync(topic, payload, { qos: 1, ...more }).catch((error: Error) => error)
  return answer instanceof Error
    ? (answer as Error & { code?: number }).code
    : (answer as { reasonCode?: number })?.reasonCode
}

describe.each([4, 5] as const)('MQTT version %i over TLS', (protocolVersion) => {
  test('PUBACK comes only after the message is kept (S1); a repeat is acknowledged again and kept once (S2)', async () => {
    const { intake, channel } = await serve()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const client = await dial(channel, 'm1', { protocolVersion })
    let acknowledged = false
    const sent = publish(client, message(1)).then(() => {
      acknowledged = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(acknowledged).toBe(false)
    release()
    await sent
    await publish(client, message(1))
    expect(intake.kept).toMatchObject([
      { device: 'm1', protocol: 'mqtt', name: 'seq 1', rank: 1, counter: 1, samples: [{ value: '1.50' }] },
    ])
    expect(Buffer.from(intake.kept[0]?.bytes ?? []).toString()).toBe(message(1))
    expect(mqttProtocol.samples(intake.kept[0]?.bytes ?? new Uint8Array(), device('m1'))).toEqual(
      intake.kept[0]?.samples,
    )
    expect(channel.devices.get('m1')).toMatchObject({ connected: true, messages: 2 })
  })

  test('a client with another name in its certificate, without one, or of a foreign authority is not let in', async () => {
    const { intake, channel } = await serve()
    for (const more of [
      { clientId: 'm2' },
      { cert: stranger.forDevice('m1').certificate },
      { cert: '', key: '' },
      { clientId: '' },
    ]) {
      const refusal = await dial(channel, 'm1', { protocolVersion, ...more }).catch((error: Error) => error)
      expect(refusal).toBeInstanceOf(Error)
    }
    const will = { topic: 'tanlian/m1/telemetry', payload: Buffer.from('x'), qos: 0 as const, retain: false }
    expect(await dial(channel, 'm1', { protocolVersion, will }).catch((error: Error) => error)).toBeInstanceOf(Error)
    expect(intake.kept).toEqual([])
    const honest = await dial(channel, 'm2', { protocolVersion })
    await publish(honest, message(1), 'tanlian/m2/telemetry')
    expect(intake.kept).toHaveLength(1)
  })
})

describe('what a device may not do (R24)', () => {
  const bad: [string, string, string, object, number][] = [
    ['another device’s topic', message(1), 'tanlian/m2/telemetry', {}, 0x87],
    ['a topic of its own choice', message(1), 'tanlian/m1/other', {}, 0x87],
    ['no JSON', 'hello', 'tanlian/m1/telemetry', {}, 0x99],
    ['a value that is none', message(1, '"1"'), 'tanlian/m1/telemetry', {}, 0x99],
    ['the future', message(400_000_000), 'tanlian/m1/telemetry', {}, 0x99],
    ['bytes that are no text', '\ud800', 'tanlian/m1/telemetry', {}, 0x99],
  ]
  test.each(bad)(
    '%s is refused twice alike, nothing of it is kept, and others go on',
    async (_, payload, topic, more, code) => {
      const { intake, channel } = await serve()
      const hostile = await dial(channel, 'm1')
      const honest = await dial(channel, 'm2')
      const bytes = payload === '\ud800' ? (Buffer.from([0xff, 0xfe]) as unknown as string) : payload
      expect(await publish(hostile, bytes, topic, more)).toBe(code)
      expect(await publish(hostile, bytes, topic, more)).toBe(code)
      expect(intake.refused.map(({ code: why }) => why)).toEqual(Array(2).fill(intake.refused[0]?.code))
      expect(intake.kept).toEqual([])
      await publish(honest, message(1), 'tanlian/m2/telemetry')
      expect(intake.kept).toHaveLength(1)
    },
  )

  test('the same counter with other values is refused, the first stays (S2)', async () => {
    const { intake, channel } = await serve()
    const client = await dial(channel, 'm1')
    await publish(client, message(1))
    expect(await publish(client, message(1, '9'))).toBe(0x83)
    expect([intake.kept.length, intake.conflicts.length]).toEqual([1, 1])
    expect(channel.devices.get('m1')?.problem).toBe('E_DEVICE_CONFLICT')
  })

  test('retain and QoS 2 end the connection, a subscription is declined', async () => {
    const { intake, channel } = await serve()
    const subscriber = await dial(channel, 'm1')
    await expect(subscriber.subscribeAsync('#')).rejects.toThrow()
    expect(subscriber.connected).toBe(true)
    // The client library keeps to what the server offers, so a byte of the packet is set by hand.
    for (const flags of [0x33, 0x34]) {
      const client = await dial(channel, 'm1')
      const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
      const topic = Buffer.from('tanlian/m1/telemetry')
      const payload = Buffer.from(message(7))
      const head = Buffer.from([flags, 2 + topic.length + 3 + payload.length, 0, topic.length])
      client.stream.write(Buffer.concat([head, topic, Buffer.from([0, 9, 0]), payload]))
      if (flags === 0x34) await gone
      else await until(() => intake.refused.length > 0)
    }
    expect(intake.kept).toEqual([])
  })

  test('a second client of one name takes over, and somebody hears of it', async () => {
    const { channel } = await serve()
    const first = await dial(channel, 'm1')
    const gone = new Promise<void>((resolve) => first.once('close', () => resolve()))
    const second = await dial(channel, 'm1')
    await gone
    expect(second.connected).toBe(true)
    expect(channel.devices.get('m1')).toMatchObject({ connected: true, problem: 'E_MQTT_TAKEN_OVER' })
  })

  test('bytes that are no MQTT end that connection alone', async () => {
    const { intake, channel } = await serve()
    const honest = await dial(channel, 'm2')
    for (const bytes of [
      [0x10, 0],
      [0x30, 0xff, 0xff, 0xff, 0xff],
      [0x30, 3, 0, 9, 65],
      [0xf0, 0],
      [0x30, 0x80, 0x80, 0x80, 0x01],
    ]) {
      const client = await dial(channel, 'm1')
      const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
      client.stream.write(Buffer.from(bytes))
      await gone
    }
    expect(new Set(intake.refused.map(({ code }) => code))).toEqual(new Set(['E_MQTT_FORM']))
    await publish(honest, message(1), 'tanlian/m2/telemetry')
    expect(intake.kept).toHaveLength(1)
  })

  test('a full journal acknowledges nothing and ends the connection', async () => {
    const { intake, channel } = await serve()
    intake.full = true
    const client = await dial(channel, 'm1')
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.publish('tanlian/m1/telemetry', message(1), { qos: 1 }, () => {})
    await gone
    expect(channel.devices.get('m1')?.problem).toBe('E_JOURNAL_FULL')
  })
})

test('a signed message gives the frame that its signature is over, and its parts can be put together again', async () => {
  const { intake, channel } = await serve()
  const privateKey = new Uint8Array(32).fill(7)
  const salt = new Uint8Array(16).fill(3)
  const bytes = `{"ts":${TS},"seq":5,"metrics":{"imported":2},"salt":"${toHex(salt)}"}`
  const frame = {
    bytes: new TextEncoder().encode(bytes),
    device: 'm1',
    protocol: 'mqtt',
    received: Math.floor(TS / 1000),
    salt,
    counter: 5,
  }
  const signature = signEd25519(encodeBlock(frame).bytes, privateKey)
  const payload = `${bytes.slice(0, -1)},"sig":"${toHex(signature)}"}`
  const client = await dial(channel, 'm1')
  await publish(client, payload)
  const [kept] = intake.kept
  expect(kept).toMatchObject({ counter: 5, signed: { salt, received: frame.received } })
  const rebuilt = { ...frame, bytes: kept?.bytes ?? new Uint8Array() }
  expect(
    checkEd25519(encodeBlock(rebuilt).bytes, kept?.signature ?? new Uint8Array(), ed25519PublicKey(privateKey)),
  ).toBe(true)
  for (const bad of [
    payload.replace('"sig":', '"sig": '),
    payload.replace('"seq":5,', ''),
    payload.replace(toHex(salt), 'zz'),
  ])
    expect(await publish(client, bad)).toBe(0x99)
})

test('a broker outside: subscribed with a lasting session, acknowledged only after the message is kept, wrong ones said so', async () => {
  const intake = memoryIntake()
  let release = () => {}
  intake.gate = new Promise((resolve) => {
    release = resolve
  })
  const broker = await tinyBroker()
  open.push(broker)
  const outside = { url: broker.url, client: 'gateway' }
  const channel = await mqttProtocol.open({ outside }, [device('m1')], intake, testClock(NOW))
  open.push(channel)
  await until(() => broker.subscribed.length > 0)
  expect(broker.subscribed).toEqual(['tanlian/+/telemetry'])
  const deliver = (id: number, topic: string, text: string) => broker.deliver(id, topic, Buffer.from(text))
  deliver(1, 'tanlian/m1/telemetry', message(1))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(broker.acknowledged).toEqual([])
  release()
  await until(() => broker.acknowledged.length === 1)
  expect(intake.kept).toMatchObject([{ device: 'm1', name: 'seq 1' }])
  expect(channel.devices.get('m1')).toMatchObject({ connected: true, messages: 1 })
  deliver(2, 'tanlian/m1/telemetry', 'rubbish')
  await until(() => broker.acknowledged.length === 2)
  deliver(3, 'tanlian/stranger/telemetry', message(1))
  await until(() => broker.acknowledged.length === 3)
  expect(broker.acknowledged).toEqual([
    [1, 0],
    [2, 0x99],
    [3, 0x99],
  ])
  expect(intake.refused.map(({ code }) => code)).toEqual(['E_MESSAGE_FORM', 'E_DEVICE_UNKNOWN'])
})

test('what a full journal does not take stays with the broker outside, which is asked again', async () => {
  const intake = memoryIntake()
  intake.full = true
  const broker = await tinyBroker()
  open.push(broker)
  const outside = { url: broker.url, client: 'gateway' }
  const channel = await mqttProtocol.open({ outside }, [device('m1')], intake, testClock(NOW))
  open.push(channel)
  await until(() => broker.subscribed.length === 1)
  broker.deliver(1, 'tanlian/m1/telemetry', Buffer.from(message(1)))
  await until(() => channel.devices.get('m1')?.problem === 'E_JOURNAL_FULL')
  intake.full = false
  await until(() => broker.subscribed.length === 2)
  expect(broker.acknowledged).toEqual([])
  broker.deliver(1, 'tanlian/m1/telemetry', Buffer.from(message(1)))
  await until(() => broker.acknowledged.length === 1)
  expect(intake.kept).toHaveLength(1)
})

test.each(['before the next begins', 'after the next began'])(
  'what was taken on a connection that was lost is not acknowledged on another, kept %s: there its packet id may be another message’s (S1)',
  async (when) => {
    const intake = memoryIntake()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const broker = await tinyBroker()
    open.push(broker)
    const outside = { url: broker.url, client: 'gateway' }
    let asked = false
    const door: Intake = {
      ...intake,
      keep(arrival) {
        asked = true
        return intake.keep(arrival)
      },
    }
    const channel = await mqttProtocol.open({ outside }, [device('m1')], door, testClock(NOW))
    open.push(channel)
    await until(() => broker.subscribed.length === 1)
    broker.deliver(7, 'tanlian/m1/telemetry', Buffer.from(message(1)))
    await until(() => asked)
    broker.cut()
    await until(() => channel.devices.get('m1')?.connected === false)
    if (when === 'after the next began') await until(() => broker.subscribed.length === 2)
    release()
    await until(() => intake.kept.length === 1 && broker.subscribed.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(broker.acknowledged).toEqual([])
    broker.deliver(7, 'tanlian/m1/telemetry', Buffer.from(message(2)))
    await until(() => broker.acknowledged.length === 1)
    expect(intake.kept.map(({ name }) => name)).toEqual(['seq 1', 'seq 2'])
  },
)

test('a broker outside that lets nobody in for a while is asked again until it does', async () => {
  const broker = await tinyBroker()
  open.push(broker)
  broker.busy = true
  const outside = { url: broker.url, client: 'gateway' }
  const channel = await mqttProtocol.open({ outside }, [device('m1')], memoryIntake(), testClock(NOW))
  open.push(channel)
  await until(() => channel.devices.get('m1')?.problem === 'E_MQTT_BROKER')
  broker.busy = false
  await until(() => broker.subscribed.length === 1)
  expect(channel.devices.get('m1')).toMatchObject({ connected: true })
})
