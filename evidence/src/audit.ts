import { encode } from '@ipld/dag-cbor'
import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { auditError, coverageRows, type Walked, walkBatch } from './audit-walk.ts'
import { decodeBlock, equalBytes } from './block.ts'
import type { BatchCar } from './car.ts'
import { addCoverage, type Coverage, type Run, voidCoverage } from './coverage.ts'
import type { Chunk, Header, StreamItem } from './form.ts'
import { leavesOfChunks } from './leaves.ts'
import { NOTHING_SEALED, type Opened } from './opened.ts'
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
 * @param opened what {@link openBatch} made of the sealed blocks: without a key for all of them nothing can be audited
 * @returns the next state, or the first thing that did not hold: E_BLOCK_…, E_FORM…, E_CAR_…, E_TREE_…, E_AUDIT_….
 */
export function auditBatch(
  state: OrganizationState,
  car: BatchCar,
  opened: Opened = NOTHING_SEALED,
): AuditedBatch | Refusal {
  try {
    return audit(state, car, opened)
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

function audit(state: OrganizationState, car: BatchCar, opened: Opened): AuditedBatch {
  const { header, streams, chunks, missing, closed, strangers } = walkBatch(state, car, opened)
  const [shut] = closed
  if (shut !== undefined)
    throw auditError(
      'E_AUDIT_SEALED',
      `${closed.length} blocks of the batch are sealed for others, the first ${shut}. Only a reader of all of them can audit it.`,
      { blocks: closed.length, cid: shut.toString() },
    )
  const [extra] = strangers
  if (extra !== undefined)
    throw auditError('E_AUDIT_EXTRA', `Block ${extra} is no part of the batch.`, { cid: extra.toString() })
  const tree = buildTree(leavesOfChunks(chunks))
  if (!equalBytes(tree.root, header.tree))
    throw auditError('E_AUDIT_TREE', 'The tree rebuilt from the readings is not the one that the header names.')
  requireWindow(header, chunks)
  return { ok: true, state: nextState(state, car, { header, streams, chunks }), header, tree, chunks, missing }
}

/** What is remembered after a batch: its restatement takes effect first, then the readings that can be read are added. */
export function nextState(
  state: OrganizationState,
  car: BatchCar,
  { header, streams, chunks }: Pick<Walked, 'header' | 'streams' | 'chunks'>,
): OrganizationState {
  const voided = voidCoverage(
    state.coverage,
    header.restates.map(([lo, hi]) => ({ lo, hi })),
  )
  const covered = addCoverage(voided, coverageRows(chunks))
  if (!covered.ok) throw auditError(covered.code, covered.message, covered.values)
  return {
    organization: state.organization,
    sequence: header.sequence,
    previous: car.header.cid,
    streams,
    coverage: covered.coverage,
  }
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
