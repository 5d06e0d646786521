import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { chainSigner, developmentKey } from './signer.ts'

test('R11: a published key signs on the development chain and is refused on every other', () => {
  for (const n of [0, 9]) {
    expect(chainSigner(developmentKey(n), 31337).address).toBe(
      privateKeyToAccount(developmentKey(n)).address.toLowerCase(),
    )
    expect(() => chainSigner(developmentKey(n), 1)).toThrow(
      expect.objectContaining({ code: 'E_SIGNER_DEVELOPMENT_KEY' }),
    )
  }
})

test('R11: so are the keys of the published vectors', async () => {
  const { default: vectors } = await import('../../evidence/vectors/evidence-vectors.json', { with: { type: 'json' } })
  const keys = vectors.batch.eip712.privateKeys as `0x${string}`[]
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys)
    expect(() => chainSigner(key, 1337)).toThrow(expect.objectContaining({ code: 'E_SIGNER_DEVELOPMENT_KEY' }))
})
