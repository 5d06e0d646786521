import { digestOf, encodeReason, type Reason, toHex0x } from '@tanlian/evidence'

/** What an act without a reason names. */
const NO_REASON: `0x${string}` = `0x${'0'.repeat(64)}`

/** A reason under a fresh salt; undefined where nothing is said. @throws TanlianError E_REASON_FORM later, when its digest is made of too long a text. */
export function newReason(text: string): Reason | undefined {
  const said = text.trim()
  return said === '' ? undefined : { text: said, salt: crypto.getRandomValues(new Uint8Array(16)) }
}

/** What goes on the chain of a reason: the digest of its block. @throws TanlianError E_REASON_FORM */
export function reasonDigest(reason: Reason | undefined): `0x${string}` {
  return reason === undefined ? NO_REASON : toHex0x(digestOf(encodeReason(reason).cid))
}
