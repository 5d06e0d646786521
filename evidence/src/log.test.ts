import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/evidence-vectors.json' with { type: 'json' }
import {
  checkConsistency,
  checkInclusion,
  consistencyPath,
  createLog,
  EMPTY_ROOT,
  inclusionPath,
  leafHash,
  logRoot,
  nodeHash,
} from './log.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (b: Uint8Array) => Buffer.from(b).toString('hex')
const published = vectors.log
const leaves = published.entries.map((entry) => leafHash(bytes(entry)))

describe('the published vectors of the log', () => {
  test('every root', () => {
    expect(published.roots).toHaveLength(leaves.length + 1)
    const log = createLog()
    for (const leaf of leaves) log.append(leaf)
    for (const [size, root] of published.roots.entries()) {
      expect(hex(logRoot(leaves, size))).toBe(root)
      expect(hex(log.root(size))).toBe(root)
    }
  })

  test('every inclusion proof is made and holds', () => {
    for (const { index, size, path } of published.inclusion) {
      expect(inclusionPath(leaves, index, size).map(hex)).toEqual(path)
      const root = bytes(published.roots[size] as string)
      expect(checkInclusion({ leaf: leaves[index] as Uint8Array, index, size, root, path: path.map(bytes) })).toEqual({
        ok: true,
      })
    }
  })

  test('every consistency proof is made and holds', () => {
    for (const { from, to, path } of published.consistency) {
      expect(consistencyPath(leaves, from, to).map(hex)).toEqual(path)
      const roots = { fromRoot: bytes(published.roots[from] as string), toRoot: bytes(published.roots[to] as string) }
      expect(checkConsistency({ from, to, ...roots, path: path.map(bytes) })).toEqual({ ok: true })
    }
  })

  test.each(published.bad_inclusion)('bad inclusion: $why, $index of $size', ({ leaf, index, size, path }) => {
    const root = bytes(published.roots[size] as string)
    const answer = checkInclusion({ leaf: leaves[leaf] as Uint8Array, index, size, root, path: path.map(bytes) })
    expect(answer).toMatchObject({ ok: false, code: expect.stringMatching(/^E_LOG_/) })
  })

  test.each(published.bad_consistency)('bad consistency: $why, $from to $to', ({ from, to, path }) => {
    const roots = { fromRoot: bytes(published.roots[from] as string), toRoot: bytes(published.roots[to] as string) }
    const answer = checkConsistency({ from, to, ...roots, path: path.map(bytes) })
    expect(answer).toMatchObject({ ok: false, code: expect.stringMatching(/^E_LOG_/) })
  })
})

describe('the RFC 6962 vectors of transparency-dev/merkle', () => {
  const folder = join(import.meta.dirname, '../vectors/rfc6962-merkle')
  const cases = (kind: string) =>
    readdirSync(join(folder, kind), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({ name, text: readFileSync(join(folder, kind, name), 'utf8') }))
  const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))

  // Some vectors hold the words "don't care" in place of a root, which our checker refuses by length; hashed, they are roots like others.
  const rootOf = (text: string) =>
    fromBase64(text).length === 32 || text === '' ? fromBase64(text) : leafHash(fromBase64(text))

  test('122 cases are there', () => {
    expect(cases('inclusion').length + cases('consistency').length).toBe(122)
  })

  test.each(cases('inclusion'))('inclusion $name', ({ text }) => {
    const c = JSON.parse(text)
    // Indexes and sizes of the vectors are 64-bit; beyond 2^53 − 1 ours are refused as the format says.
    const answer = checkInclusion({
      leaf: fromBase64(c.leafHash),
      index: c.leafIdx,
      size: c.treeSize,
      root: fromBase64(c.root),
      path: (c.proof ?? []).map(fromBase64),
    })
    expect(answer.ok).toBe(!c.wantErr)
  })

  test.each(cases('consistency'))('consistency $name', ({ text }) => {
    const c = JSON.parse(text)
    const answer = checkConsistency({
      from: c.size1,
      to: c.size2,
      fromRoot: rootOf(c.root1),
      toRoot: rootOf(c.root2),
      path: (c.proof ?? []).map(fromBase64),
    })
    expect(answer.ok).toBe(!c.wantErr)
  })
})

describe('laws', () => {
  /** RFC 9162 §2.1.1 as it reads. */
  const naiveRoot = (d: Uint8Array[]): Uint8Array => {
    if (d.length === 0) return EMPTY_ROOT
    if (d.length === 1) return d[0] as Uint8Array
    let k = 1
    while (k * 2 < d.length) k *= 2
    return nodeHash(naiveRoot(d.slice(0, k)), naiveRoot(d.slice(k)))
  }
  const many = Array.from({ length: 300 }, (_, i) => leafHash(bytes(i.toString(16).padStart(8, '0'))))

  test('S5 a grown log agrees with the naive tree at every size, and its proofs hold', () => {
    const log = createLog()
    for (const [i, leaf] of many.entries()) {
      expect(log.append(leaf)).toBe(i)
      expect(hex(log.root())).toBe(hex(naiveRoot(many.slice(0, i + 1))))
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, a, b) => {
        const index = a % size
        const from = 1 + (b % size)
        const root = log.root(size)
        const path = log.inclusion(index, size)
        expect(checkInclusion({ leaf: log.leaf(index), index, size, root, path })).toEqual({ ok: true })
        const proof = log.consistency(from, size)
        expect(checkConsistency({ from, to: size, fromRoot: log.root(from), toRoot: root, path: proof })).toEqual({
          ok: true,
        })
      }),
      { numRuns: 300 },
    )
  })

  test('S5 any changed bit, index, size or side is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), fc.nat(), (size, a, b, bit) => {
        const log = createLog()
        for (const leaf of many.slice(0, size)) log.append(leaf)
        const index = a % size
        const claim = { leaf: log.leaf(index), index, size, root: log.root(), path: log.inclusion(index) }
        const other = (index + 1 + (b % (size - 1))) % size
        expect(checkInclusion({ ...claim, index: other }).ok).toBe(false)
        const path = claim.path.map((hash) => hash.slice())
        const hash = path[b % path.length] as Uint8Array
        hash[bit % 32] = (hash[bit % 32] as number) ^ (1 << (bit % 8))
        expect(checkInclusion({ ...claim, path }).ok).toBe(false)
        expect(checkInclusion({ ...claim, path: [...claim.path].reverse() }).ok).toBe(
          claim.path.length === 1 /* one hash reversed is the same path */,
        )
      }),
      { numRuns: 200 },
    )
  })

  test('S30 a truncated log grows again to the same roots', () => {
    const log = createLog()
    for (const leaf of many) log.append(leaf)
    const root = log.root()
    log.truncate(77)
    expect(log.size).toBe(77)
    expect(hex(log.root())).toBe(hex(naiveRoot(many.slice(0, 77))))
    for (const leaf of many.slice(77)) log.append(leaf)
    expect(hex(log.root())).toBe(hex(root))
  })

  test('a log of 100,000 entries proves quickly at any size', () => {
    const log = createLog()
    for (let i = 0; i < 100_000; i++) log.append(many[i % 300] as Uint8Array)
    const started = performance.now()
    for (let i = 0; i < 200; i++) {
      const size = 99_999 - i * 37
      const path = log.inclusion(i * 400, size)
      expect(checkInclusion({ leaf: log.leaf(i * 400), index: i * 400, size, root: log.root(size), path }).ok).toBe(
        true,
      )
    }
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('what the log has not is refused with a code', () => {
    const log = createLog()
    log.append(many[0] as Uint8Array)
    expect(() => log.root(2)).toThrow(expect.objectContaining({ code: 'E_LOG_SIZE' }))
    expect(() => log.inclusion(1)).toThrow(expect.objectContaining({ code: 'E_LOG_INDEX' }))
    expect(() => log.consistency(0)).toThrow(expect.objectContaining({ code: 'E_LOG_SIZE' }))
    expect(() => log.consistency(2)).toThrow(expect.objectContaining({ code: 'E_LOG_SIZE' }))
    expect(() => log.append(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'E_LOG_HASH' }))
  })

  test('sizes up to 2^53 − 1 are walked exactly, greater ones refused', () => {
    const size = Number.MAX_SAFE_INTEGER
    const leaf = many[0] as Uint8Array
    const path = Array.from({ length: 53 }, () => leaf)
    let root = leaf
    for (const hash of path) root = nodeHash(root, hash)
    expect(checkInclusion({ leaf, index: 0, size, root, path })).toEqual({ ok: true })
    expect(checkInclusion({ leaf, index: 0, size: size + 1, root, path })).toMatchObject({ code: 'E_LOG_SIZE' })
  })
})
