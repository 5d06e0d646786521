import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from './block.ts'
import { decodeEntry, type Entry, encodeEntry, recoverEntrySigner, signEntry } from './entry.ts'
import { addressOf } from './typed-data.ts'

const entries = fc.record({
  kind: fc.constantFrom(1 as const, 2 as const),
  organization: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})
const log = { chainId: 31337, verifyingContract: `0x${'11'.repeat(20)}` as const }
const key = new Uint8Array(32).fill(7)

test('an entry is 52 bytes and reads back as it was', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      expect(encodeEntry(entry).length).toBe(52)
      expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
    }),
  )
})

test('R8 a signature binds every part of an entry, the chain and the contract', () => {
  const entry: Entry = { kind: 1, organization: 7, sequence: 3, digest: new Uint8Array(32).fill(9) }
  const signature = signEntry(entry, log, key)
  expect(recoverEntrySigner(entry, log, signature)).toBe(addressOf(key))
  const others: [Entry, typeof log][] = [
    [{ ...entry, kind: 2 }, log],
    [{ ...entry, organization: 8 }, log],
    [{ ...entry, sequence: 4 }, log],
    [{ ...entry, digest: new Uint8Array(32) }, log],
    [entry, { ...log, chainId: 1 }],
    [entry, { ...log, verifyingContract: `0x${'22'.repeat(20)}` as typeof log.verifyingContract }],
  ]
  for (const [other, domain] of others) expect(recoverEntrySigner(other, domain, signature)).not.toBe(addressOf(key))
})

test('R8 the mirrored, shortened and renumbered forms of a signature are refused', () => {
  const entry: Entry = { kind: 1, organization: 7, sequence: 3, digest: new Uint8Array(32).fill(9) }
  const signature = signEntry(entry, log, key)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = order - BigInt(`0x${toHex(signature.subarray(32, 64))}`)
  const mirrored = signature.slice()
  for (let at = 0; at < 32; at++) mirrored[32 + at] = Number((s >> BigInt(8 * (31 - at))) & 0xffn)
  mirrored[64] = 55 - (signature[64] as number)
  const renumbered = signature.slice()
  renumbered[64] = (signature[64] as number) - 27
  for (const bad of [mirrored, renumbered, signature.subarray(0, 64), new Uint8Array(65)])
    expect(() => recoverEntrySigner(entry, log, bad)).toThrow(expect.objectContaining({ code: 'E_SIGNATURE_FORM' }))
})

test.each([
  ['kind 0', { kind: 0 }],
  ['kind 3', { kind: 3 }],
  ['organization 0', { organization: 0 }],
  ['a sequence beyond 2^53 − 1', { sequence: 2 ** 53 }],
  ['a digest of 31 bytes', { digest: new Uint8Array(31) }],
])('an entry with %s is refused', (_why, part) => {
  const entry = { kind: 1, organization: 1, sequence: 1, digest: new Uint8Array(32), ...part } as Entry
  expect(() => encodeEntry(entry)).toThrow(expect.objectContaining({ code: 'E_ENTRY_FORM' }))
})
