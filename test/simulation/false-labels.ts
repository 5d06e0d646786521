import { sha256 } from '@noble/hashes/sha2.js'
import {
  type Draft,
  decodeChunk,
  decodeIndex,
  encodeBlock,
  type Interval,
  type Leaves,
  leavesOfChunks,
  treeRoot,
} from '@tanlian/evidence'

/** A root over two children whose sums are shifted against each other, and the proof that its builder would show. */
export interface FalseRoot {
  /** 88 bytes; count, quantity and seconds of the whole are right. */
  readonly root: Uint8Array
  /** A question that the left child answers alone. */
  readonly interval: Interval
  readonly proof: Uint8Array
  /** What the left child says, and what its readings say. */
  readonly claimed: number
  readonly truth: number
}

/** Builds the lie of spec section 4, "Who can lie?": labels of hidden nodes that no proof of the question would open. */
export function falseRootOf(draft: Draft): FalseRoot {
  const byName = new Map(draft.blocks.map(({ cid, bytes }) => [cid.toString(), bytes]))
  const bytesOf = (cid: { toString(): string }) => {
    const bytes = byName.get(cid.toString())
    if (bytes === undefined) throw new Error('the draft lacks a block')
    return bytes
  }
  const leaves = leavesOfChunks(decodeIndex(bytesOf(draft.data)).chunks.map(([, , , cid]) => decodeChunk(bytesOf(cid))))
  let split = 1
  while (split * 2 < leaves.count) split *= 2
  const left = treeRoot(part(leaves, 0, split)).slice()
  const right = treeRoot(part(leaves, split, leaves.count)).slice()
  const truth = quantityOf(left)
  // One goes over to the side that can give it.
  const shift = quantityOf(right) > 0 ? 1 : -1
  setQuantity(left, truth + shift)
  setQuantity(right, quantityOf(right) - shift)
  const root = new Uint8Array(88)
  root.set(left.subarray(0, 16))
  root.set(right.subarray(16, 32), 16)
  const view = new DataView(root.buffer)
  for (const at of [32, 40, 48]) view.setBigUint64(at, numberAt(left, at) + numberAt(right, at))
  const input = new Uint8Array(177)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 89)
  root.set(sha256(input), 56)
  const interval = { lo: left.slice(0, 16), hi: left.slice(16, 32) }
  return { root, interval, proof: encodeBlock([left, right]).bytes, claimed: truth + shift, truth }
}

function part({ keys, quantities, seconds, bodyDigests }: Leaves, from: number, to: number): Leaves {
  return {
    count: to - from,
    keys: keys.slice(16 * from, 16 * to),
    quantities: quantities.slice(from, to),
    seconds: seconds.slice(from, to),
    bodyDigests: bodyDigests.slice(32 * from, 32 * to),
  }
}

function numberAt(node: Uint8Array, at: number): bigint {
  return new DataView(node.buffer, node.byteOffset).getBigUint64(at)
}

function quantityOf(node: Uint8Array): number {
  return Number(numberAt(node, 40))
}

function setQuantity(node: Uint8Array, quantity: number): void {
  new DataView(node.buffer, node.byteOffset).setBigUint64(40, BigInt(quantity))
}
