import { TanlianError } from '@tanlian/units'
import { NODE_BYTES } from './form.ts'
import { KEY_BYTES, MAX_INTEGER } from './key.ts'
import { MAX_NESTING } from './proof.ts'

/** The parts of a proof as flat columns, children before their parent, the top last. */
export interface ProofParts {
  readonly count: number
  /** 88 bytes a part: whole for a pruned node, the range for a leaf; the rest is the checker's to fill in. */
  readonly nodes: Uint8Array
  readonly counts: Float64Array
  readonly quantities: Float64Array
  readonly seconds: Float64Array
  /** The children of an inner node; −1 for a leaf or a pruned node. */
  readonly lefts: Int32Array
  readonly rights: Int32Array
  /** For a leaf 1 + its place in `bodyDigests`; 0 for the others. */
  readonly digests: Int32Array
  /** 32 bytes a leaf. */
  readonly bodyDigests: Uint8Array
  /** Where each part begins in the proof. */
  readonly places: Int32Array
}

// A leaf has at least 1 + 17 + 1 + 1 + 34 bytes, a pruned node 90; there is one inner node less than of both together.
const LEAST_PART = 54

/**
 * Reads a proof in one strict pass: exactly the three forms of spec section 4, integers in their shortest form, no byte left.
 * No other bytes are canonical DAG-CBOR of these forms.
 * @throws TanlianError E_PROOF_NESTING, E_PROOF_FORM, E_BLOCK_NOT_CANONICAL, E_TREE_NODE, E_TREE_BOUND
 */
export function readProof(proof: Uint8Array): ProofParts {
  const most = 2 * Math.floor(proof.length / LEAST_PART) + 1
  const nodes = new Uint8Array(NODE_BYTES * most)
  const counts = new Float64Array(most)
  const quantities = new Float64Array(most)
  const seconds = new Float64Array(most)
  const lefts = new Int32Array(most).fill(-1)
  const rights = new Int32Array(most).fill(-1)
  const digests = new Int32Array(most)
  const bodyDigests = new Uint8Array(32 * Math.ceil(most / 2))
  const places = new Int32Array(most)
  let count = 0
  let leaves = 0
  let at = 0
  readPart(1)
  if (at !== proof.length) throw notCanonical(`${proof.length - at} bytes are left over`)
  return { count, nodes, counts, quantities, seconds, lefts, rights, digests, bodyDigests, places }

  /** @returns the number of the part; `depth` counts the arrays that hold it, itself included if it is one */
  function readPart(depth: number): number {
    const place = at
    const head = byte()
    if ((head === 0x82 || head === 0x84) && depth > MAX_NESTING)
      throw new TanlianError('E_PROOF_NESTING', `Arrays are nested more than ${MAX_NESTING} deep.`, {
        values: { at: place },
      })
    if (head === 0x82) {
      const left = readPart(depth + 1)
      const right = readPart(depth + 1)
      lefts[count] = left
      rights[count] = right
    } else if (head === 0x84) readLeaf()
    else if (head === 0x58) readNode(place)
    else throw formFault(place)
    places[count] = place
    return count++
  }

  function readNode(place: number) {
    const length = byte()
    if (length < 24) throw notCanonical('a length is not in its shortest form')
    if (length !== NODE_BYTES)
      throw new TanlianError('E_TREE_NODE', `A node is ${NODE_BYTES} bytes, not ${length}.`, { values: { at: place } })
    const from = take(NODE_BYTES)
    nodes.set(proof.subarray(from, from + NODE_BYTES), NODE_BYTES * count)
    counts[count] = bounded(from + 32)
    quantities[count] = bounded(from + 40)
    seconds[count] = bounded(from + 48)
  }

  function readLeaf() {
    if (byte() !== 0x40 + KEY_BYTES) throw formFault(at - 1)
    const key = take(KEY_BYTES)
    nodes.set(proof.subarray(key, key + KEY_BYTES), NODE_BYTES * count)
    nodes.set(proof.subarray(key, key + KEY_BYTES), NODE_BYTES * count + KEY_BYTES)
    counts[count] = 1
    quantities[count] = integer()
    seconds[count] = integer()
    if (byte() !== 0x58 || byte() !== 32) throw formFault(at - 1)
    const digest = take(32)
    bodyDigests.set(proof.subarray(digest, digest + 32), 32 * leaves)
    digests[count] = ++leaves
  }

  function integer(): number {
    const place = at
    const head = byte()
    if (head < 24) return head
    if (head > 0x1b) throw formFault(place)
    const length = 2 ** (head - 24)
    const value = unsigned(take(length), length)
    if (value > MAX_INTEGER) throw beyond(place)
    if (value < (length === 1 ? 24 : 2 ** (4 * length))) throw notCanonical('an integer is not in its shortest form')
    return value
  }

  function bounded(from: number): number {
    const value = unsigned(from, 8)
    if (value > MAX_INTEGER) throw beyond(from)
    return value
  }

  function unsigned(from: number, length: number): number {
    let value = 0
    for (let next = from; next < from + length; next++) value = value * 256 + (proof[next] as number)
    return value
  }

  function byte(): number {
    return proof[take(1)] as number
  }

  function take(length: number): number {
    const from = at
    at += length
    if (at > proof.length) throw notCanonical('it ends too soon')
    return from
  }
}

function formFault(at: number): TanlianError {
  return new TanlianError('E_PROOF_FORM', 'A part of the proof is neither a pruned node, nor a leaf, nor a pair.', {
    values: { at },
  })
}

function beyond(at: number): TanlianError {
  return new TanlianError('E_TREE_BOUND', 'A number is more than 2^53 − 1.', { values: { at } })
}

function notCanonical(why: string): TanlianError {
  return new TanlianError('E_BLOCK_NOT_CANONICAL', `The proof is not canonical DAG-CBOR: ${why}.`, { values: { why } })
}
