import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromHex, parseCid, toHex } from './block.ts'
import { checkProof } from './check-proof.ts'
import type { Interval } from './key.ts'
import { digestBodies, type Leaves } from './leaves.ts'
import type { Question } from './proof.ts'
import { prove } from './prove.ts'
import { buildTree, treeRoot } from './tree.ts'

type Row = readonly [key: string, quantity: number, seconds: number, bodyDigest: string]
interface Vectors {
  readonly bodies: readonly { seed: string; key: string; flag: string; source: string | null; digest: string }[]
  readonly trees: readonly {
    rows: readonly Row[]
    tree: string
    proofs: readonly {
      mode: Question['mode']
      intervals: readonly (readonly [string, string])[]
      proof: string
      totals: readonly (readonly [number, number, number])[]
      opened: number
    }[]
  }[]
  readonly bad_proofs: readonly {
    why: string
    tree: string
    mode: Question['mode']
    intervals: readonly (readonly [string, string])[]
    proof: string
  }[]
  readonly bad_leaves: readonly { why: string; row: Row }[]
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/evidence-vectors.json', import.meta.url), 'utf8'))

function leavesOfRows(rows: readonly Row[]): Leaves {
  return {
    count: rows.length,
    keys: fromHex(rows.map(([key]) => key).join('')),
    quantities: Float64Array.from(rows, ([, quantity]) => quantity),
    seconds: Float64Array.from(rows, ([, , seconds]) => seconds),
    bodyDigests: fromHex(rows.map(([, , , digest]) => digest).join('')),
  }
}

function intervalsOf(pairs: readonly (readonly [string, string])[]): Interval[] {
  return pairs.map(([lo, hi]) => ({ lo: fromHex(lo), hi: fromHex(hi) }))
}

describe('the fast side holds the published vectors', () => {
  test('bodies', () => {
    for (const { seed, key, flag, source, digest } of vectors.bodies) {
      const to = new Uint8Array(32)
      digestBodies(
        {
          seed: fromHex(seed),
          keys: fromHex(key),
          flags: Uint8Array.of(flag.charCodeAt(0)),
          ...(source === null ? {} : { origins: Int32Array.of(0), sources: parseCid(source).multihash.digest }),
        },
        to,
      )
      expect(toHex(to)).toBe(digest)
    }
  })

  test('trees and their proofs, made and checked', () => {
    let proofs = 0
    for (const { rows, tree: root, proofs: list } of vectors.trees) {
      const tree = buildTree(leavesOfRows(rows))
      expect(toHex(tree.root)).toBe(root)
      expect(toHex(treeRoot(tree.leaves))).toBe(root)
      for (const { mode, intervals, proof, totals, opened } of list) {
        const question = { intervals: intervalsOf(intervals), mode }
        expect(toHex(prove(tree, question))).toBe(proof)
        const answer = checkProof(tree.root, question, fromHex(proof))
        if (!answer.ok) throw new Error(answer.message)
        expect(answer.totals.map(({ count, quantity, seconds }) => [count, quantity, seconds])).toEqual(totals)
        expect(answer.opened).toBe(opened)
        proofs++
      }
    }
    expect(proofs).toBeGreaterThan(100)
  })

  test.each(vectors.bad_proofs)('R3 refused with a code: $why', ({ tree, mode, intervals, proof }) => {
    const answer = checkProof(fromHex(tree), { intervals: intervalsOf(intervals), mode }, fromHex(proof))
    expect(answer).toMatchObject({ ok: false, code: expect.stringMatching(/^E_(PROOF|TREE|QUESTION|BLOCK)_/) })
  })

  test.each(vectors.bad_leaves)('refused by the tree: $why', ({ row }) => {
    expect(() => buildTree(leavesOfRows([row]))).toThrow(/2\^53/)
    expect(() => treeRoot(leavesOfRows([row]))).toThrow(/2\^53/)
  })
})
