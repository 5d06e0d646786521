import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../vectors/evidence-vectors.json' with { type: 'json' }
import { fromHex, toHex } from './block.ts'
import type { StreamItem } from './form.ts'
import { compareKeys, encodeKey, type Interval } from './key.ts'
import { cutIntervals, inQuestions, locate, mergeIntervals, partsOf } from './question.ts'
import { checkProof, prove } from './readable/proof.ts'
import { buildTree, encodeNode } from './readable/tree.ts'

const interval = ([lo, hi]: readonly string[]): Interval => ({ lo: fromHex(lo as string), hi: fromHex(hi as string) })

test('a restated window gives the live readings of the published vector, and their totals', () => {
  const { batches, window, live, totals } = vectors.restatement
  const found: [number, string, number][] = []
  const sums = [0, 0, 0]
  for (const batch of batches) {
    const rows = batch.rows as [string, number, number, string][]
    const tree = buildTree(
      rows.map(([key, quantity, seconds, digest]) => ({
        key: fromHex(key),
        quantity,
        seconds,
        bodyDigest: fromHex(digest),
      })),
    )
    expect(toHex(encodeNode(tree.node))).toBe(batch.tree)
    const voids = mergeIntervals(
      batches.filter((later) => later.sequence > batch.sequence).flatMap((later) => later.restates.map(interval)),
    )
    const intervals = cutIntervals([interval(window)], voids)
    if (intervals.length === 0) continue
    const question = { intervals, mode: 'readings' as const }
    const answer = checkProof(encodeNode(tree.node), question, prove(tree, question))
    if (!answer.ok) throw new Error(answer.code)
    for (const leaf of answer.leaves) found.push([batch.sequence, toHex(leaf.key), leaf.quantity])
    for (const total of answer.totals)
      for (const [at, part] of [total.count, total.quantity, total.seconds].entries()) sums[at] = (sums[at] ?? 0) + part
  }
  expect(found.sort()).toEqual([...live].sort())
  expect(sums).toEqual(totals)
})

const small = fc.integer({ min: 0, max: 40 })
const key = (at: number) => encodeKey(0x02010000, 1, at)
const disjoint = fc
  .array(fc.tuple(small, small), { maxLength: 6 })
  .map((pairs) => mergeIntervals(pairs.map(([a, b]) => ({ lo: key(Math.min(a, b)), hi: key(Math.max(a, b)) }))))

test('cutting keeps exactly the keys that lie in an interval and in no void, in the fewest intervals', () => {
  fc.assert(
    fc.property(disjoint, disjoint, (intervals, voids) => {
      const cut = cutIntervals(intervals, voids)
      const inside = (list: readonly Interval[], at: number) =>
        list.some(({ lo, hi }) => compareKeys(lo, key(at)) <= 0 && compareKeys(key(at), hi) <= 0)
      for (let at = 0; at <= 40; at++) expect(inside(cut, at)).toBe(inside(intervals, at) && !inside(voids, at))
      // Fewest: no two that remain touch, since the intervals they were cut from do not.
      expect(mergeIntervals(cut).length).toBe(cut.length)
    }),
  )
})

const stream = (number: number, type: number): StreamItem => ({ stream: number, type, device: 'm', interval: 900 })

test('S7 the parts of a filter cover every key of its types but what lies outside the window of a declared stream', () => {
  const declared = [stream(1, 0x020100), stream(2, 0x020100), stream(3, 0x020400), stream(9, 0x040100)]
  const parts = partsOf({ types: [Uint8Array.of(2)], from: 100, to: 200 }, declared)
  for (let at = 1; at < parts.length; at++)
    expect(
      compareKeys(
        (parts[at - 1] as (typeof parts)[number]).interval.hi,
        (parts[at] as (typeof parts)[number]).interval.lo,
      ),
    ).toBeLessThan(0)
  const placed = (type: number, number: number, start: number) => {
    const wanted = encodeKey(type, number, start)
    return parts.find(({ interval: { lo, hi } }) => compareKeys(lo, wanted) <= 0 && compareKeys(wanted, hi) <= 0)
  }
  expect(placed(0x02010000, 1, 100)).toMatchObject({ stream: 1, validity: 0 })
  expect(placed(0x02010002, 2, 199)).toMatchObject({ stream: 2, validity: 2 })
  expect(placed(0x02010000, 1, 99)).toBeUndefined()
  expect(placed(0x02010000, 1, 200)).toBeUndefined()
  expect(placed(0x02010000, 3, 150)).toMatchObject({ gap: true })
  expect(placed(0x02020000, 1, 150)).toMatchObject({ gap: true })
  expect(placed(0x02ff0000, 7, 0)).toMatchObject({ gap: true })
  expect(placed(0x04010000, 9, 150)).toBeUndefined()
})

test('a filter that names streams asks for those alone, and one validity for that alone', () => {
  const declared = [stream(1, 0x020100), stream(2, 0x020100)]
  const parts = partsOf({ types: [Uint8Array.of(2, 1, 0, 1)], streams: [2], from: 0, to: 10 }, declared)
  expect(parts).toEqual([
    {
      interval: { lo: encodeKey(0x02010001, 2, 0), hi: encodeKey(0x02010001, 2, 9) },
      type: 0x02010001,
      stream: 2,
      validity: 1,
    },
  ])
})

test.each([
  ['no type', { types: [], from: 0, to: 1 }],
  ['a type of five bytes', { types: [new Uint8Array(5)], from: 0, to: 1 }],
  ['a class and a kind of it', { types: [Uint8Array.of(2), Uint8Array.of(2, 1, 0)], from: 0, to: 1 }],
  ['an empty window', { types: [Uint8Array.of(2)], from: 5, to: 5 }],
  ['a window before time began', { types: [Uint8Array.of(2)], from: -1, to: 5 }],
])('a filter with %s is refused', (_why, filter) => {
  expect(() => partsOf(filter, [])).toThrow(expect.objectContaining({ code: 'E_FILTER_FORM' }))
})

test('a batch outside the window, or wholly restated, is not asked; voids of later batches add up', () => {
  const declared = [stream(1, 0x020100)]
  const restate = (from: number, to: number) =>
    [0, 1, 2].map(
      (validity) => [encodeKey(0x02010000 + validity, 1, from), encodeKey(0x02010000 + validity, 1, to)] as const,
    )
  const headers = [
    { sequence: 1, from: 0, to: 100, restates: [] },
    { sequence: 2, from: 100, to: 300, restates: restate(50, 249) },
    { sequence: 3, from: 100, to: 200, restates: restate(0, 99) },
    { sequence: 4, from: 300, to: 400, restates: [] },
  ]
  expect(
    locate({ types: [Uint8Array.of(2)], from: 50, to: 250 }, headers, declared).map((item) => item.sequence),
  ).toEqual([2, 3])
})

test('more than 256 intervals are asked in order, 256 at a time', () => {
  const sizes = inQuestions(Array.from({ length: 600 }, (_, at) => at)).map((list) => list.length)
  expect(sizes).toEqual([256, 256, 88])
})
