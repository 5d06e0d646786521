import type { Generated } from 'kysely'

/**
 * The tables as the code sees them; `migrations/*.sql` are what is true. Every bigint is within 2^53 − 1 and arrives as a number
 * (`store.ts` sets the parser), a bytea as bytes. Another file adds its own tables by interface merging:
 *
 *     declare module './schema.ts' { interface Schema { session: SessionTable } }
 */
export interface Schema {
  meta: MetaTable
  accepted: AcceptedTable
  organization_state: OrganizationStateTable
  upload: UploadTable
  chain_event: ChainEventTable
  chain_mark: ChainMarkTable
  organization: OrganizationTable
  application: ApplicationTable
  organization_key: OrganizationKeyTable
  binding: BindingTable
  head: HeadTable
  entry: EntryTable
  log_root: LogRootTable
  intent: IntentTable
  outbox_transaction: OutboxTransactionTable
}

/** Facts of this database: the instance it belongs to. */
export interface MetaTable {
  name: string
  value: string
}

/** An entry that was audited, synced and receipted here; the writing side's own memory, not a projection. */
export interface AcceptedTable {
  kind: number
  organization: number
  sequence: number
  digest: Uint8Array
  signature: Uint8Array
  signer: Uint8Array
  received_s: number
  /** Bytes of the CAR as uploaded. */
  size_bytes: number
  receipt: Uint8Array
  /** Readings; 0 for a document. */
  readings: number
  from_s: number | null
  to_s: number | null
  /** Root of the tree, 88 bytes; null for a document. */
  tree: Uint8Array | null
  /** For a document its kind, else null. */
  document: string | null
}

/** What an organization's batches amount to so far: streams, coverage (`encodeState` of @tanlian/evidence). */
export interface OrganizationStateTable {
  organization: number
  sequence: number
  digest: Uint8Array
  state: Uint8Array
}

/** An upload under way; its bytes are in a file until it is committed or expires. */
export interface UploadTable {
  id: string
  kind: number
  organization: number
  sequence: number
  digest: Uint8Array
  signature: Uint8Array
  sha256: Uint8Array
  length_bytes: number
  offset_bytes: number
  created_ms: number
  touched_ms: number
  state: 'open' | 'committed'
}

/** A kept event of the two contracts, as JSON (`ChainEvent` of @tanlian/registry): the projection's truth. */
export interface ChainEventTable {
  block: number
  log_index: number
  event: string
}

/** A block that was read; the last is the cursor. */
export interface ChainMarkTable {
  number: number
  hash: Uint8Array
}

/** An organization (组织) as the chain now knows it; `OrganizationRow` of @tanlian/registry says what each column means. */
export interface OrganizationTable {
  id: number
  /** 1 regulator, 2 platform, 3 enterprise, 4 verifier, 5 exchange, 6 laboratory, 7 other. */
  kind: number
  profile: Uint8Array
  recovery: Uint8Array
  suspended: boolean
  platform: number | null
  requested: number | null
  binding: number | null
  request: number | null
  application: Uint8Array | null
  /** JSON, or null. */
  recovery_waiting: string | null
  block: number
  time_s: number
}

/** An application (申请). */
export interface ApplicationTable {
  application: Uint8Array
  kind: number
  profile: Uint8Array
  key: Uint8Array
  recovery: Uint8Array
  batch_key: Uint8Array | null
  document_key: Uint8Array | null
  lapses_s: number
  state: 'open' | 'approved' | 'refused' | 'lapsed'
  organization: number | null
  regulator: number | null
  reason: Uint8Array | null
  block: number
  time_s: number
  ended_block: number | null
  ended_time_s: number | null
}

/** A key of an organization: purpose 1 batches, 2 documents, 3 acts. */
export interface OrganizationKeyTable {
  key: Uint8Array
  organization: number
  purpose: number
  from_sequence: number
  to_sequence: number
  active: boolean
  block: number
  ended_block: number | null
}

/** A binding of an enterprise to a platform (绑定), from request to end. */
export interface BindingTable {
  id: number
  enterprise: number
  platform: number
  state: 'requested' | 'bound' | 'unbound' | 'withdrawn' | 'replaced'
  requested_block: number
  bound_block: number | null
  ended_block: number | null
  ended_by: number | null
  reason: Uint8Array | null
}

/** The last entry of an organization and kind in the contract's log. */
export interface HeadTable {
  organization: number
  kind: number
  sequence: number
  digest: Uint8Array
}

/** An entry of the contract's log. */
export interface EntryTable {
  index: number
  kind: number
  organization: number
  sequence: number
  digest: Uint8Array
  signature: Uint8Array | null
  signer: Uint8Array | null
  block: number
  time_s: number
  transaction: Uint8Array
}

/** A root of the log at a size. */
export interface LogRootTable {
  size: number
  root: Uint8Array
  block: number
  time_s: number
  transaction: Uint8Array
}

/** What we want to happen on the chain, and how far it has come. */
export interface IntentTable {
  id: string
  place: Generated<number>
  kind: 'entry' | 'act'
  target: Uint8Array
  data: Uint8Array
  created_ms: number
  state: 'waiting' | 'carried' | 'done' | 'failed'
  nonce: number | null
  transaction: Uint8Array | null
  block: number | null
  /** JSON, or null. */
  failure: string | null
}

/** One nonce of the sender and the signed bytes that fill it. Lists are JSON. */
export interface OutboxTransactionTable {
  sender: Uint8Array
  nonce: number
  target: Uint8Array
  intents: string
  gas: number
  attempts: string
  included: string | null
  state: 'signed' | 'included' | 'done' | 'final'
}
