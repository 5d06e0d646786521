import { sha256 } from '@noble/hashes/sha2.js'
import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { equalBytes } from './block.ts'
import { MAX_INTEGER } from './key.ts'

/**
 * The one proof that several entries are in a log: the log's tree (RFC 6962 section 2.1) with every subtree pruned that holds none of
 * them, its hashes from left to right. For a year of daily entries it is a tenth of as many single inclusion proofs.
 * @param indexes sorted, each once, below `size` @param hashOf the hash of the perfect or ragged subtree of `[from, to)`
 */
export function multiproof(
  indexes: readonly number[],
  size: number,
  hashOf: (from: number, to: number) => Uint8Array,
): Uint8Array[] {
  requireIndexes(indexes, size)
  const path: Uint8Array[] = []
  const walk = (from: number, to: number, first: number, beyond: number) => {
    if (first === beyond) path.push(hashOf(from, to))
    else if (to - from > 1) {
      const middle = from + splitOf(to - from)
      const cut = lowerBound(indexes, middle, first, beyond)
      walk(from, middle, first, cut)
      walk(middle, to, cut, beyond)
    }
  }
  walk(0, size, 0, indexes.length)
  return path
}

/**
 * Checks that entries with these leaf hashes stand at these indexes of the log of this size and root. The tree's shape drives the loop and
 * the path must be used up exactly (safety R3). Codes, in order of precedence: E_LOG_INDEX, E_LOG_PATH, E_LOG_ROOT.
 */
export function checkMultiproof(proof: {
  readonly indexes: readonly number[]
  readonly leaves: readonly Uint8Array[]
  readonly size: number
  readonly root: Uint8Array
  readonly path: readonly Uint8Array[]
}): { readonly ok: true } | Refusal {
  try {
    const { indexes, leaves, size, path } = proof
    requireIndexes(indexes, size)
    if (leaves.length !== indexes.length || path.some((hash) => hash.length !== 32)) throw pathError()
    let used = 0
    const walk = (from: number, to: number, first: number, beyond: number): Uint8Array => {
      if (first === beyond) {
        const hash = path[used++]
        if (hash === undefined) throw pathError()
        return hash
      }
      if (to - from === 1) return leaves[first] as Uint8Array
      const middle = from + splitOf(to - from)
      const cut = lowerBound(indexes, middle, first, beyond)
      return nodeHash(walk(from, middle, first, cut), walk(middle, to, cut, beyond))
    }
    const root = walk(0, size, 0, indexes.length)
    if (used !== path.length) throw pathError()
    if (!equalBytes(root, proof.root))
      throw new TanlianError('E_LOG_ROOT', 'The proof leads to another root of the log.')
    return { ok: true }
  } catch (error) {
    return refusalOf(error)
  }
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 33)
  return sha256(input)
}

function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

function lowerBound(sorted: readonly number[], value: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function requireIndexes(indexes: readonly number[], size: number) {
  let last = -1
  if (indexes.length === 0 || !Number.isSafeInteger(size) || size < 1 || size > MAX_INTEGER) throw indexError(size)
  for (const index of indexes) {
    if (!Number.isSafeInteger(index) || index <= last || index >= size) throw indexError(index)
    last = index
  }
}

function indexError(value: number): TanlianError {
  return new TanlianError('E_LOG_INDEX', `The index ${value} is not in the log, or the indexes are not sorted.`, {
    values: { value },
  })
}

function pathError(): TanlianError {
  return new TanlianError('E_LOG_PATH', 'The proof has a hash too many or too few for this log.')
}
