import { writeInteger } from './cbor.ts'
import { NODE_BYTES } from './form.ts'
import { KEY_BYTES } from './key.ts'
import { OUTSIDE, placeOf, type Question, requireQuestion } from './proof.ts'
import type { Tree } from './tree.ts'

/**
 * The one proof of a question: the tree, pruned, as canonical DAG-CBOR (spec section 4). A node is pruned where it holds two
 * readings or more and lies wholly outside all intervals or, in mode `total`, wholly inside one.
 * @throws TanlianError E_QUESTION_FORM
 */
export function prove(tree: Tree, question: Question): Uint8Array<ArrayBuffer> {
  requireQuestion(question)
  const { intervals, mode } = question
  return pruneTree(tree, mode, (min, max) => placeOf(min, max, intervals))
}

/** A tree, pruned by the place that each range of keys has ({@link OUTSIDE}, `STRADDLES`, or the number of a place). */
export function pruneTree(
  tree: Tree,
  mode: Question['mode'],
  placeOf: (min: Uint8Array, max: Uint8Array) => number,
): Uint8Array<ArrayBuffer> {
  const { leaves, levels } = tree
  const { count, keys } = leaves
  const proof = startProof()
  prune(levels.length, 0, false)
  return proof.bytes.slice(0, proof.length)

  function prune(level: number, place: number, open: boolean) {
    if (level === 0) {
      writeLeaf(proof, tree, place)
      return
    }
    const half = 2 ** (level - 1)
    const middle = (2 * place + 1) * half
    if (middle >= count) {
      // No right neighbour: the node is the one below.
      prune(level - 1, 2 * place, open)
      return
    }
    let opened = open
    if (!opened) {
      const min = KEY_BYTES * (2 * place * half)
      const max = KEY_BYTES * (Math.min(middle + half, count) - 1)
      const where = placeOf(keys.subarray(min, min + KEY_BYTES), keys.subarray(max, max + KEY_BYTES))
      if (where === OUTSIDE || (where >= 0 && mode === 'total')) {
        const nodes = levels[level - 1] as Uint8Array
        writeNode(proof, nodes.subarray(NODE_BYTES * place, NODE_BYTES * (place + 1)))
        return
      }
      opened = where >= 0
    }
    reserve(proof, 1)
    proof.bytes[proof.length++] = 0x82
    prune(level - 1, 2 * place, opened)
    prune(level - 1, 2 * place + 1, opened)
  }
}

interface Writer {
  bytes: Uint8Array<ArrayBuffer>
  length: number
}

function startProof(): Writer {
  return { bytes: new Uint8Array(4096), length: 0 }
}

function writeNode(proof: Writer, node: Uint8Array) {
  reserve(proof, 2 + NODE_BYTES)
  proof.bytes[proof.length] = 0x58
  proof.bytes[proof.length + 1] = NODE_BYTES
  proof.bytes.set(node, proof.length + 2)
  proof.length += 2 + NODE_BYTES
}

function writeLeaf(proof: Writer, { leaves }: Tree, at: number) {
  reserve(proof, 70)
  proof.bytes[proof.length++] = 0x84
  proof.bytes[proof.length++] = 0x50
  proof.bytes.set(leaves.keys.subarray(KEY_BYTES * at, KEY_BYTES * (at + 1)), proof.length)
  proof.length = writeInteger(proof.bytes, proof.length + KEY_BYTES, leaves.quantities[at] as number)
  proof.length = writeInteger(proof.bytes, proof.length, leaves.seconds[at] as number)
  proof.bytes[proof.length++] = 0x58
  proof.bytes[proof.length++] = 32
  proof.bytes.set(leaves.bodyDigests.subarray(32 * at, 32 * (at + 1)), proof.length)
  proof.length += 32
}

function reserve(proof: Writer, more: number) {
  if (proof.length + more <= proof.bytes.length) return
  const bytes = new Uint8Array(2 * proof.bytes.length + more)
  bytes.set(proof.bytes)
  proof.bytes = bytes
}
