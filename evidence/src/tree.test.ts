import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type NaiveLeaf, naiveBytes, naiveProof, naiveTotals, naiveTree } from '../test/naive.ts'
import { fromHex, toHex } from './block.ts'
import { checkProof } from './check-proof.ts'
import { encodeKey, type Interval, MAX_INTEGER } from './key.ts'
import { digestBodies, type Leaves } from './leaves.ts'
import { prove } from './prove.ts'
import { buildTree, treeRoot } from './tree.ts'

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
// Few types, streams and starts, so that intervals begin and end among the keys.
const key = fc
  .tuple(fc.constantFrom(0x02010000, 0x02010001, 0x0b010000), fc.nat(3), fc.nat(40))
  .map(([type, stream, start]) => toHex(encodeKey(type, stream, start)))
const leaf = fc.record({
  key,
  quantity: fc.oneof(fc.constant(0), fc.nat(30), fc.nat(0xffffffff), fc.nat(2 ** 45)).map(BigInt),
  seconds: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 2 ** 45 })).map(BigInt),
  digest,
})
const leaves = fc
  .uniqueArray(leaf, { selector: (item) => item.key, minLength: 1, maxLength: 80 })
  .map((items) => items.sort((a, b) => (a.key < b.key ? -1 : 1)))
const bound = fc.oneof(
  key,
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex),
  fc.constantFrom('00'.repeat(16), 'ff'.repeat(16)),
)
const intervals = fc
  .uniqueArray(bound, { minLength: 2, maxLength: 12 })
  .map((bounds) => bounds.sort().slice(0, bounds.length - (bounds.length % 2)))
  .map((bounds) => bounds.flatMap((lo, at) => (at % 2 === 0 ? [[lo, bounds[at + 1] ?? lo] as const] : [])))
const mode = fc.constantFrom('total' as const, 'readings' as const)

function flat(items: readonly NaiveLeaf[]): Leaves {
  return {
    count: items.length,
    keys: fromHex(items.map((item) => item.key).join('')),
    quantities: Float64Array.from(items, ({ quantity }) => Number(quantity)),
    seconds: Float64Array.from(items, ({ seconds }) => Number(seconds)),
    bodyDigests: fromHex(items.map((item) => item.digest).join('')),
  }
}

/** Leaves of one stream, a minute apart. */
function minutes(
  count: number,
  change: (at: number) => { quantity?: number; seconds?: number; start?: number } = () => ({}),
): Leaves {
  const columns = {
    count,
    keys: new Uint8Array(16 * count),
    quantities: new Float64Array(count),
    seconds: new Float64Array(count),
    bodyDigests: new Uint8Array(32 * count),
  }
  for (let at = 0; at < count; at++) {
    const { quantity = at, seconds = 60, start = at * 60 } = change(at)
    columns.keys.set(encodeKey(0x02010000, 1, start), 16 * at)
    columns.quantities[at] = quantity
    columns.seconds[at] = seconds
    columns.bodyDigests[32 * at + (at % 32)] = at
  }
  return columns
}

describe('S5 S6 the fast tree and its proofs agree with forty naive lines', () => {
  test('roots, proofs, answers', () => {
    fc.assert(
      fc.property(leaves, intervals, mode, (items, asked, how) => {
        const top = naiveTree(items)
        const tree = buildTree(flat(items))
        expect(toHex(tree.root)).toBe(naiveBytes(top))
        const question = {
          intervals: asked.map(([lo, hi]): Interval => ({ lo: fromHex(lo), hi: fromHex(hi) })),
          mode: how,
        }
        const proof = prove(tree, question)
        expect(toHex(proof)).toBe(naiveProof(top, asked, how))
        const answer = checkProof(tree.root, question, proof)
        if (!answer.ok) throw new Error(answer.message)
        expect(answer.totals.map(({ count, quantity, seconds }) => [count, quantity, seconds])).toEqual(
          naiveTotals(items, asked),
        )
        if (how === 'readings')
          expect(
            answer.leaves.map((one) => [
              toHex(one.key),
              BigInt(one.quantity),
              BigInt(one.seconds),
              toHex(one.bodyDigest),
            ]),
          ).toEqual(
            items
              .filter((one) => asked.some(([lo, hi]) => lo <= one.key && one.key <= hi))
              .map((one) => [one.key, one.quantity, one.seconds, one.digest]),
          )
      }),
      { numRuns: 300 },
    )
  })

  test('at every size around the blocks of 1,024 in which the kernel works', () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 1023, 1024, 1025, 1026, 1029, 2047, 2048, 2049, 3072, 5000]) {
      const columns = minutes(count)
      const naive = naiveTree(
        Array.from({ length: count }, (_, at) => ({
          key: toHex(columns.keys.subarray(16 * at, 16 * at + 16)),
          quantity: BigInt(at),
          seconds: 60n,
          digest: toHex(columns.bodyDigests.subarray(32 * at, 32 * at + 32)),
        })),
      )
      const tree = buildTree(columns)
      expect(toHex(tree.root)).toBe(naiveBytes(naive))
      expect(toHex(treeRoot(columns))).toBe(naiveBytes(naive))
      if (count <= 3) continue
      const lo = encodeKey(0x02010000, 1, 60)
      const hi = encodeKey(0x02010000, 1, 60 * (count - 2) + 1)
      expect(toHex(prove(tree, { intervals: [{ lo, hi }], mode: 'total' }))).toBe(
        naiveProof(naive, [[toHex(lo), toHex(hi)]], 'total'),
      )
    }
  })
})

test('more than a million leaves, in levels over blocks of blocks, prove every window', () => {
  const count = 1_050_000
  const columns = minutes(count)
  const tree = buildTree(columns)
  for (const [first, last] of [
    [0, count - 1],
    [1, 1],
    [1023, 1024],
    [123_456, 1_048_577],
    [1_048_575, 1_048_576],
  ] as const) {
    const question = {
      intervals: [{ lo: encodeKey(0x02010000, 1, first * 60), hi: encodeKey(0x02010000, 1, last * 60) }],
      mode: 'total' as const,
    }
    const proof = prove(tree, question)
    const readings = last - first + 1
    expect(checkProof(tree.root, question, proof)).toMatchObject({
      ok: true,
      totals: [{ count: readings, seconds: readings * 60, quantity: ((first + last) * readings) / 2 }],
    })
    expect(proof.length).toBeLessThan(3700)
  }
}, 30_000)

describe('leaves that no tree can hold are refused, wherever they stand', () => {
  const refused: readonly (readonly [string, string, () => Leaves])[] = [
    ['no leaf', 'E_TREE_EMPTY', () => minutes(0)],
    ['a column too short', 'E_TREE_COLUMNS', () => ({ ...minutes(3), quantities: new Float64Array(2) })],
    ...[0, 1, 1023, 1024, 1500].flatMap((bad) =>
      (
        [
          ['a negative quantity', 'E_TREE_BOUND', { quantity: -1 }],
          ['half a quantity', 'E_TREE_BOUND', { quantity: 0.5 }],
          ['a quantity that is no number', 'E_TREE_BOUND', { quantity: Number.NaN }],
          ['an endless quantity', 'E_TREE_BOUND', { quantity: Number.POSITIVE_INFINITY }],
          ['a quantity of 2^53', 'E_TREE_BOUND', { quantity: 2 ** 53 }],
          ['no duration', 'E_TREE_BOUND', { seconds: 0 }],
          ['a duration with a fraction', 'E_TREE_BOUND', { seconds: 1.5 }],
          ['an end beyond 2^53 − 1', 'E_TREE_BOUND', { seconds: MAX_INTEGER - bad * 60 + 1 }],
        ] as const
      ).map(
        ([why, code, change]) =>
          [
            `${why} at ${bad}`,
            code,
            () => minutes(1600, (at) => (at === bad ? change : { quantity: 0, seconds: 1 })),
          ] as const,
      ),
    ),
    ...[1, 1023, 1024, 1500].flatMap((bad) => [
      [
        `the key before again at ${bad}`,
        'E_TREE_ORDER',
        () => minutes(1600, (at) => (at === bad ? { start: (bad - 1) * 60 } : {})),
      ] as const,
      [
        `a falling key at ${bad}`,
        'E_TREE_ORDER',
        () => minutes(1600, (at) => (at === bad ? { start: (bad - 1) * 60 - 1 + (bad === 1 ? 1 : 0) } : {})),
      ] as const,
    ]),
    [
      'quantities that add up to 2^53',
      'E_TREE_BOUND',
      () => minutes(3, (at) => ({ quantity: at === 0 ? MAX_INTEGER : at - 1 })),
    ],
    [
      'durations that add up to 2^53',
      'E_TREE_BOUND',
      () => minutes(2, (at) => ({ seconds: 2 ** 52, start: at * 2 ** 51 })),
    ],
    ['sums that would wrap at 2^64', 'E_TREE_BOUND', () => minutes(4096, () => ({ quantity: MAX_INTEGER }))],
  ]
  test.each(refused)('%s: %s', (_why, code, make) => {
    for (const build of [buildTree, treeRoot]) expect(() => build(make())).toThrow(expect.objectContaining({ code }))
  })

  test('a sum of exactly 2^53 − 1 holds', () => {
    const tree = buildTree(minutes(3, (at) => ({ quantity: at === 0 ? MAX_INTEGER - 1 : at - 1 })))
    expect(new DataView(tree.root.buffer).getBigUint64(40)).toBe(2n ** 53n - 1n)
  })

  test('a refused tree leaves nothing behind in the kernel', () => {
    const good = treeRoot(minutes(1500))
    expect(() => treeRoot(minutes(1024, (at) => (at === 1000 ? { quantity: Number.NaN } : {})))).toThrow()
    expect(treeRoot(minutes(1500))).toEqual(good)
  })
})

test('columns of bodies that do not belong together are refused', () => {
  const good = {
    seed: new Uint8Array(32),
    keys: new Uint8Array(32),
    flags: new Uint8Array(2),
    origins: Int32Array.of(-1, 0),
    sources: new Uint8Array(32),
  }
  const to = new Uint8Array(64)
  digestBodies(good, to)
  for (const bad of [
    { seed: new Uint8Array(31) },
    { keys: new Uint8Array(31) },
    { origins: Int32Array.of(-1, 1) },
    { origins: Int32Array.of(-2, 0) },
    { origins: Int32Array.of(0) },
    { sources: new Uint8Array(33) },
    { sources: new Uint8Array(32 * 4097) },
  ])
    expect(() => digestBodies({ ...good, ...bad }, to)).toThrow(expect.objectContaining({ code: 'E_TREE_COLUMNS' }))
})
