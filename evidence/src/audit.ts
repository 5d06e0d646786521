import { encode } from '@ipld/dag-cbor'
import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { decodeBlock, digestOf, encodeBlock, equalBytes } from './block.ts'
import type { BatchCar } from './car.ts'
import { addCoverage, type Coverage, type CoverageRows, type Run, voidCoverage } from './coverage.ts'
import {
  type Chunk,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeStreams,
  type Header,
  type StreamItem,
} from './form.ts'
import { encodeKey } from './key.ts'
import { leavesOfChunks } from './leaves.ts'
import { buildTree, type Tree } from './tree.ts'

/**
 * All that an auditor must remember of an organization to audit its next batch: the head of its chain of batches, the streams it
 * declared, and the time its live readings account for.
 */
export interface OrganizationState {
  readonly organization: number
  /** The last audited sequence, 0 before the first. */
  readonly sequence: number
  /** The header of that sequence. */
  readonly previous: CID | null
  readonly streams: ReadonlyMap<number, StreamItem>
  readonly coverage: Coverage
}

/** A batch whose audit holds. */
export interface AuditedBatch {
  readonly ok: true
  /** What to remember for the next. */
  readonly state: OrganizationState
  readonly header: Header
  readonly tree: Tree
  readonly chunks: readonly Chunk[]
  /** Sources whose frames were not in the CAR: the batch is whole only where they are to be had elsewhere. */
  readonly missing: readonly CID[]
}

/** An organization before its first batch. */
export function emptyState(organization: number): OrganizationState {
  return { organization, sequence: 0, previous: null, streams: new Map(), coverage: new Map() }
}

/**
 * Audits a batch as spec section 4 has it ("An audit holds when …"): canonical blocks of the form of section 5 that match their CIDs;
 * sequence, previous and organization fit; chunks and index agree; flags, validities and sources; the rebuilt tree equals the
 * header's; `from` and `to` are exact; every stream is declared and means what it meant before; no two intervals of a stream overlap.
 * @returns the next state, or the first thing that did not hold: E_BLOCK_…, E_FORM…, E_CAR_…, E_TREE_…, E_AUDIT_….
 */
export function auditBatch(state: OrganizationState, car: BatchCar): AuditedBatch | Refusal {
  try {
    return audit(state, car)
  } catch (error) {
    return refusalOf(error)
  }
}

/** A state as canonical bytes, so that it can be kept and compared. */
export function encodeState(state: OrganizationState): Uint8Array {
  return encode({
    format: STATE_FORMAT,
    organization: state.organization,
    sequence: state.sequence,
    previous: state.previous,
    streams: [...state.streams.values()],
    coverage: [...state.coverage].map(([stream, runs]) => [
      stream,
      runs.map((run) => [run.type, run.start, run.seconds, run.count]),
    ]),
  })
}

/** Reads a state that {@link encodeState} wrote. @throws TanlianError E_STATE_FORMAT for another version. */
export function decodeState(bytes: Uint8Array): OrganizationState {
  const map = decodeBlock(bytes) as {
    format: string
    organization: number
    sequence: number
    previous: CID | null
    streams: StreamItem[]
    coverage: [number, [number, number, number, number][]][]
  }
  if (map.format !== STATE_FORMAT)
    throw new TanlianError(
      'E_STATE_FORMAT',
      `The stored state is of format ${map.format}, this version reads ${STATE_FORMAT}.`,
    )
  return {
    organization: map.organization,
    sequence: map.sequence,
    previous: map.previous,
    streams: new Map(map.streams.map((item) => [item.stream, item])),
    coverage: new Map(
      map.coverage.map(([stream, runs]): [number, Run[]] => [
        stream,
        runs.map(([type, start, seconds, count]) => ({ type, start, seconds, count })),
      ]),
    ),
  }
}

const STATE_FORMAT = 'tanlian/state/1'

function audit(state: OrganizationState, car: BatchCar): AuditedBatch {
  const header = decodeHeader(car.header.bytes)
  requireChained(state, header)
  const named = new Set([car.header.cid.toString(), header.data.toString(), header.streams.toString()])
  const streams = declare(state.streams, decodeStreams(car.require(header.streams)).streams)
  const chunks: Chunk[] = []
  const missing: CID[] = []
  for (const [min, max, count, cid] of decodeIndex(car.require(header.data)).chunks) {
    named.add(cid.toString())
    const chunk = decodeChunk(car.require(cid))
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
    const declared = streams.get(chunk.stream)
    if (declared === undefined || declared.type !== chunk.type >>> 8)
      throw auditError('E_AUDIT_STREAM', `Stream ${chunk.stream} is not declared with the type of its readings.`, {
        stream: chunk.stream,
      })
    for (const source of chunk.sources) {
      const name = source.toString()
      if (named.has(name)) continue
      named.add(name)
      const frame = car.get(source)
      if (frame === undefined) missing.push(source)
      else decodeFrame(frame)
    }
    chunks.push(chunk)
  }
  for (const cid of car.cids)
    if (!named.has(cid.toString()))
      throw auditError('E_AUDIT_EXTRA', `Block ${cid} is no part of the batch.`, { cid: cid.toString() })
  const tree = buildTree(leavesOfChunks(chunks))
  if (!equalBytes(tree.root, header.tree))
    throw auditError('E_AUDIT_TREE', 'The tree rebuilt from the readings is not the one that the header names.')
  requireWindow(header, chunks)
  const voided = voidCoverage(
    state.coverage,
    header.restates.map(([lo, hi]) => ({ lo, hi })),
  )
  const covered = addCoverage(voided, coverageRows(chunks))
  if (!covered.ok) throw auditError(covered.code, covered.message, covered.values)
  return {
    ok: true,
    state: {
      organization: state.organization,
      sequence: header.sequence,
      previous: car.header.cid,
      streams,
      coverage: covered.coverage,
    },
    header,
    tree,
    chunks,
    missing,
  }
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

function requireWindow(header: Header, chunks: readonly Chunk[]) {
  let from = Number.MAX_SAFE_INTEGER
  let to = 0
  for (const { rows } of chunks)
    for (const [start, seconds] of rows) {
      if (start < from) from = start
      if (start + seconds > to) to = start + seconds
    }
  if (header.from !== from || header.to !== to)
    throw auditError(
      'E_AUDIT_WINDOW',
      `The header says ${header.from} to ${header.to}, its readings reach from ${from} to ${to}.`,
      {
        from,
        to,
      },
    )
}

function coverageRows(chunks: readonly Chunk[]): CoverageRows[] {
  return chunks.map((chunk) => ({
    type: chunk.type,
    stream: chunk.stream,
    starts: chunk.rows.map((row) => row[0]),
    seconds: chunk.rows.map((row) => row[1]),
  }))
}

function auditError(code: string, message: string, values: TanlianError['values'] = {}): TanlianError {
  return new TanlianError(code, message, { values })
}
