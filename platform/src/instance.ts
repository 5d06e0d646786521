import type { EventEmitter } from 'node:events'
import type { ErrorValues } from '@tanlian/units'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Blocks } from './blocks.ts'
import type { Chain } from './chain/chain.ts'
import type { Config } from './config.ts'
import type { Documents } from './document/documents.ts'
import type { LogView } from './evidence/log-view.ts'
import type { ReceiptSigner } from './evidence/receipt.ts'
import type { Tracer } from './evidence/trace.ts'
import type { TreeStore } from './evidence/tree-store.ts'
import type { Worker } from './evidence/worker.ts'
import type { Privacy } from './privacy/privacy.ts'
import type { Schema } from './schema.ts'

/**
 * Everything a route may touch, made once by `main.ts` and passed on. Routes never reach for a clock, a file or a connection of
 * their own, so a test can hand them another.
 */
export interface Instance {
  /** Random, made on the first start, kept with the data: names cookies, locks and roles apart when several instances run side by side. */
  readonly id: string
  readonly config: Config
  /** The runtime role: it owns nothing and cannot change the schema (R23). */
  readonly db: Kysely<Schema>
  readonly blocks: Blocks
  readonly trees: TreeStore
  /** The contract's log as the indexer has read it, ready for proofs and tiles. */
  readonly log: LogView
  readonly receipts: ReceiptSigner
  /** The platform as a reader of sealed chunks. */
  readonly privacy: Privacy
  readonly chain: Chain
  readonly worker: Worker
  readonly tracer: Tracer
  readonly documents: Documents
  readonly events: Events
  /** Unix milliseconds. */
  readonly clock: () => number
  readonly logger: Logger
  /** Ends the process after a broken promise of the machine's (a failed sync, a lost lock): the writer stops, it never guesses (S36). */
  readonly fatal: (reason: string, cause?: unknown) => void
}

/** What happens inside the platform that others may follow live; digests, roots and hashes as in spec text form. */
export interface EventMap {
  /** An entry passed its audit, is synced and receipted (received, sealed). */
  accepted: [
    {
      kind: 1 | 2
      organization: number
      sequence: number
      digest: string
      /** Readings; null where some are sealed. */
      count: number | null
      receivedMs: number
    },
  ]
  /** An entry was seen in the contract's log. */
  anchored: [
    {
      kind: 1 | 2
      organization: number
      sequence: number
      digest: string
      index: number
      transaction: string
      block: number
    },
  ]
  /** The log grew, or shrank when the chain was reorganized. */
  root: [{ size: number; root: string; block: number }]
  /** A registry fact of an organization changed: applied, approved, refused, bound, unbound, a key added or revoked. */
  organization: [{ organization: number | null; what: string; transaction: string; block: number }]
  /** A signed batch did not hold its audit. */
  refused: [{ organization: number; code: string; values: ErrorValues }]
  /** Charts, figures and alerts have taken in a batch. */
  projected: [{ organization: number; sequence: number }]
  /** An upload moved on. */
  upload: [{ upload: string; organization: number; offset: number; length: number; state: string }]
  /** A relayed act or an append moved on. */
  job: [{ job: string; state: string }]
}

/** A typed event emitter; handlers must not throw and must not wait. */
export type Events = EventEmitter<EventMap>
