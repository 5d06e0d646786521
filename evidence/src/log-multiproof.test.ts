import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkInclusion, inclusionPath, logRoot } from './log.ts'
import { checkMultiproof, multiproof } from './log-multiproof.ts'

const leaf = (at: number) => new Uint8Array(32).fill(at + 1)
const logs = fc
  .integer({ min: 1, max: 40 })
  .chain((size) => fc.tuple(fc.constant(size), fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1 })))
  .map(([size, indexes]) => ({ size, indexes: indexes.sort((a, b) => a - b) }))

const prove = (size: number, indexes: readonly number[]) => {
  const leaves = Array.from({ length: size }, (_, at) => leaf(at))
  return {
    indexes,
    leaves: indexes.map(leaf),
    size,
    root: logRoot(leaves),
    path: multiproof(indexes, size, (from, to) => logRoot(leaves.slice(from, to))),
  }
}

test('a multiproof proves what single inclusion proofs prove, for any entries of any log', () => {
  fc.assert(
    fc.property(logs, ({ size, indexes }) => {
      const proof = prove(size, indexes)
      expect(checkMultiproof(proof)).toEqual({ ok: true })
      const leaves = Array.from({ length: size }, (_, at) => leaf(at))
      for (const index of indexes)
        expect(
          checkInclusion({ leaf: leaf(index), index, size, root: proof.root, path: inclusionPath(leaves, index) }).ok,
        ).toBe(true)
      if (indexes.length === 1) expect(proof.path.length).toBe(inclusionPath(leaves, indexes[0] as number).length)
    }),
  )
})

test('S5 a multiproof with any bit flipped, a hash more or less, another place or size is refused with a code', () => {
  fc.assert(
    fc.property(logs, fc.nat(), ({ size, indexes }, pick) => {
      const proof = prove(size, indexes)
      const flip = (hash: Uint8Array) => hash.map((byte, at) => (at === pick % 32 ? byte ^ (1 << (pick % 8)) : byte))
      const altered = [
        { ...proof, path: [...proof.path, leaf(0)] },
        { ...proof, leaves: proof.leaves.map((hash, at) => (at === pick % proof.leaves.length ? flip(hash) : hash)) },
        { ...proof, root: flip(proof.root) },
        ...(proof.path.length > 0
          ? [
              { ...proof, path: proof.path.slice(1) },
              { ...proof, path: proof.path.map((hash, at) => (at === pick % proof.path.length ? flip(hash) : hash)) },
            ]
          : []),
        { ...proof, indexes: indexes.map((index) => index + size) },
        { ...proof, indexes: [...indexes].reverse().concat(0) },
      ]
      for (const claim of altered)
        expect(checkMultiproof(claim)).toMatchObject({ ok: false, code: expect.stringMatching(/^E_LOG_/) })
    }),
  )
})
