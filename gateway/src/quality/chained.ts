import { hash } from 'node:crypto'
import { digestOf } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'

/** H(digest before ‖ digest of the source): after many sources, 32 bytes that name each of them in its order. */
export function chained(before: Uint8Array, source: CID): Uint8Array {
  const joined = new Uint8Array(64)
  joined.set(before)
  joined.set(digestOf(source), 32)
  return sha256(joined)
}

/** SHA-256, as an array of its own. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'))
}
