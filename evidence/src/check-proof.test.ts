import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flipEveryBit, type ProofCase, publishedProofs } from '../test/flip.ts'
import { fromHex } from './block.ts'
import { checkProof } from './check-proof.ts'
import { EVIDENCE_ERRORS } from './errors.ts'
import { encodeKey, type Interval, MAX_INTEGER } from './key.ts'
import type { Question } from './proof.ts'
import { prove } from './prove.ts'
import { checkProof as checkProofReadable } from './readable/proof.ts'
import { buildTree, type Tree } from './tree.ts'

const ALL: Interval = { lo: new Uint8Array(16), hi: new Uint8Array(16).fill(0xff) }

function minutes(count: number): Tree {
  const keys = new Uint8Array(16 * count)
  for (let at = 0; at < count; at++) keys.set(encodeKey(0x02010000, 1, at * 60), 16 * at)
  return buildTree({
    count,
    keys,
    quantities: Float64Array.from({ length: count }, (_, at) => at * 1000),
    seconds: new Float64Array(count).fill(60),
    bodyDigests: new Uint8Array(32 * count),
  })
}

const window = (first: number, last: number): Interval => ({
  lo: encodeKey(0x02010000, 1, first * 60),
  hi: encodeKey(0x02010000, 1, last * 60),
})

/** A refusal by both implementations, under a code that the table explains. */
function expectRefused({ root, question, proof }: ProofCase, code?: string) {
  const answer = checkProof(root, question, proof)
  expect(answer.ok).toBe(false)
  if (!answer.ok) expect(Object.keys(EVIDENCE_ERRORS)).toContain(answer.code)
  if (code !== undefined) expect(answer).toMatchObject({ code })
  expect(checkProofReadable(root, question, proof).ok).toBe(false)
}

test('S5 every bit of every published proof flipped once: none is accepted', () => {
  const { flipped, accepted, uncoded } = flipEveryBit(publishedProofs(), (root, question, proof) =>
    checkProof(root, question, proof),
  )
  console.log(`${flipped} flipped bits, ${accepted} accepted`)
  expect(flipped).toBeGreaterThan(100_000)
  expect(accepted).toBe(0)
  expect(uncoded).toBe(0)
}, 120_000)

describe('S4 R6 hostile bytes', () => {
  const tree = minutes(20)
  const question: Question = { intervals: [window(3, 9)], mode: 'readings' }
  const good = prove(tree, question)

  test('random bytes are refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (proof) => {
        expectRefused({ root: tree.root, question, proof })
      }),
      { numRuns: 500 },
    )
  })

  test('a good proof with a part overwritten, cut out or put in is refused', () => {
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(100), fc.uint8Array({ maxLength: 100 }), (at, gone, put) => {
        const proof = Uint8Array.of(...good.subarray(0, at), ...put, ...good.subarray(at + gone))
        fc.pre(proof.length !== good.length || proof.some((byte, place) => byte !== good[place]))
        expectRefused({ root: tree.root, question, proof })
      }),
      { numRuns: 500 },
    )
  })

  test('every cut of a good proof, and every byte after it, is refused', () => {
    for (let length = 0; length < good.length; length++)
      expectRefused({ root: tree.root, question, proof: good.subarray(0, length) })
    for (let byte = 0; byte < 256; byte++)
      expectRefused({ root: tree.root, question, proof: Uint8Array.of(...good, byte) }, 'E_BLOCK_NOT_CANONICAL')
  })

  const leafOf = (quantity: string, seconds = '01') =>
    fromHex(`8450${'00'.repeat(16)}${quantity}${seconds}5820${'00'.repeat(32)}`)

  test.each<[why: string, proof: Uint8Array, code: string]>([
    ['no byte', new Uint8Array(0), 'E_BLOCK_NOT_CANONICAL'],
    ['null', fromHex('f6'), 'E_PROOF_FORM'],
    ['a number', fromHex('00'), 'E_PROOF_FORM'],
    ['a map', fromHex('a0'), 'E_PROOF_FORM'],
    ['an empty list', fromHex('80'), 'E_PROOF_FORM'],
    ['a list of one', fromHex('81f6'), 'E_PROOF_FORM'],
    ['a list of three', fromHex('83f6f6f6'), 'E_PROOF_FORM'],
    ['a pair whose length is written long', fromHex('9802'), 'E_PROOF_FORM'],
    ['a list of indefinite length', fromHex('9f'), 'E_PROOF_FORM'],
    ['a byte string of indefinite length', fromHex('5f'), 'E_PROOF_FORM'],
    ['a tag', fromHex('d82a'), 'E_PROOF_FORM'],
    ['a node whose length is written longer', fromHex(`590058${'00'.repeat(88)}`), 'E_PROOF_FORM'],
    ['a node of 87 bytes', fromHex(`5857${'00'.repeat(87)}`), 'E_TREE_NODE'],
    ['a node of 89 bytes', fromHex(`5859${'00'.repeat(89)}`), 'E_TREE_NODE'],
    ['a quantity in one byte too many', leafOf('1817'), 'E_BLOCK_NOT_CANONICAL'],
    ['a quantity in two bytes too many', leafOf('1900ff'), 'E_BLOCK_NOT_CANONICAL'],
    ['a quantity in four bytes too many', leafOf('1a0000ffff'), 'E_BLOCK_NOT_CANONICAL'],
    ['a quantity in eight bytes too many', leafOf('1b00000000ffffffff'), 'E_BLOCK_NOT_CANONICAL'],
    ['a quantity of 2^53', leafOf('1b0020000000000000'), 'E_TREE_BOUND'],
    ['a quantity of 2^64 − 1', leafOf('1bffffffffffffffff'), 'E_TREE_BOUND'],
    ['a negative quantity', leafOf('20'), 'E_PROOF_FORM'],
    ['a float', leafOf('f93c00'), 'E_PROOF_FORM'],
    ['a truth', leafOf('f5'), 'E_PROOF_FORM'],
    ['an undefined', leafOf('f7'), 'E_PROOF_FORM'],
    ['a duration of nothing', leafOf('00', '00'), 'E_TREE_BOUND'],
    ['pairs nested 54 deep', new Uint8Array(54).fill(0x82), 'E_BLOCK_NOT_CANONICAL'],
    ['pairs nested 55 deep', new Uint8Array(55).fill(0x82), 'E_PROOF_NESTING'],
    ['pairs nested a million deep', new Uint8Array(1_000_000).fill(0x82), 'E_PROOF_NESTING'],
  ])('%s: refused', (_why, proof, code) => {
    expectRefused({ root: tree.root, question, proof }, code)
  })

  test('R14 a proof of more than 64 MiB is refused before it is read', () => {
    const proof = new Uint8Array(64 * 1024 * 1024 + 1)
    expect(checkProof(tree.root, question, proof)).toMatchObject({ ok: false, code: 'E_PROOF_SIZE' })
  })
})

describe('R3 a question has exactly one proof', () => {
  const tree = minutes(20)
  const total: Question = { intervals: [window(3, 9)], mode: 'total' }
  const readings: Question = { intervals: [window(3, 9)], mode: 'readings' }

  test('an answer to another question is refused, by what is wrong with it', () => {
    const proof = prove(tree, total)
    expectRefused({ root: tree.root, question: readings, proof }, 'E_PROOF_PRUNED')
    expectRefused({ root: tree.root, question: total, proof: prove(tree, readings) }, 'E_PROOF_EXPANDED')
    expectRefused({ root: tree.root, question: { ...total, intervals: [window(3, 8)] }, proof }, 'E_PROOF_STRADDLE')
    expectRefused(
      { root: tree.root, question: { ...total, intervals: [window(0, 0), window(3, 9)] }, proof },
      'E_PROOF_STRADDLE',
    )
    expectRefused({ root: minutes(21).root, question: total, proof }, 'E_PROOF_ROOT')
    expectRefused({ root: tree.root.subarray(1), question: total, proof }, 'E_TREE_NODE')
  })

  test.each<[string, Question]>([
    ['no interval', { intervals: [], mode: 'total' }],
    ['257 intervals', { intervals: Array.from({ length: 257 }, (_, at) => window(2 * at, 2 * at)), mode: 'total' }],
    ['an unknown mode', { intervals: [ALL], mode: 'all' as 'total' }],
    ['an interval upside down', { intervals: [window(4, 3)], mode: 'total' }],
    ['unsorted intervals', { intervals: [window(5, 6), window(1, 2)], mode: 'total' }],
    ['intervals that touch', { intervals: [window(1, 2), window(2, 3)], mode: 'total' }],
    ['a bound of 15 bytes', { intervals: [{ lo: new Uint8Array(15), hi: ALL.hi }], mode: 'total' }],
  ])('E_QUESTION_FORM: %s', (_why, question) => {
    expectRefused({ root: tree.root, question, proof: prove(tree, total) }, 'E_QUESTION_FORM')
    expect(() => prove(tree, question)).toThrow(expect.objectContaining({ code: 'E_QUESTION_FORM' }))
  })

  test('256 intervals are allowed, adjacent ones are not merged', () => {
    const intervals = Array.from({ length: 256 }, (_, at) => ({
      lo: encodeKey(0x02010000, 1, at * 2),
      hi: encodeKey(0x02010000, 1, at * 2 + 1),
    }))
    const answer = checkProof(tree.root, { intervals, mode: 'total' }, prove(tree, { intervals, mode: 'total' }))
    expect(answer.ok && answer.totals.map(({ count }) => count)).toEqual(
      intervals.map((_, at) => (at % 30 === 0 ? 1 : 0)),
    )
  })

  test('a refusal says at which byte of the proof the faulty part begins', () => {
    const node = encode(new Uint8Array(88))
    expect(checkProof(tree.root, total, Uint8Array.of(0x82, ...node, ...node))).toMatchObject({
      code: 'E_PROOF_NODE',
      values: { at: 1 },
    })
  })
})

test('a proof of thousands of readings is hashed block by block', () => {
  const tree = minutes(10_000)
  const question: Question = { intervals: [window(1, 9_998)], mode: 'readings' }
  const answer = checkProof(tree.root, question, prove(tree, question))
  expect(answer).toMatchObject({ ok: true, opened: 9_998 })
  expect(answer).toEqual(checkProofReadable(tree.root, question, prove(tree, question)).ok ? answer : undefined)
})

test('a start of 2^53 − 2 with a second is the last that holds', () => {
  const one = (start: number, seconds: number) => ({
    count: 1,
    keys: encodeKey(0x02010000, 1, start),
    quantities: new Float64Array(1),
    seconds: Float64Array.of(seconds),
    bodyDigests: new Uint8Array(32),
  })
  const tree = buildTree(one(MAX_INTEGER - 1, 1))
  const question: Question = { intervals: [ALL], mode: 'total' }
  const proof = prove(tree, question)
  expect(checkProof(tree.root, question, proof)).toMatchObject({ ok: true, opened: 1 })
  expect(() => buildTree(one(MAX_INTEGER, 1))).toThrow(expect.objectContaining({ code: 'E_TREE_BOUND' }))
})
