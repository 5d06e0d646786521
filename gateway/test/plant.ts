import {
  addressOf,
  type Block,
  cidFromDigest,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeStreams,
  type Entry,
  KEY_CHANGE_TYPE,
  openCar,
  type Reading,
  type StreamItem,
} from '@tanlian/evidence'
import { type Gate, memoryOutbox, type Receipt, type SignedStatement } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { FaultDisk } from '../../platform/test/fault-disk.ts'
import type { Arrival, Sample } from '../src/arrival.ts'
import { type Core, type CoreOptions, openCore } from '../src/core.ts'
import type { Device } from '../src/device.ts'

/** A clock that goes when the test says so. */
export interface TestClock {
  now(): number
  after(ms: number, call: () => void): () => void
  /** Lets time pass, step by step, with all that it brings about. */
  pass(ms: number): Promise<void>
}

export const START_MS = Date.UTC(2026, 10, 21, 2)

export function createTestClock(startMs = START_MS): TestClock {
  let nowMs = startMs
  let planned: { readonly atMs: number; readonly call: () => void }[] = []
  return {
    now: () => nowMs,
    after(ms, call) {
      const item = { atMs: nowMs + ms, call }
      planned.push(item)
      return () => {
        planned = planned.filter((one) => one !== item)
      }
    },
    async pass(ms) {
      const until = nowMs + ms
      for (;;) {
        await rest()
        const next = planned.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        planned = planned.filter((one) => one !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.call()
      }
      nowMs = until
    },
  }
}

/** Resolves when nothing has anything left to do but wait for the clock. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A meter that tells what it imported in each of its intervals, a minute or other seconds. */
export function meter(id: string, stream: number, more: Partial<Device> = {}, interval = 60): Device {
  return {
    id,
    model: 'test',
    protocol: 'http',
    address: {},
    zone: 'Asia/Shanghai',
    points: [
      {
        name: 'energy',
        stream,
        type: 0x020100,
        unit: 'Wh',
        value: 'delta',
        scale: '1',
        offset: '0',
        rounding: 'exact',
        interval,
        stamp: 'start',
        source: {},
        limits: {},
        definition: 'made up for tests',
      },
    ],
    ...more,
  }
}

/** A message of such a meter: `stamp value`, its number being its name. */
export function message(device: string, number: number, value: number, receivedMs: number): Arrival {
  const stamp = Math.floor(START_MS / 1000) + 60 * number
  return {
    device,
    protocol: 'http',
    bytes: new TextEncoder().encode(`${stamp} ${value}`),
    receivedMs,
    name: String(stamp),
    rank: stamp,
  }
}

/** What the bytes of such a message say. */
export function samplesOf(bytes: Uint8Array): Sample[] {
  const [stamp = '', value] = new TextDecoder().decode(bytes).split(' ')
  if (!/^\d+$/.test(stamp)) throw new TanlianError('E_PLANT', 'The message does not read.')
  return [{ point: 'energy', stamp: Number(stamp), value, flag: undefined }]
}

/** A platform that takes statements in sequence and keeps them in memory; it may be out of reach. */
export interface TestPlatform extends Gate {
  away: boolean
  /** It takes the next statement, and its answer is lost. */
  deaf: boolean
  readonly statements: SignedStatement[]
}

export const KEY = new Uint8Array(32).fill(9)
export const LOG = { chainId: 31337, verifyingContract: `0x${'10'.repeat(20)}` } as const

export function createTestPlatform(): TestPlatform {
  const statements: SignedStatement[] = []
  const reachable = () => {
    if (platform.away) throw new TanlianError('E_CLIENT_NETWORK', 'Nobody answers.')
  }
  const platform: TestPlatform = {
    away: false,
    deaf: false,
    statements,
    async head() {
      reachable()
      const last = statements.at(-1)?.entry
      return { sequence: last?.sequence ?? 0, digest: last?.digest }
    },
    async send(statement) {
      reachable()
      const { entry } = statement
      const there = statements[entry.sequence - 1]
      if (there === undefined && entry.sequence === statements.length + 1) statements.push(statement)
      else if (there === undefined || !sameEntry(there.entry, entry))
        throw new TanlianError('E_SEQUENCE_HEAD', 'Another statement holds this sequence.')
      if (platform.deaf) {
        platform.deaf = false
        throw new TanlianError('E_CLIENT_TIMEOUT', 'No answer came in time.')
      }
      return receiptOf(statement)
    },
    async held(_, __, sequence) {
      const there = statements[sequence - 1]
      return there === undefined ? undefined : { digest: there.entry.digest, signature: there.signature }
    },
    async keyValid(_, key) {
      return key === addressOf(KEY)
    },
  }
  return platform
}

function sameEntry(a: Entry, b: Entry): boolean {
  return cidFromDigest(a.digest).equals(cidFromDigest(b.digest))
}

function receiptOf({ entry, car }: SignedStatement): Receipt {
  const { organization, kind, sequence } = entry
  const digest = Buffer.from(entry.digest).toString('hex')
  return { organization, kind, sequence, digest, received: 0, size: car.length, promise: 60, key: '', signature: '' }
}

/** An outbox that outlives the processes of a test. */
export function createTestOutbox() {
  const box = memoryOutbox()
  const kept: { note: string; receipt: Receipt }[] = []
  return {
    ...box,
    async settle(statement: SignedStatement, receipt: Receipt) {
      kept.push({ note: statement.note, receipt })
      await box.settle(statement, receipt)
    },
    receipts: async (prefix: string) => kept.filter(({ note }) => note.startsWith(prefix)),
  }
}

/** A gateway core over a disk, with two meters. */
export function openTestCore(
  disk: FaultDisk,
  clock: TestClock,
  platform: TestPlatform,
  outbox: ReturnType<typeof createTestOutbox>,
  more: Partial<CoreOptions> = {},
): Promise<Core> {
  return openCore({
    disk,
    directory: '/data',
    organization: 7,
    devices: [meter('a', 1), meter('b', 2)],
    derived: [],
    checks: [],
    zone: 'Asia/Shanghai',
    window: { seconds: 300, readings: 1000 },
    budgetBytes: 1e7,
    samples: (_, bytes) => samplesOf(bytes),
    clock,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    chance: () => 1,
    reach: async () => {
      if (platform.away) throw new TanlianError('E_CLIENT_NETWORK', 'Nobody answers.')
      return { gate: platform, log: LOG, outbox, key: KEY, keyChanges: async () => keyChangesOf(platform) }
    },
    segmentBytes: 20_000,
    ...more,
  })
}

/** What the batches of a platform declare of changes of devices' keys. */
function keyChangesOf({ statements }: TestPlatform): StreamItem[] {
  return statements.flatMap(({ car }) => {
    const { header, require } = openCar(car)
    const { streams } = decodeStreams(require(decodeHeader(header.bytes).streams))
    return streams.filter(({ type }) => type === KEY_CHANGE_TYPE)
  })
}

/** What a platform holds, opened: the readings of all batches in order, and the messages that are their sources. */
export function contentsOf({ statements }: TestPlatform): {
  readonly readings: readonly (Omit<Reading, 'source'> & {
    readonly batch: number
    readonly says: string | undefined
  })[]
  /** By what a message says, the batches that have it. */
  readonly frames: ReadonlyMap<string, readonly number[]>
} {
  const readings: (Omit<Reading, 'source'> & { batch: number; says: string | undefined })[] = []
  const frames = new Map<string, number[]>()
  for (const { car, entry } of statements) {
    const opened = openCar(car)
    const header = decodeHeader(opened.header.bytes)
    const says = (block: Block['bytes']) => new TextDecoder().decode(decodeFrame(block).bytes)
    const seen = new Set<string>()
    for (const [, , , cid] of decodeIndex(opened.require(header.data)).chunks) {
      const { type, stream, rows, sources } = decodeChunk(opened.require(cid))
      for (const [start, seconds, quantity, flag, source] of rows) {
        const frame = source === null ? undefined : says(opened.require(sources[source] as never))
        if (frame !== undefined) seen.add(`${stream} ${frame}`)
        readings.push({ type: type >>> 8, stream, start, seconds, quantity, flag, batch: entry.sequence, says: frame })
      }
    }
    for (const one of seen) frames.set(one, [...(frames.get(one) ?? []), entry.sequence])
  }
  return { readings, frames }
}
