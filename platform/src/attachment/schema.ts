/** Table of migration 0113. */
declare module '../schema.ts' {
  interface Schema {
    attachment: AttachmentTable
  }
}

/** A private file. */
export interface AttachmentTable {
  id: string
  organization: number
  digest: Uint8Array
  salt: Uint8Array
  name: string
  media: string
  length_bytes: number
  content: Uint8Array
  created_by: string
  created_ms: number
}
