import { ed25519 } from '@noble/curves/ed25519.js'
import { TanlianError } from '@tanlian/units'

/** The 32-byte public key of a 32-byte Ed25519 seed. */
export function ed25519PublicKey(privateKey: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(privateKey)
}

/** Signs a message (RFC 8032 §5.1.6, deterministic): 64 bytes. */
export function signEd25519(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return ed25519.sign(message, privateKey)
}

/**
 * Strict check of an Ed25519 signature (safety R7): canonical encodings only, S below the group order, neither key nor R with a
 * component of small order. So the cofactored and the plain equation agree, and every library gives the same answer.
 */
export function checkEd25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  return (
    hasPrimeOrder(publicKey) &&
    hasPrimeOrder(signature.subarray(0, 32)) &&
    ed25519.verify(signature, message, publicKey, { zip215: false })
  )
}

/**
 * Refuses what must not be enrolled as a device's or a platform's key (safety R7).
 * @throws TanlianError E_KEY_ED25519 for other lengths, non-canonical bytes and keys of small or mixed order.
 */
export function requireEd25519Key(publicKey: Uint8Array): void {
  if (publicKey.length !== 32 || !hasPrimeOrder(publicKey))
    throw new TanlianError(
      'E_KEY_ED25519',
      'These bytes are not an Ed25519 public key that can be trusted. Make a new key pair on the device.',
      { values: { length: publicKey.length } },
    )
}

function hasPrimeOrder(encoded: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(encoded, false)
    return !point.is0() && point.isTorsionFree()
  } catch {
    return false
  }
}
