import { encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import type { CID } from 'multiformats/cid'
import type { Flag } from './kind.ts'

/** What a reading discloses beyond its quantity (spec section 2). */
export interface Body {
  readonly flag: Flag
  /** The raw frame that the reading came from, or null. */
  readonly source: CID | null
  readonly salt: Uint8Array
}

/** The salt of a reading's body: the first 16 bytes of H(seed ‖ key). Disclose the salt, never the seed. */
export function bodySalt(seed: Uint8Array, key: Uint8Array): Uint8Array {
  const input = new Uint8Array(seed.length + key.length)
  input.set(seed)
  input.set(key, seed.length)
  return sha256(input).slice(0, 16)
}

/** The bytes of a body: DAG-CBOR of `[flag, source, salt]`. */
export function encodeBody(body: Body): Uint8Array {
  return encode([body.flag, body.source, body.salt])
}

/** H of a body's bytes: what the leaf commits to. */
export function bodyDigest(body: Body): Uint8Array {
  return sha256(encodeBody(body))
}
