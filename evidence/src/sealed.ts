import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { gcm } from '@noble/ciphers/aes'
import { x25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { TanlianError } from '@tanlian/units'
import { type Block, encodeBlock, equalBytes, toHex } from './block.ts'
import { MAX_READERS, SEALED_FORMAT, type Sealed } from './form.ts'
import { compareKeys, KEY_BYTES } from './key.ts'

/** Gives that many fresh random bytes: the core draws none itself. */
export type Random = (length: number) => Uint8Array

/** Who can open sealed blocks (读者): an X25519 private key. */
export interface Reader {
  /** H of the public key: how a sealed block names its reader. */
  readonly id: Uint8Array
  readonly secret: Uint8Array
}

/** What a sealed block is bound to: the plain chunk's range and count, zeros for a frame, and the organization (safety R13). */
export interface SealedPlace {
  readonly min: Uint8Array
  readonly max: Uint8Array
  readonly count: number
  readonly organization: number
}

/** Bytes of a reader's public and private key. */
export const READER_KEY_BYTES = 32

/** The public half of a reader's key. @throws TanlianError E_SEALED_KEY */
export function readerPublicKey(secret: Uint8Array): Uint8Array {
  requireKey(secret)
  return x25519.getPublicKey(secret)
}

/** Whether bytes can be sealed for: a public key of X25519 that is no point of small order (RFC 7748 section 6.1). */
export function isReaderKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== READER_KEY_BYTES) return false
  try {
    return x25519.getSharedSecret(new Uint8Array(READER_KEY_BYTES).fill(1), publicKey).some((byte) => byte !== 0)
  } catch {
    return false
  }
}

/** H of a reader's public key, by which a sealed block names it. */
export function readerId(publicKey: Uint8Array): Uint8Array {
  requireKey(publicKey)
  return sha256(publicKey)
}

/** Makes a reader of a private key. @throws TanlianError E_SEALED_KEY */
export function openReader(secret: Uint8Array): Reader {
  return { id: readerId(readerPublicKey(secret)), secret }
}

/** The place of a frame of an organization. */
export function framePlace(organization: number): SealedPlace {
  const zeros = new Uint8Array(KEY_BYTES)
  return { min: zeros, max: zeros, count: 0, organization }
}

/**
 * Seals a chunk or frame block for named readers (加密数据块, spec section 5): AES-256-GCM under a fresh key, that key wrapped for
 * each reader by HPKE (RFC 9180).
 * @param readers public keys; one that is named twice counts once @param random gives the key, the nonce and what each wrapping needs
 * @throws TanlianError E_SEALED_READERS for none or more than 64 readers, E_SEALED_KEY for a key that is none
 */
export async function sealBlock(
  plain: Uint8Array,
  place: SealedPlace,
  readers: readonly Uint8Array[],
  random: Random,
): Promise<Block> {
  const named = new Map(readers.map((key) => [toHex(readerId(key)), key]))
  if (named.size === 0 || named.size > MAX_READERS)
    throw new TanlianError(
      'E_SEALED_READERS',
      `A block is sealed for 1 to ${MAX_READERS} readers, not ${named.size}.`,
      {
        values: { readers: named.size, limit: MAX_READERS },
      },
    )
  const data = associatedData(place)
  const key = own(random(32))
  const nonce = random(12)
  const bytes = gcm(key, nonce, data).encrypt(plain)
  const keys = await Promise.all(
    [...named.values()].map(async (publicKey) => [readerId(publicKey), ...(await wrap(key, data, publicKey, random))]),
  )
  keys.sort(([a], [b]) => compareKeys(a as Uint8Array, b as Uint8Array))
  return encodeBlock({ format: SEALED_FORMAT, nonce, bytes, plain: sha256(plain), keys })
}

/** Whether one of these readers is named in a sealed block. */
export function isReadBy(sealed: Sealed, readers: readonly Pick<Reader, 'id'>[]): boolean {
  return sealed.keys.some(([id]) => readers.some((reader) => equalBytes(reader.id, id)))
}

/**
 * Opens a sealed block with the first of these readers that it names.
 * @returns the plain block; its hash is the one that the sealed block tells.
 * @throws TanlianError E_SEALED_READER where none is named, E_SEALED_DAMAGED where key or content do not open under this place,
 * E_SEALED_PLAIN where they open to another block than the one told.
 */
export async function openSealed(sealed: Sealed, place: SealedPlace, readers: readonly Reader[]): Promise<Uint8Array> {
  const data = associatedData(place)
  for (const [id, encapsulation, wrapped] of sealed.keys) {
    const reader = readers.find((one) => equalBytes(one.id, id))
    if (reader === undefined) continue
    const plain = await unwrap(reader, encapsulation, wrapped, data)
      .then((key) => gcm(key, sealed.nonce, data).decrypt(sealed.bytes))
      .catch((cause: unknown) => {
        throw new TanlianError(
          'E_SEALED_DAMAGED',
          'The sealed block does not open: its key or content was changed, or it belongs to another place.',
          { cause },
        )
      })
    if (!equalBytes(sha256(plain), sealed.plain))
      throw new TanlianError('E_SEALED_PLAIN', 'The sealed block opens to another block than the one that it names.')
    return plain
  }
  throw new TanlianError('E_SEALED_READER', 'The sealed block names none of the keys here as its reader.')
}

const INFO = Uint8Array.from(SEALED_FORMAT, (letter) => letter.charCodeAt(0))

let made: CipherSuite | undefined

/** One suite for all: it holds no secrets. */
function suite(): CipherSuite {
  made ??= new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  return made
}

async function wrap(
  key: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  random: Random,
): Promise<[encapsulation: Uint8Array, wrapped: Uint8Array]> {
  const ephemeral = own(random(32))
  const sender = await suite()
    .kem.deserializePublicKey(own(publicKey))
    .then((recipientPublicKey) =>
      suite().createSenderContext({ recipientPublicKey, info: INFO, ekm: ephemeral.buffer }),
    )
    .catch((cause: unknown) => {
      throw keyError(cause)
    })
  return [new Uint8Array(sender.enc), new Uint8Array(await sender.seal(key, data))]
}

async function unwrap(
  reader: Reader,
  encapsulation: Uint8Array,
  wrapped: Uint8Array,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const recipient = await suite().createRecipientContext({
    recipientKey: await suite().kem.deserializePrivateKey(own(reader.secret)),
    enc: own(encapsulation),
    info: INFO,
  })
  return new Uint8Array(await recipient.open(own(wrapped), data))
}

/** `min ‖ max ‖ u64(count) ‖ u64(organization)`. */
function associatedData({ min, max, count, organization }: SealedPlace): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(2 * KEY_BYTES + 16)
  const view = new DataView(data.buffer)
  data.set(min)
  data.set(max, KEY_BYTES)
  view.setBigUint64(2 * KEY_BYTES, BigInt(count))
  view.setBigUint64(2 * KEY_BYTES + 8, BigInt(organization))
  return data
}

/** A copy in memory of its own: what Web Crypto takes must not be shared, and a Buffer's may be a part of another. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

function requireKey(key: Uint8Array): void {
  if (key.length !== READER_KEY_BYTES) throw keyError()
}

function keyError(cause?: unknown): TanlianError {
  return new TanlianError('E_SEALED_KEY', 'A reader’s key is 32 bytes of X25519, and no point of small order.', {
    cause,
  })
}
