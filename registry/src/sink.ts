import type { Hex } from 'viem'
import type { ChainEvent } from './event.ts'
import type { Changes, RegistryRows } from './rows.ts'

/** A block that was read. */
export interface BlockMark {
  readonly number: number
  readonly hash: Hex
}

/** One step forward: everything up to and with `marks`' last block. */
export interface Advance {
  /** The cursor that this step goes on from (the last mark kept), null for the first. A sink that stands elsewhere throws `E_INDEX_CURSOR`. */
  readonly from: BlockMark | null
  readonly events: readonly ChainEvent[]
  readonly changes: Changes
  /** Marks to add, ascending; the last one is the new cursor. */
  readonly marks: readonly BlockMark[]
  /** Marks with a lower number may be forgotten. */
  readonly forgetBelow: number
}

/**
 * Where the projection is kept: in PostgreSQL by the platform, in memory by tests. The kept events are its truth; rows are made from them, and
 * both can be deleted and are then read from the chain anew (S29).
 */
export interface ProjectionSink {
  /** All kept events in order (block, logIndex), in portions. */
  events(): AsyncIterable<readonly ChainEvent[]>
  /** The kept marks, ascending; the last is the cursor. Empty before the first step. */
  marks(): Promise<readonly BlockMark[]>
  /** Keeps a step in one atomic, durable transaction. */
  advance(step: Advance): Promise<void>
  /**
   * The chain went back to `to` (S30): forgets events, entries, roots and marks of later blocks, and replaces all other rows by the given ones and
   * adds marks below those that it has, in one atomic, durable transaction.
   */
  rollback(to: BlockMark, rows: RegistryRows, older: readonly BlockMark[]): Promise<void>
}
