import type { Reader } from '@tanlian/evidence'
import type { Chain } from '../chain.ts'
import type { Client } from '../client.ts'
import type { Receipt } from '../outbox.ts'
import type { Added } from './add-checkpoint.ts'
import type { AuditCounts } from './audit.ts'
import type { Authorize, BatchLimits } from './batch-source.ts'
import type { Complaint, PromiseState } from './promise.ts'
import type { KeptProof } from './raise.ts'

/** How an organization's witness runs (见证). */
export interface WitnessOptions {
  /** Its own folder; one process at a time. */
  readonly folder: string
  /** Folder of the organization's outbox, which its other programs use too. */
  readonly home: string
  readonly organization: number
  /** Signs its documents. */
  readonly documentKey: Uint8Array
  /** Its own nodes of the chain: one, or two that must agree. */
  readonly chains: readonly Chain[]
  /** The platform: for documents, checkpoints and cosignatures. What it says is believed nowhere. */
  readonly client: Client
  /** The platform's checkpoint key, and its receipt key where it is known. */
  readonly vkey: string
  readonly receiptKey?: Uint8Array
  /** Keys of other logs whose checkpoints it cosigns when asked (C2SP tlog-witness). */
  readonly otherLogs?: readonly string[]
  readonly gateways: readonly string[]
  readonly readers?: readonly Reader[]
  readonly authorize?: Authorize
  /** How old a finding grows before it is logged, milliseconds. */
  readonly everyMs: number
  /** How long blocks may be missing before a document says so, milliseconds. */
  readonly patienceMs: number
  /** How often the chain is asked for news, milliseconds. */
  readonly pollMs: number
  /** Blocks on top of an entry before a checkpoint with it is cosigned. */
  readonly confirmations: number
  readonly limits?: BatchLimits
  readonly clock?: () => number
}

/** Where a witness stands. */
export interface WitnessStatus extends AuditCounts {
  /** Entries of the log that were read, the last block of them, and the chain's newest. */
  readonly size: number
  readonly block: number
  readonly head: number
  /** Audit documents logged by this process, and findings that wait for one. */
  readonly documents: number
  readonly findings: number
  /** Size of the last cosigned checkpoint. */
  readonly cosigned: number
  /** Proofs of equivocation in the folder, and receipts whose entry never came. */
  readonly equivocations: number
  readonly complaints: number
  /** Bytes of blocks that came. */
  readonly bytes: number
  /** What keeps it from going on at the moment. */
  readonly problem: { readonly code: string; readonly message: string } | undefined
}

/** A witness at work. */
export interface Witness {
  readonly status: WitnessStatus
  /** Its key for cosignatures. */
  readonly vkey: string
  /** Keys of the logs that it cosigns. */
  readonly logs: readonly string[]
  /** What it has against anybody. */
  readonly proofs: readonly KeptProof[]
  readonly complaints: readonly Complaint[]
  /** Answers one request of C2SP tlog-witness. */
  addCheckpoint(body: Uint8Array): Promise<Added>
  /** Takes a receipt of the platform, of whomever, and holds it against the log from now on. Codes: E_RECEIPT_INVALID, E_WITNESS_BUSY. */
  takeReceipt(receipt: Receipt): Promise<PromiseState>
  /**
   * Follows, audits, logs and cosigns until the signal aborts; with `once` until all that is there now is done. Where the log's key signed
   * what cannot be, it goes on with all but cosigning, and ends with E_WITNESS_CHECKPOINT.
   * @throws TanlianError for what a person must look at: E_WITNESS_REORG_DEEP, E_WITNESS_CONSISTENCY, E_WITNESS_CHECKPOINT, E_WITNESS_DAMAGED.
   */
  run(signal: AbortSignal, once?: boolean): Promise<void>
  close(): Promise<void>
}
