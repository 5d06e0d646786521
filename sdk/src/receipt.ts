import { checkEd25519, encodeBlock, fromHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Receipt } from './outbox.ts'

/**
 * Checks a receipt's signature (回执): Ed25519 over the canonical DAG-CBOR of what it promises. Together with the signed bytes it convicts a
 * platform that loses what it acknowledged.
 * @param key the platform's receipt key where it is known beforehand; otherwise the key that the receipt names is used.
 * Codes: E_RECEIPT_INVALID.
 */
export function checkReceipt(receipt: Receipt, key?: Uint8Array): void {
  try {
    const signer = key ?? fromHex(receipt.key, 32)
    if (checkEd25519(receiptBytes(receipt), fromHex(receipt.signature, 64), signer)) return
  } catch (cause) {
    throw invalid(receipt, cause)
  }
  throw invalid(receipt)
}

/** What a platform signed: canonical DAG-CBOR of what the receipt promises. */
export function receiptBytes({ kind, organization, sequence, digest, received, size, promise }: Receipt): Uint8Array {
  const bytes = fromHex(digest, 32)
  return encodeBlock({
    format: 'tanlian/receipt/1',
    kind,
    organization,
    sequence,
    digest: bytes,
    received,
    size,
    promise,
  }).bytes
}

function invalid(receipt: Receipt, cause?: unknown): TanlianError {
  return new TanlianError(
    'E_RECEIPT_INVALID',
    `The signature of the receipt for sequence ${receipt.sequence} is not the platform's. Keep the signed batch and report it.`,
    {
      values: { sequence: receipt.sequence },
      cause,
    },
  )
}
