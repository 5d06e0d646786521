import { TanlianError } from '@tanlian/units'
import { type Log, leafHash, logRoot } from './log.ts'

/** A full tile's width in hashes, and a full bundle's in entries (C2SP tlog-tiles). */
export const TILE_WIDTH = 256

/** A part of the log as a static file: hashes of one level, or entries. `width` 256 is a full tile, less a partial one. */
export interface Tile {
  /** 0 … 63 in steps of eight tree levels; 'entries' for an entry bundle. */
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

/** The path of a tile below `/log/`: `tile/0/x001/x234/067`, `tile/1/000.p/17`, `tile/entries/000` (C2SP tlog-tiles). */
export function tilePath({ level, index, width }: Tile): string {
  if (!isTile({ level, index, width })) throw tileError(`level ${level}, index ${index}, width ${width}`)
  const digits = index.toString()
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const parts = padded.match(/.{3}/g) ?? []
  const name = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join('/')
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/**
 * Reads a tile's path back; only the one form that {@link tilePath} writes is accepted.
 * @throws TanlianError E_TILE_PATH
 */
export function parseTilePath(path: string): Tile {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (match === null) throw tileError(path.slice(0, 80))
  const [, level = '', name = '', width] = match
  const tile: Tile = {
    level: level === 'entries' ? 'entries' : Number(level),
    index: Number(name.replace(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  if (!isTile(tile) || tilePath(tile) !== path) throw tileError(path)
  return tile
}

/** The hashes of a tile, joined; undefined where the log has not grown that far (or the tile would be empty). */
export function hashTile(log: Log, level: number, index: number, width: number = TILE_WIDTH): Uint8Array | undefined {
  const first = index * TILE_WIDTH
  if ((first + width) * TILE_WIDTH ** level > log.size) return undefined
  const tile = new Uint8Array(width * 32)
  for (let at = 0; at < width; at++) tile.set(log.node(level * 8, first + at), at * 32)
  return tile
}

/** The tiles and bundles that a log of this size consists of, full ones first within each level. */
export function tilesOf(size: number): Tile[] {
  const tiles: Tile[] = []
  const add = (level: Tile['level'], count: number) => {
    for (let first = 0; first < count; first += TILE_WIDTH)
      tiles.push({ level, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, count - first) })
  }
  add('entries', size)
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) add(level, count)
  return tiles
}

/** An entry bundle: each entry after its length as a big-endian uint16. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > 0xffff) throw bundleError(`an entry has ${entry.length} bytes`)
    bundle[at] = entry.length >> 8
    bundle[at + 1] = entry.length & 0xff
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/**
 * Reads a bundle back, used up exactly.
 * @throws TanlianError E_TILE_BUNDLE where it is empty, cut short, or holds more than 256 entries.
 */
export function decodeBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    const end = at + 2 + (((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0))
    if (at + 2 > bundle.length || end > bundle.length) throw bundleError(`entry ${entries.length} is cut short`)
    entries.push(bundle.slice(at + 2, end))
    at = end
  }
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw bundleError(`it holds ${entries.length} entries`)
  return entries
}

/** Whether a bundle's entries are those of a level-0 tile, hash by hash. */
export function bundleMatchesTile(bundle: Uint8Array, tile: Uint8Array): boolean {
  const hashes = decodeBundle(bundle).map(leafHash)
  return (
    tile.length === hashes.length * 32 &&
    hashes.every((hash, i) => hash.every((byte, at) => byte === tile[i * 32 + at]))
  )
}

/** The root of a full tile's subtree: the hash that stands for it one level up. */
export function tileRoot(tile: Uint8Array): Uint8Array {
  const hashes: Uint8Array[] = []
  for (let at = 0; at < tile.length; at += 32) hashes.push(tile.slice(at, at + 32))
  return logRoot(hashes)
}

function isTile({ level, index, width }: Tile): boolean {
  return (
    (level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= 63)) &&
    Number.isSafeInteger(index) &&
    index >= 0 &&
    Number.isInteger(width) &&
    width >= 1 &&
    width <= TILE_WIDTH
  )
}

function tileError(what: string): TanlianError {
  return new TanlianError('E_TILE_PATH', `There is no tile of the log at ${what}. Follow C2SP tlog-tiles.`)
}

function bundleError(why: string): TanlianError {
  return new TanlianError('E_TILE_BUNDLE', `The entry bundle is damaged: ${why}. Fetch it again.`)
}
