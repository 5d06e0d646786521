/** Tables of migrations 0120 to 0122. */
declare module '../schema.ts' {
  interface Schema {
    sealed_batch: SealedBatchTable
    sealed_block: SealedBlockTable
    reader_key: ReaderKeyTable
    privacy_grant: PrivacyGrantTable
    batch_summary: BatchSummaryTable
    report_publication: ReportPublicationTable
  }
}

/** A batch with sealed chunks. */
export interface SealedBatchTable {
  digest: Uint8Array
  organization: number
  sequence: number
  index_digest: Uint8Array
  /** Whether the platform opened and audited all of it. */
  audited: boolean
  /** Names of keys that open all of it, and of those that open some. */
  readers: Uint8Array[]
  named: Uint8Array[]
}

export interface SealedBlockTable {
  digest: Uint8Array
  organization: number
  sequence: number
  sort: 'chunk' | 'frame'
  plain: Uint8Array
  stream: number | null
  first_s: number | null
  last_s: number | null
  readers: Uint8Array[]
}

export interface ReaderKeyTable {
  key: Uint8Array
  id: Uint8Array
  organization: number
  since_sequence: number
  ended_sequence: number | null
}

export interface PrivacyGrantTable {
  digest: Uint8Array
  organization: number
  reader: number
  block: Uint8Array
  signature: Uint8Array
  created_ms: number
  ended_ms: number | null
  ended_by: string | null
}

export interface BatchSummaryTable {
  batch: Uint8Array
  step_s: number
  summary: Uint8Array
  created_ms: number
}

export interface ReportPublicationTable {
  report: Uint8Array
  organization: number
  published_by: string
  created_ms: number
}
