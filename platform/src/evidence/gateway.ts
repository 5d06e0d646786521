import { type Block, cidFromDigest, decodeBlock, digestOf, isEvidenceCid, toHex } from '@tanlian/evidence'
import type { Blocks } from '../blocks.ts'
import type { ReadingRight } from './reading-right.ts'

/** `{"roots":[CID],"version":1}` as DAG-CBOR, around the root's 36 bytes. */
const CAR_START = Buffer.from('a265726f6f747381d82a582500', 'hex')
const CAR_END = Buffer.from('6776657273696f6e01', 'hex')

/**
 * A CAR v1 of a block and all below it, depth first, each block once, as it is read from disk: memory does not grow with the DAG's bytes,
 * and what was sent is remembered in one bit a block.
 * Blocks that are named but not here (the plain form of a sealed one, say) are left out. Ends early where a block here is damaged, so that
 * the reader sees a broken answer and never a silently smaller one.
 */
export async function* carBelow(
  blocks: Blocks,
  root: Block,
  right: Pick<ReadingRight, 'mayHave'>,
): AsyncGenerator<Uint8Array> {
  yield carStart(digestOf(root.cid))
  const seen = createBits(blocks.count)
  const stack: Uint8Array[] = [digestOf(root.cid)]
  for (let digest = stack.pop(); digest !== undefined; digest = stack.pop()) {
    const place = await blocks.ordinal(digest)
    if (place === undefined || !seen.add(place)) continue
    const bytes = await blocks.get(digest)
    if (bytes === undefined) throw new Error(`block ${toHex(digest)} is damaged`)
    // What the caller may not have is left out, with all that only it names.
    if (!(await right.mayHave(digest, bytes))) continue
    yield section(digest, bytes)
    const links = linksOf(bytes)
    for (let at = links.length - 1; at >= 0; at--) stack.push(links[at] as Uint8Array)
  }
}

/** The first bytes of a CAR v1 with one root. */
export function carStart(root: Uint8Array): Uint8Array {
  const header = Buffer.concat([CAR_START, cidFromDigest(root).bytes, CAR_END])
  return Buffer.concat([varint(header.length), header])
}

/** One block as a section of a CAR. */
export function section(digest: Uint8Array, bytes: Uint8Array): Uint8Array {
  const cid = cidFromDigest(digest).bytes
  return Buffer.concat([varint(cid.length + bytes.length), cid, bytes])
}

/** Digests of the CIDs that a block names, in order. */
export function linksOf(bytes: Uint8Array): Uint8Array[] {
  const links: Uint8Array[] = []
  const stack: unknown[] = [decodeBlock(bytes)]
  while (stack.length > 0) {
    const value = stack.pop()
    if (isEvidenceCid(value)) links.push(digestOf(value))
    else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      const items = Object.values(value)
      for (let at = items.length - 1; at >= 0; at--) stack.push(items[at])
    }
  }
  return links
}

/** A growing set of small numbers. */
function createBits(expected: number) {
  let bits = new Uint8Array((expected >> 3) + 1)
  return {
    /** False where it is there already. */
    add(number: number): boolean {
      const at = number >> 3
      if (at >= bits.length) {
        const wider = new Uint8Array(2 * (at + 1))
        wider.set(bits)
        bits = wider
      }
      const bit = 1 << (number & 7)
      if (((bits[at] as number) & bit) !== 0) return false
      bits[at] = (bits[at] as number) | bit
      return true
    },
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  bytes.push(left)
  return Uint8Array.from(bytes)
}
