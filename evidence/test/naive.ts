import { createHash } from 'node:crypto'
import { encode } from '@ipld/dag-cbor'

/*
 * The tree and the proof once more, in forty lines each, over plain arrays and recursion, with bigint sums and hex keys: nothing here
 * is shared with the real ones but the text of the specification.
 */

/** A leaf: key in hex, numbers, digest in hex. */
export type NaiveLeaf = { key: string; quantity: bigint; seconds: bigint; digest: string }
type NaiveNode = {
  min: string
  max: string
  sums: [bigint, bigint, bigint]
  hash: string
  leaf?: NaiveLeaf
  sides?: [NaiveNode, NaiveNode]
}

/** The top node of sorted leaves. */
export function naiveTree(leaves: readonly NaiveLeaf[]): NaiveNode {
  const [leaf] = leaves
  if (leaf !== undefined && leaves.length === 1) {
    const hash = sha256(`00${leaf.key}${u64(leaf.quantity)}${u64(leaf.seconds)}${leaf.digest}`)
    return { min: leaf.key, max: leaf.key, sums: [1n, leaf.quantity, leaf.seconds], hash, leaf }
  }
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const left = naiveTree(leaves.slice(0, split))
  const right = naiveTree(leaves.slice(split))
  const [a, b] = [left.sums, right.sums]
  return {
    min: left.min,
    max: right.max,
    sums: [a[0] + b[0], a[1] + b[1], a[2] + b[2]],
    hash: sha256(`01${naiveBytes(left)}${naiveBytes(right)}`),
    sides: [left, right],
  }
}

/** The 88 bytes of a node, in hex. */
export function naiveBytes({ min, max, sums, hash }: NaiveNode): string {
  return min + max + sums.map(u64).join('') + hash
}

/** The proof of a question, in hex; intervals as pairs of hex keys. */
export function naiveProof(
  top: NaiveNode,
  intervals: readonly (readonly [string, string])[],
  mode: 'total' | 'readings',
): string {
  const prune = (node: NaiveNode): unknown => {
    if (node.leaf)
      return [hex(node.leaf.key), Number(node.leaf.quantity), Number(node.leaf.seconds), hex(node.leaf.digest)]
    const outside = intervals.every(([lo, hi]) => node.max < lo || node.min > hi)
    const inside = intervals.some(([lo, hi]) => lo <= node.min && node.max <= hi)
    if (outside || (inside && mode === 'total')) return hex(naiveBytes(node))
    return node.sides?.map(prune)
  }
  return Buffer.from(encode(prune(top))).toString('hex')
}

/** Count, quantity and seconds of each interval, by looking at every leaf. */
export function naiveTotals(
  leaves: readonly NaiveLeaf[],
  intervals: readonly (readonly [string, string])[],
): number[][] {
  return intervals.map(([lo, hi]) => {
    const inside = leaves.filter(({ key }) => lo <= key && key <= hi)
    const sum = (of: (leaf: NaiveLeaf) => bigint) => Number(inside.reduce((total, leaf) => total + of(leaf), 0n))
    return [inside.length, sum(({ quantity }) => quantity), sum(({ seconds }) => seconds)]
  })
}

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const sha256 = (text: string) => createHash('sha256').update(hex(text)).digest('hex')
const u64 = (value: bigint) => value.toString(16).padStart(16, '0')
