import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { encodeBlock, type Frame, type StreamItem } from '@tanlian/evidence'

/** How a frame is signed: by the key its stream declares, by none, or with a signature that does not hold. */
export type Signing = 'signed' | 'unsigned' | 'broken'

const keys = new Map<string, KeyObject | undefined>()
const KEYS_MAX = 10_000

/**
 * A device signs the DAG-CBOR of its frame without the signature (spec section 5). Figures and alerts rest on this check; it is the quick one of
 * the machine's library, which takes a key of prime order (all that can be enrolled) exactly as the strict check of a verdict does.
 */
export function signingOf({ signature, ...unsigned }: Frame, item: StreamItem | undefined): Signing {
  if (signature === undefined) return 'unsigned'
  const key = item?.device === unsigned.device && item.key instanceof Uint8Array ? keyOf(item.key) : undefined
  if (key === undefined || signature.length !== 64) return 'broken'
  return verify(null, encodeBlock(unsigned).bytes, key, signature) ? 'signed' : 'broken'
}

function keyOf(raw: Uint8Array): KeyObject | undefined {
  const name = Buffer.from(raw).toString('hex')
  if (!keys.has(name)) {
    if (keys.size >= KEYS_MAX) keys.clear()
    keys.set(name, readKey(raw))
  }
  return keys.get(name)
}

function readKey(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== 32) return undefined
  // RFC 8410: the fixed beginning of an Ed25519 public key.
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
