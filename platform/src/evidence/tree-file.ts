import { createHash } from 'node:crypto'
import { equalBytes, NODE_BYTES, type Tree } from '@tanlian/evidence'

/**
 * A tree as one flat file, version 1, so that a proof needs no hashing: `TLTREE01 ‖ u64 count ‖ root(88)` padded to 112 bytes, then quantities
 * and seconds (8 bytes each, the machine's order), keys (16), body digests (32), the levels from below, and H of all before. It can be made
 * anew from the blocks, so it need not be synced; its hash tells whether it is whole.
 */
const MAGIC = Buffer.from('TLTREE01')
const HEAD_BYTES = 112
const HASH_BYTES = 32
const LEAF_BYTES = 8 + 8 + 16 + 32

/** The file's bytes. */
export function encodeTree(tree: Tree): Uint8Array<ArrayBuffer> {
  const { leaves, levels, root } = tree
  const { count } = leaves
  const bytes = new Uint8Array(sizeOf(count))
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setBigUint64(8, BigInt(count))
  bytes.set(root, 16)
  let at = HEAD_BYTES
  const append = (part: Uint8Array) => {
    bytes.set(part, at)
    at += part.length
  }
  append(bytesOf(leaves.quantities))
  append(bytesOf(leaves.seconds))
  append(leaves.keys)
  append(leaves.bodyDigests)
  for (const level of levels) append(level)
  append(createHash('sha256').update(bytes.subarray(0, at)).digest())
  return bytes
}

/** The tree of a file as views on its bytes, or undefined where they are not a whole file with this root. */
export function decodeTree(bytes: Uint8Array<ArrayBuffer>, root: Uint8Array): Tree | undefined {
  if (bytes.length < HEAD_BYTES + HASH_BYTES || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined
  const { buffer, byteOffset } = bytes
  const count = Number(new DataView(buffer, byteOffset).getBigUint64(8))
  if (byteOffset % 8 !== 0 || count < 1 || count > 2 ** 26 || bytes.length !== sizeOf(count)) return undefined
  const end = bytes.length - HASH_BYTES
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))) return undefined
  if (!equalBytes(bytes.subarray(16, 16 + NODE_BYTES), root)) return undefined
  let at = HEAD_BYTES
  const take = (length: number) => {
    const part = bytes.subarray(at, at + length)
    at += length
    return part
  }
  const floats = (length: number) => {
    const column = new Float64Array(buffer, byteOffset + at, length)
    at += 8 * length
    return column
  }
  const quantities = floats(count)
  const seconds = floats(count)
  const keys = take(16 * count)
  const bodyDigests = take(32 * count)
  const levels = levelCounts(count).map((nodes) => take(NODE_BYTES * nodes))
  return { root: bytes.slice(16, 16 + NODE_BYTES), leaves: { count, keys, quantities, seconds, bodyDigests }, levels }
}

/** Bytes that a tree of so many readings takes, in its file and in memory. */
export function sizeOf(count: number): number {
  const nodes = levelCounts(count).reduce((sum, level) => sum + level, 0)
  return HEAD_BYTES + LEAF_BYTES * count + NODE_BYTES * nodes + HASH_BYTES
}

function levelCounts(leaves: number): number[] {
  const counts: number[] = []
  for (let count = leaves; count > 1; ) {
    count = Math.ceil(count / 2)
    counts.push(count)
  }
  return counts
}

function bytesOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}
