import { addressOf, decodeHeader, digestOf, toHex } from '@tanlian/evidence'
import { checkReceipt, type Gate, type Receipt, type SignedStatement } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { acceptStatement, headOf } from '../../platform/src/evidence/accept.ts'
import { listEntries } from '../../platform/src/evidence/entries.ts'
import type { Instance } from '../../platform/src/instance.ts'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import { createChain, DOMAIN, type Party, type SimulatedChain } from './chain.ts'
import { type Clock, createClock } from './clock.ts'
import { createDatabase } from './database.ts'
import { createUplink, startUplink, type Uplink, type Witness } from './enterprise.ts'
import type { Fate } from './life.ts'
import { createNetwork, type Network } from './network.ts'
import { createPlant, isPlant, startPlant } from './plant.ts'
import { type Machine, type Process, RECEIPT_KEY, startProcess } from './platform.ts'
import { createRandom, type Random } from './random.ts'

/** A receipt that reached its enterprise. */
export interface Acknowledgement {
  readonly uplink: Uplink
  readonly receipt: Receipt
  readonly note: string
}

/** Everything in one simulation. */
export interface World {
  readonly random: Random
  readonly clock: Clock
  readonly startS: number
  readonly network: Network
  readonly chain: SimulatedChain
  readonly machine: Machine
  readonly uplinks: readonly Uplink[]
  /** A key that counts for sequences 1 and 2 of the first enterprise only, and is a thief's by now (S13). */
  readonly stolen: Uint8Array
  /** The platform's process, while one answers. */
  process: Process | undefined
  /** A second process on the same database and blocks (F16), while there is one. */
  twin: Instance | undefined
  /** Probability that a process dies at a call, before or after it acted (F1–F5). */
  dying: { platform: number; uplink: number }
  /** Keeps a dead platform down until this time, ms. */
  downUntilMs: number
  /** By window: the enterprise has it from here on, whatever becomes of the machine that it reached. */
  readonly acknowledged: Map<string, Acknowledgement>
  /** Each header that an honest uplink made: its window, and the digest that it says was before it. */
  readonly made: Map<string, { readonly note: string; readonly previous: string | undefined }>
  /** Digests that may never be accepted, and those of them that may never be on the chain either. */
  readonly refused: Map<string, 'here' | 'anywhere'>
  /** Digests that their organization brought to the chain itself. */
  readonly handedIn: Set<string>
  /** Organizations that broke their own word, so that nothing is promised to them. */
  readonly faithless: Set<number>
  /** The first thing that should not be. */
  wrong: Error | undefined
  /** What happened, in short, for a seed that failed. */
  readonly story: string[]
  readonly counts: { deaths: number; refusals: Map<string, number> }
  tell(what: string): void
}

export const PLATFORM = 1
const START_S = 1_780_000_000
const RESTART_MS = 800

/** A world at its beginning: nobody runs yet. */
export function createWorld(seed: string): World {
  const random = createRandom(seed)
  const clock = createClock(START_S * 1000)
  const setUp = random.fork('set-up')
  const stolen = setUp.bytes(32)
  const enterprises = setUp.int(2, 4)
  const uplinks = Array.from({ length: enterprises }, (_, at) => at + 2).flatMap((organization) => {
    const machines = setUp.int(2, 3)
    let streams = 0
    const clients = Array.from(
      { length: machines },
      (_, at): Uplink =>
        createUplink({
          name: `${organization}-${at % 2 === 0 ? 'cli' : 'browser'}-${at}`,
          organization,
          streams: Array.from({ length: setUp.int(1, 2) }, () => ++streams),
          disk: createFaultDisk(),
          random: setUp.fork(`uplink ${organization} ${at}`),
          startS: START_S - 30 * 86_400,
        }),
    )
    const gateways = Array.from({ length: setUp.int(0, 1) }, (_, at) =>
      createPlant({
        name: `${organization}-gateway-${at}`,
        organization,
        streams: Array.from({ length: setUp.int(1, 2) }, () => ++streams),
        random: setUp.fork(`gateway ${organization} ${at}`),
        startS: START_S,
      }),
    )
    return [...clients, ...gateways]
  })
  const chain = createChain(partiesOf(uplinks, stolen), START_S)
  const world: World = {
    random,
    clock,
    startS: START_S,
    network: createNetwork(clock, random.fork('network')),
    chain,
    machine: {
      clock,
      disk: createFaultDisk(),
      database: createDatabase(),
      chain,
      node: { fault: () => {}, lie: undefined, twoNodes: setUp.chance(0.5) },
      holder: undefined,
    },
    uplinks,
    stolen,
    process: undefined,
    twin: undefined,
    dying: { platform: 0, uplink: 0 },
    downUntilMs: 0,
    acknowledged: new Map(),
    made: new Map(),
    refused: new Map(),
    handedIn: new Set(),
    faithless: new Set(),
    wrong: undefined,
    story: [],
    counts: { deaths: 0, refusals: new Map() },
    tell(what) {
      world.story.push(`${((clock.now() - START_S * 1000) / 1000).toFixed(1)}s ${what}`)
    },
  }
  return world
}

/** Keeps a platform running: one that dies is started again. */
export function runPlatform(world: World): void {
  const { clock } = world
  const random = world.random.fork('platform fate')
  const start = () => {
    if (clock.now() < world.downUntilMs) return clock.after(world.downUntilMs - clock.now(), start)
    startProcess(
      world.machine,
      fateOf(random, () => world.dying.platform),
      () => {
        world.counts.deaths++
        if (world.process?.broken !== undefined) world.tell(`platform stopped: ${world.process.broken}`)
        world.process = undefined
        world.twin = undefined
        clock.after(RESTART_MS, start)
      },
    ).then(
      (process) => {
        world.process = process
        void requireKept(world, process)
      },
      (error: unknown) => {
        // A disk that fails while the process starts ends it, and it is started again; damage does not go away like that.
        if (error instanceof TanlianError) fail(world, error)
        else clock.after(RESTART_MS, start)
      },
    )
  }
  start()
}

/** Keeps an uplink running. */
export function runUplink(world: World, uplink: Uplink): void {
  const { clock } = world
  // One source for all its processes: the next one draws on where the last one ended.
  const random = world.random.fork(uplink.name)
  const fate = fateOf(random.fork('fate'), () => world.dying.uplink)
  const start = () => {
    const died = () => {
      world.counts.deaths++
      clock.after(RESTART_MS, start)
    }
    const parts = { clock, random, gate: gateOf(world, uplink), fate, died, witness: witnessOf(world) }
    if (isPlant(uplink)) startPlant(uplink, parts)
    else startUplink(uplink, { ...parts, log: DOMAIN })
  }
  start()
}

/** The present platform answers: its process, or at times its twin. */
function serve<T>(world: World, random: Random, work: (instance: Instance) => Promise<T>): Promise<T> {
  const { process, twin } = world
  if (process === undefined) throw new TanlianError('E_CLIENT_NETWORK', 'Nobody listens.')
  return process.life.reply(work(twin !== undefined && random.chance(0.5) ? twin : process.instance))
}

/** The platform's API over the network, as the real gate of the SDK uses it. */
function gateOf(world: World, uplink: Uplink): Gate {
  const random = world.random.fork(`gate ${uplink.name}`)
  const call = <T>(work: (instance: Instance) => Promise<T>): Promise<T> =>
    world.network.call(uplink.name, async () => serve(world, random, work))
  return {
    head: (organization, kind) =>
      call(async (instance) => {
        const head = await headOf(instance, organization, kind)
        return { sequence: head?.sequence ?? 0, digest: head === undefined ? undefined : new Uint8Array(head.digest) }
      }),
    async send(statement) {
      const receipt = await call((instance) => accept(instance, statement))
      checkReceipt(receipt, RECEIPT_KEY)
      if (receipt.digest !== toHex(statement.entry.digest)) throw new Error('S2: a receipt for other bytes')
      acknowledge(world, { uplink, receipt, note: statement.note })
      return receipt
    },
    held: (organization, kind, sequence) =>
      call(async (instance) => {
        const [item] = await listEntries(instance, {
          organization,
          kind: kind === 1 ? 1 : 2,
          order: 'oldest',
          after: sequence - 1,
          limit: 1,
        })
        if (item === undefined || item.sequence !== sequence || item.signature === null) return undefined
        return { digest: Buffer.from(item.digest, 'hex'), signature: Buffer.from(item.signature.slice(2), 'hex') }
      }),
    keyValid: async (organization, key, kind, sequence) => world.chain.keyValid(organization, key, kind, sequence),
  }
}

/** Hands a statement to the platform's real acceptance, which takes the bytes over. */
export async function accept(
  instance: Instance,
  { car, signature }: Pick<SignedStatement, 'car' | 'signature'>,
): Promise<Receipt> {
  const receipt = await acceptStatement(instance, { kind: 1, car: new Uint8Array(car), signature })
  return { ...receipt }
}

/** Refusals that an honest uplink meets when others are faster, slower or away. */
const EXPECTED = new Set([
  'E_CLIENT_TIMEOUT',
  'E_CLIENT_NETWORK',
  'E_BUSY',
  'E_OUTBOX_BUSY',
  'E_STORAGE_FULL',
  'E_AUDIT_STOPPED',
])

function witnessOf(world: World): Witness {
  return {
    made(note, header) {
      const { previous } = decodeHeader(header.bytes)
      world.made.set(toHex(digestOf(header.cid)), {
        note,
        previous: previous === null ? undefined : toHex(digestOf(previous)),
      })
    },
    wrong(error) {
      const code = error instanceof TanlianError ? error.code : 'unknown'
      const { refusals } = world.counts
      refusals.set(code, (refusals.get(code) ?? 0) + 1)
      if (error instanceof TanlianError && EXPECTED.has(code)) return
      // Two first batches at once meet in the database's own rule; the loser is told so without a code.
      if (error instanceof Error && /UNIQUE constraint failed/.test(error.message)) return
      const organization = error instanceof TanlianError ? error.values.organization : undefined
      if (typeof organization === 'number' && world.faithless.has(organization)) return
      if (code === 'E_SEQUENCE_CHAIN' && world.faithless.size > 0) return
      fail(world, error)
    },
  }
}

/** S1, S2: one window has one receipt, however often it is sent. */
function acknowledge(world: World, one: Acknowledgement): void {
  const { note, receipt } = one
  const before = world.acknowledged.get(note)?.receipt
  if (before === undefined) world.acknowledged.set(note, one)
  else if (JSON.stringify(before) !== JSON.stringify(receipt))
    fail(world, new Error(`S1, S2: window ${note} has two receipts, for ${before.digest} and ${receipt.digest}`))
}

/** S1: what was acknowledged can be read after every start. */
async function requireKept(world: World, { blocks }: Process): Promise<void> {
  for (const { receipt, note } of [...world.acknowledged.values()])
    if ((await blocks.get(Buffer.from(receipt.digest, 'hex'))) === undefined)
      return fail(world, new Error(`S1: the header of window ${note}, which has a receipt, is not in the block store`))
}

/** Remembers the first thing that should not be. */
export function fail(world: World, error: unknown): void {
  world.wrong ??= error instanceof Error ? error : new Error(String(error))
}

function fateOf(random: Random, probability: () => number): Fate {
  return () => {
    const p = probability()
    if (p === 0 || !random.chance(p)) return undefined
    return random.chance(0.5) ? 'before' : 'after'
  }
}

function partiesOf(uplinks: readonly Uplink[], stolen: Uint8Array): Party[] {
  const organizations = [...new Set(uplinks.map(({ organization }) => organization))]
  const all = Number.MAX_SAFE_INTEGER
  return [
    { id: PLATFORM, kind: 2, platform: undefined, keys: [] },
    ...organizations.map((id, at): Party => {
      const own = uplinks.filter(({ organization }) => organization === id)
      const keys = own.map(({ address }) => ({ address, from: 1, to: all }))
      return {
        id,
        kind: 3,
        platform: PLATFORM,
        keys: at === 0 ? [...keys, { address: addressOf(stolen), from: 1, to: 2 }] : keys,
      }
    }),
  ]
}
