import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { NODE_BYTES } from './form.ts'
import { BLOCK, hasher, PLACE } from './hasher.ts'
import { KEY_BYTES, MAX_INTEGER } from './key.ts'
import { MAX_PROOF_BYTES, OUTSIDE, placeOf, type Question, requireQuestion, STRADDLES } from './proof.ts'
import { type ProofParts, readProof } from './read-proof.ts'

/** Count, quantity (base unit) and seconds of what lies inside one interval. */
export interface ProofTotal {
  count: number
  quantity: number
  seconds: number
}

/** An opened reading; its body is known by its digest. */
export interface ProofLeaf {
  readonly key: Uint8Array
  readonly quantity: number
  readonly seconds: number
  readonly bodyDigest: Uint8Array
}

/** What a proof that holds has answered. */
export interface ProofAnswer {
  readonly ok: true
  /** One for each interval of the question. */
  readonly totals: readonly ProofTotal[]
  /** The readings inside the intervals that the proof opens: all of them in mode `readings`, in key order. */
  readonly leaves: readonly ProofLeaf[]
  /** How many `leaves` there are. */
  readonly opened: number
}

/**
 * Checks a proof against the 88 bytes of a root by the rules of spec sections 3 and 4; the rules are the checker's own and the
 * proof is used up exactly (safety R3). A refusal names the first breach and, in `values.at`, the byte of the proof where the
 * part begins. In order: E_QUESTION_FORM, E_TREE_NODE (a root that is not 88 bytes), E_PROOF_SIZE; then what does not read:
 * E_PROOF_NESTING, E_PROOF_FORM, E_BLOCK_NOT_CANONICAL, E_TREE_NODE; then, part by part, children first: E_TREE_BOUND,
 * E_PROOF_NODE, E_TREE_ORDER, E_TREE_SHAPE, E_PROOF_STRADDLE, E_PROOF_PRUNED, E_PROOF_EXPANDED; at last E_PROOF_ROOT.
 */
export function checkProof(root: Uint8Array, question: Question, proof: Uint8Array): ProofAnswer | Refusal {
  try {
    requireQuestion(question)
    const { intervals, mode } = question
    const totals = intervals.map((): ProofTotal => ({ count: 0, quantity: 0, seconds: 0 }))
    const leaves: ProofLeaf[] = []
    checkPruned(root, proof, {
      placeOf: (min, max) => placeOf(min, max, intervals),
      mode,
      total: (place) => totals[place] as ProofTotal,
      leaf: (leaf) => leaves.push(leaf),
    })
    return { ok: true, totals, leaves, opened: leaves.length }
  } catch (error) {
    return refusalOf(error)
  }
}

/** How a pruned tree is to be pruned, and where what lies inside is added up. */
export interface Pruning {
  /** The number of the place that holds a range of keys, {@link OUTSIDE} or {@link STRADDLES}. */
  readonly placeOf: (min: Uint8Array, max: Uint8Array) => number
  readonly mode: Question['mode']
  readonly total: (place: number) => ProofTotal
  readonly leaf: (leaf: ProofLeaf) => void
}

/** Checks a pruned tree against a root and this pruning, by the rules of {@link checkProof}; what does not hold is thrown. */
export function checkPruned(root: Uint8Array, proof: Uint8Array, pruning: Pruning): ProofParts {
  if (root.length !== NODE_BYTES)
    throw new TanlianError('E_TREE_NODE', `A root is ${NODE_BYTES} bytes, not ${root.length}.`)
  if (proof.length > MAX_PROOF_BYTES)
    throw new TanlianError('E_PROOF_SIZE', `The proof has ${proof.length} bytes, at most 64 MiB are allowed.`)
  const parts = readProof(proof)
  weigh(parts, pruning)
  hashParts(parts)
  const top = NODE_BYTES * (parts.count - 1)
  for (let at = 0; at < NODE_BYTES; at++)
    if (parts.nodes[top + at] !== root[at])
      throw new TanlianError(
        'E_PROOF_ROOT',
        'The proof leads to another root than the one it is to be checked against.',
      )
  return parts
}

/** The rules of ranges and sums, part by part; adds up what lies inside. */
function weigh(parts: ProofParts, pruning: Pruning): void {
  const { mode } = pruning
  const { count, nodes, counts, quantities, seconds, lefts, rights, digests, bodyDigests } = parts
  for (let part = 0; part < count; part++) {
    const left = lefts[part] as number
    const leaf = (digests[part] as number) - 1
    if (left >= 0) joinChildren(parts, part, left, rights[part] as number)
    else if (leaf >= 0) requireLeaf(parts, part)
    else requirePruned(parts, part)
    const key = nodes.subarray(NODE_BYTES * part, NODE_BYTES * part + KEY_BYTES)
    const max = nodes.subarray(NODE_BYTES * part + KEY_BYTES, NODE_BYTES * part + 2 * KEY_BYTES)
    const where = pruning.placeOf(key, max)
    if (left >= 0) {
      if (where === OUTSIDE || (where >= 0 && mode === 'total'))
        throw refusal(parts, part, 'E_PROOF_EXPANDED', 'A node is expanded that should be pruned.')
      continue
    }
    // A single key cannot straddle.
    if (where === STRADDLES)
      throw refusal(
        parts,
        part,
        'E_PROOF_STRADDLE',
        'A pruned node straddles an interval; the answer would not be complete.',
      )
    if (where === OUTSIDE) continue
    if (leaf < 0 && mode === 'readings')
      throw refusal(parts, part, 'E_PROOF_PRUNED', 'Readings were asked for, and a total is given.')
    const total = pruning.total(where)
    total.count += counts[part] as number
    total.quantity += quantities[part] as number
    total.seconds += seconds[part] as number
    if (leaf >= 0)
      pruning.leaf({
        key: key.slice(),
        quantity: quantities[part] as number,
        seconds: seconds[part] as number,
        bodyDigest: bodyDigests.slice(32 * leaf, 32 * (leaf + 1)),
      })
  }
}

function requireLeaf(parts: ProofParts, part: number) {
  const start = startOf(parts.nodes, NODE_BYTES * part)
  const seconds = parts.seconds[part] as number
  if (seconds < 1 || start + seconds > MAX_INTEGER)
    throw refusal(
      parts,
      part,
      'E_TREE_BOUND',
      `A reading at ${start} of ${seconds} s is shorter than a second or ends beyond 2^53 − 1.`,
    )
}

function requirePruned(parts: ProofParts, part: number) {
  const { nodes, counts, seconds } = parts
  const at = NODE_BYTES * part
  const count = counts[part] as number
  const fault =
    compareRange(nodes, at, at + KEY_BYTES) >= 0
      ? 'its range does not rise'
      : count < 2
        ? `it holds ${count} readings`
        : (seconds[part] as number) < count
          ? `it has ${count} readings in ${seconds[part]} s`
          : startOf(nodes, at) > MAX_INTEGER || startOf(nodes, at + KEY_BYTES) > MAX_INTEGER
            ? 'its range passes the start 2^53 − 1'
            : undefined
  if (fault !== undefined) throw refusal(parts, part, 'E_PROOF_NODE', `A pruned node cannot be: ${fault}.`)
}

function joinChildren(parts: ProofParts, part: number, left: number, right: number) {
  const { nodes, counts, quantities, seconds } = parts
  if (compareRange(nodes, NODE_BYTES * left + KEY_BYTES, NODE_BYTES * right) >= 0)
    throw refusal(parts, part, 'E_TREE_ORDER', 'The keys of two neighbours are not strictly increasing.')
  for (const sums of [counts, quantities, seconds]) {
    // Both are at most 2^53 − 1, so a sum beyond the bound is seen although it may be rounded.
    const sum = (sums[left] as number) + (sums[right] as number)
    if (sum > MAX_INTEGER) throw refusal(parts, part, 'E_TREE_BOUND', 'A sum is more than 2^53 − 1.')
    sums[part] = sum
  }
  if (!isPowerOfTwo(counts[left] as number) || (counts[right] as number) > (counts[left] as number))
    throw refusal(
      parts,
      part,
      'E_TREE_SHAPE',
      `${counts[left]} and ${counts[right]} readings are not the two parts of a tree of ${counts[part]}.`,
    )
  nodes.copyWithin(NODE_BYTES * part, NODE_BYTES * left, NODE_BYTES * left + KEY_BYTES)
  nodes.copyWithin(NODE_BYTES * part + KEY_BYTES, NODE_BYTES * right + KEY_BYTES, NODE_BYTES * right + 2 * KEY_BYTES)
}

/** Fills in the hashes: all leaves, then inner nodes by their height, so that four can be hashed at a time. */
function hashParts(parts: ProofParts) {
  const { bytes, floats, hashLeaves, hashLevel } = hasher()
  const { count, nodes, lefts, rights, digests, bodyDigests, quantities, seconds } = parts
  const byHeight: number[][] = []
  const heights = new Uint8Array(count)
  for (let part = 0; part < count; part++) {
    const left = lefts[part] as number
    if (left >= 0) heights[part] = 1 + Math.max(heights[left] as number, heights[rights[part] as number] as number)
    else if (digests[part] === 0) continue
    const level = heights[part] as number
    byHeight[level] ??= []
    byHeight[level].push(part)
  }
  const { keys, quantities: amounts, seconds: durations, digests: bodies, nodes: first } = PLACE
  for (const [height, list] of byHeight.entries()) {
    const most = height === 0 ? BLOCK : BLOCK / 2
    for (let from = 0; list !== undefined && from < list.length; from += most) {
      const some = list.slice(from, from + most)
      for (const [at, part] of some.entries()) {
        if (height === 0) {
          const leaf = (digests[part] as number) - 1
          bytes.set(nodes.subarray(NODE_BYTES * part, NODE_BYTES * part + KEY_BYTES), keys + KEY_BYTES * at)
          bytes.set(bodyDigests.subarray(32 * leaf, 32 * (leaf + 1)), bodies + 32 * at)
          floats[amounts / 8 + at] = quantities[part] as number
          floats[durations / 8 + at] = seconds[part] as number
        } else
          for (const [side, child] of [lefts[part] as number, rights[part] as number].entries())
            bytes.set(
              nodes.subarray(NODE_BYTES * child, NODE_BYTES * (child + 1)),
              first + NODE_BYTES * (2 * at + side),
            )
      }
      const result = height === 0 ? first : first + NODE_BYTES * 2 * some.length
      if (height === 0) hashLeaves(some.length)
      else hashLevel(first, 2 * some.length, result)
      for (const [at, part] of some.entries())
        nodes.set(bytes.subarray(result + NODE_BYTES * at, result + NODE_BYTES * (at + 1)), NODE_BYTES * part)
    }
  }
}

function isPowerOfTwo(count: number): boolean {
  let power = 1
  while (power < count) power *= 2
  return power === count
}

function compareRange(nodes: Uint8Array, a: number, b: number): number {
  for (let at = 0; at < KEY_BYTES; at++) {
    const difference = (nodes[a + at] as number) - (nodes[b + at] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** The start in a key; inexact beyond 2^53, where it is refused. */
function startOf(nodes: Uint8Array, key: number): number {
  let start = 0
  for (let at = key + 8; at < key + KEY_BYTES; at++) start = start * 256 + (nodes[at] as number)
  return start
}

function refusal(parts: ProofParts, part: number, code: string, message: string): TanlianError {
  return new TanlianError(code, message, { values: { at: parts.places[part] as number } })
}
