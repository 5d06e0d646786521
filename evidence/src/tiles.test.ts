import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/evidence-vectors.json' with { type: 'json' }
import { createLog, leafHash } from './log.ts'
import {
  bundleMatchesTile,
  decodeBundle,
  encodeBundle,
  hashTile,
  parseTilePath,
  TILE_WIDTH,
  tilePath,
  tileRoot,
  tilesOf,
} from './tiles.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('paths, as C2SP tlog-tiles writes them', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 1, index: 0, width: 17 }, 'tile/1/000.p/17'],
    [{ level: 'entries' as const, index: 273, width: 112 }, 'tile/entries/273.p/112'],
    [{ level: 63, index: 1000, width: 1 }, 'tile/63/x001/000.p/1'],
  ])('%o is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  test.each([
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001/x002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/07',
    'tile/0/000/',
    'tile/entries/1234',
    '../tile/0/000',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/-1/000',
  ])('%s is refused', (path) => {
    expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ code: 'E_TILE_PATH' }))
  })

  test('a path read back is the path', () => {
    const index = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), index, fc.integer({ min: 1, max: 256 }), (level, i, width) => {
        const tile = { level, index: i, width }
        expect(parseTilePath(tilePath(tile))).toEqual(tile)
      }),
    )
  })
})

describe('tiles of a log', () => {
  const log = createLog()
  for (let i = 0; i < 70_000; i++) log.append(leafHash(bytes(i.toString(16).padStart(8, '0'))))

  test('a log of 70,000 entries has the tiles that the specification counts', () => {
    const counts = tilesOf(70_000).map(({ level, width }) => `${level}:${width}`)
    const count = (what: string) => counts.filter((c) => c === what).length
    expect([count('0:256'), count('0:112'), count('1:256'), count('1:17'), count('2:1'), counts.length]).toEqual([
      273,
      1,
      1,
      1,
      1,
      277 + 274,
    ])
    expect(tilesOf(256).filter(({ level }) => level === 1)).toEqual([{ level: 1, index: 0, width: 1 }])
    expect(tilesOf(0)).toEqual([])
  })

  test('each hash of a tile is the root of the full tile below', () => {
    const upper = hashTile(log, 1, 0) as Uint8Array
    for (const n of [0, 1, 100, 255])
      expect(tileRoot(hashTile(log, 0, n) as Uint8Array)).toEqual(upper.slice(n * 32, n * 32 + 32))
  })

  test('a tile that the log has not filled is not there', () => {
    expect(hashTile(log, 0, 273, 112)?.length).toBe(112 * 32)
    expect(hashTile(log, 0, 273, 113)).toBeUndefined()
    expect(hashTile(log, 1, 1)).toBeUndefined()
    expect(hashTile(log, 3, 0, 1)).toBeUndefined()
  })
})

describe('entry bundles', () => {
  const entries = vectors.log.entries.map(bytes)

  test('the published bundle is written and read', () => {
    expect(Buffer.from(encodeBundle(entries)).toString('hex')).toBe(vectors.log.bundle)
    expect(decodeBundle(bytes(vectors.log.bundle))).toEqual(entries)
  })

  test('a bundle is held against its tile', () => {
    const log = createLog()
    for (const entry of entries) log.append(leafHash(entry))
    const tile = hashTile(log, 0, 0, entries.length) as Uint8Array
    expect(bundleMatchesTile(encodeBundle(entries), tile)).toBe(true)
    expect(bundleMatchesTile(encodeBundle(entries.slice(1)), tile)).toBe(false)
    expect(bundleMatchesTile(encodeBundle([...entries].reverse()), tile)).toBe(false)
  })

  test.each([
    ['empty', new Uint8Array(0)],
    ['half a length', Uint8Array.of(0)],
    ['cut short', encodeBundle(entries).slice(0, -1)],
    ['with a byte left over', Uint8Array.of(...encodeBundle(entries), 0)],
    ['of 257 entries', encodeBundle(Array.from({ length: TILE_WIDTH + 1 }, () => new Uint8Array(1)))],
  ])('a bundle %s is refused', (_, bundle) => {
    expect(() => decodeBundle(bundle)).toThrow(expect.objectContaining({ code: 'E_TILE_BUNDLE' }))
  })
})
