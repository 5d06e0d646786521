import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fromHex } from '@tanlian/evidence'
import { type Client, openChain, openClient, openRpc, trace } from '@tanlian/sdk'
import { keepKey } from '../../../cli/src/keys.ts'
import { startGatewayProcess } from '../../../gateway/simulator/gateway-process.ts'
import { erasePostgres } from '../../../platform/src/postgres.ts'
import { bindEnterprise, newParty, register } from '../../../platform/test/party.ts'
import { startTestPlatform } from '../../../platform/test/platform.ts'
import { startProcess } from '../../../platform/test/process.ts'
import { freePort } from '../../../test/port.ts'

/*
 * From the device to the proven log, everything that a plant and a platform run, on this machine: 50 simulated data loggers of eight values
 * speak HJ 212 to a gateway; its batches go to a platform with its database, and from there to a chain; at the end a proof of one value of
 * each frame is fetched and checked. Arguments: seconds, readings a second. Prints each ten seconds how far the readings are behind and
 * what the processes hold, and last one line of JSON. Memory is read from /proc, so it runs on Linux.
 */
const seconds = Number(process.argv[2] ?? 60)
const perSecond = Number(process.argv[3] ?? 20_000)
const LOGGERS = 50
const CODES = ['co2', 'o2', 'flow', 'temperature', 'pressure', 'moisture', 'co', 'nox']
const rate = Math.round(perSecond / LOGGERS / CODES.length)
const PASSPHRASE = 'a bench’s own'
/** How long after the last frame everything must be anchored. */
const REST_MS = 120_000
const REPORT_MS = 10_000
/** Readings lie evenly between a batch's first and last: so many of them stand for all. */
const SPREAD = 20

const folder = await mkdtemp(join(tmpdir(), 'tanlian-sustained-'))
const stops: (() => unknown)[] = []
try {
  await run()
} finally {
  for (const stop of stops.reverse()) await stop()
  await erasePostgres(join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
}

async function run(): Promise<void> {
  const place = { dataDir: join(folder, 'data'), port: await freePort(), rpcPort: await freePort() }
  const enterprise = await enroll(place)
  const platform = await startProcess(place)
  stops.push(() => end(platform))
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  await keepKey(home, 'plant', 'batches', enterprise.batches, PASSPHRASE, 4096)
  const port = await freePort()
  const plant = join(folder, 'plant.yaml')
  await writeFile(plant, plantFile(enterprise.id, platform.url, port))
  const gateway = await startGatewayProcess({ plant, data: join(folder, 'gateway'), home, passphrase: PASSPHRASE })
  stops.push(() => end(gateway))

  // The loggers' seconds are shorter than ours: the first is so long ago that the last is not in the future.
  const fromS = Math.floor(Date.now() / 1000) - seconds * rate - 600
  const load = startLoad([port, LOGGERS, seconds, rate, fromS])
  const { beganMs = 0 } = await load.next()
  const client = openClient({ base: platform.url })
  const watch = watchLags(client, enterprise.id, (stamp) => beganMs + ((stamp - fromS) * 1000) / rate)
  const memory = sample({ gateway: gateway.child, platform: platform.child })
  let done = false
  const reporting = (async () => {
    for (let next = beganMs + REPORT_MS; !done; next += REPORT_MS) {
      while (!done && Date.now() < next) {
        await pause(250)
        await watch.look()
        memory.take()
      }
      const [p50, p99, most] = watch.lags().map(asSeconds)
      const { lag, uplink } = await stateOf(gateway.page)
      const [own, other] = [memory.median('gateway', 40), memory.median('platform', 40)].map(asMegabytes)
      console.error(
        `${Math.round((Date.now() - beganMs) / 1000)} s: ${watch.readings()} readings anchored, behind p50 ${p50} p99 ${p99} most ${most} s; gateway ${own} MB, ${lag} frames to fold, ${uplink.waiting} batches to send; platform ${other} MB`,
      )
    }
  })()
  // Where the watch fails, so does the whole, at once: nothing that was started is left behind.
  const { frames = 0, endedMs = 0 } = (await Promise.race([load.next(), reporting])) ?? {}
  await fetch(`${gateway.page}/api/windows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const readings = frames * CODES.length
  while (watch.readings() < readings) {
    if (Date.now() > endedMs + REST_MS)
      throw new Error(
        `${watch.readings()} of ${readings} readings were anchored ${REST_MS / 1000} s after the last frame`,
      )
    await Promise.race([pause(250), reporting])
  }
  done = true
  await reporting
  await check(client, platform.rpc, enterprise.id, frames, { from: fromS - 60, to: fromS + seconds * rate + 60 })
  const [p50, p99, most] = watch.lags().map(asSeconds)
  const [p50Early, , mostEarly] = watch.lags(0.5).map(asSeconds)
  console.log(
    JSON.stringify({
      ...{
        seconds,
        readings,
        perSecond: Math.round((readings * 1000) / (endedMs - beganMs)),
        batches: watch.batches(),
      },
      lagS: { p50, p99, most, firstHalf: { p50: p50Early, most: mostEarly } },
      gatewayMB: memory.summary('gateway'),
      platformMB: memory.summary('platform'),
    }),
  )
}

async function enroll(place: { dataDir: string; port: number; rpcPort: number }) {
  const first = await startTestPlatform(place)
  try {
    return await bindEnterprise(first, 'plant', await register(first, newParty('platform', 'the platform')))
  } finally {
    await first.stop()
  }
}

function plantFile(organization: number, platform: string, port: number): string {
  const devices = Array.from({ length: LOGGERS }, (_, logger) => {
    const points = CODES.map((code, at) => `${code}: { stream: ${logger * CODES.length + at + 1}, interval: 1 }`)
    const mn = String(logger).padStart(24, '0')
    return `  - { id: logger-${logger}, model: cems-stack, address: { mn: "${mn}", password: "123456" }, points: { ${points.join(', ')} } }`
  })
  return [
    'format: tanlian/plant/1',
    `organization: ${organization}`,
    `platform: ${platform}`,
    'key: plant',
    'zone: Asia/Shanghai',
    'devices:',
    ...devices,
    'listen:',
    `  hj212: { port: ${port} }`,
    '',
  ].join('\n')
}

/** The load's lines, as they come. */
function startLoad(args: readonly number[]): { next(): Promise<Record<string, number>> } {
  const child = spawn(process.execPath, [new URL('sustained-load.ts', import.meta.url).pathname, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  stops.push(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the loggers ended before their time')
      return JSON.parse(value)
    },
  }
}

/** Follows the log: how long after it was sent each reading stood in it. */
function watchLags(client: Client, organization: number, sentMs: (stamp: number) => number) {
  const batches: { readonly readings: number; readonly lagsMs: readonly number[] }[] = []
  let last = 0
  return {
    async look() {
      for await (const { sequence, status, from, to, readings } of client.entries(organization, 1, last)) {
        if (status !== 'anchored' || from === null || to === null || readings === null) break
        const now = Date.now()
        const [oldest, newest] = [now - sentMs(from), now - sentMs(to - 1)]
        const lagsMs = Array.from({ length: SPREAD }, (_, at) => newest + ((oldest - newest) * at) / (SPREAD - 1))
        batches.push({ readings, lagsMs })
        last = sequence
      }
    },
    batches: () => batches.length,
    readings: () => batches.reduce((sum, { readings }) => sum + readings, 0),
    /** p50, p99 and the most, of the first part of the batches. */
    lags(part = 1): readonly number[] {
      const all = batches
        .slice(0, Math.ceil(batches.length * part))
        .flatMap(({ lagsMs }) => lagsMs)
        .sort((a, b) => a - b)
      return [0.5, 0.99, 1].map((share) => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN)
    },
  }
}

/** Resident bytes of processes over time. */
function sample<Name extends string>(processes: Readonly<Record<Name, ChildProcess>>) {
  const seen = new Map<string, number[]>(Object.keys(processes).map((name) => [name, []]))
  const median = (name: Name, newest: number, of = seen.get(name) ?? []) => {
    const some = of.slice(-newest).sort((a, b) => a - b)
    return some[some.length >> 1] ?? Number.NaN
  }
  return {
    take() {
      for (const [name, { pid }] of Object.entries(processes) as [Name, ChildProcess][]) {
        const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        seen.get(name)?.push(Number(kilobytes) * 1024)
      }
    },
    median,
    /** Over all, in the second quarter and in the last: growth shows between the two. */
    summary(name: Name) {
      const all = seen.get(name) ?? []
      const quarter = Math.ceil(all.length / 4)
      const parts = { all, secondQuarter: all.slice(quarter, 2 * quarter), lastQuarter: all.slice(-quarter) }
      return Object.fromEntries(
        Object.entries(parts).map(([part, list]) => [part, asMegabytes(median(name, list.length, list))]),
      )
    },
  }
}

/** Every frame's temperature is proven by the platform's answer and the chain alone. */
async function check(
  client: Client,
  rpc: string,
  organization: number,
  frames: number,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { chainId, contracts } = await client.wellKnown()
  const address = {
    ...{ chainId, evidenceLog: contracts.EvidenceLog },
    organizationRegistry: contracts.OrganizationRegistry,
  }
  const { verdict } = await trace(
    client,
    { organization, types: [fromHex('0b0100')], from, to, mode: 'total' },
    openChain(openRpc({ url: rpc }), address),
  )
  const counted = verdict.totals.reduce((sum, { count }) => sum + count, 0)
  if (verdict.status !== 'verified' || counted !== frames)
    throw new Error(`${counted} of ${frames} temperatures are proven, and the proof is ${verdict.status}`)
}

async function stateOf(page: string): Promise<{ lag: number; uplink: { waiting: number } }> {
  // The page lets go of a quiet connection after some seconds, perhaps at the moment of the next question.
  const answer = await fetch(`${page}/api/state`, { headers: { connection: 'close' } })
  return answer.json() as Promise<{ lag: number; uplink: { waiting: number } }>
}

async function end({ child, ended }: { child: ChildProcess; ended: Promise<unknown> }): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

function asSeconds(ms: number): number {
  return Math.round(ms / 100) / 10
}

function asMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
