import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { checkEd25519, cidFromDigest, type Entry, encodeBlock, fromHex, toHex } from '@tanlian/evidence'

/** What the platform promises in writing once an entry and its blocks are synced (回执). Bytes as lower-case hex. */
export interface Receipt {
  readonly kind: 1 | 2
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  /** Unix seconds. */
  readonly received: number
  /** Bytes of the CAR that was handed in. */
  readonly size: number
  /** The entry is appended to the log within this many seconds. */
  readonly promise: number
  /** Ed25519 public key that signed. */
  readonly key: string
  /** Over {@link receiptPayload}. */
  readonly signature: string
}

/** Signs receipts with the platform's receipt key; the key signs nothing else (R9). */
export interface ReceiptSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  sign(given: { entry: Entry; receivedS: number; sizeBytes: number }): Receipt
}

/** The signed bytes: canonical DAG-CBOR, its first field names the purpose. */
export function receiptPayload(
  receipt: Pick<Receipt, 'kind' | 'organization' | 'sequence' | 'digest' | 'received' | 'size' | 'promise'>,
): Uint8Array {
  const { kind, organization, sequence, received, size, promise } = receipt
  const digest = fromHex(receipt.digest, 32)
  return encodeBlock({ format: 'tanlian/receipt/1', kind, organization, sequence, digest, received, size, promise })
    .bytes
}

/** Whether a receipt holds under a platform's receipt key. */
export function checkReceipt(receipt: Receipt, publicKey: Uint8Array): boolean {
  return checkEd25519(receiptPayload(receipt), fromHex(receipt.signature, 64), publicKey)
}

/** A signer from a 32-byte Ed25519 seed. */
export function createReceiptSigner(seed: Uint8Array, promiseSeconds: number): ReceiptSigner {
  // RFC 8410 §7: the fixed beginning of a PKCS #8 key for Ed25519.
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const publicKey = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32))
  return {
    publicKey,
    sign({ entry, receivedS, sizeBytes }) {
      const unsigned = {
        kind: entry.kind,
        organization: entry.organization,
        sequence: entry.sequence,
        digest: toHex(entry.digest),
        cid: cidFromDigest(entry.digest).toString(),
        received: receivedS,
        size: sizeBytes,
        promise: promiseSeconds,
      }
      const signature = sign(null, receiptPayload(unsigned), privateKey)
      return { ...unsigned, key: toHex(publicKey), signature: toHex(signature) }
    },
  }
}
