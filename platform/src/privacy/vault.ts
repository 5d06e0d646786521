import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Encrypts what the platform makes of sealed readings and keeps on disk for speed. */
export interface Vault {
  lock(plain: Uint8Array): Uint8Array
  /** The plain bytes; undefined where they are damaged or of another key. */
  open(locked: Uint8Array): Uint8Array<ArrayBuffer> | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A vault whose key is derived from a secret of the instance for this purpose alone (R9): AES-256-GCM, `nonce ‖ ciphertext ‖ tag`. */
export function createVault(secret: Uint8Array): Vault {
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), 'tanlian/vault/1', 32))
  return {
    lock(plain) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(locked) {
      if (locked.length < NONCE_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, locked.subarray(0, NONCE_BYTES))
      decipher.setAuthTag(locked.subarray(locked.length - TAG_BYTES))
      const plain = decipher.update(locked.subarray(NONCE_BYTES, locked.length - TAG_BYTES))
      try {
        return new Uint8Array(Buffer.concat([plain, decipher.final()]))
      } catch {
        return undefined
      }
    },
  }
}
