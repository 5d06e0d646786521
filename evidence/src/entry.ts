import { TanlianError } from '@tanlian/units'
import { MAX_INTEGER } from './key.ts'
import {
  type Address,
  recoverHash,
  signHash,
  type TypedDataDomain,
  type TypedField,
  typedDataHash,
} from './typed-data.ts'

/** Kind 1 of an entry: a batch of readings. */
export const ENTRY_BATCH = 1
/** Kind 2 of an entry: a document. */
export const ENTRY_DOCUMENT = 2
/** Length of an encoded entry in bytes. */
export const ENTRY_BYTES = 52

/** A signed statement of one organization in the log (spec section 6). */
export interface Entry {
  readonly kind: typeof ENTRY_BATCH | typeof ENTRY_DOCUMENT
  readonly organization: number
  readonly sequence: number
  /** H of the header's or the document's block. */
  readonly digest: Uint8Array
}

/** The log that a signature is for. */
export interface LogDomain {
  readonly chainId: number
  readonly verifyingContract: Address
}

/** The fields of the EIP-712 struct `Entry`. */
export const ENTRY_FIELDS: readonly TypedField[] = [
  { name: 'kind', type: 'uint32' },
  { name: 'organization', type: 'uint64' },
  { name: 'sequence', type: 'uint64' },
  { name: 'digest', type: 'bytes32' },
]

/**
 * `u32(kind) ‖ u64(organization) ‖ u64(sequence) ‖ digest(32)`: 52 bytes.
 * @throws TanlianError E_ENTRY_FORM where a part is out of its bounds.
 */
export function encodeEntry(entry: Entry): Uint8Array {
  requireEntry(entry)
  const bytes = new Uint8Array(ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, entry.kind)
  view.setBigUint64(4, BigInt(entry.organization))
  view.setBigUint64(12, BigInt(entry.sequence))
  bytes.set(entry.digest, 20)
  return bytes
}

/** Reads an entry back. @throws TanlianError E_ENTRY_FORM */
export function decodeEntry(bytes: Uint8Array): Entry {
  if (bytes.length !== ENTRY_BYTES) throw entryError(`it has ${bytes.length} bytes, not ${ENTRY_BYTES}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENTRY_BYTES)
  const entry = {
    kind: view.getUint32(0) as Entry['kind'],
    organization: Number(view.getBigUint64(4)),
    sequence: Number(view.getBigUint64(12)),
    digest: bytes.slice(20),
  }
  requireEntry(entry)
  return entry
}

/** The EIP-712 hash that is signed for an entry. */
export function entryHash(entry: Entry, log: LogDomain): Uint8Array {
  requireEntry(entry)
  return typedDataHash(entryDomain(log), 'Entry', ENTRY_FIELDS, { ...entry })
}

/** Signs an entry: 65 bytes, v 27 or 28, low s. */
export function signEntry(entry: Entry, log: LogDomain, privateKey: Uint8Array): Uint8Array {
  return signHash(entryHash(entry, log), privateKey)
}

/** The account that signed an entry, in lower case. @throws TanlianError E_ENTRY_FORM, E_SIGNATURE_FORM */
export function recoverEntrySigner(entry: Entry, log: LogDomain, signature: Uint8Array): Address {
  return recoverHash(entryHash(entry, log), signature)
}

/** The domain of the log's signatures. */
export function entryDomain(log: LogDomain): TypedDataDomain {
  return { name: 'Tanlian Evidence Log', version: '1', chainId: log.chainId, verifyingContract: log.verifyingContract }
}

function requireEntry(entry: Entry) {
  if (entry.kind !== ENTRY_BATCH && entry.kind !== ENTRY_DOCUMENT)
    throw entryError(`its kind ${entry.kind} is neither 1 nor 2`)
  for (const part of ['organization', 'sequence'] as const)
    if (!Number.isSafeInteger(entry[part]) || entry[part] < 1 || entry[part] > MAX_INTEGER)
      throw entryError(`its ${part} is not an integer of 1 to 2^53 − 1`)
  if (entry.digest.length !== 32) throw entryError('its digest is not 32 bytes')
}

function entryError(why: string): TanlianError {
  return new TanlianError('E_ENTRY_FORM', `The log entry is not of the form of the specification: ${why}.`, {
    values: { why },
  })
}
