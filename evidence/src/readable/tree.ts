import { sha256 } from '@noble/hashes/sha2.js'
import { TanlianError } from '@tanlian/units'
import { NODE_BYTES } from '../form.ts'
import { compareKeys, decodeKey, MAX_INTEGER, requireKey } from '../key.ts'

/*
 * The tree of spec section 3, written to be read. The fast one over flat buffers is beside (`../tree.ts`); tests hold the two
 * together byte for byte.
 */

/** A leaf before it is hashed. */
export interface Leaf {
  readonly key: Uint8Array
  readonly quantity: number
  readonly seconds: number
  readonly bodyDigest: Uint8Array
}

/** A node: its range, its sums, its hash. */
export interface Node {
  readonly min: Uint8Array
  readonly max: Uint8Array
  readonly count: number
  readonly quantity: number
  readonly seconds: number
  readonly hash: Uint8Array
}

/** A tree with its leaves, so that it can be pruned to a proof. */
export type Tree =
  | { readonly node: Node; readonly leaf: Leaf }
  | { readonly node: Node; readonly left: Tree; readonly right: Tree }

/**
 * Builds the tree of leaves that are sorted by key, at least one.
 * @throws TanlianError E_TREE_EMPTY, and what {@link leafNode} and {@link innerNode} throw.
 */
export function buildTree(leaves: readonly Leaf[]): Tree {
  if (leaves.length === 0) throw new TanlianError('E_TREE_EMPTY', 'A tree has at least one reading.')
  if (leaves.length === 1) {
    const leaf = leaves[0] as Leaf
    return { node: leafNode(leaf), leaf }
  }
  const split = leftCount(leaves.length)
  const left = buildTree(leaves.slice(0, split))
  const right = buildTree(leaves.slice(split))
  return { node: innerNode(left.node, right.node), left, right }
}

/** The largest power of two below `count`: the shape of RFC 6962 section 2.1. */
export function leftCount(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

/** @throws TanlianError E_KEY_LENGTH, E_KEY_RANGE, E_TREE_BOUND for a number out of bounds or an end beyond 2^53 − 1. */
export function leafNode(leaf: Leaf): Node {
  requireKey(leaf.key)
  const { start } = decodeKey(leaf.key)
  const { key, quantity, seconds, bodyDigest } = leaf
  if (bodyDigest.length !== 32) throw new TanlianError('E_TREE_DIGEST', 'The digest of a body is 32 bytes.')
  requireBound('quantity', quantity, 0)
  requireBound('seconds', seconds, 1)
  requireBound('end of the interval', start + seconds, 1)
  // RFC 6962 section 2.1: leaves and nodes are hashed under different prefixes, so that none can pose as the other.
  return {
    min: key,
    max: key,
    count: 1,
    quantity,
    seconds,
    hash: sha256(join(Uint8Array.of(0), key, u64(quantity), u64(seconds), bodyDigest)),
  }
}

/** @throws TanlianError E_TREE_ORDER, E_TREE_SHAPE, E_TREE_BOUND */
export function innerNode(left: Node, right: Node): Node {
  if (compareKeys(left.max, right.min) >= 0) throw new TanlianError('E_TREE_ORDER', 'Keys are not strictly increasing.')
  const count = left.count + right.count
  const quantity = left.quantity + right.quantity
  const seconds = left.seconds + right.seconds
  requireBound('count', count, 2)
  requireBound('quantity', quantity, 0)
  requireBound('seconds', seconds, 2)
  if (left.count !== leftCount(count))
    throw new TanlianError('E_TREE_SHAPE', 'The left part is not the largest power of two below the count.')
  return {
    min: left.min,
    max: right.max,
    count,
    quantity,
    seconds,
    hash: sha256(join(Uint8Array.of(1), encodeNode(left), encodeNode(right))),
  }
}

/** The 88 bytes of a node. */
export function encodeNode(node: Node): Uint8Array {
  return join(node.min, node.max, u64(node.count), u64(node.quantity), u64(node.seconds), node.hash)
}

/** Reads the 88 bytes of a node. @throws TanlianError E_TREE_NODE for another length, E_TREE_BOUND for a number beyond 2^53 − 1. */
export function decodeNode(bytes: Uint8Array): Node {
  if (bytes.length !== NODE_BYTES)
    throw new TanlianError('E_TREE_NODE', `A node is ${NODE_BYTES} bytes, not ${bytes.length}.`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, NODE_BYTES)
  const number = (name: string, at: number) => requireBound(name, Number(view.getBigUint64(at)), 0)
  return {
    min: bytes.subarray(0, 16),
    max: bytes.subarray(16, 32),
    count: number('count', 32),
    quantity: number('quantity', 40),
    seconds: number('seconds', 48),
    hash: bytes.subarray(56),
  }
}

function requireBound(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > MAX_INTEGER)
    throw new TanlianError('E_TREE_BOUND', `The ${name} ${value} is not an integer of ${least} to 2^53 − 1.`, {
      values: { name, value },
    })
  return value
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
