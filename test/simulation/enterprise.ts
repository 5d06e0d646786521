import {
  type Address,
  addressOf,
  type Block,
  batchCar,
  cidFromDigest,
  type Draft,
  decodeHeader,
  draftBatch,
  type Entry,
  encodeBlock,
  encodeEntry,
  type Flag,
  type Interval,
  type LogDomain,
  numberBatch,
  type Reading,
  type StreamItem,
  signEntry,
  windowInterval,
} from '@tanlian/evidence'
import { type Gate, openSubmitter } from '@tanlian/sdk'
import type { FaultDisk } from '../../platform/test/fault-disk.ts'
import type { Clock } from './clock.ts'
import { openDurableOutbox } from './durable-outbox.ts'
import { createLife, type Fate, type Life } from './life.ts'
import type { Random } from './random.ts'

/** A closed window of measured data that shall become one batch: what the plant's own journal keeps for ever. */
export interface Window {
  /** Unique in the simulation. */
  readonly note: string
  readonly readings: readonly Reading[]
  readonly frames: readonly Block[]
  readonly restates: readonly Interval[]
}

/** One machine of an enterprise that signs and sends: the command line (file outbox) or a browser. All of an enterprise's share one sequence. */
export interface Uplink {
  readonly name: string
  readonly organization: number
  readonly key: Uint8Array
  readonly address: Address
  readonly disk: FaultDisk
  readonly streams: readonly StreamItem[]
  readonly journal: Window[]
  /** The next second that no reading of its streams covers. */
  nextS: number
  life: Life | undefined
}

const TYPES = [0x020100, 0x020200, 0x010100, 0x040100] as const
const FLAGS: readonly Flag[] = ['N', 'N', 'N', 'N', 'F', 'S', 'E', 'D', 'B']
const INTERVAL_S = 900

export function createUplink(parts: {
  readonly name: string
  readonly organization: number
  readonly streams: readonly number[]
  readonly disk: FaultDisk
  readonly random: Random
  readonly startS: number
}): Uplink {
  const { random } = parts
  const key = random.bytes(32)
  return {
    name: parts.name,
    organization: parts.organization,
    key,
    address: addressOf(key),
    disk: parts.disk,
    streams: parts.streams.map((stream) => ({
      stream,
      type: random.pick(TYPES),
      device: `${parts.name}-meter-${stream}`,
      interval: INTERVAL_S,
    })),
    journal: [],
    nextS: parts.startS,
    life: undefined,
  }
}

/** The next window of an uplink's meters closes; now and then it corrects an earlier one by restating it. */
export function closeWindow(uplink: Uplink, random: Random, restating: boolean): void {
  const note = `${uplink.name}/${uplink.journal.length + 1}`
  const frame = encodeBlock({
    bytes: random.bytes(12),
    device: uplink.name,
    protocol: 'simulation',
    received: uplink.nextS,
    salt: random.bytes(16),
  })
  const read = (item: StreamItem, start: number): Reading => ({
    type: item.type,
    stream: item.stream,
    start,
    seconds: INTERVAL_S,
    quantity: random.int(0, 5_000_000),
    flag: random.pick(FLAGS),
    source: random.chance(0.8) ? frame.cid : null,
  })
  const earlier = uplink.journal.filter(({ restates }) => restates.length === 0)
  if (restating && earlier.length > 0) {
    const again = random.pick(earlier)
    const item = random.pick(uplink.streams.filter(({ stream }) => again.readings.some((one) => one.stream === stream)))
    const starts = again.readings.filter(({ stream }) => stream === item.stream).map(({ start }) => start)
    const from = Math.min(...starts)
    const to = Math.max(...starts) + INTERVAL_S
    const restates = [0, 1, 2].map((validity) => windowInterval(item.type * 256 + validity, item.stream, from, to))
    const readings = starts.filter(() => random.chance(0.8)).map((start) => read(item, start))
    if (readings.length === 0) readings.push({ ...read(item, from), quantity: 0, flag: 'B' })
    uplink.journal.push({ note, readings, frames: [frame], restates })
    return
  }
  const count = random.int(2, 12)
  const readings = uplink.streams.flatMap((item) =>
    Array.from({ length: count }, (_, at) => read(item, uplink.nextS + at * INTERVAL_S)).filter(() =>
      random.chance(0.95),
    ),
  )
  if (readings.length === 0) readings.push(read(uplink.streams[0] as StreamItem, uplink.nextS))
  uplink.nextS += count * INTERVAL_S
  uplink.journal.push({ note, readings, frames: [frame], restates: [] })
}

/** The draft of a window; its seeds are fresh each time, so drafts made before and after a crash differ. */
export function draftOf(uplink: Pick<Uplink, 'streams'>, window: Window, random: Random): Draft {
  const { readings, frames } = window
  return draftBatch({ readings, streams: uplink.streams, seed: () => random.bytes(32), frames })
}

/** What an enterprise tells the simulation. */
export interface Witness {
  /** A statement is about to be signed. */
  made(note: string, header: Block): void
  /** Something that it could not explain. */
  wrong(error: unknown): void
}

/**
 * Runs an uplink's process: sends again what was signed and has no receipt, then the next window of the journal, for ever. The real
 * submitter does the numbering, keeping, signing and sending.
 */
export function startUplink(
  uplink: Uplink,
  parts: {
    readonly clock: Clock
    readonly random: Random
    readonly gate: Gate
    readonly log: LogDomain
    readonly fate: Fate
    readonly died: () => void
    readonly witness: Witness
  },
): void {
  const { clock, random, gate, log, witness } = parts
  const life = createLife(parts.fate, parts.died)
  uplink.life = life
  const { organization, key } = uplink
  const outbox = openDurableOutbox(uplink.disk, life)
  const submitter = openSubmitter({ gate, outbox, log, organization, kind: 1, key })
  const turn = async (): Promise<number> => {
    await submitter.resume()
    const done = new Set((await outbox.receipts()).map(({ note }) => note))
    const next = uplink.journal.find(({ note }) => !done.has(note))
    if (next === undefined) return 1000
    const draft = draftOf(uplink, next, random)
    const { restates } = next
    await submitter.submit((sequence, previous) => {
      const { header, entry } = numberBatch(draft, { organization, sequence, previous, restates })
      witness.made(next.note, header)
      return { entry, car: batchCar(header, draft.blocks) }
    }, next.note)
    return random.int(50, 1500)
  }
  const loop = async () => {
    while (life.alive) {
      const wait = await turn().catch((error: unknown) => {
        witness.wrong(error)
        return random.int(500, 2500)
      })
      await clock.sleep(wait)
    }
  }
  void loop()
}

/** A header and its entry signed by any key, for those who do not keep the rules. */
export function signedBatch(
  draft: Draft,
  given: { readonly organization: number; readonly sequence: number; readonly previous: Uint8Array | undefined },
  log: LogDomain,
  key: Uint8Array,
  alter: (header: Record<string, unknown>) => void = () => {},
): {
  readonly header: Block
  readonly entry: Entry
  readonly signature: Uint8Array
  readonly car: Uint8Array
  readonly relayed: Uint8Array
} {
  const { organization, sequence } = given
  const previous = given.previous === undefined ? null : cidFromDigest(given.previous)
  const fields: Record<string, unknown> = {
    ...decodeHeader(numberBatch(draft, { organization, sequence, previous }).header.bytes),
  }
  alter(fields)
  const header = encodeBlock(fields)
  const entry: Entry = { kind: 1, organization, sequence, digest: header.cid.multihash.digest }
  const signature = signEntry(entry, log, key)
  const relayed = new Uint8Array([...encodeEntry(entry), ...signature])
  return { header, entry, signature, car: batchCar(header, draft.blocks), relayed }
}
