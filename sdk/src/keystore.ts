import { ctr } from '@noble/ciphers/aes'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { addressOf, fromHex, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'

/** An encrypted private key in the form of the Ethereum keystore, version 3: other tools open it, and it says nothing but the address. */
export interface Keystore {
  readonly version: 3
  readonly id: string
  /** Lower-case hex without 0x, as that form has it. */
  readonly address: string
  readonly crypto: {
    readonly cipher: 'aes-128-ctr'
    readonly ciphertext: string
    readonly cipherparams: { readonly iv: string }
    readonly kdf: 'scrypt'
    readonly kdfparams: {
      readonly n: number
      readonly r: number
      readonly p: number
      readonly dklen: number
      readonly salt: string
    }
    readonly mac: string
  }
}

/** Least length of a passphrase that a person chooses. */
export const PASSPHRASE_MIN = 10
/** scrypt's cost where a person chose the passphrase (128 MiB); a random passphrase of 32 bytes needs none of it. */
export const SCRYPT_N = 131_072
/** Most that a keystore from elsewhere may ask for: 2^20 × 8 × 128 bytes = 1 GiB. */
const SCRYPT_N_MAX = 1_048_576
/** The curve's order: a private key lies below it. SEC 2, section 2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** A new private key from the platform's secure random source, 32 bytes. */
export function newPrivateKey(): Uint8Array {
  for (;;) {
    const key = crypto.getRandomValues(new Uint8Array(32))
    if (isPrivateKey(key)) return key
  }
}

/** True for 32 bytes that are a number from 1 to the curve's order − 1. */
export function isPrivateKey(key: Uint8Array): boolean {
  const value = key.length === 32 ? BigInt(`0x${toHex(key)}`) : 0n
  return value > 0n && value < ORDER
}

/**
 * Encrypts a private key under a passphrase. The key stays on this machine; what is written can be stored and copied.
 * @param options `n` is scrypt's cost; lower it only for passphrases that are random. Codes: E_KEYSTORE_WEAK, E_KEY_SECRET.
 */
export async function encryptKey(
  privateKey: Uint8Array,
  passphrase: string,
  options: { readonly n?: number; readonly onProgress?: (share: number) => void } = {},
): Promise<Keystore> {
  if ([...passphrase].length < PASSPHRASE_MIN) {
    throw new TanlianError(
      'E_KEYSTORE_WEAK',
      `The passphrase has fewer than ${PASSPHRASE_MIN} characters. Use a longer one.`,
      {
        values: { least: PASSPHRASE_MIN },
      },
    )
  }
  if (!isPrivateKey(privateKey)) throw outOfRange()
  const salt = crypto.getRandomValues(new Uint8Array(32))
  const iv = crypto.getRandomValues(new Uint8Array(16))
  const kdfparams = { n: options.n ?? SCRYPT_N, r: 8, p: 1, dklen: 32, salt: toHex(salt) }
  const derived = await derive(passphrase, kdfparams, options.onProgress)
  const ciphertext = ctr(derived.subarray(0, 16), iv).encrypt(privateKey)
  return {
    version: 3,
    id: crypto.randomUUID === undefined ? uuid() : crypto.randomUUID(),
    address: addressOf(privateKey).slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      ciphertext: toHex(ciphertext),
      cipherparams: { iv: toHex(iv) },
      kdf: 'scrypt',
      kdfparams,
      mac: toHex(macOf(derived, ciphertext)),
    },
  }
}

/** Opens a keystore. Codes: E_KEYSTORE_FORM, E_KEYSTORE_PASSPHRASE, E_KEY_SECRET. */
export async function decryptKey(
  keystore: Keystore,
  passphrase: string,
  onProgress?: (share: number) => void,
): Promise<Uint8Array> {
  const { crypto: sealed } = keystore
  const derived = await derive(passphrase, sealed.kdfparams, onProgress)
  const ciphertext = fromHex(sealed.ciphertext)
  if (toHex(macOf(derived, ciphertext)) !== sealed.mac.toLowerCase()) {
    throw new TanlianError('E_KEYSTORE_PASSPHRASE', 'The passphrase does not open this keystore. Try again.')
  }
  const key = ctr(derived.subarray(0, 16), fromHex(sealed.cipherparams.iv)).decrypt(ciphertext)
  if (!isPrivateKey(key)) throw outOfRange()
  return key
}

/** Reads a keystore from JSON, refusing other ciphers, other derivations and costs that would exhaust memory. Codes: E_KEYSTORE_FORM. */
export function readKeystore(json: string): Keystore {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw badForm('it is not JSON', cause)
  }
  const found = record(value)
  const sealed = record(found.crypto)
  const parameters = record(sealed.kdfparams)
  const n = parameters.n
  const hex = (text: unknown, length: number): text is string =>
    typeof text === 'string' && text.length === length && /^[0-9a-f]*$/i.test(text)
  if (found.version !== 3) throw badForm('its version is not 3')
  if (sealed.cipher !== 'aes-128-ctr' || sealed.kdf !== 'scrypt')
    throw badForm('it uses another cipher than aes-128-ctr with scrypt')
  if (typeof n !== 'number' || !Number.isInteger(Math.log2(n)) || n < 2 || n > SCRYPT_N_MAX)
    throw badForm('its scrypt cost is out of bounds')
  if (parameters.r !== 8 || parameters.p !== 1 || parameters.dklen !== 32)
    throw badForm('its scrypt parameters are not r 8, p 1, dklen 32')
  if (typeof parameters.salt !== 'string' || !/^([0-9a-f]{2}){8,64}$/i.test(parameters.salt))
    throw badForm('its salt is not 8 to 64 bytes')
  if (!hex(sealed.ciphertext, 64) || !hex(sealed.mac, 64) || !hex(record(sealed.cipherparams).iv, 32)) {
    throw badForm('its ciphertext, mac or iv has another length')
  }
  if (!hex(found.address, 40)) throw badForm('it names no address')
  return {
    version: 3,
    id: typeof found.id === 'string' ? found.id : uuid(),
    address: found.address.toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      ciphertext: sealed.ciphertext,
      cipherparams: { iv: record(sealed.cipherparams).iv as string },
      kdf: 'scrypt',
      kdfparams: { n, r: 8, p: 1, dklen: 32, salt: parameters.salt },
      mac: sealed.mac,
    },
  }
}

async function derive(
  passphrase: string,
  parameters: Keystore['crypto']['kdfparams'],
  onProgress?: (share: number) => void,
): Promise<Uint8Array> {
  // NFKC, so that a passphrase typed on another keyboard gives the same bytes.
  return scryptAsync(new TextEncoder().encode(passphrase.normalize('NFKC')), fromHex(parameters.salt), {
    N: parameters.n,
    r: parameters.r,
    p: parameters.p,
    dkLen: parameters.dklen,
    maxmem: 2 * 1024 ** 3,
    ...(onProgress === undefined ? {} : { onProgress }),
  })
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const input = new Uint8Array(16 + ciphertext.length)
  input.set(derived.subarray(16, 32))
  input.set(ciphertext, 16)
  return keccak_256(input)
}

/** RFC 9562 version 4; `crypto.randomUUID` is missing on pages served by plain http to another machine. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function badForm(why: string, cause?: unknown): TanlianError {
  return new TanlianError(
    'E_KEYSTORE_FORM',
    `The file is not a keystore that can be opened: ${why}. Choose another file.`,
    {
      values: { why },
      cause,
    },
  )
}

function outOfRange(): TanlianError {
  return new TanlianError('E_KEY_SECRET', 'The private key is not a number of the curve. Make a new one.')
}
