import {
  type Block,
  type Chunk,
  cidFromDigest,
  cidOf,
  decodeChunk,
  decodeIndex,
  decodeSealed,
  type Header,
  isSealed,
  openSealed,
  type Reader,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { BlockSource } from './blocks.ts'
import type { Client } from './client.ts'
import { inTurns } from './in-turns.ts'

/** What some readers' keys open of a batch. */
export interface OpenedChunks {
  readonly chunks: readonly Chunk[]
  /** How many more chunks it has, which these keys do not open. */
  readonly closed: number
}

/** Blocks of a platform as its asker may have them, each held to its CID and fetched once. Codes: the platform's, E_TRACE_BLOCK. */
export function platformBlocks(client: Client): BlockSource {
  const kept = new Map<string, Promise<Uint8Array>>()
  const source = { bytes: 0, blocks: 0 }
  return {
    get bytes() {
      return source.bytes
    },
    get blocks() {
      return source.blocks
    },
    get(cid) {
      const name = cid.toString()
      const wait =
        kept.get(name) ??
        client.block(name).then((bytes) => {
          if (!cidOf(bytes).equals(cid)) throw new TanlianError('E_TRACE_BLOCK', `Block ${cid} came with other bytes.`)
          source.bytes += bytes.length
          source.blocks += 1
          return bytes
        })
      kept.set(name, wait)
      return wait
    },
  }
}

/** The header of a batch; undefined where it is not open to whoever asks. Codes: E_TRACE_BLOCK, the platform's. */
export async function openHeader(blocks: BlockSource, digest: Uint8Array): Promise<Block | undefined> {
  const cid = cidFromDigest(digest)
  return blocks.get(cid).then((bytes) => ({ cid, bytes }), unlessClosed(['E_CONFIDENTIAL']))
}

/**
 * The chunks of a batch, open or opened with these keys. Every opened chunk is the one that the index names, and the index is the header's.
 * Codes: E_TRACE_BLOCK, E_SEALED_DAMAGED, E_SEALED_PLAIN, the platform's.
 */
export async function openChunks(
  blocks: BlockSource,
  { data, organization }: Pick<Header, 'data' | 'organization'>,
  readers: readonly Reader[],
): Promise<OpenedChunks> {
  const index = await blocks.get(data).catch(unlessClosed(['E_CONFIDENTIAL', 'E_NOT_FOUND']))
  if (index === undefined) return { chunks: [], closed: 1 }
  const items = decodeIndex(index).chunks
  const opened = await inTurns(items, 8, async ([min, max, count, cid]) => {
    // A chunk that names none of an asker's keys looks missing to it.
    const bytes = await blocks.get(cid).catch(unlessClosed(readers.length > 0 ? ['E_NOT_FOUND'] : []))
    if (bytes === undefined || !isSealed(bytes)) return bytes
    return openSealed(decodeSealed(bytes), { min, max, count, organization }, readers).catch(
      unlessClosed(['E_SEALED_READER']),
    )
  })
  const chunks = opened.flatMap((bytes) => (bytes === undefined ? [] : [decodeChunk(bytes)]))
  return { chunks, closed: items.length - chunks.length }
}

/** Turns the refusals by which a block is closed to its asker into nothing; every other one stays one. */
function unlessClosed(codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof TanlianError) || !codes.includes(error.code)) throw error
    return undefined
  }
}
