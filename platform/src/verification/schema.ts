import type { Generated } from 'kysely'

/** Tables of migration 0114. */
declare module '../schema.ts' {
  interface Schema {
    verification_finding: FindingTable
    verification_message: MessageTable
    verification_visit: VisitTable
    verification_salt: SaltTable
    conflict: ConflictTable
  }
}

/** Something that a verifier found. */
export interface FindingTable {
  id: string
  report: Uint8Array
  organization: number
  subject: string
  rule: string | null
  severity: 'info' | 'question' | 'hold'
  state: 'open' | 'answered' | 'closed'
  created_ms: number
}

/** What was said about a finding. */
export interface MessageTable {
  id: Generated<number>
  finding: string
  organization: number
  who: string
  kind: 'finding' | 'request' | 'answer' | 'note' | 'closing'
  words: string
  /** JSON: digests of attachments. */
  files: string
  at_ms: number
}

export interface VisitTable {
  id: string
  report: Uint8Array
  organization: number
  at_s: number
  place: string
  people: string
  words: string
  /** JSON: digests of attachments. */
  files: string
  created_by: string
  created_ms: number
}

export interface SaltTable {
  report: Uint8Array
  organization: number
  salt: Uint8Array
}

/** One organization said that it must not verify, or be verified by, another. */
export interface ConflictTable {
  organization: number
  other: number
  reason: string
  declared_by: string
  declared_ms: number
}
