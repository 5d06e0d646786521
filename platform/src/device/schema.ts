/** Tables of migration 0106. */
declare module '../schema.ts' {
  interface Schema {
    device_key: DeviceKeyTable
  }
}

/** A key or certificate of a device. */
export interface DeviceKeyTable {
  kind: 'ed25519' | 'certificate'
  /** Raw public key, or SHA-256 of the certificate. */
  key: Uint8Array
  organization: number
  device: string
  first_counter: number
  last_counter: number | null
  enrolled_by: string
  enrolled_ms: number
  revoked_by: string | null
  revoked_ms: number | null
  reason: string | null
}
