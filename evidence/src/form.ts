import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { decodeBlock, equalBytes, isEvidenceCid, nameOf } from './block.ts'
import { compareKeys, decodeKey, type Interval, KEY_BYTES, MAX_INTEGER } from './key.ts'
import { type Flag, isFlag, validityOf } from './kind.ts'
import { readChunk } from './read-chunk.ts'

/** What a device sent, byte for byte, by whom and when it was received (原始帧). It may have more fields. */
export interface Frame {
  readonly bytes: Uint8Array
  readonly device: string
  readonly protocol: string
  /** Unix seconds. */
  readonly received: number
  /** 16 random bytes. */
  readonly salt: Uint8Array
  readonly counter?: number
  readonly signature?: Uint8Array
}

/** `[start, seconds, quantity, flag, index in sources | null]`. */
export type Row = readonly [start: number, seconds: number, quantity: number, flag: Flag, source: number | null]

/** Up to 4,096 readings of one type and stream. */
export interface Chunk {
  /** All four bytes: class, group, kind, validity. */
  readonly type: number
  readonly stream: number
  /** 32 random bytes, never used twice; it opens every body of the chunk. */
  readonly seed: Uint8Array
  readonly sources: readonly CID[]
  readonly rows: readonly Row[]
}

/** Where the chunks of a batch are: `[min key, max key, count, CID]` in key order. */
export interface Index {
  readonly chunks: readonly (readonly [min: Uint8Array, max: Uint8Array, count: number, cid: CID])[]
}

/** A declared stream (数据流). It may have more fields: method, meter, serial number, unit, the device's key. */
export interface StreamItem {
  readonly stream: number
  /** The first three bytes: class, group, kind. */
  readonly type: number
  readonly device: string
  /** The declared interval in seconds. */
  readonly interval: number
  readonly [more: string]: unknown
}

export interface Streams {
  readonly streams: readonly StreamItem[]
}

/** What an organization signs: one batch of readings (批次). */
export interface Header {
  readonly format: typeof BATCH_FORMAT
  readonly organization: number
  readonly sequence: number
  readonly previous: CID | null
  /** The least start and the greatest end of its readings, Unix seconds. */
  readonly from: number
  readonly to: number
  /** The 88 bytes of the tree's top node. */
  readonly tree: Uint8Array
  readonly data: CID
  readonly streams: CID
  readonly restates: readonly (readonly [lo: Uint8Array, hi: Uint8Array])[]
}

/** A signed statement that is no batch: an audit, a report, an opinion … */
export interface DocumentBlock {
  readonly format: typeof DOCUMENT_FORMAT
  readonly organization: number
  readonly sequence: number
  readonly previous: CID | null
  readonly kind: string
  readonly content: unknown
}

/** What an audit document holds. */
export interface AuditContent {
  readonly log: number
  readonly held: readonly Uint8Array[]
  readonly failed: readonly (readonly [digest: Uint8Array, code: string])[]
  readonly unavailable: readonly Uint8Array[]
}

/** A chunk or frame encrypted for named readers; only its form is known here. */
export interface Sealed {
  readonly format: typeof SEALED_FORMAT
  readonly nonce: Uint8Array
  readonly bytes: Uint8Array
  readonly plain: Uint8Array
  readonly keys: readonly (readonly [reader: Uint8Array, encapsulation: Uint8Array, wrapped: Uint8Array])[]
}

export const BATCH_FORMAT = 'tanlian/batch/1'
export const DOCUMENT_FORMAT = 'tanlian/document/1'
export const SEALED_FORMAT = 'tanlian/sealed/1'
export const MAX_CHUNK_ROWS = 4096
export const MAX_CHUNK_BYTES = 512 * 1024
export const MAX_INDEX_CHUNKS = 16_384
export const MAX_INTERVALS = 256
/** Readers of one sealed block. */
export const MAX_READERS = 64
export const NODE_BYTES = 88

/** Reads a frame block. Every `decode…` here throws E_BLOCK_NOT_CANONICAL or E_FORM_… and cites spec section 5. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const map = openMap('frame', decodeBlock(bytes), ['bytes', 'device', 'protocol', 'received', 'salt'], true)
  const frame = {
    ...map,
    bytes: byteString('frame.bytes', map.bytes),
    device: text('frame.device', map.device),
    protocol: text('frame.protocol', map.protocol),
    received: integer('frame.received', map.received),
    salt: byteString('frame.salt', map.salt, 16),
  }
  if ('counter' in map) integer('frame.counter', map.counter)
  if ('signature' in map) byteString('frame.signature', map.signature)
  return frame as Frame
}

/** Reads a chunk block, with the rules that an audit puts to each row: order, bounds, flag, validity, source. */
export function decodeChunk(bytes: Uint8Array): Chunk {
  if (bytes.length > MAX_CHUNK_BYTES)
    throw formError('chunk', `it has ${bytes.length} bytes, at most ${MAX_CHUNK_BYTES} are allowed`)
  const map = readChunk(bytes) ?? openMap('chunk', decodeBlock(bytes), ['type', 'stream', 'seed', 'sources', 'rows'])
  const type = integer('chunk.type', map.type, 0, 0xffffffff)
  const validity = type & 0xff
  const sources = list('chunk.sources', map.sources).map((item) => link('chunk.sources', item))
  const rows = list('chunk.rows', map.rows)
  if (rows.length === 0 || rows.length > MAX_CHUNK_ROWS)
    throw formError('chunk.rows', `there are ${rows.length} rows, 1 to ${MAX_CHUNK_ROWS} are allowed`)
  if (new Set(sources.map(nameOf)).size !== sources.length) throw formError('chunk.sources', 'a CID is listed twice')
  let used = 0
  let after = -1
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== 5) throw formError('chunk.rows', 'a row is not of five items')
    const start = integer('row.start', row[0])
    const seconds = integer('row.seconds', row[1], 1)
    integer('row.quantity', row[2])
    if (start + seconds > MAX_INTEGER) throw formError('row.seconds', 'the interval ends beyond 2^53 − 1')
    if (start <= after) throw formError('chunk.rows', `start ${start} does not come after ${after}`)
    after = start
    const flag: unknown = row[3]
    if (!isFlag(flag))
      throw new TanlianError('E_FORM_FLAG', `The flag of the reading at ${start} is none of N F M S D C T B E.`)
    if (validityOf(flag) !== validity)
      throw new TanlianError('E_FORM_FLAG', `Flag ${flag} does not go with validity ${validity} of the chunk's type.`)
    const source: unknown = row[4]
    if (source !== null) {
      const at = integer('row.source', source, 0, sources.length - 1)
      if (at > used) throw formError('chunk.sources', 'sources are not in order of first use')
      if (at === used) used++
    }
  }
  if (used !== sources.length) throw formError('chunk.sources', 'a source is listed that no row uses')
  return {
    type,
    stream: integer('chunk.stream', map.stream, 1, 0xffffffff),
    seed: byteString('chunk.seed', map.seed, 32),
    sources,
    rows: rows as unknown as Row[],
  }
}

/** Reads an index block: in key order, not overlapping, each chunk of one type and stream. */
export function decodeIndex(bytes: Uint8Array): Index {
  const map = openMap('index', decodeBlock(bytes), ['chunks'])
  const chunks = list('index.chunks', map.chunks)
  if (chunks.length === 0 || chunks.length > MAX_INDEX_CHUNKS)
    throw formError('index.chunks', `there are ${chunks.length} chunks, 1 to ${MAX_INDEX_CHUNKS} are allowed`)
  let last: Uint8Array | undefined
  return {
    chunks: chunks.map((item) => {
      if (!Array.isArray(item) || item.length !== 4) throw formError('index.chunks', 'an item is not of four parts')
      const min = boundedKey('index.min', item[0])
      const max = boundedKey('index.max', item[1])
      const count = integer('index.count', item[2], 1, MAX_CHUNK_ROWS)
      const order = compareKeys(min, max)
      if (order > 0 || (order === 0) !== (count === 1))
        throw formError('index.chunks', 'range and count of a chunk do not agree')
      if (!equalBytes(min.subarray(0, 8), max.subarray(0, 8)))
        throw formError('index.chunks', 'a chunk holds two types or streams')
      if (last !== undefined && compareKeys(last, min) >= 0)
        throw formError('index.chunks', 'chunks are out of order or overlap')
      last = max
      return [min, max, count, link('index.cid', item[3])] as const
    }),
  }
}

/** Reads a streams block; items may have more fields. */
export function decodeStreams(bytes: Uint8Array): Streams {
  const map = openMap('streams', decodeBlock(bytes), ['streams'])
  const seen = new Set<number>()
  return {
    streams: list('streams.streams', map.streams).map((value) => {
      const item = openMap('streams item', value, ['stream', 'type', 'device', 'interval'], true)
      const stream = integer('streams.stream', item.stream, 1, 0xffffffff)
      if (seen.has(stream)) throw formError('streams', `stream ${stream} is declared twice`)
      seen.add(stream)
      return {
        ...item,
        stream,
        type: integer('streams.type', item.type, 0, 0xffffff),
        device: text('streams.device', item.device),
        interval: integer('streams.interval', item.interval, 1),
      }
    }),
  }
}

/** Reads a batch header. */
export function decodeHeader(bytes: Uint8Array): Header {
  const map = openMap('header', decodeBlock(bytes), [
    'format',
    'organization',
    'sequence',
    'previous',
    'from',
    'to',
    'tree',
    'data',
    'streams',
    'restates',
  ])
  const sequence = statement('header', BATCH_FORMAT, map)
  const from = integer('header.from', map.from)
  const to = integer('header.to', map.to)
  if (to <= from) throw formError('header.to', 'the end does not come after the beginning')
  return {
    format: BATCH_FORMAT,
    ...sequence,
    from,
    to,
    tree: byteString('header.tree', map.tree, NODE_BYTES),
    data: link('header.data', map.data),
    streams: link('header.streams', map.streams),
    restates: pairs('header.restates', map.restates),
  }
}

/** Reads a document block. */
export function decodeDocument(bytes: Uint8Array): DocumentBlock {
  const map = openMap('document', decodeBlock(bytes), [
    'format',
    'organization',
    'sequence',
    'previous',
    'kind',
    'content',
  ])
  return {
    format: DOCUMENT_FORMAT,
    ...statement('document', DOCUMENT_FORMAT, map),
    kind: text('document.kind', map.kind),
    content: map.content,
  }
}

/** Reads the content of a document of kind `audit`. */
export function readAuditContent(content: unknown): AuditContent {
  const map = openMap('audit', content, ['log', 'held', 'failed', 'unavailable'])
  const held = list('audit.held', map.held).map((item) => byteString('audit.held', item, 32))
  const failed = list('audit.failed', map.failed).map((item) => {
    if (!Array.isArray(item) || item.length !== 2) throw formError('audit.failed', 'an item is not a pair')
    return [byteString('audit.failed', item[0], 32), text('audit.failed', item[1])] as const
  })
  const unavailable = list('audit.unavailable', map.unavailable).map((item) =>
    byteString('audit.unavailable', item, 32),
  )
  requireSorted('audit.held', held)
  requireSorted(
    'audit.failed',
    failed.map(([digest]) => digest),
  )
  requireSorted('audit.unavailable', unavailable)
  return { log: integer('audit.log', map.log), held, failed, unavailable }
}

/** Whether bytes are those of a sealed block: a map of five fields, `keys` the first. No other block of a batch begins so. */
export function isSealed(bytes: Uint8Array): boolean {
  return SEALED_START.every((byte, at) => bytes[at] === byte)
}

/** Reads a sealed block: its form only, nothing is opened. */
export function decodeSealed(bytes: Uint8Array): Sealed {
  const map = openMap('sealed', decodeBlock(bytes), ['format', 'nonce', 'bytes', 'plain', 'keys'])
  if (map.format !== SEALED_FORMAT) throw formError('sealed.format', `it is not ${SEALED_FORMAT}`)
  const keys = list('sealed.keys', map.keys).map((item) => {
    if (!Array.isArray(item) || item.length !== 3) throw formError('sealed.keys', 'an item is not of three parts')
    return [
      byteString('sealed.reader', item[0], 32),
      // DHKEM(X25519) gives 32 bytes; a key of 32 and the tag of 16 are wrapped.
      byteString('sealed.encapsulation', item[1], 32),
      byteString('sealed.key', item[2], 48),
    ] as const
  })
  if (keys.length === 0 || keys.length > MAX_READERS)
    throw formError('sealed.keys', `there are ${keys.length} readers, 1 to ${MAX_READERS} are allowed`)
  requireSorted(
    'sealed.keys',
    keys.map(([reader]) => reader),
  )
  return {
    format: SEALED_FORMAT,
    nonce: byteString('sealed.nonce', map.nonce, 12),
    bytes: byteString('sealed.bytes', map.bytes),
    plain: byteString('sealed.plain', map.plain, 32),
    keys,
  }
}

/**
 * Holds intervals to the form of a question's: sorted, disjoint, closed, bounds of 16 bytes.
 * @returns undefined, or what is wrong.
 */
export function intervalFault(intervals: readonly Interval[]): string | undefined {
  let last: Uint8Array | undefined
  for (const { lo, hi } of intervals) {
    if (
      !(lo instanceof Uint8Array) ||
      !(hi instanceof Uint8Array) ||
      lo.length !== KEY_BYTES ||
      hi.length !== KEY_BYTES
    )
      return 'a bound is not of 16 bytes'
    if (compareKeys(lo, hi) > 0) return 'an interval is upside down'
    if (last !== undefined && compareKeys(last, lo) >= 0) return 'intervals are unsorted or overlap'
    last = hi
  }
  return undefined
}

/** DAG-CBOR of a map of five, then the text `keys`. */
const SEALED_START = [0xa5, 0x64, 0x6b, 0x65, 0x79, 0x73]

function statement(what: string, format: string, map: Record<string, unknown>) {
  if (map.format !== format) throw formError(`${what}.format`, `it is not ${format}`)
  const sequence = integer(`${what}.sequence`, map.sequence, 1)
  const previous = map.previous === null ? null : link(`${what}.previous`, map.previous)
  if ((previous === null) !== (sequence === 1))
    throw formError(`${what}.previous`, 'only the first names none before it')
  return { organization: integer(`${what}.organization`, map.organization, 1), sequence, previous }
}

function pairs(where: string, value: unknown): (readonly [Uint8Array, Uint8Array])[] {
  const items = list(where, value)
  if (items.length > MAX_INTERVALS) throw formError(where, `more than ${MAX_INTERVALS} intervals`)
  const result = items.map((item) => {
    if (!Array.isArray(item) || item.length !== 2) throw formError(where, 'an item is not a pair')
    return [byteString(where, item[0], KEY_BYTES), byteString(where, item[1], KEY_BYTES)] as const
  })
  const fault = intervalFault(result.map(([lo, hi]) => ({ lo, hi })))
  if (fault !== undefined) throw formError(where, fault)
  return result
}

function requireSorted(where: string, digests: readonly Uint8Array[]) {
  for (let at = 1; at < digests.length; at++)
    if (compareKeys(digests[at - 1] as Uint8Array, digests[at] as Uint8Array) >= 0)
      throw formError(where, 'the digests are not sorted')
}

function openMap(what: string, value: unknown, keys: readonly string[], more = false): Record<string, unknown> {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    value instanceof Uint8Array ||
    isEvidenceCid(value)
  )
    throw formError(what, 'it is not a map')
  const map = value as Record<string, unknown>
  for (const key of keys) if (!Object.hasOwn(map, key)) throw formError(what, `the field ${key} is missing`)
  if (!more)
    for (const key of Object.keys(map)) if (!keys.includes(key)) throw formError(what, `the field ${key} is unknown`)
  return map
}

function integer(where: string, value: unknown, least = 0, greatest = MAX_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > greatest)
    throw formError(where, `it is not an integer of ${least} to ${greatest}`)
  return value
}

function text(where: string, value: unknown): string {
  if (typeof value !== 'string') throw formError(where, 'it is not a text')
  return value
}

function byteString(where: string, value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
    throw formError(where, `it is not a byte string${length === undefined ? '' : ` of ${length} bytes`}`)
  return value
}

function boundedKey(where: string, value: unknown): Uint8Array {
  const key = byteString(where, value, KEY_BYTES)
  decodeKey(key)
  return key
}

function list(where: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw formError(where, 'it is not a list')
  return value
}

function link(where: string, value: unknown): CID {
  if (!isEvidenceCid(value)) throw formError(where, 'it is not a CID')
  return value
}

function formError(where: string, why: string): TanlianError {
  return new TanlianError('E_FORM', `The block is not of the form of the specification: ${where}: ${why}.`, {
    values: { where, why },
  })
}
