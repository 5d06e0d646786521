import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Block, cidOf, encodeBlock, nameOf } from './block.ts'
import { writeCar } from './car.ts'
import { chunksOf, type Reading } from './draft.ts'
import { encodeChunk } from './encode-chunk.ts'
import { ENTRY_BATCH, type Entry } from './entry.ts'
import { BATCH_FORMAT, type Chunk, decodeHeader, decodeStreams, MAX_INDEX_CHUNKS, type StreamItem } from './form.ts'
import { encodeKey, type Interval } from './key.ts'
import { leavesOfChunks } from './leaves.ts'
import { treeRoot } from './tree.ts'

/** What a batch is made of. */
export interface BatchInput {
  readonly readings: readonly Reading[]
  /** Every stream that the readings belong to, as declared; more may be declared. */
  readonly streams: readonly StreamItem[]
  /** 32 fresh random bytes each time: one seed a chunk. */
  readonly seed: () => Uint8Array
  /** Raw frames; those that no reading names are left out. */
  readonly frames: readonly Block[]
}

/** A batch without its number, `previous` and signature (草稿): it gets them at uplink, by compare-and-swap on the head. */
export interface Draft {
  /** The 88 bytes of the tree's top node. */
  readonly root: Uint8Array
  /** The least start and the greatest end, Unix seconds. */
  readonly from: number
  readonly to: number
  /** The index block. */
  readonly data: CID
  readonly streams: CID
  /** Everything but the header: streams, index, chunks, frames. */
  readonly blocks: readonly Block[]
  /** Readings in it. */
  readonly count: number
}

/** What makes a draft an organization's next batch. */
export interface BatchNumber {
  readonly organization: number
  readonly sequence: number
  /** The header before, null for the first. */
  readonly previous: CID | null
  /** Earlier readings that this batch voids (重述). */
  readonly restates?: readonly Interval[]
}

/**
 * Turns readings in any order into a draft: sorted, cut into chunks, hashed into a tree.
 * @throws TanlianError whatever `chunksOf` throws.
 */
export function draftBatch({ readings, streams, seed, frames }: BatchInput): Draft {
  return draftOfChunks(chunksOf(readings, streams, seed), streams, frames)
}

/**
 * The draft of chunks that stand in key order.
 * @throws TanlianError E_BATCH_CHUNKS for none or more than 16,384, E_FORM for streams of another form, and what the tree refuses.
 */
export function draftOfChunks(
  chunks: readonly Chunk[],
  streams: readonly StreamItem[],
  frames: readonly Block[],
): Draft {
  if (chunks.length === 0 || chunks.length > MAX_INDEX_CHUNKS)
    throw new TanlianError('E_BATCH_CHUNKS', `A batch has 1 to ${MAX_INDEX_CHUNKS} chunks, not ${chunks.length}.`, {
      values: { count: chunks.length, limit: MAX_INDEX_CHUNKS },
    })
  const leaves = leavesOfChunks(chunks)
  const root = treeRoot(leaves)
  let from = Number.POSITIVE_INFINITY
  let to = 0
  const named = new Set<string>()
  const chunkBlocks: Block[] = []
  const index = chunks.map((chunk) => {
    const bytes = encodeChunk(chunk)
    const cid = cidOf(bytes)
    chunkBlocks.push({ cid, bytes })
    const first = chunk.rows[0]?.[0] ?? 0
    const last = chunk.rows.at(-1) ?? [0, 0]
    from = Math.min(from, first)
    // Intervals of a chunk do not overlap: its last one ends last.
    to = Math.max(to, last[0] + last[1])
    for (const source of chunk.sources) named.add(nameOf(source))
    return [
      encodeKey(chunk.type, chunk.stream, first),
      encodeKey(chunk.type, chunk.stream, last[0]),
      chunk.rows.length,
      cid,
    ]
  })
  const indexBlock = encodeBlock({ chunks: index })
  const streamsBlock = encodeBlock({ streams })
  decodeStreams(streamsBlock.bytes)
  return {
    root,
    from,
    to,
    data: indexBlock.cid,
    streams: streamsBlock.cid,
    blocks: [streamsBlock, indexBlock, ...chunkBlocks, ...frames.filter(({ cid }) => named.has(nameOf(cid)))],
    count: leaves.count,
  }
}

/**
 * Puts number and `previous` on a draft. The entry is what the organization signs.
 * @throws TanlianError E_FORM where the number is not one: sequences count from 1, only the first has no `previous`.
 */
export function numberBatch(
  draft: Draft,
  { organization, sequence, previous, restates = [] }: BatchNumber,
): { readonly header: Block; readonly entry: Entry } {
  const { from, to, root, data, streams } = draft
  const header = encodeBlock({
    format: BATCH_FORMAT,
    organization,
    sequence,
    previous,
    from,
    to,
    tree: root,
    data,
    streams,
    restates: restates.map(({ lo, hi }) => [lo, hi]),
  })
  decodeHeader(header.bytes)
  return { header, entry: { kind: ENTRY_BATCH, organization, sequence, digest: header.cid.multihash.digest } }
}

/** The batch as it travels: a CAR v1 whose root is the header; header, streams, index, chunks, frames. */
export function batchCar(header: Block, blocks: readonly Block[]): Uint8Array {
  return writeCar(header.cid, [header, ...blocks])
}
