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
import { openLine } from './line.ts'
import { overhear } from './overheard.ts'
import { freePort } from './port.ts'

/*
 * A Mosquitto between devices and gateway, which is ended in order, killed, and started again at random, and so is the gateway behind it.
 * `sh scripts/clients` installs it.
 *
 * What the gateway acknowledged to the broker is in its journal once, whoever is killed: that is ours to promise. What Mosquitto acknowledged to a
 * device is safe over an end in order, which writes its store. Over a kill it is not, however it is configured: with `autosave_on_changes` and
 * an `autosave_interval` of 1 it writes the store once in each turn of its loop, after the acknowledgements of that turn were sent, and there
 * is no setting that turns the two round. So what is lost over a kill must have been acknowledged by it just before that kill, and is counted.
 */

/** `npm run test:long` sets 30. */
const ROUNDS = Number(process.env.GATEWAY_ROUNDS ?? 2)
/** The first two rounds of 5 kill gateway and broker. */
const SEED = Number(process.env.SEED ?? 5)

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** A device: what it measured, and what of it the broker has acknowledged. */
interface Publisher {
  readonly id: string
  /** Number of each message → when, Unix milliseconds. */
  readonly acknowledged: Map<number, number>
}

/** How long before its kill a message that Mosquitto lost may have been acknowledged by it. */
const UNSAVED_MS = 1000

test(
  `S1 S2 ${ROUNDS} rounds of an outside Mosquitto that is ended or killed, and of SIGKILL to the gateway behind it: each acknowledged message is in the journal, once`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tanlian-mosquitto-'))
    ends.push(() => rm(folder, { recursive: true, force: true }))
    const port = await freePort()
    const devices: Publisher[] = ['library', 'program'].map((id) => ({ id, acknowledged: new Map() }))
    const [library, program] = devices as [Publisher, Publisher]
    const byGateway = new Map(devices.map(({ id }) => [topicOf(id), new Set<number>()]))
    const line = await openLine(port, () => overhear((topic, payload) => byGateway.get(topic)?.add(numberOf(payload))))
    ends.push(() => line.close())
    const start = await prepare(folder, port, line.port)
    let broker = await start.broker()
    let gateway = await start.gateway()
    ends.push(() => broker.kill('SIGKILL'))
    ends.push(() => gateway.child.kill('SIGKILL'))

    let over = false
    const byLibrary = publishByLibrary(library, port, () => over)
    // It tells an acknowledgement from one that says that nobody listens yet; the program does not.
    await until('the gateway at the broker', async () => library.acknowledged.size > 0)
    const publishing = Promise.all([byLibrary, publishByProgram(program, port, () => over)])
    const random = createRandom(SEED)
    const rounds = { ended: 0, killed: 0, gateway: 0 }
    const killsMs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await pause(500 + random.next() * 1500)
      const what = (['ended', 'killed', 'gateway'] as const)[Math.floor(random.next() * 3)] ?? 'gateway'
      rounds[what]++
      if (what === 'gateway') {
        gateway.child.kill('SIGKILL')
        await gateway.ended
        gateway = await start.gateway()
      } else {
        if (what === 'killed') killsMs.push(Date.now())
        broker.kill(what === 'killed' ? 'SIGKILL' : 'SIGTERM')
        await once(broker, 'exit')
        await pause(random.next() * 500)
        broker = await start.broker()
      }
      // The flow goes on; and nobody is killed before the broker gave on what it holds for the gateway.
      await hears(gateway, library)
    }
    await pause(1000)
    over = true
    await publishing
    await quiet(gateway)
    gateway.child.kill('SIGTERM')
    await gateway.ended

    const journal = await messagesIn(join(folder, 'data', 'journal'))
    /** Of what Mosquitto lost over a kill: how long before it, milliseconds. */
    const lostByBroker: number[] = []
    for (const { id, acknowledged } of devices) {
      const kept = journal.get(id) ?? new Map<number, number>()
      const twice = [...kept].filter(([, times]) => times !== 1)
      const heard = byGateway.get(topicOf(id)) ?? new Set()
      const lost = [...heard].filter((seq) => !kept.has(seq))
      const missing = [...acknowledged].filter(([seq]) => !kept.has(seq))
      const ages = missing.map(([, atMs]) => Math.min(...killsMs.map((killMs) => Math.abs(killMs - atMs))))
      const saved = ages.filter((ms) => ms > UNSAVED_MS)
      expect({ id, twice, lost, saved }).toEqual({ id, twice: [], lost: [], saved: [] })
      expect(acknowledged.size).toBeGreaterThan(ROUNDS)
      expect(heard.size).toBeGreaterThan(ROUNDS)
      lostByBroker.push(...ages)
    }
    const counts = devices.map(({ id, acknowledged }) => [id, acknowledged.size, byGateway.get(topicOf(id))?.size])
    console.info(JSON.stringify({ seed: SEED, rounds, lostByBroker, acknowledged: counts }))
  },
  60_000 + ROUNDS * 20_000,
)

/** @param heardPort where the gateway is told that the broker is */
async function prepare(folder: string, port: number, heardPort: number) {
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
  mqtt: { outside: { url: "mqtt://127.0.0.1:${heardPort}", client: gateway } }
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

/** Reason of a PUBACK for a message that nobody has subscribed to. */
const NOBODY = 16

/** Publishes with QoS 1, and each message again until the broker acknowledges it. */
async function publishByLibrary({ id, acknowledged }: Publisher, port: number, isOver: () => boolean) {
  for (let seq = 1; !isOver(); ) {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: id, protocolVersion: 5, reconnectPeriod: 0 })
    client.on('error', () => {})
    const lost = new Promise<undefined>((resolve) => client.once('close', () => resolve(undefined)))
    let heard = true
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') heard = packet.reasonCode !== NOBODY
    })
    while (!isOver() && !client.disconnecting) {
      const said = client.publishAsync(topicOf(id), message(seq), { qos: 1 }).then(
        () => heard,
        () => false,
      )
      const answer = await Promise.race([said, lost])
      if (answer === undefined) break
      if (answer) acknowledged.set(seq++, Date.now())
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
    if (taken) acknowledged.set(seq++, Date.now())
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

function numberOf(payload: Uint8Array): number {
  return (JSON.parse(new TextDecoder().decode(payload)) as { seq: number }).seq
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
      const seq = numberOf(bytes)
      const own = found.get(device) ?? new Map<number, number>()
      found.set(device, own.set(seq, (own.get(seq) ?? 0) + 1))
    }
  await reader.close()
  await journal.close()
  return found
}

/** What the gateway's page says of it. */
async function stateOf({ page }: GatewayProcess) {
  // The page lets go of a quiet connection after some seconds, perhaps at the moment of the next question.
  const answer = await fetch(`${page}/api/state`, { headers: { connection: 'close' } })
  return (await answer.json()) as {
    readonly journal: { readonly next: number }
    readonly devices: readonly { readonly counts: { readonly kept: number; readonly repeated: number } | null }[]
  }
}

/** Messages of all devices that the gateway has taken since its start, repeats among them. */
async function keptBy(gateway: GatewayProcess): Promise<number> {
  const { devices } = await stateOf(gateway)
  return devices.reduce((sum, { counts }) => sum + (counts?.kept ?? 0) + (counts?.repeated ?? 0), 0)
}

/** Waits until a message that was published after now is in the gateway's journal: both are at the broker again. */
async function hears(gateway: GatewayProcess, { id, acknowledged }: Publisher): Promise<void> {
  const later = acknowledged.size + 1
  let from = (await stateOf(gateway)).journal.next
  await until('a new message at the gateway', async () => {
    if (!acknowledged.has(later)) return false
    const answer = await fetch(`${gateway.page}/api/messages?device=${id}&from=${from}`)
    const { items, next } = (await answer.json()) as { items: { bytes: string }[]; next: number | null }
    from = next ?? from
    return items.some(({ bytes }) => numberOf(Buffer.from(bytes, 'hex')) >= later)
  })
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
