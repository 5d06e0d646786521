import { decode, encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { TanlianError } from '@tanlian/units'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

/** A block: bytes and the CID that names them. */
export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

const DAG_CBOR = 0x71
const SHA2_256 = 0x12
const CID_BYTES = 36

/** Encodes as canonical DAG-CBOR and names the result. */
export function encodeBlock(value: unknown): Block {
  const bytes = encodeValue(value)
  return { cid: cidOf(bytes), bytes }
}

/** Canonical DAG-CBOR of a value that is no block of its own. */
export function encodeValue(value: unknown): Uint8Array {
  const encoded = encode(value)
  // In Node the encoder may give a Buffer, whose slice shares memory where a Uint8Array's copies.
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength)
}

/**
 * Decodes canonical DAG-CBOR: the received bytes equal the encoding of what they decode to, numbers are integers of
 * 0 … 2^53 − 1, the only tag is a CID of the one form (spec, first paragraph; safety S4, R6).
 * @throws TanlianError E_BLOCK_NOT_CANONICAL, with the reason.
 */
export function decodeBlock(bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = decode(bytes)
  } catch (cause) {
    throw notCanonical(cause instanceof Error ? cause.message : 'it does not decode', cause)
  }
  requireAllowed(value)
  const again = encode(value)
  if (!equalBytes(again, bytes)) throw notCanonical('the bytes differ from the encoding of what they decode to')
  return value
}

/** The CID of a block: version 1, dag-cbor, sha2-256. */
export function cidOf(bytes: Uint8Array): CID {
  return cidFromDigest(sha256(bytes))
}

/** The CID whose digest this is: how the 32 bytes on the chain lead to the block. */
export function cidFromDigest(digest: Uint8Array): CID {
  if (digest.length !== 32)
    throw new TanlianError('E_CID_FORM', `A digest is 32 bytes, not ${digest.length}.`, {
      values: { length: digest.length },
    })
  return CID.createV1(DAG_CBOR, createDigest(SHA2_256, digest))
}

/** A name for maps of evidence's CIDs: the 32 bytes of the digest, a character each. Several times cheaper than the CID's own text. */
export function nameOf(cid: CID): string {
  return String.fromCharCode.apply(null, cid.multihash.digest as unknown as number[])
}

/** The SHA-256 that a CID holds, H(block). */
export function digestOf(cid: CID): Uint8Array {
  return cid.multihash.digest
}

/**
 * Reads a CID from text.
 * @throws TanlianError E_CID_FORM for anything but version 1, dag-cbor, sha2-256 in base32 lower case.
 */
export function parseCid(text: string): CID {
  let cid: CID | undefined
  try {
    cid = CID.parse(text)
  } catch {
    cid = undefined
  }
  // A parsed CID remembers the text it came from, so the one right text is made from its bytes.
  if (cid === undefined || !isEvidenceCid(cid) || CID.decode(cid.bytes).toString() !== text)
    throw new TanlianError('E_CID_FORM', 'The text is no CID of version 1, dag-cbor, sha2-256 in base32 lower case.')
  return cid
}

/** True for a CID of the one form that the format allows. */
export function isEvidenceCid(value: unknown): value is CID {
  const cid = CID.asCID(value)
  return (
    cid !== null &&
    cid.version === 1 &&
    cid.code === DAG_CBOR &&
    cid.multihash.code === SHA2_256 &&
    cid.multihash.digest.length === 32 &&
    cid.bytes.length === CID_BYTES
  )
}

/** True where both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Lower-case hex without 0x. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * Reads lower-case hex without 0x.
 * @throws TanlianError E_HEX_FORM for anything else, or for another length where `length` is given.
 */
export function fromHex(text: string, length?: number): Uint8Array {
  const half = text.length / 2
  const bytes = new Uint8Array(Number.isInteger(half) ? half : 0)
  let good = Number.isInteger(half) && (length === undefined || half === length)
  for (let at = 0; good && at < half; at++) {
    const high = hexDigit(text.charCodeAt(2 * at))
    const low = hexDigit(text.charCodeAt(2 * at + 1))
    good = high >= 0 && low >= 0
    bytes[at] = (high << 4) | low
  }
  if (!good)
    throw new TanlianError(
      'E_HEX_FORM',
      `Expected ${length === undefined ? '' : `${length} bytes of `}lower-case hex without 0x.`,
    )
  return bytes
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  return -1
}

function requireAllowed(root: unknown) {
  // An explicit stack: hostile nesting must not exhaust ours.
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || value < 0)
        throw notCanonical(`the number ${value} is not an integer of 0 … 2^53 − 1`)
    } else if (typeof value === 'bigint') throw notCanonical(`the number ${value} is not an integer of 0 … 2^53 − 1`)
    else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      if (CID.asCID(value) !== null) {
        if (!isEvidenceCid(value)) throw notCanonical('a CID is not version 1, dag-cbor, sha2-256')
      } else if (Array.isArray(value)) for (const item of value) stack.push(item)
      else for (const item of Object.values(value)) stack.push(item)
    }
  }
}

function notCanonical(why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_BLOCK_NOT_CANONICAL', `The block is not canonical DAG-CBOR: ${why}.`, {
    cause,
    values: { why },
  })
}
