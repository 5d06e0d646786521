import type { ErrorValues } from '@tanlian/units'
import type { Address, Hex } from 'viem'

/**
 * What somebody wants to happen on the chain. The caller names it: one `id`, at most one effect (S31).
 * `entry`: `data` is the 52 bytes of a log entry followed by its 65-byte signature; many are carried by one transaction.
 * `act`: `data` is the calldata of one signed registry act, carried alone.
 */
export interface Intent {
  /** 1 to 200 characters, chosen so that the same wish always gets the same id (for example `entry:1:7:12`). */
  readonly id: string
  readonly kind: 'entry' | 'act'
  /** The contract that is called. */
  readonly to: Address
  readonly data: Uint8Array
  readonly createdAtMs: number
}

/**
 * How far an intent has come.
 * `waiting`: no transaction carries it. `carried`: signed bytes that carry it are stored; it may or may not be on the chain.
 * `done`: its effect is on the chain at the configured depth. `failed`: the contract refuses it, `failure` says why.
 * `done` goes back to `carried` when the chain forgets it; `failed`, and `done` by another's transaction, go back to `waiting` only by `retry`.
 */
export type IntentState = 'waiting' | 'carried' | 'done' | 'failed'

/** Why the contract refuses an intent: a code of the table of errors. */
export interface IntentFailure {
  readonly code: string
  readonly message: string
  readonly values: ErrorValues
}

/** An intent and how far it has come. */
export interface IntentRecord extends Intent {
  readonly state: IntentState
  /** Nonce of the transaction that carries it, null while waiting or failed, or when somebody else brought it to the chain. */
  readonly nonce: number | null
  /** Where its effect was last seen. */
  readonly transaction: Hex | null
  readonly block: number | null
  readonly failure: IntentFailure | null
}

/** One signed form of a transaction: the same nonce and calldata, another fee. At most one attempt of a nonce can be mined. */
export interface Attempt {
  readonly hash: Hex
  /** The signed bytes, sent again unchanged as often as needed (R28). */
  readonly bytes: Hex
  /** Wei; `priorityFeePerGas` null: a transaction of the old sort with one gas price. */
  readonly feePerGas: bigint
  readonly priorityFeePerGas: bigint | null
  readonly signedAtMs: number
}

/** Where a transaction was mined. `ok` false: it was mined and reverted, so it used up its nonce and did nothing. */
export interface Inclusion {
  readonly transaction: Hex
  readonly block: number
  readonly blockHash: Hex
  readonly ok: boolean
}

/**
 * `signed`: bytes are stored, not seen on the chain. `included`: mined. `done`: mined at the configured depth, its intents are done.
 * `final`: so deep that the bytes are no longer kept; also where somebody else's transaction took the nonce (`included` null).
 * A chain that goes back makes `included` and `done` `signed` again.
 */
export type TransactionState = 'signed' | 'included' | 'done' | 'final'

/** One nonce of the sender and what fills it. (sender, nonce) is its key. */
export interface TransactionRecord {
  readonly sender: Address
  readonly nonce: number
  readonly to: Address
  readonly state: TransactionState
  /** Ids of the intents it carries, in the order of its calldata; emptied when it was mined and reverted. */
  readonly intents: readonly string[]
  readonly gas: bigint
  /** Oldest first; emptied when final. */
  readonly attempts: readonly Attempt[]
  readonly included: Inclusion | null
}

/** Changes that become durable together, or not at all. */
export interface OutboxChanges {
  readonly intents?: readonly IntentRecord[]
  readonly transactions?: readonly TransactionRecord[]
}

/**
 * Where the outbox keeps its intents and signed bytes. Each promise resolves only when the change is durable (R25). A store that rejects has
 * perhaps kept the change and perhaps not; the outbox then forgets what it knows and opens it anew.
 * The application may also insert a waiting intent itself, in the database transaction that accepts the batch, and then call `wake()`.
 */
export interface OutboxStore {
  /** Takes the sole right to send with this key, until the process ends or `release`; throws `E_OUTBOX_HELD` if another has it (R27, R28). */
  hold(sender: Address): Promise<void>
  release(sender: Address): Promise<void>
  /** Transactions of the sender whose state is not `final`, by nonce, and the nonce after the greatest ever saved (0 if none). */
  open(sender: Address): Promise<{ readonly transactions: readonly TransactionRecord[]; readonly nextNonce: number }>
  /** Adds an intent as waiting, after all earlier ones. If the id is there already, changes nothing; gives what is kept. */
  add(intent: Intent): Promise<IntentRecord>
  /** The oldest waiting intents, in the order in which they were added. */
  waiting(limit: number): Promise<readonly IntentRecord[]>
  /** The records of these ids that exist, in any order. */
  intents(ids: readonly string[]): Promise<readonly IntentRecord[]>
  /** Upserts by id, and by (sender, nonce), in one atomic step. An intent keeps its place in the order. */
  save(changes: OutboxChanges): Promise<void>
}
