/** Tables of migrations 0125 to 0127. */
declare module '../schema.ts' {
  interface Schema {
    audit_word: AuditWordTable
    cosigner: CosignerTable
    cosignature: CosignatureTable
    equivocation: EquivocationTable
  }
}

/** What an audit document says of one batch. */
export interface AuditWordTable {
  batch: Uint8Array
  organization: number
  sequence: number
  word: 'held' | 'failed' | 'unavailable'
  /** Why, where it failed. */
  code: string | null
}

/** A witness's key for cosignatures. */
export interface CosignerTable {
  vkey: string
  name: string
  organization: number
  sequence: number
}

/** The last checkpoint that a witness cosigned. */
export interface CosignatureTable {
  organization: number
  vkey: string
  size: number
  root: Uint8Array
  line: string
  time_s: number
}

/** A proof of equivocation. */
export interface EquivocationTable {
  cid: string
  kind: 'entries' | 'receipts' | 'checkpoints'
  proof: Uint8Array
  made_ms: number
}
