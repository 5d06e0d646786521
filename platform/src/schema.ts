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
}

/** Facts of this database: instance id, data version, chain and contracts it belongs to. */
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
  organization: number
  sha256: Uint8Array
  length_bytes: number
  offset_bytes: number
  created_ms: number
  touched_ms: number
  state: 'open' | 'committed' | 'refused'
}
