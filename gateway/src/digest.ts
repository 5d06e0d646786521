import { hash } from 'node:crypto'

/**
 * 16 bytes of SHA-256, each a character of Latin-1: no device can find two messages of one digest. Node hands a text out several times faster
 * than an array of bytes, and a map takes it as a key.
 */
export type Digest = string

export const DIGEST_BYTES = 16

/** The digest of a text or of bytes. */
export function digestOf(what: string | Uint8Array): Digest {
  return hash('sha256', what, 'binary').slice(0, DIGEST_BYTES)
}

/** All 32 bytes of SHA-256. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}
