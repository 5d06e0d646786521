import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../../test/port.ts'
import type { Arrival, Intake, Refusal, Sample } from '../src/arrival.ts'
import type { Device } from '../src/device.ts'
import { readModel, readModels } from '../src/model.ts'
import { readPlant } from '../src/plant.ts'
import { hj212 } from '../src/protocols/hj212/server.ts'
import { mqttProtocol } from '../src/protocols/mqtt/mqtt.ts'
import type { Channel } from '../src/protocols/protocol.ts'
import { parseFaults } from './fault.ts'
import { preparePlant } from './prepare.ts'
import { type RunningPlant, startPlant } from './simulator.ts'
import { endpointsOf } from './wires/endpoints.ts'

const MODEL = `
format: tanlian/device-model/1
en: stack
zh: 烟道
protocol: hj212
definition: a test
points:
  - { name: co2, en: CO2, zh: CO2, kind: "0b0400", unit: "%", value: mean, rounding: exact, interval: 60, stamp: end, source: { command: "2011", code: a05001, field: Rtd } }
  - { name: temperature, en: t, zh: t, kind: "0b0100", unit: °C, value: mean, rounding: exact, interval: 60, stamp: end, source: { command: "2011", code: a01012, field: Rtd } }
`
const PLANT = `
format: tanlian/plant/1
organization: 1
platform: http://localhost:1
zone: Asia/Shanghai
devices:
  - { id: cems, model: stack, address: { mn: 010000A8900016F000169DC0, password: "123456" }, points: { co2: 1, temperature: 2 } }
`
const FROM_MS = Date.parse('2026-01-05T00:00:00+08:00')

const open: (RunningPlant | Channel)[] = []
const folders: string[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await ('stop' in one ? one.stop() : one.close())
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A gateway that is nothing but its door: remembers what it kept, and fails on order. */
function door(fails: (arrival: Arrival) => boolean = () => false) {
  const kept = new Map<string, Arrival>()
  const refused: Refusal[] = []
  let arrivals = 0
  const intake: Intake = {
    async keep(arrival) {
      arrivals++
      if (fails(arrival)) throw new Error('the disk is full')
      const name = `${arrival.device} ${arrival.name}`
      const before = kept.get(name)
      if (before === undefined) kept.set(name, { ...arrival, samples: arrival.samples, bytes: arrival.bytes.slice() })
      return { state: before === undefined ? 'kept' : 'repeated', position: kept.size }
    },
    refuse: (refusal) => refused.push(refusal),
  }
  return { kept, refused, intake, arrivals: () => arrivals }
}

async function run(faults: string, count: number, gateway = door()) {
  const devices = readPlant(PLANT, new Map([['stack', readModel(MODEL, 'stack')]])).devices
  const clock = { now: () => Date.now(), after: () => () => {} }
  const listen = { host: '127.0.0.1', port: 0, connections: 10, idle: 60 }
  const channel = await hj212.open(listen, devices, gateway.intake, clock)
  open.push(channel)
  const port = Number(channel.address?.split(':')[1])
  const plant = await startPlant({
    plant: 'power-station',
    devices,
    endpoints: { hj212: { host: '127.0.0.1', port }, timeoutMs: 100 },
    seed: 7,
    fromMs: FROM_MS,
    speed: 1e6,
    faults: parseFaults(faults),
  })
  open.push(plant)
  while (plant.made < count) await new Promise((resolve) => setTimeout(resolve, 5))
  await plant.drain()
  return { plant, gateway, device: devices[0] as Device }
}

/** The sum of what was kept, worked out in plain numbers: per cent and °C of a minute each, as ppb·s and mK·s. */
function sums(arrivals: Iterable<Arrival>): { co2: bigint; temperature: bigint } {
  const all: Sample[] = [...arrivals].flatMap(({ samples }) => samples ?? [])
  const sum = (point: string, one: (value: string) => number) =>
    all.filter((sample) => sample.point === point).reduce((total, { value = '' }) => total + BigInt(one(value)), 0n)
  return {
    co2: sum('co2', (value) => Math.round(Number(value) * 10_000) * 1000 * 60),
    temperature: sum('temperature', (value) => (Math.round(Number(value) * 10) * 100 + 273_150) * 60),
  }
}

test('what the plant takes for acknowledged is what the gateway kept, to the unit', async () => {
  const { plant, gateway } = await run('', 200)
  expect(gateway.refused).toEqual([])
  expect(plant.truth.frames).toHaveLength(plant.made)
  expect(gateway.kept.size).toBe(plant.made)
  const totals = plant.truth.totals()
  expect({ co2: totals.get(1)?.quantity, temperature: totals.get(2)?.quantity }).toEqual(sums(gateway.kept.values()))
  expect(totals.get(1)?.intervals.size).toBe(plant.made)
})

test('lost, doubled, sent again under another number, out of order, refused by a full disk: still each of them once', async () => {
  let calls = 0
  const gateway = door(() => ++calls % 7 === 0)
  const { plant } = await run('loss=0.05,duplicate=0.2,resend=0.2,reorder=0.2,delay=0.02', 150, gateway)
  expect(gateway.arrivals()).toBeGreaterThan(plant.made)
  expect(gateway.kept.size).toBe(plant.made)
  const frames = new Set(plant.truth.frames.map(({ bytes }) => Buffer.from(bytes).toString()))
  expect(frames.size).toBe(plant.made)
  expect(plant.truth.totals().get(1)?.quantity).toBe(sums(gateway.kept.values()).co2)
})

/** Stamp, in seconds since the plant began, and value of every CO2 sample that was kept. */
function co2({ kept }: ReturnType<typeof door>): (readonly [number, string | undefined])[] {
  const samples = [...kept.values()].flatMap((arrival) => arrival.samples ?? [])
  return samples
    .filter(({ point }) => point === 'co2')
    .map(({ stamp, value }) => [stamp - FROM_MS / 1000, value] as const)
    .sort(([a], [b]) => a - b)
}

test('the six hours of highest load of a day are left out, and no other', async () => {
  const { gateway } = await run('peak=6', 1440)
  const hours = co2(gateway)
    .map(([stamp]) => Math.ceil(stamp / 3600))
    .filter((hour) => hour <= 24)
  expect(new Set(hours).size).toBe(18)
  expect(hours).toHaveLength(18 * 60)
})

test('CO2 that is frozen for three hours shows one value for three hours', async () => {
  const values = co2((await run('stuck:co2@2h+3h', 360)).gateway)
  const different = (from: number, to: number) =>
    new Set(values.filter(([stamp]) => stamp >= from * 3600 && stamp < to * 3600).map(([, value]) => value)).size
  expect([different(0, 2) > 100, different(2, 5), different(5, 6) > 50]).toEqual([true, 1, true])
})

test('a clock that is set an hour ahead shifts every stamp from then on', async () => {
  const stamps = co2((await run('clock=3600@1h', 120)).gateway).map(([stamp]) => stamp)
  expect(stamps.filter((stamp) => stamp > 3540 && stamp <= 7260)).toEqual([7200, 7260])
})

test('the same seed shows the same values', async () => {
  const [a, b] = [await run('', 50), await run('', 50)]
  const first = ({ gateway }: typeof a) => [...gateway.kept.values()].slice(0, 50).map(({ content }) => String(content))
  expect(first(a)).toEqual(first(b))
})

test('a farm over MQTT with certificates: what irrigation by soil moisture saves is what the meters of the two plots differ by', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tanlian-farm-'))
  folders.push(folder)
  const given = { folder, organization: 1, platform: 'http://localhost:1', port: freePort }
  const file = await preparePlant({ plant: 'farm', ...given })
  const models = await readModels(join(import.meta.dirname, '../devices'))
  const { devices, listen } = readPlant(await readFile(file, 'utf8'), models, folder)
  const gateway = door()
  const clock = { now: () => Date.now(), after: () => () => {} }
  open.push(await mqttProtocol.open(listen.mqtt ?? {}, devices, gateway.intake, clock))
  const endpoints = endpointsOf(listen, join(folder, 'certificates'))
  const days = 7
  const plant = await startPlant({
    ...{ plant: 'farm', devices, endpoints, seed: 1, fromMs: Date.parse('2026-01-01T00:00:00Z') - 1000, speed: 1e6 },
  })
  open.push(plant)
  // Four devices report each quarter hour, and one a day; a day more, so that each of them has passed the last midnight.
  while (plant.made < (days + 1) * (4 * 96 + 1)) await new Promise((resolve) => setTimeout(resolve, 20))
  await plant.drain()
  expect(gateway.refused).toEqual([])
  expect(gateway.kept.size).toBe(plant.made)
  expect(new Set(plant.truth.frames.map(({ device }) => device)).size).toBe(5)

  const samplesOf = (device: string, point: string) =>
    [...gateway.kept.values()]
      .filter((arrival) => arrival.device === device)
      .flatMap(({ samples = [] }) => samples.filter((sample) => sample.point === point))
  const from = Date.parse('2026-01-01T00:00:00Z') / 1000
  const ends = Array.from({ length: days + 1 }, (_, day) => from + day * 86_400)
  const standAt = (device: string, point: string, at: number) =>
    Number(samplesOf(device, point).find(({ stamp }) => stamp === at)?.value)
  const saved = (point: string) =>
    samplesOf('saving-meter', point)
      .filter(({ stamp }) => ends.includes(stamp))
      .reduce((sum, { value }) => sum + Number(value), 0)
  for (const point of ['water', 'energy']) {
    // What is claimed is the most by which the meters differed at the end of any day: a day that used more waits to be made good.
    const balance = ends.map((at) => standAt('controller-timed', point, at) - standAt('controller-smart', point, at))
    expect([point, saved(point)]).toEqual([point, Math.max(...balance)])
  }
  expect(saved('water')).toBeGreaterThan(100_000)
  const commands = plant.truth.totals().get(107)?.quantity ?? 0n
  expect(commands).toBeGreaterThan(4n)
}, 60_000)
