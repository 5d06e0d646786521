import { encode } from '@ipld/dag-cbor'
import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { decodeBlock, equalBytes } from '../block.ts'
import { intervalFault, MAX_INTERVALS } from '../form.ts'
import { compareKeys, type Interval, MAX_INTEGER } from '../key.ts'
import { decodeNode, encodeNode, innerNode, type Leaf, leafNode, type Node, type Tree } from './tree.ts'

/*
 * The one proof for every question (spec section 4), written to be read: prove and check are mirror functions over the tree's shape.
 */

/** What is asked: 1 to 256 sorted, disjoint, closed key intervals, and whether their totals or their readings. */
export interface Question {
  readonly intervals: readonly Interval[]
  readonly mode: 'total' | 'readings'
}

/** Count, quantity and seconds of what lies inside one interval. */
export interface Total {
  count: number
  quantity: number
  seconds: number
}

/** What a proof that holds has answered. */
export interface Answer {
  readonly ok: true
  readonly totals: readonly Total[]
  /** The leaves inside the intervals that the proof opened; all of them in mode `readings`. */
  readonly leaves: readonly Leaf[]
}

type Proof = Uint8Array | readonly [Uint8Array, number, number, Uint8Array] | readonly [Proof, Proof]
type Place = { readonly outside: true } | { readonly inside: number } | { readonly straddles: true }

const MAX_PROOF_BYTES = 64 * 1024 * 1024
const MAX_NESTING = 54

/** Prunes a tree to the one proof of a question. @throws TanlianError E_QUESTION_FORM */
export function prove(tree: Tree, question: Question): Uint8Array {
  requireQuestion(question)
  return encode(prune(tree, question))
}

/** Checks a proof against a root by the rules of spec section 4; every breach is a refusal with a code. */
export function checkProof(root: Uint8Array, question: Question, proof: Uint8Array): Answer | Refusal {
  try {
    requireQuestion(question)
    if (proof.length > MAX_PROOF_BYTES) throw new TanlianError('E_PROOF_SIZE', 'The proof is larger than 64 MiB.')
    requireNesting(proof)
    const answer = {
      ok: true as const,
      totals: question.intervals.map(() => ({ count: 0, quantity: 0, seconds: 0 })),
      leaves: [] as Leaf[],
    }
    const top = rebuild(decodeProof(proof), question, answer)
    if (!equalBytes(encodeNode(top), root)) throw new TanlianError('E_PROOF_ROOT', 'The proof leads to another root.')
    return answer
  } catch (error) {
    return refusalOf(error)
  }
}

function prune(tree: Tree, question: Question): Proof {
  if ('leaf' in tree) return [tree.leaf.key, tree.leaf.quantity, tree.leaf.seconds, tree.leaf.bodyDigest]
  const place = placeOf(tree.node, question.intervals)
  if ('outside' in place || ('inside' in place && question.mode === 'total')) return encodeNode(tree.node)
  return [prune(tree.left, question), prune(tree.right, question)]
}

function rebuild(proof: Proof, question: Question, answer: { totals: Total[]; leaves: Leaf[] }): Node {
  if (proof instanceof Uint8Array) {
    const node = prunedNode(proof)
    const place = placeOf(node, question.intervals)
    if ('straddles' in place) throw new TanlianError('E_PROOF_STRADDLE', 'A pruned node straddles an interval.')
    if ('inside' in place) {
      if (question.mode === 'readings')
        throw new TanlianError('E_PROOF_PRUNED', 'Readings were asked for, a total was given.')
      add(answer.totals[place.inside] as Total, node)
    }
    return node
  }
  if (proof.length === 4) {
    const leaf = { key: proof[0], quantity: proof[1], seconds: proof[2], bodyDigest: proof[3] }
    const node = leafNode(leaf)
    const place = placeOf(node, question.intervals)
    if ('inside' in place) {
      add(answer.totals[place.inside] as Total, node)
      answer.leaves.push(leaf)
    }
    return node
  }
  const node = innerNode(rebuild(proof[0], question, answer), rebuild(proof[1], question, answer))
  const place = placeOf(node, question.intervals)
  if ('outside' in place || ('inside' in place && question.mode === 'total'))
    throw new TanlianError('E_PROOF_EXPANDED', 'A node is expanded that should be pruned.')
  return node
}

function placeOf(node: Node, intervals: readonly Interval[]): Place {
  for (const [at, { lo, hi }] of intervals.entries()) {
    if (compareKeys(node.max, lo) < 0 || compareKeys(node.min, hi) > 0) continue
    return compareKeys(node.min, lo) >= 0 && compareKeys(node.max, hi) <= 0 ? { inside: at } : { straddles: true }
  }
  return { outside: true }
}

function prunedNode(bytes: Uint8Array): Node {
  const node = decodeNode(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  if (
    compareKeys(node.min, node.max) >= 0 ||
    node.count < 2 ||
    node.seconds < node.count ||
    Number(view.getBigUint64(8)) > MAX_INTEGER ||
    Number(view.getBigUint64(24)) > MAX_INTEGER
  )
    throw new TanlianError('E_PROOF_NODE', 'A pruned node does not hold two readings or more, or is out of its bounds.')
  return node
}

function decodeProof(bytes: Uint8Array): Proof {
  const value = decodeBlock(bytes)
  requireProof(value)
  return value
}

function requireProof(value: unknown): asserts value is Proof {
  if (value instanceof Uint8Array) return
  if (Array.isArray(value)) {
    if (value.length === 2) {
      requireProof(value[0])
      requireProof(value[1])
      return
    }
    const [key, quantity, seconds, digest] = value
    if (
      value.length === 4 &&
      key instanceof Uint8Array &&
      typeof quantity === 'number' &&
      typeof seconds === 'number' &&
      digest instanceof Uint8Array
    )
      return
  }
  throw new TanlianError('E_PROOF_FORM', 'A part of the proof is neither a node, nor a leaf, nor a pair.')
}

/** Follows array heads without decoding, so that hostile nesting meets a limit before a library meets it. */
function requireNesting(bytes: Uint8Array) {
  const left: number[] = []
  let at = 0
  while (at < bytes.length) {
    const head = bytes[at] as number
    const major = head >> 5
    const info = head & 31
    const extra = info < 24 ? 0 : info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : -1
    if (extra < 0) return // not canonical, the decoder will say so
    let length = info
    if (extra > 0) {
      length = 0
      for (let step = 1; step <= extra; step++) length = length * 256 + (bytes[at + step] ?? 0)
    }
    at += 1 + extra
    if (major === 2) at += length
    else if (major === 4) {
      left.push(length)
      if (left.length > MAX_NESTING)
        throw new TanlianError('E_PROOF_NESTING', `Arrays are nested more than ${MAX_NESTING} deep.`)
      if (length > 0) continue
    } else if (major !== 0) return // no part of a proof, the form check will say so
    while (left.length > 0) {
      const top = left.length - 1
      left[top] = (left[top] as number) - 1
      if ((left[top] as number) > 0) break
      left.pop()
    }
  }
}

function requireQuestion(question: Question) {
  const fault =
    question.intervals.length === 0 || question.intervals.length > MAX_INTERVALS
      ? `there are ${question.intervals.length} intervals, 1 to ${MAX_INTERVALS} are allowed`
      : question.mode !== 'total' && question.mode !== 'readings'
        ? 'the mode is neither total nor readings'
        : intervalFault(question.intervals)
  if (fault !== undefined)
    throw new TanlianError('E_QUESTION_FORM', `The question is not well formed: ${fault}.`, { values: { why: fault } })
}

function add(total: Total, node: Node) {
  total.count += node.count
  total.quantity += node.quantity
  total.seconds += node.seconds
}
