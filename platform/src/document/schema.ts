import type { Generated } from 'kysely'

/** Table of migration 0111. */
declare module '../schema.ts' {
  interface Schema {
    document: DocumentTable
  }
}

/** A document of a kind that the fold knows, in the order of acceptance. */
export interface DocumentTable {
  digest: Uint8Array
  place: Generated<number>
  organization: number
  sequence: number
  kind: string
  /** When it was received. */
  at_s: number
}
