import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeFrame } from '@tanlian/evidence'
import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { type GatewayProcess, startGatewayProcess } from '../gateway/simulator/gateway-process.ts'
import { createRandom } from '../gateway/simulator/random.ts'
import { machineDisk } from '../gateway/src/disk.ts'
import { openJournal } from '../gateway/src/journal.ts'
import { freePort } from './port.ts'

/*
 * A Mosquitto between devices and gateway, killed at random as the gateway is. It keeps its sessions and queues on disk, as a broker of a plant
 * does. `sh scripts/clients` installs it.
 */

/** `npm run test:long` sets 30. */
const ROUNDS = Number(process.env.GATEWAY_ROUNDS ?? 2)
const SEED = Number(process.env.SEED ?? 1)

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** A device: what it measured, and what of it the broker has acknowledged. */
interface Publisher {
  readonly id: string
  readonly acknowledged: Set<number>
}

test(
  `S1 S2 ${ROUNDS} rounds of SIGKILL to an outside Mosquitto and to the gateway behind it: each message that the broker acknowledged is in the journal, once`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tanlian-mosquitto-'))
    ends.push(() => rm(folder, { recursive: true, force: true }))
    const port = await freePort()
    const start = await prepare(folder, port)
    let broker = await start.broker()
    let gateway = await start.gateway()
    ends.push(() => broker.kill('SIGKILL'))
    ends.push(() => gateway.child.kill('SIGKILL'))

    const devices: Publisher[] = ['library', 'program'].map((id) => ({ id, acknowledged: new Set() }))
    const [library, program] = devices as [Publisher, Publisher]
    let over = false
    const byLibrary = publishByLibrary(library, port, () => over)
    // It tells an acknowledgement from one that says that nobody listens yet; the program does not.
    await until('the gateway at the broker', async () => library.acknowledged.size > 0)
    const publishing = Promise.all([byLibrary, publishByProgram(program, port, () => over)])
    const random = createRandom(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      await pause(500 + random.next() * 1500)
      if (random.next() < 0.6) {
        broker.kill('SIGKILL')
        await once(broker, 'exit')
        await pause(random.next() * 500)
        broker = await start.broker()
      } else {
        gateway.child.kill('SIGKILL')
        await gateway.ended
        gateway = await start.gateway()
      }
      // A broker that dies twice before it gave on what it keeps in memory is a broker's own loss.
      await hears(gateway)
    }
    await pause(1000)
    over = true
    await publishing
    await quiet(gateway)
    gateway.child.kill('SIGTERM')
    await gateway.ended

    const journal = await messagesIn(join(folder, 'data', 'journal'))
    for (const { id, acknowledged } of devices) {
      const twice = [...(journal.get(id) ?? [])].filter(([, times]) => times !== 1)
      const lost = [...acknowledged].filter((seq) => journal.get(id)?.get(seq) === undefined)
      expect([id, lost, twice]).toEqual([id, [], []])
      expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    }
    console.info(JSON.stringify({ rounds: ROUNDS, acknowledged: devices.map(({ acknowledged }) => acknowledged.size) }))
  },
  60_000 + ROUNDS * 20_000,
)

async function prepare(folder: string, port: number) {
  const store = join(folder, 'store')
  await mkdir(store)
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${store}/`,
    'autosave_on_changes true',
    'autosave_interval 1',
    'max_queued_messages 0',
    // It gives each message on before it acknowledges it; what it holds back in memory would die with it.
    'max_inflight_messages 0',
    // Started as root it would become another user, who cannot write here.
    'user root',
  ]
  const configFile = join(folder, 'mosquitto.conf')
  await writeFile(configFile, `${config.join('\n')}\n`)
  const plant = join(folder, 'plant.yaml')
  await writeFile(
    plant,
    `format: tanlian/plant/1
organization: 1
platform: http://127.0.0.1:9
zone: Asia/Shanghai
devices:
  - { id: library, model: meter-json, address: {}, points: { imported: 1 } }
  - { id: program, model: meter-json, address: {}, points: { imported: 2 } }
listen:
  mqtt: { outside: { url: "mqtt://127.0.0.1:${port}", client: gateway } }
`,
  )
  return {
    async broker(): Promise<ChildProcess> {
      const path = `${process.env.PATH}:/usr/sbin`
      const child = spawn('mosquitto', ['-c', configFile], { stdio: 'ignore', env: { ...process.env, PATH: path } })
      const failed = once(child, 'error').then(([error]) => {
        throw new Error(`mosquitto cannot be run (${error}): sh scripts/clients says how to get it`)
      })
      await Promise.race([until('mosquitto', () => answers(port)), failed])
      failed.catch(() => {})
      return child
    },
    gateway: () =>
      startGatewayProcess({ plant, data: join(folder, 'data'), home: join(folder, 'home'), passphrase: '' }),
  }
}

/** Publishes with QoS 1, and each message again until the broker acknowledges it. */
async function publishByLibrary({ id, acknowledged }: Publisher, port: number, isOver: () => boolean) {
  for (let seq = 1; !isOver(); ) {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: id, protocolVersion: 5, reconnectPeriod: 0 })
    client.on('error', () => {})
    const lost = new Promise<undefined>((resolve) => client.once('close', () => resolve(undefined)))
    while (!isOver() && !client.disconnecting) {
      const said = client.publishAsync(topicOf(id), message(seq), { qos: 1 }).then(
        (packet) => ((packet as { reasonCode?: number } | undefined)?.reasonCode ?? 0) === 0,
        () => false,
      )
      const answer = await Promise.race([said, lost])
      if (answer === undefined) break
      if (answer) acknowledged.add(seq++)
      await pause(2)
    }
    client.end(true)
    await pause(50)
  }
}

async function publishByProgram({ id, acknowledged }: Publisher, port: number, isOver: () => boolean) {
  for (let seq = 1; !isOver(); ) {
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-i',
      id,
      '-q',
      '1',
      '-V',
      'mqttv5',
      '-t',
      topicOf(id),
      '-m',
      message(seq),
    ]
    const taken = await new Promise<boolean>((resolve) =>
      execFile('mosquitto_pub', args, { timeout: 5000 }, (error, out, said) =>
        resolve(error === null && out + said === ''),
      ),
    )
    if (taken) acknowledged.add(seq++)
    else await pause(50)
  }
}

function topicOf(id: string): string {
  return `tanlian/${id}/telemetry`
}

const BEGAN_MS = Date.now() - 86_400_000

function message(seq: number): string {
  return JSON.stringify({ ts: BEGAN_MS + seq * 1000, seq, metrics: { imported: seq } })
}

/** Messages of each device in a journal, and how often each is there. */
async function messagesIn(directory: string): Promise<Map<string, Map<number, number>>> {
  const journal = await openJournal({ disk: machineDisk, directory, budgetBytes: 1e9 })
  const found = new Map<string, Map<number, number>>()
  const reader = journal.read(1)
  for (let placed = await reader.next(); placed !== undefined; placed = await reader.next())
    for (const { entry } of placed) {
      if (entry.kind !== 'frame') continue
      const { device, bytes } = decodeFrame(new Uint8Array(entry.block))
      const { seq } = JSON.parse(new TextDecoder().decode(bytes)) as { seq: number }
      const own = found.get(device) ?? new Map<number, number>()
      found.set(device, own.set(seq, (own.get(seq) ?? 0) + 1))
    }
  await journal.close()
  return found
}

/** Messages of all devices that the gateway has taken since its start, repeats among them. */
async function keptBy({ page }: GatewayProcess): Promise<number> {
  const { devices } = (await (await fetch(`${page}/api/state`)).json()) as {
    devices: { counts: { kept: number; repeated: number } | null }[]
  }
  return devices.reduce((sum, { counts }) => sum + (counts?.kept ?? 0) + (counts?.repeated ?? 0), 0)
}

/** Waits until messages come through to the gateway again. */
async function hears(gateway: GatewayProcess): Promise<void> {
  const before = await keptBy(gateway)
  await until('messages at the gateway', async () => (await keptBy(gateway)) > before)
}

/** Waits until nothing more comes. */
async function quiet(gateway: GatewayProcess): Promise<void> {
  let last = -1
  await until('the last message', async () => {
    await pause(1500)
    const now = await keptBy(gateway)
    const same = now === last
    last = now
    return same
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) if (await ask()) return
  throw new Error(`waited in vain for ${what}`)
}
