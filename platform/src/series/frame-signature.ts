import { createPublicKey, type KeyObject, verify } from 'node:crypto'

const keys = new Map<string, KeyObject | undefined>()
const KEYS_MAX = 10_000

/**
 * The quick check of a device's signature, by the machine's library. Figures, alerts and acceptance rest on it: it takes a key of prime order
 * (all that can be enrolled) exactly as the strict check of a verdict does.
 */
export function checkQuickly(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const key = keyOf(publicKey)
  return key !== undefined && signature.length === 64 && verify(null, message, key, signature)
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
