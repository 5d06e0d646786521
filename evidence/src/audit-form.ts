import { type Refusal, refusalOf } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { nextState, type OrganizationState } from './audit.ts'
import { auditError, walkBatch } from './audit-walk.ts'
import { equalBytes } from './block.ts'
import type { BatchCar } from './car.ts'
import { type Header, type Index, isSealed } from './form.ts'
import { decodeKey, KEY_BYTES, MAX_INTEGER } from './key.ts'
import type { Opened } from './opened.ts'

/** A batch of which only the form could be looked at: some of its readings are sealed for others. */
export interface FormHeld {
  readonly ok: true
  readonly state: OrganizationState
  readonly header: Header
  /** As the index says; nobody has counted. */
  readonly count: number
  readonly missing: readonly CID[]
}

/**
 * Looks at what can be seen of a batch without a key to all of it (形式审查): place in the sequence, form, presence of every block that
 * index and open chunks name, streams, and that index and header agree in range and count. **It is no audit**: sums, times and flags of
 * sealed readings are their owner's word until a named reader has audited them (spec sections 4 and 5).
 * @returns the next state, whose coverage knows only the readings that could be read, or what did not hold
 */
export function holdForm(state: OrganizationState, car: BatchCar, opened: Opened): FormHeld | Refusal {
  try {
    const { header, index, streams, chunks, missing, strangers } = walkBatch(state, car, opened)
    // A frame that only a sealed chunk names can be told by nothing but being sealed.
    const extra = strangers.find((cid) => !isSealed(car.require(cid)))
    if (extra !== undefined)
      throw auditError('E_AUDIT_EXTRA', `Block ${extra} is no part of the batch.`, { cid: extra.toString() })
    const count = index.chunks.reduce((sum, [, , readings]) => sum + readings, 0)
    requireRoot(header, index, count)
    return { ok: true, state: nextState(state, car, { header, streams, chunks }), header, count, missing }
  } catch (error) {
    return refusalOf(error)
  }
}

/** Range and count in the header's tree are those of the index, its seconds are possible, and its times fit the chunks' starts. */
function requireRoot({ tree, from, to }: Header, { chunks }: Index, count: number) {
  const view = new DataView(tree.buffer, tree.byteOffset)
  const [min, max] = [chunks[0]?.[0], chunks.at(-1)?.[1]]
  const seconds = view.getBigUint64(2 * KEY_BYTES + 16)
  const starts = chunks.flatMap(([least, greatest]) => [decodeKey(least).start, decodeKey(greatest).start])
  if (
    min === undefined ||
    max === undefined ||
    !equalBytes(tree.subarray(0, KEY_BYTES), min) ||
    !equalBytes(tree.subarray(KEY_BYTES, 2 * KEY_BYTES), max) ||
    view.getBigUint64(2 * KEY_BYTES) !== BigInt(count) ||
    seconds < BigInt(count) ||
    seconds > BigInt(MAX_INTEGER)
  )
    throw auditError('E_AUDIT_INDEX', 'Index and header do not agree in range or count.')
  if (starts.reduce((least, start) => Math.min(least, start)) !== from || starts.some((start) => start >= to))
    throw auditError('E_AUDIT_WINDOW', `The header says ${from} to ${to}, the starts in its index do not fit that.`, {
      from,
      to,
    })
}
