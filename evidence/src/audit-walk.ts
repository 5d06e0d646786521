import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { OrganizationState } from './audit.ts'
import { digestOf, encodeBlock, equalBytes, nameOf } from './block.ts'
import type { BatchCar } from './car.ts'
import type { CoverageRows } from './coverage.ts'
import {
  type Chunk,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeStreams,
  type Header,
  type Index,
  isSealed,
  type StreamItem,
} from './form.ts'
import { decodeKey, encodeKey } from './key.ts'
import type { Opened } from './opened.ts'

/** A batch gone through block by block, before its tree is looked at. */
export interface Walked {
  readonly header: Header
  readonly index: Index
  /** All streams declared so far. */
  readonly streams: ReadonlyMap<number, StreamItem>
  /** The chunks that are open or were opened. */
  readonly chunks: readonly Chunk[]
  /** Sources whose frames are not in the CAR. */
  readonly missing: readonly CID[]
  /** Sealed blocks that stay closed to whoever walks. */
  readonly closed: readonly CID[]
  /** Blocks that nothing names, as far as can be told. */
  readonly strangers: readonly CID[]
}

/**
 * Goes through a batch: its place in the sequence, its streams, each chunk against the index, each source against the frames.
 * @throws TanlianError E_AUDIT_…, E_FORM…, E_CAR_MISSING
 */
export function walkBatch(state: OrganizationState, car: BatchCar, opened: Opened): Walked {
  const header = decodeHeader(car.header.bytes)
  requireChained(state, header)
  const named = new Set([car.header.cid, header.data, header.streams].map(nameOf))
  const streams = declare(state.streams, decodeStreams(car.require(header.streams)).streams)
  const index = decodeIndex(car.require(header.data))
  const chunks: Chunk[] = []
  const missing: CID[] = []
  const closed: CID[] = []
  const frames = new Map(
    [...opened.parts.values()].filter(({ sort }) => sort === 'frame').map((part) => [nameOf(part.plain), part.cid]),
  )
  for (const item of index.chunks) {
    const [min, , , cid] = item
    named.add(nameOf(cid))
    requireDeclared(streams, min)
    const bytes = car.require(cid)
    const sealed = isSealed(bytes)
    const plain = sealed ? opened.chunks.get(cid.toString()) : bytes
    if (plain === undefined) {
      closed.push(cid)
      continue
    }
    const chunk = decodeChunk(plain)
    requireAsIndexed(chunk, item)
    for (const source of chunk.sources) {
      const name = nameOf(source)
      const open = car.get(source)
      if (sealed && open !== undefined)
        throw auditError(
          'E_AUDIT_SEALED_FRAME',
          `Frame ${source} belongs to a sealed chunk and is not sealed itself.`,
          {
            cid: source.toString(),
          },
        )
      if (named.has(name)) continue
      named.add(name)
      const shut = frames.get(name)
      if (shut !== undefined) named.add(nameOf(shut))
      const frame = open ?? opened.frames.get(source.toString())
      if (frame !== undefined) decodeFrame(frame)
      else if (shut === undefined) missing.push(source)
      else closed.push(shut)
    }
    chunks.push(chunk)
  }
  const strangers = car.cids.filter((cid) => !named.has(nameOf(cid)))
  return { header, index, streams, chunks, missing, closed, strangers }
}

/** The rows of chunks, as coverage takes them. */
export function coverageRows(chunks: readonly Chunk[]): CoverageRows[] {
  return chunks.map((chunk) => ({
    type: chunk.type,
    stream: chunk.stream,
    starts: chunk.rows.map((row) => row[0]),
    seconds: chunk.rows.map((row) => row[1]),
  }))
}

/** An audit that does not hold. */
export function auditError(code: string, message: string, values: TanlianError['values'] = {}): TanlianError {
  return new TanlianError(code, message, { values })
}

function requireChained(state: OrganizationState, header: Header) {
  if (header.organization !== state.organization)
    throw auditError(
      'E_AUDIT_ORGANIZATION',
      `The batch is of organization ${header.organization}, not ${state.organization}.`,
      {
        organization: header.organization,
      },
    )
  if (header.sequence !== state.sequence + 1)
    throw auditError(
      'E_AUDIT_SEQUENCE',
      `The batch has sequence ${header.sequence}, the next is ${state.sequence + 1}.`,
      {
        sequence: header.sequence,
        next: state.sequence + 1,
      },
    )
  const before = state.previous === null ? null : digestOf(state.previous)
  const named = header.previous === null ? null : digestOf(header.previous)
  if (before === null ? named !== null : named === null || !equalBytes(before, named))
    throw auditError('E_AUDIT_PREVIOUS', 'The batch does not name the header before it.', { sequence: header.sequence })
}

function declare(
  known: ReadonlyMap<number, StreamItem>,
  items: readonly StreamItem[],
): ReadonlyMap<number, StreamItem> {
  const next = new Map(known)
  for (const item of items) {
    const before = known.get(item.stream)
    if (before !== undefined && !equalBytes(encodeBlock(before).bytes, encodeBlock(item).bytes))
      throw auditError(
        'E_AUDIT_STREAM',
        `Stream ${item.stream} was declared otherwise before; a replaced meter is a new stream.`,
        {
          stream: item.stream,
        },
      )
    next.set(item.stream, item)
  }
  return next
}

function requireDeclared(streams: ReadonlyMap<number, StreamItem>, key: Uint8Array) {
  const { type, stream } = decodeKey(key)
  if (streams.get(stream)?.type !== type >>> 8)
    throw auditError('E_AUDIT_STREAM', `Stream ${stream} is not declared with the type of its readings.`, { stream })
}

function requireAsIndexed(chunk: Chunk, [min, max, count, cid]: Index['chunks'][number]) {
  const first = chunk.rows[0]?.[0] ?? 0
  const last = chunk.rows.at(-1)?.[0] ?? 0
  if (
    chunk.rows.length !== count ||
    !equalBytes(encodeKey(chunk.type, chunk.stream, first), min) ||
    !equalBytes(encodeKey(chunk.type, chunk.stream, last), max)
  )
    throw auditError('E_AUDIT_INDEX', `Chunk ${cid} and the index do not agree in range or count.`, {
      cid: cid.toString(),
    })
}
