import { expect, test } from 'vitest'
import { createVault } from './vault.ts'

const secret = new Uint8Array(32).fill(1)
const plain = new TextEncoder().encode('readings of a shared batch')

test('what is locked opens with the same secret, and says nothing of itself on the disk', () => {
  const locked = createVault(secret).lock(plain)
  expect(Buffer.from(locked).includes('readings')).toBe(false)
  expect(createVault(secret).open(locked)).toEqual(plain)
  expect(Buffer.compare(locked, createVault(secret).lock(plain))).not.toBe(0)
})

test('with another secret, a changed byte or a piece missing nothing opens', () => {
  const vault = createVault(secret)
  const locked = vault.lock(plain)
  expect(createVault(secret.with(0, 2)).open(locked)).toBeUndefined()
  for (let at = 0; at < locked.length; at++)
    expect(vault.open(locked.map((byte, place) => (place === at ? byte ^ 1 : byte)))).toBeUndefined()
  for (const length of [0, 12, 27, locked.length - 1]) expect(vault.open(locked.subarray(0, length))).toBeUndefined()
})
