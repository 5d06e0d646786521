import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { keepKey } from '../cli/src/keys.ts'
import { parseFaults } from '../gateway/simulator/fault.ts'
import { type GatewayProcess, startGatewayProcess } from '../gateway/simulator/gateway-process.ts'
import type { PlantName } from '../gateway/simulator/plants/index.ts'
import { preparePlant } from '../gateway/simulator/prepare.ts'
import { createRandom } from '../gateway/simulator/random.ts'
import { type RunningPlant, startPlant } from '../gateway/simulator/simulator.ts'
import { endpointsOf } from '../gateway/simulator/wires/endpoints.ts'
import type { Device } from '../gateway/src/device.ts'
import { readModels } from '../gateway/src/model.ts'
import { readPlant } from '../gateway/src/plant.ts'
import { erasePostgres } from '../platform/src/postgres.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../platform/test/party.ts'
import { startTestPlatform } from '../platform/test/platform.ts'
import { type PlatformProcess, startProcess } from '../platform/test/process.ts'
import { kill, pidOf } from './kill-target.ts'
import { type Line, openLine } from './line.ts'
import { auditOutside, measuredTotals, type Proven } from './outside-audit.ts'
import { freePort } from './port.ts'

/** `npm run test:long` sets 30. */
const ROUNDS = Number(process.env.GATEWAY_ROUNDS ?? 2)
const SEED = Number(process.env.SEED ?? 1)
const PASSPHRASE = 'a test’s own'
/** What the wires do by themselves, beside the kills. */
const FAULTS = 'loss=0.01,duplicate=0.05,reorder=0.05,resend=0.02'
const PLANTS = ['power-station', 'steel-works', 'park'] as const satisfies readonly PlantName[]

let folder = ''
const running: { stop(): unknown }[] = []
afterAll(async () => {
  for (const one of running.reverse()) await one.stop()
  if (folder === '') return
  await erasePostgres(join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** A plant, its gateway, and the lines between them and the platform. */
interface Site {
  readonly name: PlantName
  readonly organization: number
  readonly plant: RunningPlant
  readonly devices: readonly Device[]
  readonly start: () => Promise<GatewayProcess>
  readonly lines: readonly Line[]
  gateway: GatewayProcess
}

test(
  `S1 S2 S3 ${ROUNDS} rounds of SIGKILL to gateway with its broker, platform, database and chain, and of a cut network: every acknowledged frame is in one batch, and what was measured is proven to the unit`,
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'tanlian-gateway-kill-'))
    const place = { dataDir: join(folder, 'data'), port: await freePort(), rpcPort: await freePort() }
    const parties = await enrollAll(place)
    let platform: PlatformProcess = await startProcess(place)
    running.push({ stop: () => end(platform) })
    const sites: Site[] = []
    for (const [at, name] of PLANTS.entries()) sites.push(await openSite(name, parties[at] as TestParty, place.port))

    const random = createRandom(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      await pause(500 + random.next() * 2500)
      const targets = ['platform', 'database', 'chain', 'network', ...sites, ...sites] as const
      const target = targets[Math.floor(random.next() * targets.length)] as (typeof targets)[number]
      if (target === 'network') for (const { lines } of sites) for (const line of lines) line.cut(random.next() * 1500)
      else if (typeof target !== 'string') {
        target.gateway.child.kill('SIGKILL')
        await target.gateway.ended
        target.gateway = await target.start()
      } else if (target === 'platform') {
        platform.child.kill('SIGKILL')
        await platform.ended
        platform = await startProcess(place)
      } else kill(await pidOf(target, place.dataDir))
    }
    await pause(1500)
    await Promise.all(sites.map(settle))
    const figures = { rounds: ROUNDS, seed: SEED, frames: 0, readings: 0, batches: 0 }
    for (const site of sites) {
      const proven = await auditOutside({ ...platform, organization: site.organization })
      await check(site, proven)
      figures.frames += site.plant.truth.frames.length
      figures.readings += proven.readings.length
      figures.batches += proven.entries.length
    }
    console.info(JSON.stringify(figures))
  },
  240_000 + ROUNDS * 30_000,
)

async function enrollAll(place: { dataDir: string; port: number; rpcPort: number }): Promise<TestParty[]> {
  const first = await startTestPlatform(place)
  try {
    const market = await register(first, newParty('platform', 'the platform'))
    const parties: TestParty[] = []
    for (const name of PLANTS) parties.push(await bindEnterprise(first, name, market))
    return parties
  } finally {
    await first.stop()
  }
}

async function openSite(
  name: PlantName,
  { id: organization, batches }: TestParty,
  platformPort: number,
): Promise<Site> {
  const home = join(folder, name, 'home')
  await mkdir(home, { recursive: true, mode: 0o700 })
  await keepKey(home, 'plant', 'batches', batches, PASSPHRASE, 4096)
  const uplink = await openLine(platformPort)
  const file = await preparePlant({
    plant: name,
    folder: join(folder, name),
    organization,
    platform: `http://127.0.0.1:${uplink.port}`,
    key: 'plant',
    port: freePort,
    batch: { seconds: 2, readings: 5000 },
    pollS: 1,
  })
  const models = await readModels(join(import.meta.dirname, '../gateway/devices'))
  const { devices, listen } = readPlant(await readFile(file, 'utf8'), models, join(folder, name))
  const endpoints = endpointsOf(listen, join(folder, name, 'certificates'))
  const hj212 = endpoints.hj212 && (await openLine(endpoints.hj212.port))
  const plant = await startPlant({
    plant: name,
    devices,
    endpoints: { ...endpoints, ...(hj212 && { hj212: { host: '127.0.0.1', port: hj212.port } }), timeoutMs: 3000 },
    seed: SEED,
    fromMs: Date.now() - 10 * 86_400_000,
    speed: 2000,
    faults: parseFaults(FAULTS),
  })
  const start = () =>
    startGatewayProcess({ plant: file, data: join(folder, name, 'gateway'), home, passphrase: PASSPHRASE })
  const site: Site = {
    ...{ name, organization, plant, devices, start, gateway: await start() },
    lines: hj212 === undefined ? [uplink] : [uplink, hj212],
  }
  for (const line of site.lines) running.push({ stop: () => line.close() })
  running.push(plant)
  running.push({ stop: () => end(site.gateway) })
  return site
}

/** Lets everything that was said arrive: the devices' messages at the gateway, the gateway's windows at the platform. */
async function settle({ name, plant, gateway }: Site): Promise<void> {
  await plant.drain()
  // Meters show what they showed until their last stand was polled.
  await pause(2500)
  await fetch(`${gateway.page}/api/windows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const deadline = Date.now() + 90_000
  for (;;) {
    const state = (await (await fetch(`${gateway.page}/api/state`)).json()) as {
      lag: number
      open: number
      uplink: { waiting: number; problem?: { code: string; message: string } }
      problem?: string
    }
    const { lag, open, uplink, problem } = state
    expect([name, problem]).toEqual([name, undefined])
    if (lag === 0 && open === 0 && uplink.waiting === 0) break
    if (Date.now() > deadline)
      throw new Error(`${name} does not come to rest: ${JSON.stringify({ lag, open, uplink })}`)
    await pause(250)
  }
  await end(gateway)
  await plant.stop()
}

/** What the plant knows to be true against what the log proves. */
async function check({ name, plant, devices }: Site, proven: Proven): Promise<void> {
  expect(proven.entries.length).toBeGreaterThan(1)
  const twice = [...proven.frames.values()].filter(({ sequences }) => sequences.size !== 1)
  expect([name, twice.length]).toEqual([name, 0])

  const inBatches = new Map<string, number>()
  for (const { frame } of proven.frames.values()) {
    const said = `${frame.device} ${Buffer.from(frame.bytes).toString('latin1')}`
    inBatches.set(said, (inBatches.get(said) ?? 0) + 1)
  }
  const missing = plant.truth.frames.filter(({ device, bytes }) => {
    const said = Buffer.from(bytes).toString('latin1')
    return inBatches.get(`${device} ${said}`) !== 1 && !isSpanned(devices, proven, device, said)
  })
  expect([name, missing.map(({ device }) => device)]).toEqual([name, []])

  const totals = measuredTotals(proven)
  const truth = plant.truth.totals()
  expect(truth.size).toBeGreaterThan(2)
  for (const [stream, { quantity, intervals }] of truth) {
    expect([name, stream, totals.get(stream) ?? 0n]).toEqual([name, stream, quantity])
    const proved = new Map(
      proven.readings
        .filter((reading) => reading.stream === stream)
        .map(({ start, quantity }) => [start, BigInt(quantity)]),
    )
    for (const [start, own] of intervals) expect([stream, start, proved.get(start)]).toEqual([stream, start, own])
  }
}

/**
 * A register's first stand begins its first reading, and one that comes after its successor lies inside a reading that is proven already:
 * neither is the end of a reading, which is what names a frame as its source.
 */
function isSpanned(devices: readonly Device[], { readings }: Proven, id: string, said: string): boolean {
  const points = devices.find((device) => device.id === id)?.points ?? []
  const stamp = Number(/"ts":(\d+)/.exec(said)?.[1]) / 1000
  return points.every(
    ({ value, stream }) =>
      value === 'register' &&
      readings.some(
        (reading) => reading.stream === stream && reading.start <= stamp && stamp < reading.start + reading.seconds,
      ),
  )
}

async function end({ child, ended }: Pick<GatewayProcess, 'child' | 'ended'>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}
