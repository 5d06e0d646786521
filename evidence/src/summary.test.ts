import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from './block.ts'
import { checkProof } from './check-proof.ts'
import { encodeKey, windowInterval } from './key.ts'
import type { Leaves } from './leaves.ts'
import { prove } from './prove.ts'
import { checkSummary, proveFromSummary, summarize } from './summary.ts'
import { buildTree, type Tree } from './tree.ts'

const DAY = 86_400
/** Midnight in Shanghai. */
const MIDNIGHT = 1_767_196_800

/** Readings of two streams, so many each, from midnight on. */
function treeOf(count: number, seconds: number): Tree {
  const keys = new Uint8Array(32 * count)
  const leaves: Leaves = {
    count: 2 * count,
    keys,
    quantities: Float64Array.from({ length: 2 * count }, (_, at) => at + 1),
    seconds: new Float64Array(2 * count).fill(seconds),
    bodyDigests: new Uint8Array(64 * count).map((_, at) => at % 251),
  }
  for (let at = 0; at < 2 * count; at++)
    keys.set(encodeKey(0x02010000, 1 + Math.floor(at / count), MIDNIGHT + seconds * (at % count)), 16 * at)
  return buildTree(leaves)
}

function opened(tree: Tree, step: number) {
  const summary = checkSummary(tree.root, step, summarize(tree, step))
  if (!summary.ok) throw new Error(summary.code)
  return summary
}

describe('a summary', () => {
  test('gives the sums by stream and day of Shanghai', () => {
    const tree = treeOf(96 * 3, 900)
    const { cells } = opened(tree, DAY)
    expect(cells).toHaveLength(6)
    expect(cells[0]).toEqual({
      type: 0x02010000,
      stream: 1,
      start: MIDNIGHT,
      count: 96,
      quantity: (96 * 97) / 2,
      seconds: DAY,
    })
    expect(cells[3]).toMatchObject({ stream: 2, start: MIDNIGHT, count: 96 })
    expect(cells.reduce((sum, { quantity }) => sum + quantity, 0)).toBe((576 * 577) / 2)
  })

  test('opens no reading where the step’s edges are edges of the tree', () => {
    const tree = treeOf(64, 3600)
    expect(opened(tree, 8 * 3600).opened).toBe(0)
    expect(opened(tree, 366 * DAY).cells).toHaveLength(2)
    // 24 is no power of two: what lies between is told in halves of halves.
    expect(opened(tree, DAY).cells).toHaveLength(6)
  })

  test('any flipped bit is refused', () => {
    const tree = treeOf(12, 3600)
    const summary = summarize(tree, 5 * 3600)
    expect(checkSummary(tree.root, 5 * 3600, summary)).toMatchObject({ ok: true })
    for (let bit = 0; bit < 8 * summary.length; bit++) {
      const bytes = summary.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(checkSummary(tree.root, 5 * 3600, bytes).ok).toBe(false)
    }
  })

  test('a finer or coarser one is no summary of this step', () => {
    const tree = treeOf(64, 3600)
    expect(checkSummary(tree.root, 8 * 3600, summarize(tree, 4 * 3600))).toMatchObject({ code: 'E_PROOF_EXPANDED' })
    expect(checkSummary(tree.root, 8 * 3600, summarize(tree, 366 * DAY))).toMatchObject({ code: 'E_PROOF_STRADDLE' })
    for (const step of [0, -1, 1.5, 367 * DAY, Number.NaN])
      expect(checkSummary(tree.root, step, summarize(tree, DAY))).toMatchObject({ code: 'E_SUMMARY_FORM' })
  })
})

describe('a proof from a summary', () => {
  const total = (lo: number, hi: number, stream = 1) =>
    ({ intervals: [windowInterval(0x02010000, stream, lo, hi)], mode: 'total' }) as const

  test('is the proof that the whole tree gives, wherever the question is of whole steps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(8),
        fc.integer({ min: 1, max: 8 }),
        (count, step, first, length) => {
          const tree = treeOf(count, 3600)
          const summary = opened(tree, step * 3600)
          const shift = MIDNIGHT % (step * 3600)
          const from = MIDNIGHT - shift + first * step * 3600
          const question = total(Math.max(0, from), from + length * step * 3600)
          const proof = proveFromSummary(summary, question)
          expect(toHex(proof)).toBe(toHex(prove(tree, question)))
          expect(checkProof(tree.root, question, proof).ok).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('cannot be had for a part of a step, nor for readings', () => {
    const tree = treeOf(64, 3600)
    const summary = opened(tree, 8 * 3600)
    expect(() => proveFromSummary(summary, total(MIDNIGHT, MIDNIGHT + 3600))).toThrow(/finer than the summary/)
    const readings = { ...total(MIDNIGHT, MIDNIGHT + 8 * 3600), mode: 'readings' as const }
    expect(() => proveFromSummary(summary, readings)).toThrow(/finer than the summary/)
  })
})
