import { TanlianError } from '@tanlian/units'
import { digestOf } from './block.ts'
import type { Chunk } from './form.ts'
import { BLOCK, hasher, MAX_SOURCES, PLACE } from './hasher.ts'
import { KEY_BYTES, MAX_INTEGER } from './key.ts'

/** The leaves of a tree (叶子) as flat columns, sorted by key. Quantities in the type's base unit, durations in seconds. */
export interface Leaves {
  readonly count: number
  /** 16 bytes a leaf. */
  readonly keys: Uint8Array
  readonly quantities: Float64Array
  readonly seconds: Float64Array
  /** 32 bytes a leaf. */
  readonly bodyDigests: Uint8Array
}

/** What the bodies of one chunk's readings are made of (spec section 2). */
export interface Bodies {
  /** 32 bytes, the chunk's own. */
  readonly seed: Uint8Array
  /** 16 bytes a reading. */
  readonly keys: Uint8Array
  /** The flag's letter as ASCII, one a reading. */
  readonly flags: Uint8Array
  /** For each reading the place of its source in `sources`, or −1; left out where no reading has one. */
  readonly origins?: Int32Array
  /** The digests of the sources' CIDs, 32 bytes each, at most 4,096. */
  readonly sources?: Uint8Array
}

/** The leaves of a chunk: salt, body and digest of every row, hashed by the kernel. */
export function leavesOfChunk(chunk: Chunk): Leaves {
  return leavesOfChunks([chunk])
}

/**
 * The leaves of chunks that stand in key order, one after the other. Order and bounds are the tree's to check.
 * @throws TanlianError E_KEY_RANGE for a type, stream or start that no key can hold.
 */
export function leavesOfChunks(chunks: readonly Chunk[]): Leaves {
  const count = chunks.reduce((sum, chunk) => sum + chunk.rows.length, 0)
  const keys = new Uint8Array(KEY_BYTES * count)
  const quantities = new Float64Array(count)
  const seconds = new Float64Array(count)
  const bodyDigests = new Uint8Array(32 * count)
  const view = new DataView(keys.buffer)
  let from = 0
  for (const { type, stream, seed, sources, rows } of chunks) {
    const flags = new Uint8Array(rows.length)
    const origins = new Int32Array(rows.length)
    let at = from
    for (const [start, duration, quantity, flag, source] of rows) {
      writeKey(view, KEY_BYTES * at, type, stream, start)
      seconds[at] = duration
      quantities[at] = quantity
      flags[at - from] = flag.charCodeAt(0)
      origins[at - from] = source ?? -1
      at++
    }
    const sourceDigests = new Uint8Array(32 * sources.length)
    for (const [place, cid] of sources.entries()) sourceDigests.set(digestOf(cid), 32 * place)
    digestBodies(
      { seed, keys: keys.subarray(KEY_BYTES * from, KEY_BYTES * at), flags, origins, sources: sourceDigests },
      bodyDigests.subarray(32 * from, 32 * at),
    )
    from = at
  }
  return { count, keys, quantities, seconds, bodyDigests }
}

/** Writes the body digest of every reading, 32 bytes each, to `to`. */
export function digestBodies(bodies: Bodies, to: Uint8Array): void {
  const { seed, keys, flags, origins, sources } = bodies
  const count = flags.length
  if (seed.length !== 32) throw columnError('seed', 32, seed.length)
  if (keys.length !== KEY_BYTES * count) throw columnError('keys', KEY_BYTES * count, keys.length)
  if (to.length !== 32 * count) throw columnError('digests', 32 * count, to.length)
  const known = (sources?.length ?? 0) / 32
  if (!Number.isInteger(known) || known > MAX_SOURCES)
    throw columnError('sources', 32 * MAX_SOURCES, sources?.length ?? 0)
  if (origins !== undefined) {
    if (origins.length !== count) throw columnError('origins', count, origins.length)
    for (const origin of origins) if (origin < -1 || origin >= known) throw columnError('origins', known, origin)
  }
  const { bytes, integers, hashBodies } = hasher()
  bytes.set(seed, PLACE.seed)
  if (sources !== undefined) bytes.set(sources, PLACE.sources)
  for (let from = 0; from < count; from += BLOCK) {
    const end = Math.min(from + BLOCK, count)
    bytes.set(keys.subarray(KEY_BYTES * from, KEY_BYTES * end), PLACE.keys)
    bytes.set(flags.subarray(from, end), PLACE.flags)
    const place = PLACE.origins / 4
    if (origins === undefined) integers.fill(-1, place, place + BLOCK)
    else {
      integers.set(origins.subarray(from, end), place)
      integers.fill(-1, place + end - from, place + BLOCK)
    }
    hashBodies(end - from)
    to.set(bytes.subarray(PLACE.digests, PLACE.digests + 32 * (end - from)), 32 * from)
  }
}

/** Writes `u32(type) ‖ u32(stream) ‖ u64(start)`. @throws TanlianError E_KEY_RANGE */
export function writeKey(view: DataView, at: number, type: number, stream: number, start: number): void {
  if (
    type >>> 0 !== type ||
    stream >>> 0 !== stream ||
    !(start >= 0 && start <= MAX_INTEGER && Math.floor(start) === start)
  )
    throw new TanlianError('E_KEY_RANGE', `Type ${type}, stream ${stream} and start ${start} do not make a key.`, {
      values: { type, stream, start },
    })
  view.setUint32(at, type)
  view.setUint32(at + 4, stream)
  view.setUint32(at + 8, start / 0x1_0000_0000)
  view.setUint32(at + 12, start)
}

function columnError(name: string, wanted: number, given: number): TanlianError {
  return new TanlianError(
    'E_TREE_COLUMNS',
    `The column ${name} does not fit: ${given} where ${wanted} is the measure.`,
    {
      values: { name, wanted, given },
    },
  )
}
