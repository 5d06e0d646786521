import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readIfThere, writeDurably } from '@tanlian/sdk/node'
import { readModels } from '../src/model.ts'
import { readPlant } from '../src/plant.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { PLANTS, type PlantName } from './plants/index.ts'
import { preparePlant } from './prepare.ts'
import { type RunningPlant, startPlant } from './simulator.ts'
import { endpointsOf } from './wires/endpoints.ts'

/*
 * The plants of the demo at work, each with a gateway that is a process of its own: data comes over real sockets, becomes batches, and goes
 * to the platform. The last day is brought in at the given speed, as loggers do that were cut off; then the plants go with the present.
 * Lines of JSON on stdout, the last before it rests `{"step":"ready"}`. It ends with SIGTERM, or when its input ends.
 */

const USAGE = `node gateway/simulator/live.ts --platform URL --data DIR --home DIR --plant NAME:KEY:ORGANIZATION[:PRIVACY] … [--speed 60] [--back HOURS]`
const DEVICES = fileURLToPath(new URL('../devices', import.meta.url))
const SAVE_MS = 5000
const AGAIN_MS = 120_000
/** Between the end of a gateway that nobody asked for and its next start. */
const REST_MS = 3000

const { values } = parseArgs({
  options: {
    platform: { type: 'string' },
    data: { type: 'string' },
    /** Folder of keys, as the command line has it. */
    home: { type: 'string' },
    /** Which plant, under which key set, for which organization, and how types are kept: `all=shared,04=open`. */
    plant: { type: 'string', multiple: true },
    speed: { type: 'string', default: '60' },
    back: { type: 'string', default: '24' },
  },
})
const { platform, data, home, plant: wanted = [] } = values
if (platform === undefined || data === undefined || home === undefined || wanted.length === 0) {
  console.error(USAGE)
  process.exit(2)
}

const models = await readModels(DEVICES)
const reachedPath = join(data, 'reached.json')
const reached = await readReached()
const ending = new AbortController()
const gateways = new Set<GatewayProcess>()
const starting = new Set<Promise<GatewayProcess>>()
const running: RunningPlant[] = []
const startedMs = Date.now()
/** All plants go on from one moment: where the last run ended, but no further back than was ordered. */
const fromMs = Math.max(reached, startedMs - Number(values.back) * 3_600_000)

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end())
// Whoever started it is gone, in whatever way.
process.stdin.on('end', () => end()).resume()

const timer = setInterval(save, SAVE_MS)
try {
  await Promise.all(wanted.map(open))
} catch (error) {
  console.error(error)
  await end(1)
}
say({ step: 'ready', plants: wanted.length, from: new Date(fromMs).toISOString() })

async function open(text: string): Promise<void> {
  const [name = '', key = '', organization = '', privacy = ''] = text.split(':')
  if (!Object.hasOwn(PLANTS, name)) throw new RangeError(`there is no plant ${name}`)
  const plant = name as PlantName
  const folder = join(data as string, key)
  const rules = privacy.split(',').flatMap((rule) => (rule === '' ? [] : [rule.split('=') as [string, string]]))
  const file = await preparePlant({
    ...{ plant, folder, organization: Number(organization), platform: platform as string, key, port: freePort },
    ...(rules.length === 0 ? {} : { privacy: Object.fromEntries(rules) }),
  })
  const { devices, listen } = readPlant(await readFile(file, 'utf8'), models, dirname(file))
  const gateway = await keepUp(file, join(folder, 'gateway'))
  if (gateway === undefined) return
  const endpoints = endpointsOf(listen, join(folder, 'certificates'))
  const speed = Number(values.speed)
  running.push(await startPlant({ plant, devices, endpoints, seed: Number(organization), fromMs, speed, startedMs }))
  const protocols = [...new Set(devices.map(({ protocol }) => protocol))]
  say({ step: 'plant', plant, organization: Number(organization), protocols, page: gateway.page })
}

/** Starts a gateway, and starts it again whenever it ends: what it acknowledged is on disk. */
async function keepUp(plant: string, folder: string): Promise<GatewayProcess | undefined> {
  if (ending.signal.aborted) return undefined
  const start = startGatewayProcess({ plant, data: folder, home: home as string })
  starting.add(start)
  const gateway = await start.finally(() => starting.delete(start))
  gateways.add(gateway)
  void gateway.ended.then(async () => {
    gateways.delete(gateway)
    while (!ending.signal.aborted) {
      await pause(REST_MS)
      const again = await keepUp(plant, folder).catch((error: unknown) => console.error(error))
      if (again !== undefined) return
    }
  })
  return gateway
}

async function end(code = 0): Promise<void> {
  if (ending.signal.aborted) return
  ending.abort()
  clearInterval(timer)
  await save()
  await Promise.all(running.map((plant) => plant.stop()))
  // One that is just being started must not be left behind.
  await Promise.allSettled(starting)
  const open = [...gateways]
  for (const { child } of open) child.kill('SIGTERM')
  await Promise.all(open.map(({ ended }) => ended))
  process.exit(code)
}

/** The moment from which the next run makes everything again, the same as before; what was kept already is told apart as a repeat. */
async function save(): Promise<void> {
  const waits = running.reduce((sum, { waiting }) => sum + waiting, 0)
  const now = running[0]?.clock.now()
  if (waits > 0 || now === undefined) return
  await writeDurably(reachedPath, JSON.stringify({ ms: now - AGAIN_MS }))
}

async function readReached(): Promise<number> {
  const kept = await readIfThere(reachedPath)
  return kept === undefined ? 0 : (JSON.parse(new TextDecoder().decode(kept)) as { ms: number }).ms
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
