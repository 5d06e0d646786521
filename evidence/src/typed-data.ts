import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { TanlianError } from '@tanlian/units'
import { fromHex, toHex } from './block.ts'

/** A 20-byte account in 0x-hex; lower case here, so that two of them compare as text. */
export type Address = `0x${string}`

/** What an EIP-712 signature is bound to. */
export interface TypedDataDomain {
  readonly name: string
  readonly version: string
  readonly chainId: number
  readonly verifyingContract: Address
}

/** A field of a flat struct. */
export interface TypedField {
  readonly name: string
  readonly type: 'address' | 'bytes32' | 'bool' | 'string' | 'bytes' | `uint${number}`
}

export type TypedValue = string | number | bigint | boolean | Uint8Array

/**
 * The hash that EIP-712 has signed: `keccak(1901 ‖ domain ‖ struct)` of a struct without nested structs, which is all that the
 * log and the registry use.
 * @throws TanlianError E_TYPED_DATA where a value does not fit its type.
 */
export function typedDataHash(
  domain: TypedDataDomain,
  primaryType: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, TypedValue>>,
): Uint8Array {
  const domainHash = structHash(
    'EIP712Domain',
    [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    { ...domain },
  )
  return keccak_256(concat([Uint8Array.of(0x19, 0x01), domainHash, structHash(primaryType, fields, message)]))
}

/** The type string of a flat struct, as its type hash covers it. */
export function typeString(primaryType: string, fields: readonly TypedField[]): string {
  return `${primaryType}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`
}

/** Signs a hash: 65 bytes r ‖ s ‖ v, v 27 or 28, low s (safety R8). */
export function signHash(hash: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(hash, privateKey, { prehash: false, lowS: true, format: 'recovered' })
  const signature = new Uint8Array(65)
  signature.set(recovered.subarray(1), 0)
  signature[64] = 27 + (recovered[0] as number)
  return signature
}

/**
 * The account whose key made a signature over a hash.
 * @throws TanlianError E_SIGNATURE_FORM for other than 65 bytes, v 27 or 28, low s, or a point that does not exist.
 */
export function recoverHash(hash: Uint8Array, signature: Uint8Array): Address {
  return addressOfPoint(recoverKey(hash, signature))
}

/** The uncompressed public key whose private key made a signature over a hash. @throws TanlianError E_SIGNATURE_FORM */
export function recoverKey(hash: Uint8Array, signature: Uint8Array): Uint8Array {
  const v = signature[64]
  if (signature.length !== 65 || (v !== 27 && v !== 28)) throw signatureError('it is not 65 bytes ending in 27 or 28')
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact').addRecoveryBit(v - 27)
    if (parsed.hasHighS()) throw signatureError('its s is in the upper half')
    return parsed.recoverPublicKey(hash).toBytes(false)
  } catch (cause) {
    if (cause instanceof TanlianError) throw cause
    throw signatureError('no public key belongs to it', cause)
  }
}

/** The account of a private key. */
export function addressOf(privateKey: Uint8Array): Address {
  return addressOfPoint(secp256k1.getPublicKey(privateKey, false))
}

/** Reads `0x` and hex of either case. @throws TanlianError E_HEX_FORM */
export function fromHex0x(text: string, length?: number): Uint8Array {
  if (!text.startsWith('0x')) throw new TanlianError('E_HEX_FORM', 'Expected hex that begins with 0x.')
  return fromHex(text.slice(2).toLowerCase(), length)
}

/** Hex with `0x`. */
export function toHex0x(bytes: Uint8Array): `0x${string}` {
  return `0x${toHex(bytes)}`
}

/** The account of an uncompressed public key. */
export function addressOfPoint(uncompressed: Uint8Array): Address {
  return toHex0x(keccak_256(uncompressed.subarray(1)).subarray(12))
}

function structHash(
  name: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, TypedValue>>,
): Uint8Array {
  const parts: Uint8Array[] = [keccak_256(utf8ToBytes(typeString(name, fields)))]
  for (const field of fields) {
    const value = message[field.name]
    if (value === undefined) throw typedDataError(field, 'is missing')
    parts.push(word(field, value))
  }
  return keccak_256(concat(parts))
}

function word(field: TypedField, value: TypedValue): Uint8Array {
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw typedDataError(field, 'is not a text')
      return keccak_256(utf8ToBytes(value))
    case 'bytes':
      return keccak_256(bytesOf(field, value))
    case 'bytes32':
      return bytesOf(field, value, 32)
    case 'address':
      return padded(bytesOf(field, value, 20))
    case 'bool':
      if (typeof value !== 'boolean') throw typedDataError(field, 'is not true or false')
      return padded(Uint8Array.of(value ? 1 : 0))
    default: {
      const bits = Number(field.type.slice(4))
      let number: bigint
      try {
        number = typeof value === 'boolean' || value instanceof Uint8Array ? -1n : BigInt(value)
      } catch {
        number = -1n
      }
      if (number < 0n || number >= 1n << BigInt(bits)) throw typedDataError(field, 'is out of range')
      return fromHex(number.toString(16).padStart(64, '0'))
    }
  }
}

function bytesOf(field: TypedField, value: TypedValue, length?: number): Uint8Array {
  if (value instanceof Uint8Array) {
    if (length === undefined || value.length === length) return value
  } else if (typeof value === 'string') {
    try {
      return fromHex0x(value, length)
    } catch (cause) {
      if (!(cause instanceof TanlianError)) throw cause
    }
  }
  throw typedDataError(field, `is not ${length ?? 'some'} bytes`)
}

function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(32)
  result.set(bytes, 32 - bytes.length)
  return result
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

function typedDataError(field: TypedField, why: string): TanlianError {
  return new TanlianError('E_TYPED_DATA', `The field ${field.name} of the signed message ${why} (${field.type}).`, {
    values: { field: field.name, type: field.type, why },
  })
}

function signatureError(why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_SIGNATURE_FORM', `The signature cannot be used: ${why}.`, { values: { why }, cause })
}
