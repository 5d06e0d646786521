import { EMPTY_ROOT, nodeHash } from '@tanlian/evidence'

/**
 * The right-hand edge of the log's tree: one subtree hash for each set bit of the size, the largest subtree first. It is what the contract
 * itself keeps, and all that is needed to go on.
 */
export interface Edge {
  readonly size: number
  readonly hashes: readonly Uint8Array[]
}

/** The edge of an empty log. */
export const EMPTY_EDGE: Edge = { size: 0, hashes: [] }

/** The edge after one more leaf: subtrees of equal size join (RFC 9162 §2.1.1). */
export function appendLeaf(edge: Edge, leaf: Uint8Array): Edge {
  const hashes = [...edge.hashes]
  let hash = leaf
  for (let rest = edge.size; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(hashes.pop() as Uint8Array, hash)
  return { size: edge.size + 1, hashes: [...hashes, hash] }
}

/** The root of the tree that has this edge. */
export function edgeRoot(edge: Edge): Uint8Array {
  if (edge.hashes.length === 0) return EMPTY_ROOT
  return edge.hashes.reduceRight((right, left) => nodeHash(left, right))
}
