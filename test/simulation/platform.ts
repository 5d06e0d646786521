import { EventEmitter } from 'node:events'
import {
  type Address,
  buildTree,
  type Chunk,
  decodeChunk,
  decodeHeader,
  decodeIndex,
  digestOf,
  leavesOfChunks,
} from '@tanlian/evidence'
import {
  agreeing,
  type ChainEvent,
  createIndexer,
  createOutbox,
  type Indexer,
  NETWORK_OUTBOX,
  type Outbox,
  type OutboxOptions,
} from '@tanlian/registry'
import { pino } from 'pino'
import { type Blocks, openBlocks } from '../../platform/src/blocks.ts'
import type { Chain } from '../../platform/src/chain/chain.ts'
import { createOutboxStore } from '../../platform/src/chain/outbox-store.ts'
import { createSink } from '../../platform/src/chain/sink.ts'
import { configure } from '../../platform/src/config.ts'
import type { Disk, DiskFile } from '../../platform/src/disk.ts'
import { openDocuments } from '../../platform/src/document/documents.ts'
import { retryRefused } from '../../platform/src/evidence/anchor.ts'
import { answerOf } from '../../platform/src/evidence/audit-thread.ts'
import { type LogView, openLogView } from '../../platform/src/evidence/log-view.ts'
import { createReceiptSigner } from '../../platform/src/evidence/receipt.ts'
import { createTracer } from '../../platform/src/evidence/trace.ts'
import { requireBlock, type TreeStore } from '../../platform/src/evidence/tree-store.ts'
import type { Worker } from '../../platform/src/evidence/worker.ts'
import type { Instance } from '../../platform/src/instance.ts'
import { createPrivacy } from '../../platform/src/privacy/privacy.ts'
import type { FaultDisk } from '../../platform/test/fault-disk.ts'
import {
  DOMAIN,
  LOG_CONTRACT,
  type NodeFault,
  REGISTRY_CONTRACT,
  type SimulatedChain,
  simulatedSigner,
} from './chain.ts'
import type { Clock } from './clock.ts'
import type { Database } from './database.ts'
import { createLife, type Fate, type Life, living } from './life.ts'

/** Depth to which the platform follows a chain that goes back (S30). */
export const REORG_DEPTH = 8
/** Blocks on top of an entry before it counts as anchored. */
export const CONFIRMATIONS = 2
/** Seconds within which the platform promises to append (L1). */
export const PROMISE_SECONDS = 60

const OUTBOX: OutboxOptions = {
  ...NETWORK_OUTBOX,
  confirmations: CONFIRMATIONS + 1,
  keepBlocks: 4096,
  entriesPerTransaction: 5,
  lingerMs: 300,
  pollMs: 700,
  idleMs: 1500,
  resendMs: 4000,
  repriceMs: 9000,
}
const INDEX_EVERY_MS = 900
const RETRY_EVERY_MS = 10_000
const BACK_OFF_MS = 1500

/** What outlives a platform's processes: its machine. */
export interface Machine {
  readonly clock: Clock
  readonly disk: FaultDisk
  readonly database: Database
  readonly chain: SimulatedChain
  /** Faults of the node it asks, and lies of the node (F20). */
  readonly node: {
    fault: NodeFault
    lie: ((events: readonly ChainEvent[]) => readonly ChainEvent[]) | undefined
    twoNodes: boolean
  }
  /** Who has the right to send with the platform's key; the database server's lock (R27). */
  holder: Life | undefined
}

/** One process of the platform: the real acceptance, outbox, index, log view, tracer and block store over the machine's parts. */
export interface Process {
  readonly life: Life
  readonly instance: Instance
  readonly indexer: Indexer
  readonly outbox: Outbox
  readonly blocks: Blocks
  readonly log: LogView
  /** What it stopped for (S36). */
  readonly broken: string | undefined
}

const RECEIPT_SEED = new Uint8Array(32).fill(0x52)
const READER_SECRET = new Uint8Array(32).fill(0x53)
const CHECKPOINT_SEED = new Uint8Array(32).fill(0x43)
const ORIGIN = 'simulation.invalid/log'

/** The platform's receipt key, as enterprises know it beforehand. */
export const RECEIPT_KEY = createReceiptSigner(RECEIPT_SEED, PROMISE_SECONDS).publicKey

/**
 * Starts a process on a machine. It resolves once the process answers; one that dies while it starts never does.
 * @param died called when it ends, for whatever reason
 */
export async function startProcess(machine: Machine, fate: Fate, died: () => void): Promise<Process> {
  const { clock, chain } = machine
  const life = createLife(fate, died)
  const state: { broken: string | undefined } = { broken: undefined }
  const fatal = (reason: string) => {
    state.broken = reason
    life.kill()
  }
  const db = machine.database.connect(life)
  const blocks = await openBlocks({
    directory: '/data/blocks',
    disk: livingDisk(life, machine.disk),
    segmentBytes: 96 * 1024,
    fatal,
  })
  const log = await openLogView(db, { origin: ORIGIN, privateKey: CHECKPOINT_SEED })
  const fault: NodeFault = (what, when) => machine.node.fault(what, when)
  const honest = living(life, chain.reader(fault), ['head', 'blocks', 'events'])
  const told = living(
    life,
    chain.reader(fault, (events) => machine.node.lie?.(events) ?? events),
    ['head', 'blocks', 'events'],
  )
  let clearTraces = () => {}
  const indexer = createIndexer({
    reader: machine.node.twoNodes ? agreeing(honest, told) : told,
    sink: createSink(db, {
      advanced: () => log.follow(),
      rolledBack: async () => {
        await log.follow()
        clearTraces()
      },
      unsure: () => log.unsure(),
    }),
    now: clock.now,
    options: { fromBlock: 1, reorgDepth: REORG_DEPTH, stepBlocks: 50, pollMs: INDEX_EVERY_MS },
  })
  const outboxChain = living(life, chain.outboxChain(fault), [
    'head',
    'blockHash',
    'count',
    'inclusion',
    'knows',
    'send',
    'fees',
    'estimate',
    'landed',
  ])
  const outbox = createOutbox({
    store: {
      ...createOutboxStore(db, { host: '', port: 0, user: '', password: '', database: '' }),
      // Its lock is one of PostgreSQL's; here it is the machine's.
      hold: async () => {},
      release: async () => {},
    },
    chain: outboxChain,
    signer: simulatedSigner,
    options: OUTBOX,
    now: clock.now,
  })
  const trees = treesOf(blocks)
  const parts = {
    id: 'simulation',
    config: configure({
      dataDir: '/data',
      promiseSeconds: PROMISE_SECONDS,
      confirmations: CONFIRMATIONS,
      limits: { reserveBytes: 4096 },
    }),
    db,
    blocks,
    trees,
    log,
    receipts: createReceiptSigner(RECEIPT_SEED, PROMISE_SECONDS),
    privacy: createPrivacy({ db, blocks, secrets: [READER_SECRET] }),
    chain: chainOf({ indexer, outbox, outboxChain, chain }),
    worker: workerOf(life),
    events: new EventEmitter() as Instance['events'],
    clock: clock.now,
    logger: pino({ level: 'silent' }),
    fatal,
  }
  const documents = await openDocuments(parts)
  const tracer = createTracer({ ...parts, documents })
  clearTraces = () => tracer.clear()
  const instance: Instance = { ...parts, documents, tracer }
  // Nothing is accepted before the chain was read once.
  await trying(clock, life, () => indexer.sync())
  await trying(clock, life, () => life.call(() => takeSender(machine, life)))
  again(clock, life, async () => {
    await indexer.sync()
    return INDEX_EVERY_MS
  })
  again(clock, life, () => outbox.step())
  again(clock, life, async () => {
    await retryRefused(instance)
    return RETRY_EVERY_MS
  })
  return {
    life,
    instance,
    indexer,
    outbox,
    blocks,
    log,
    get broken() {
      return state.broken
    },
  }
}

/** Loops for ever, as the process's own timers do; what fails is tried again. */
function again(clock: Clock, life: Life, work: () => Promise<number>): void {
  const loop = async () => {
    while (life.alive) {
      const wait = await work().catch(() => BACK_OFF_MS)
      await clock.sleep(Math.max(1, wait))
    }
  }
  void loop()
}

async function trying(clock: Clock, life: Life, work: () => Promise<void>): Promise<void> {
  while (life.alive) {
    try {
      return await work()
    } catch {
      await clock.sleep(BACK_OFF_MS)
    }
  }
  return new Promise(() => {})
}

async function takeSender(machine: Machine, life: Life): Promise<void> {
  if (machine.holder?.alive === true && machine.holder !== life) throw new Error('another process sends with this key')
  machine.holder = life
}

/** The audit of the platform's own thread, without the thread: it is given a copy, as the thread is given the bytes themselves. */
function workerOf(life: Life): Worker {
  return {
    audit: (question) =>
      life.call(() => {
        const { answer } = answerOf({ id: 1, ...question })
        if ('fault' in answer) throw new Error(answer.fault)
        return answer.ok ? answer : answer.refusal
      }),
    stop: async () => {},
  }
}

/** Trees made from the blocks each time: the files of the real store are a copy for speed only. */
function treesOf(blocks: Blocks): TreeStore {
  return {
    bytes: 0,
    keep: async () => {},
    async get(header) {
      const { data } = decodeHeader(await requireBlock(blocks, header))
      const chunks: Chunk[] = []
      for (const [, , , cid] of decodeIndex(await requireBlock(blocks, digestOf(data))).chunks)
        chunks.push(decodeChunk(await requireBlock(blocks, digestOf(cid))))
      return buildTree(leavesOfChunks(chunks))
    },
  }
}

function chainOf(parts: {
  readonly indexer: Indexer
  readonly outbox: Outbox
  readonly outboxChain: { estimate: ReturnType<SimulatedChain['outboxChain']>['estimate'] }
  readonly chain: SimulatedChain
}): Chain {
  const { indexer, outbox, outboxChain, chain } = parts
  const block = () => indexer.cursor?.number ?? 0
  return {
    chainId: DOMAIN.chainId,
    embedded: false,
    publicRpc: null,
    contracts: { OrganizationRegistry: REGISTRY_CONTRACT, EvidenceLog: LOG_CONTRACT },
    domain: DOMAIN,
    genesis: chain.blocks[0]?.hash ?? '0x',
    outbox,
    sender: simulatedSigner.address,
    tryCall: (call) =>
      outboxChain.estimate(simulatedSigner.address, call).then((tried) => (tried.ok ? { ok: true } : tried)),
    nonceOf: async (_account: Address) => 0,
    get block() {
      return block()
    },
    depthOf: (number) => block() - number,
    caughtUp: true,
    health: () => ({ ok: true }),
    problems: { reading: null, sending: null },
    wake: () => outbox.wake(),
    sync: () => indexer.sync(),
    stop: async () => {},
  }
}

/** A disk at the mercy of its process's fate. */
export function livingDisk(life: Life, disk: Disk): Disk {
  const file = (real: DiskFile): DiskFile => ({
    path: real.path,
    size: () => life.call(() => real.size()),
    read: (into, position) => life.call(() => real.read(into, position)),
    write: (bytes, position) => life.call(() => real.write(bytes, position)),
    sync: () => life.call(() => real.sync()),
    truncate: (length) => life.call(() => real.truncate(length)),
    close: () => life.call(() => real.close()),
  })
  return {
    makeDirectory: (path) => life.call(() => disk.makeDirectory(path)),
    open: (path, mode) => life.call(async () => file(await disk.open(path, mode))),
    list: (path) => life.call(() => disk.list(path)),
    rename: (from, to) => life.call(() => disk.rename(from, to)),
    remove: (path) => life.call(() => disk.remove(path)),
    syncDirectory: (path) => life.call(() => disk.syncDirectory(path)),
    freeBytes: (path) => life.call(() => disk.freeBytes(path)),
  }
}
