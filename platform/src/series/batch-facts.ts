import { setImmediate as breathe } from 'node:timers/promises'
import {
  type Chunk,
  type DeviceKeys,
  declareKeys,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeStreams,
  digestOf,
  type Flag,
  type Frame,
  type FrameSigning,
  type Header,
  nameOf,
  type StreamItem,
  signingOf,
} from '@tanlian/evidence'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'
import type { Rows } from './bucket.ts'
import { checkQuickly } from './frame-signature.ts'

/** Readings of one chunk with what only the chunk says of them. */
export interface FactRows extends Rows {
  readonly flags: readonly Flag[]
  /** Place of each reading's frame in `frames`; −1 where it has none. */
  readonly sources: ArrayLike<number>
}

/** A raw frame, and how it was signed. */
export interface FactFrame {
  readonly frame: Frame
  readonly signing: FrameSigning['state']
  /** The declared key that signed it. */
  readonly key: Uint8Array | undefined
}

/** All that an accepted batch says, read from its blocks alone: what the projections fold. */
export interface BatchFacts {
  readonly organization: number
  readonly sequence: number
  /** Unix seconds by the platform, as in the receipt. */
  readonly receivedS: number
  readonly header: Header
  /** Those that this batch declares. */
  readonly streams: readonly StreamItem[]
  /** The keys of devices, those that this batch declares among them. */
  readonly keys: DeviceKeys
  readonly rows: readonly FactRows[]
  readonly frames: readonly FactFrame[]
}

/**
 * Reads a batch back from its blocks.
 * @param before what earlier batches declare: streams, which a batch need not repeat, and keys of devices
 * @throws TanlianError E_UNAVAILABLE where a block is missing or damaged.
 */
export async function readBatchFacts(
  instance: Pick<Instance, 'blocks' | 'privacy'>,
  accepted: {
    readonly organization: number
    readonly sequence: number
    readonly digest: Uint8Array
    readonly received_s: number
  },
  before: { readonly streams: readonly StreamItem[]; readonly keys: DeviceKeys },
): Promise<BatchFacts> {
  const { blocks } = instance
  const header = decodeHeader(await requireBlock(blocks, accepted.digest))
  const { streams } = decodeStreams(await requireBlock(blocks, digestOf(header.streams)))
  const { chunks } = decodeIndex(await requireBlock(blocks, digestOf(header.data)))
  const { organization, sequence, received_s: receivedS } = accepted
  const devices = new Map([...before.streams, ...streams].map((item) => [item.stream, item.device]))
  const keys = declareKeys(before.keys, organization, streams, sequence)
  const places = new Map<string, number>()
  const frames: FactFrame[] = []
  const placeOf = async (cid: Chunk['sources'][number], stream: number) => {
    const name = nameOf(cid)
    let place = places.get(name)
    if (place === undefined) {
      const frame = decodeFrame(await instance.privacy.frame(accepted.organization, cid))
      const { state, key } = signingOf(keys, frame, sequence, checkQuickly)
      // A device writes for its own streams alone.
      const signing = state === 'signed' && devices.get(stream) !== frame.device ? 'broken' : state
      place = frames.push({ frame, signing, key }) - 1
      places.set(name, place)
    }
    return place
  }
  const rows: FactRows[] = []
  // Of a batch that the platform could not audit nothing is drawn, not even what stands open in it: its sums may be false.
  const audited = await isAudited(instance, accepted.digest)
  for (const item of audited ? chunks : []) {
    const chunk = decodeChunk(await instance.privacy.chunk(accepted.organization, item))
    const sources: number[] = []
    for (const source of chunk.sources) sources.push(await placeOf(source, chunk.stream))
    rows.push({
      type: chunk.type,
      stream: chunk.stream,
      starts: chunk.rows.map(([start]) => start),
      seconds: chunk.rows.map(([, seconds]) => seconds),
      quantities: chunk.rows.map(([, , quantity]) => quantity),
      flags: chunk.rows.map(([, , , flag]) => flag),
      sources: chunk.rows.map(([, , , , source]) => (source === null ? -1 : (sources[source] as number))),
    })
    // Requests come first: a large batch is read in portions.
    await breathe()
  }
  return { organization, sequence, receivedS, header, streams, keys, rows, frames }
}

async function isAudited({ privacy }: Pick<Instance, 'privacy'>, digest: Uint8Array): Promise<boolean> {
  return (await privacy.register.batch(digest))?.audited ?? true
}
