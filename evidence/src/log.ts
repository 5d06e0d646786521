import { sha256 } from '@noble/hashes/sha2.js'
import { type Refusal, TanlianError } from '@tanlian/units'

/** The answer of a check: it holds, or the first thing that did not. */
export type Checked = { readonly ok: true } | Refusal

/** The root of a log without entries: SHA-256 of nothing (RFC 9162 §2.1.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

/** `H(00 ‖ entry)`. RFC 9162 §2.1.1: the prefix keeps a leaf from posing as a node. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return sha256(input)
}

/** `H(01 ‖ left ‖ right)`, the hash of an inner node of the log. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 33)
  return sha256(input)
}

/** An append-only log that keeps every complete subtree's hash, so that roots, proofs and tiles of any of its sizes cost O(log² n) at most. */
export interface Log {
  /** Number of entries. */
  readonly size: number
  /** Adds one leaf hash (32 bytes) and returns its index. */
  append(leaf: Uint8Array): number
  /** Forgets all entries from `size` on: a chain that went back took them away (safety S30). */
  truncate(size: number): void
  /** The leaf hash of an entry. */
  leaf(index: number): Uint8Array
  /** The root at an earlier size, or now. */
  root(size?: number): Uint8Array
  /** The inclusion path of entry `index` at `size`, from the leaf upwards (RFC 9162 §2.1.3.1). */
  inclusion(index: number, size?: number): Uint8Array[]
  /** The consistency path between two sizes, 1 ≤ from ≤ to (RFC 9162 §2.1.4.1); empty where they are equal. */
  consistency(from: number, to?: number): Uint8Array[]
  /** The hash of a complete subtree: `index`-th of 2^level leaves. */
  node(level: number, index: number): Uint8Array
  /** The hash over the entries `[from, to)` of a subtree that the log's shape has: what a multiproof prunes to. */
  subtree(from: number, to: number): Uint8Array
}

/** A new, empty log; throws E_LOG_SIZE, E_LOG_INDEX, E_LOG_HASH on impossible arguments. */
export function createLog(): Log {
  const levels: { bytes: Uint8Array; count: number }[] = [{ bytes: new Uint8Array(1024), count: 0 }]
  const leaves = levels[0] as { bytes: Uint8Array; count: number }

  const node = (level: number, index: number): Uint8Array => {
    const stored = levels[level]
    if (stored === undefined || !(Number.isSafeInteger(index) && index >= 0 && index < stored.count))
      throw new TanlianError(
        'E_LOG_INDEX',
        `The log of ${leaves.count} entries has no node ${index} at level ${level}.`,
      )
    return stored.bytes.slice(index * 32, index * 32 + 32)
  }
  const hashOf = ({ lo, hi }: Range): Uint8Array => {
    const split = largestPowerBelow(hi - lo)
    if (split * 2 === hi - lo) return node(Math.log2(hi - lo), lo / (hi - lo))
    return nodeHash(hashOf({ lo, hi: lo + split }), hashOf({ lo: lo + split, hi }))
  }
  const within = (size: number): number => {
    if (Number.isSafeInteger(size) && size >= 0 && size <= leaves.count) return size
    throw new TanlianError('E_LOG_SIZE', `Size ${size} was asked of a log of ${leaves.count} entries.`, {
      values: { size, have: leaves.count },
    })
  }

  return {
    get size() {
      return leaves.count
    },
    append(leaf) {
      if (leaf.length !== 32)
        throw new TanlianError('E_LOG_HASH', `A leaf hash has 32 bytes, not ${leaf.length}.`, {
          values: { length: leaf.length },
        })
      const index = leaves.count
      let hash = leaf
      for (let level = 0, i = index; ; level++, i = (i - 1) / 2) {
        push(levels, level, hash)
        if (i % 2 === 0) return index
        hash = nodeHash(node(level, i - 1), hash)
      }
    },
    truncate(size) {
      within(size)
      for (const [level, stored] of levels.entries()) stored.count = Math.floor(size / 2 ** level)
    },
    leaf: (index) => node(0, index),
    root: (size = leaves.count) => (within(size) === 0 ? EMPTY_ROOT.slice() : hashOf({ lo: 0, hi: size })),
    inclusion(index, size = leaves.count) {
      within(size)
      if (!isIndex(index, size)) throw new TanlianError('E_LOG_INDEX', `Entry ${index} is not in a log of ${size}.`)
      return inclusionShape(index, size).map((step) => hashOf(step))
    },
    consistency(from, to = leaves.count) {
      within(to)
      if (!isIndex(from - 1, to))
        throw new TanlianError('E_LOG_SIZE', `There is no consistency proof from size ${from} to size ${to}.`)
      const { seed, steps } = consistencyShape(from, to)
      return [...(seed === undefined ? [] : [hashOf(seed)]), ...steps.map((step) => hashOf(step))]
    },
    node,
    subtree: (from, to) => hashOf({ lo: from, hi: to }),
  }
}

/** The root over leaf hashes, all or the first `size`. */
export function logRoot(leaves: readonly Uint8Array[], size: number = leaves.length): Uint8Array {
  return logOf(leaves).root(size)
}

/** The inclusion path of one of some leaf hashes, from the leaf upwards. */
export function inclusionPath(
  leaves: readonly Uint8Array[],
  index: number,
  size: number = leaves.length,
): Uint8Array[] {
  return logOf(leaves).inclusion(index, size)
}

/** The consistency path between two sizes of a log given as leaf hashes. */
export function consistencyPath(leaves: readonly Uint8Array[], from: number, to: number = leaves.length): Uint8Array[] {
  return logOf(leaves).consistency(from, to)
}

/**
 * Checks that `leaf` (a leaf hash) is entry `index` of the log of `size` entries under `root`. The shape comes from index and size
 * alone; the path must be used up exactly (safety R3).
 * Codes in order: E_LOG_SIZE, E_LOG_INDEX, E_LOG_PATH, E_LOG_HASH, E_LOG_ROOT.
 */
export function checkInclusion(claim: {
  readonly leaf: Uint8Array
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  readonly path: readonly Uint8Array[]
}): Checked {
  const { leaf, index, size, root, path } = claim
  if (!isSize(size)) return no('E_LOG_SIZE', `A log has no size ${size}.`, { size })
  if (!isIndex(index, size)) return no('E_LOG_INDEX', `Entry ${index} is not in a log of ${size}.`, { index, size })
  const steps = inclusionShape(index, size)
  const misfit = checkHashes(path, steps.length, [leaf, root])
  if (misfit !== undefined) return misfit
  let hash = leaf
  steps.forEach((step, i) => {
    hash = join(hash, step, path[i] as Uint8Array)
  })
  return same(hash, root)
    ? { ok: true }
    : no('E_LOG_ROOT', `The path of entry ${index} ends in another root.`, { index })
}

/**
 * Checks that the log of `to` entries under `toRoot` only added to the log of `from` entries under `fromRoot`. From size 0 nothing can
 * be proven, so it is refused. Codes in order: E_LOG_SIZE, E_LOG_PATH, E_LOG_HASH, E_LOG_FROM_ROOT, E_LOG_ROOT.
 */
export function checkConsistency(claim: {
  readonly from: number
  readonly to: number
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
  readonly path: readonly Uint8Array[]
}): Checked {
  const { from, to, fromRoot, toRoot, path } = claim
  if (!isSize(to) || !isIndex(from - 1, to))
    return no(
      'E_LOG_SIZE',
      `A consistency proof goes from size 1 or more to the same or a greater size, not ${from} to ${to}.`,
      {
        from,
        to,
      },
    )
  const { seed, steps } = consistencyShape(from, to)
  const offset = seed === undefined ? 0 : 1
  const misfit = checkHashes(path, offset + steps.length, [fromRoot, toRoot])
  if (misfit !== undefined) return misfit
  let before = seed === undefined ? fromRoot : (path[0] as Uint8Array)
  let after = before
  steps.forEach((step, i) => {
    const hash = path[offset + i] as Uint8Array
    // A sibling on the right is younger than the older log: it belongs to the newer root only.
    if (step.side === 'left') before = nodeHash(hash, before)
    after = join(after, step, hash)
  })
  if (!same(before, fromRoot))
    return no('E_LOG_FROM_ROOT', `The path does not lead to the root at size ${from}.`, { from })
  return same(after, toRoot)
    ? { ok: true }
    : no('E_LOG_ROOT', `The path does not lead to the root at size ${to}.`, { to })
}

/** Leaves [lo, hi). */
interface Range {
  readonly lo: number
  readonly hi: number
}

/** A sibling on the way from a leaf to the root, and its side. */
interface Step extends Range {
  readonly side: 'left' | 'right'
}

/** One step down from `range` towards `target`: the half that holds it, and the other as a sibling. */
function descend({ lo, hi }: Range, target: number): { inside: Range; step: Step } {
  const middle = lo + largestPowerBelow(hi - lo)
  return target < middle
    ? { inside: { lo, hi: middle }, step: { side: 'right', lo: middle, hi } }
    : { inside: { lo: middle, hi }, step: { side: 'left', lo, hi: middle } }
}

/** The siblings that prover and checker walk, from the leaf upwards. */
function inclusionShape(index: number, size: number): Step[] {
  const steps: Step[] = []
  let range: Range = { lo: 0, hi: size }
  while (range.hi - range.lo > 1) {
    const { inside, step } = descend(range, index)
    steps.push(step)
    range = inside
  }
  return steps.reverse()
}

/**
 * The way up from the last subtree that the older log shares with the newer one. The older log's own root is known where that subtree
 * is all of it; else its hash comes first in the path, as `seed`.
 */
function consistencyShape(from: number, to: number): { seed: Range | undefined; steps: Step[] } {
  const steps: Step[] = []
  let range: Range = { lo: 0, hi: to }
  while (range.hi !== from) {
    const { inside, step } = descend(range, from - 1)
    steps.push(step)
    range = inside
  }
  return { seed: range.lo === 0 ? undefined : range, steps: steps.reverse() }
}

function logOf(leaves: readonly Uint8Array[]): Log {
  const log = createLog()
  for (const leaf of leaves) log.append(leaf)
  return log
}

function push(levels: { bytes: Uint8Array; count: number }[], level: number, hash: Uint8Array): void {
  levels[level] ??= { bytes: new Uint8Array(1024), count: 0 }
  const stored = levels[level]
  if (stored.bytes.length === stored.count * 32) {
    const wider = new Uint8Array(stored.bytes.length * 2)
    wider.set(stored.bytes)
    stored.bytes = wider
  }
  stored.bytes.set(hash, stored.count * 32)
  stored.count++
}

function join(hash: Uint8Array, step: Step, sibling: Uint8Array): Uint8Array {
  return step.side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
}

/** The largest power of two below n: for a power of two its half, also 1/2 for 1. Exact up to 2^53. */
function largestPowerBelow(n: number): number {
  let power = 0.5
  while (power * 2 < n) power *= 2
  return power
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

function isIndex(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && index >= 0 && index < size
}

function checkHashes(path: readonly Uint8Array[], expected: number, ends: readonly Uint8Array[]): Refusal | undefined {
  if (path.length !== expected)
    return no('E_LOG_PATH', `The path has ${path.length} hashes where this shape needs ${expected}.`, {
      have: path.length,
      expected,
    })
  const odd = [...ends, ...path].find((hash) => hash.length !== 32)
  return odd === undefined
    ? undefined
    : no('E_LOG_HASH', `A hash has ${odd.length} bytes, not 32.`, { length: odd.length })
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function no(code: string, message: string, values: NonNullable<Refusal['values']>): Refusal {
  return { ok: false, code, message, values }
}
