import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { decodeBlock, equalBytes, toHex } from './block.ts'
import { type Checkpoint, checkpointSignedBy, openVkey } from './checkpoint.ts'
import { checkEd25519 } from './ed25519.ts'
import { recoverEntrySigner } from './entry.ts'
import { type Difference, decodeEquivocation, type Equivocation, type Pair } from './equivocation-form.ts'
import { checkInclusion } from './log.ts'
import type { Address } from './typed-data.ts'

export * from './equivocation-form.ts'

/** What a proof of equivocation proves, once it holds. */
export type Proven =
  | {
      readonly ok: true
      readonly kind: 'entries'
      readonly chainId: number
      readonly log: Address
      readonly organization: number
      readonly entryKind: 1 | 2
      readonly sequence: number
      readonly digests: Pair<string>
      /** Who signed either. Where they differ, or the registry was not asked, it is for the registry to say whose keys these are. */
      readonly accounts: Pair<Address>
    }
  | {
      readonly ok: true
      readonly kind: 'receipts'
      /** The platform's receipt key, hex. */
      readonly key: string
      readonly organization: number
      readonly entryKind: 1 | 2
      readonly sequence: number
      readonly digests: Pair<string>
    }
  | {
      readonly ok: true
      readonly kind: 'checkpoints'
      readonly signer: string
      readonly use: 'log' | 'cosigner'
      readonly vkey: string
      readonly origin: string
      readonly sizes: Pair<number>
      readonly roots: Pair<string>
      /** Where two sizes differ: the place at which either has another entry. */
      readonly index: number | null
    }

/**
 * Checks a proof offline: its form, that both statements are signed, and that they cannot both be true.
 * Codes in order: E_EQUIVOCATION_FORM, E_EQUIVOCATION_SIGNATURE, E_EQUIVOCATION_NONE.
 */
export function checkEquivocation(bytes: Uint8Array): Proven | Refusal {
  try {
    const proof = decodeEquivocation(bytes)
    if (proof.kind === 'entries') return checkEntries(proof)
    return proof.kind === 'receipts' ? checkReceipts(proof) : checkCheckpoints(proof)
  } catch (error) {
    return refusalOf(error)
  }
}

function checkEntries({ log, entries, signatures }: Extract<Equivocation, { kind: 'entries' }>): Proven {
  const [one, other] = entries
  const accounts: Pair<Address> = [
    recoverEntrySigner(one, log, signatures[0]),
    recoverEntrySigner(other, log, signatures[1]),
  ]
  const samePlace =
    one.kind === other.kind && one.organization === other.organization && one.sequence === other.sequence
  if (!samePlace || equalBytes(one.digest, other.digest)) throw noContradiction('entries')
  const { organization, sequence, kind: entryKind } = one
  return {
    ok: true,
    kind: 'entries',
    chainId: log.chainId,
    log: log.verifyingContract,
    organization,
    entryKind,
    sequence,
    digests: [toHex(one.digest), toHex(other.digest)],
    accounts,
  }
}

function checkReceipts({ key, receipts, signatures }: Extract<Equivocation, { kind: 'receipts' }>): Proven {
  const [one, other] = [readReceipt(receipts[0]), readReceipt(receipts[1])]
  if (receipts.some((bytes, at) => !checkEd25519(bytes, signatures[at] as Uint8Array, key)))
    throw unsigned('a receipt is not signed by the key that is named')
  const samePlace =
    one.kind === other.kind && one.organization === other.organization && one.sequence === other.sequence
  if (!samePlace || equalBytes(one.digest, other.digest)) throw noContradiction('receipts')
  const { organization, sequence, kind: entryKind } = one
  const digests: Pair<string> = [toHex(one.digest), toHex(other.digest)]
  return { ok: true, kind: 'receipts', key: toHex(key), organization, entryKind, sequence, digests }
}

/** What a platform signed as a receipt. @throws TanlianError E_EQUIVOCATION_SIGNATURE for any other signed bytes */
function readReceipt(bytes: Uint8Array) {
  const map = decodeBlock(bytes) as Record<string, unknown>
  const { format, kind, organization, sequence, digest } = map ?? {}
  if (
    format !== 'tanlian/receipt/1' ||
    (kind !== 1 && kind !== 2) ||
    typeof organization !== 'number' ||
    typeof sequence !== 'number' ||
    !(digest instanceof Uint8Array)
  )
    throw unsigned('what was signed is no receipt')
  return { kind: kind as 1 | 2, organization, sequence, digest }
}

function checkCheckpoints(proof: Extract<Equivocation, { kind: 'checkpoints' }>): Proven {
  const { vkey, notes, difference } = proof
  const key = openVkey(vkey)
  const [one, other] = notes.map((note) => checkpointSignedBy(note, key))
  if (one === undefined || other === undefined) throw unsigned('a checkpoint is not signed by the key that is named')
  const sameSize = one.size === other.size
  const contradict = sameSize
    ? difference === null && !equalBytes(one.root, other.root)
    : difference !== null && differs([one, other], difference)
  if (one.origin !== other.origin || !contradict) throw noContradiction('checkpoints')
  return {
    ok: true,
    kind: 'checkpoints',
    signer: key.name,
    use: key.use,
    vkey,
    origin: one.origin,
    sizes: [one.size, other.size],
    roots: [toHex(one.root), toHex(other.root)],
    index: difference === null ? null : difference.index,
  }
}

/** A log only grows: at one place both of its states have one entry, or one of them is false. */
function differs(checkpoints: Pair<Checkpoint>, { index, leaves, paths }: Difference): boolean {
  if (equalBytes(leaves[0], leaves[1])) return false
  return checkpoints.every(({ size, root }, at) => {
    const [leaf, path] = at === 0 ? [leaves[0], paths[0]] : [leaves[1], paths[1]]
    return checkInclusion({ leaf, index, size, root, path }).ok
  })
}

function unsigned(why: string): TanlianError {
  return new TanlianError('E_EQUIVOCATION_SIGNATURE', `The file proves nothing: ${why}.`, { values: { why } })
}

function noContradiction(kind: string): TanlianError {
  return new TanlianError('E_EQUIVOCATION_NONE', `The two ${kind} do not contradict each other: this proves nothing.`, {
    values: { kind },
  })
}
