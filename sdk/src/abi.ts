import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'

/** A value of one 32-byte word of the contract ABI: integers, booleans, addresses and 32-byte strings; the contracts read here use no others. */
export type Word = bigint | number | boolean | Uint8Array | `0x${string}`

/** 0x and the first four bytes of keccak-256 of a signature such as `head(uint64,uint32)`. */
export function selector(signature: string): `0x${string}` {
  return `0x${toHex(keccak_256(new TextEncoder().encode(signature)).subarray(0, 4))}`
}

/** The first topic of an event: keccak-256 of its signature. */
export function eventTopic(signature: string): `0x${string}` {
  return `0x${toHex(keccak_256(new TextEncoder().encode(signature)))}`
}

/** A value as one word, right-aligned but for 32-byte strings, which fill it. */
export function encodeWord(value: Word): string {
  if (value instanceof Uint8Array) return toHex(value).padStart(64, '0')
  if (typeof value === 'string') return value.slice(2).toLowerCase().padStart(64, '0')
  return BigInt(value).toString(16).padStart(64, '0')
}

/** Call data of a function whose parameters are all one word. */
export function encodeCall(signature: string, parameters: readonly Word[]): `0x${string}` {
  return `${selector(signature)}${parameters.map(encodeWord).join('')}`
}

/** Splits `0x…` into its words. Codes: E_CHAIN_ANSWER when the length is not a whole number of words, at least `least`. */
export function splitWords(data: unknown, least: number): string[] {
  if (typeof data !== 'string' || !/^0x([0-9a-f]{64})*$/i.test(data) || data.length < 2 + 64 * least) {
    throw new TanlianError(
      'E_CHAIN_ANSWER',
      `The chain node answered ${typeof data === 'string' ? data.slice(0, 80) : typeof data} where ${least} words were expected. Check that the contract addresses belong to this chain.`,
      { values: { expected: least } },
    )
  }
  return data.slice(2).match(/.{64}/g) ?? []
}

/** A word as a number within 2^53 − 1. Codes: E_CHAIN_ANSWER. */
export function wordNumber(word: string | undefined): number {
  const value = word === undefined ? -1n : BigInt(`0x${word}`)
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new TanlianError('E_CHAIN_ANSWER', `The chain node answered the number ${value}, beyond 2^53 − 1.`, {
      values: { value },
    })
  }
  return Number(value)
}
