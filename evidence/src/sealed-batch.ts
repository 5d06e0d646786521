import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Draft } from './batch.ts'
import { type Block, encodeBlock, toHex } from './block.ts'
import { decodeChunk, decodeIndex } from './form.ts'
import type { Interval } from './key.ts'
import { framePlace, type Random, sealBlock } from './sealed.ts'

/** Public keys of those who may read a chunk, from its first and last key; undefined for a chunk that is open to everybody. */
export type ReadersOf = (chunk: Interval) => readonly Uint8Array[] | undefined

/**
 * Seals the chunks of a draft for their readers, each under a fresh key, so that whoever is dropped reads nothing that comes after
 * (加密草稿, spec section 5). The tree stays as it is: it is over the plain readings. A frame is sealed where a sealed chunk names it,
 * for those who may read every such chunk.
 * @throws TanlianError E_SEALED_READERS where two chunks share a frame and no reader, E_SEALED_KEY
 */
export async function sealDraft(
  draft: Draft,
  organization: number,
  readersOf: ReadersOf,
  random: Random,
): Promise<Draft> {
  const blocks = new Map(draft.blocks.map((block) => [block.cid.toString(), block]))
  const index = decodeIndex(requireBlock(blocks, draft.data).bytes)
  const ofFrames = new Map<string, ReadonlyMap<string, Uint8Array>>()
  const rows: (readonly [Uint8Array, Uint8Array, number, CID])[] = []
  for (const [min, max, count, cid] of index.chunks) {
    const readers = readersOf({ lo: min, hi: max })
    if (readers === undefined) {
      rows.push([min, max, count, cid])
      continue
    }
    const plain = requireBlock(blocks, cid)
    const sealed = await sealBlock(plain.bytes, { min, max, count, organization }, readers, random)
    rows.push([min, max, count, sealed.cid])
    blocks.delete(cid.toString())
    blocks.set(sealed.cid.toString(), sealed)
    const named = new Map(readers.map((key) => [toHex(key), key]))
    for (const source of decodeChunk(plain.bytes).sources) {
      const before = ofFrames.get(source.toString())
      ofFrames.set(source.toString(), before === undefined ? named : common(before, named))
    }
  }
  for (const [name, readers] of ofFrames) {
    const frame = blocks.get(name)
    // One that was sealed with an earlier batch is not in this draft.
    if (frame === undefined) continue
    const sealed = await sealBlock(frame.bytes, framePlace(organization), [...readers.values()], random)
    blocks.delete(name)
    blocks.set(sealed.cid.toString(), sealed)
  }
  const fresh = encodeBlock({ chunks: rows })
  blocks.delete(draft.data.toString())
  const { streams } = draft
  const first = [requireBlock(blocks, streams), fresh]
  return {
    ...draft,
    data: fresh.cid,
    blocks: [...first, ...[...blocks.values()].filter(({ cid }) => !cid.equals(streams))],
  }
}

function common(a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>) {
  return new Map([...a].filter(([name]) => b.has(name)))
}

function requireBlock(blocks: ReadonlyMap<string, Block>, cid: CID): Block {
  const block = blocks.get(cid.toString())
  if (block === undefined)
    throw new TanlianError('E_CAR_MISSING', `Block ${cid} is named but not in the draft.`, {
      values: { cid: cid.toString() },
    })
  return block
}
