import { TanlianError } from '@tanlian/units'
import { NODE_BYTES } from './form.ts'
import { BLOCK, type Hasher, hasher, PLACE } from './hasher.ts'
import { KEY_BYTES } from './key.ts'
import type { Leaves } from './leaves.ts'

/**
 * The Merkle-sum tree of a batch (spec section 3), flat: `levels[k]` holds the nodes over 2^(k+1) leaves from left to right,
 * 88 bytes each. An odd last node stands in every level up to the one where it gets a neighbour.
 */
export interface Tree {
  /** The 88 bytes of the top node. */
  readonly root: Uint8Array
  readonly leaves: Leaves
  readonly levels: readonly Uint8Array[]
}

/** Levels that a block of leaves climbs by itself: 2^10 leaves are one node. */
const CLIMB = Math.log2(BLOCK)

/**
 * Builds the tree of leaves that are sorted by key, at least one, and checks all of them.
 * @throws TanlianError E_TREE_EMPTY, E_TREE_COLUMNS, E_TREE_ORDER, E_TREE_BOUND (with the place of the leaf where there is one).
 */
export function buildTree(leaves: Leaves): Tree {
  const levels: Uint8Array[] = []
  for (let count = leaves.count; count > 1; ) {
    count = Math.ceil(count / 2)
    levels.push(new Uint8Array(NODE_BYTES * count))
  }
  return { root: fold(leaves, levels), leaves, levels }
}

/** The root alone, keeping no node: the same checks and the same bytes as {@link buildTree}. */
export function treeRoot(leaves: Leaves): Uint8Array {
  return fold(leaves, [])
}

function fold(leaves: Leaves, levels: readonly Uint8Array[]): Uint8Array {
  requireColumns(leaves)
  const kernel = hasher()
  let count = leaves.count
  let tops = new Uint8Array(NODE_BYTES * Math.ceil(count / BLOCK))
  for (let from = 0; from < count; from += BLOCK) {
    const end = Math.min(from + BLOCK, count)
    loadLeaves(kernel, leaves, from, end)
    kernel.hashLeaves(end - from)
    climb(kernel, end - from, count, levels, 0, from, tops)
  }
  // The tops of blocks are the nodes of a smaller tree of the same shape.
  for (let level = CLIMB; tops.length > NODE_BYTES; level += CLIMB) {
    const nodes = tops
    count = nodes.length / NODE_BYTES
    tops = new Uint8Array(NODE_BYTES * Math.ceil(count / BLOCK))
    for (let from = 0; from < count; from += BLOCK) {
      const end = Math.min(from + BLOCK, count)
      kernel.bytes.set(nodes.subarray(NODE_BYTES * from, NODE_BYTES * end), PLACE.nodes)
      climb(kernel, end - from, count, levels, level, from, tops)
    }
  }
  return tops
}

/**
 * Hashes a block of nodes up to its top and keeps the levels. `first` is the place of the block's first node among the
 * `all` nodes of level `level`, level 0 being the leaves. A block that is not alone climbs all its levels.
 */
function climb(
  { bytes, hashLevel }: Hasher,
  block: number,
  all: number,
  levels: readonly Uint8Array[],
  level: number,
  first: number,
  tops: Uint8Array,
) {
  let at: number = PLACE.nodes
  let count = block
  for (let step = 1; step <= CLIMB && (count > 1 || all > BLOCK); step++) {
    const to = at + NODE_BYTES * count
    if (hashLevel(at, count, to) !== 0)
      throw new TanlianError('E_TREE_BOUND', 'A sum of the tree is more than 2^53 − 1. Start a new batch before it.')
    // An odd last node goes up as it is.
    if (count % 2 === 1)
      bytes.copyWithin(to + (NODE_BYTES * (count - 1)) / 2, at + NODE_BYTES * (count - 1), at + NODE_BYTES * count)
    count = Math.ceil(count / 2)
    at = to
    levels[level + step - 1]?.set(bytes.subarray(at, at + NODE_BYTES * count), (NODE_BYTES * first) / 2 ** step)
  }
  tops.set(bytes.subarray(at, at + NODE_BYTES), (NODE_BYTES * first) / BLOCK)
}

function loadLeaves(kernel: Hasher, leaves: Leaves, from: number, end: number) {
  const { bytes, floats } = kernel
  bytes.set(leaves.keys.subarray(KEY_BYTES * from, KEY_BYTES * end), PLACE.keys)
  bytes.set(leaves.bodyDigests.subarray(32 * from, 32 * end), PLACE.digests)
  floats.set(leaves.quantities.subarray(from, end), PLACE.quantities / 8)
  floats.set(leaves.seconds.subarray(from, end), PLACE.seconds / 8)
  const fault = kernel.checkLeaves(end - from, from === 0 ? 1 : 0)
  if (fault !== 0) throw leafError(fault, from + (fault >> 2), leaves)
}

function leafError(fault: number, at: number, leaves: Leaves): TanlianError {
  const quantity = leaves.quantities[at]
  const seconds = leaves.seconds[at]
  const values = { at, quantity, seconds }
  if ((fault & 3) === 3)
    return new TanlianError('E_TREE_ORDER', `The key of leaf ${at} does not come after the one before it.`, { values })
  const what =
    (fault & 3) === 1
      ? `quantity ${quantity} is not an integer of 0 to 2^53 − 1`
      : `duration of ${seconds} s is not an integer of at least 1, or its end passes 2^53 − 1`
  return new TanlianError('E_TREE_BOUND', `In leaf ${at} the ${what}.`, { values })
}

function requireColumns({ count, keys, quantities, seconds, bodyDigests }: Leaves) {
  if (count === 0) throw new TanlianError('E_TREE_EMPTY', 'A tree has at least one reading.')
  if (
    keys.length !== KEY_BYTES * count ||
    quantities.length !== count ||
    seconds.length !== count ||
    bodyDigests.length !== 32 * count
  )
    throw new TanlianError('E_TREE_COLUMNS', `The columns of the leaves are not those of ${count} readings.`, {
      values: { count },
    })
}
