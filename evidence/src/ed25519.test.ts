import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkEd25519, ed25519PublicKey, requireEd25519Key, signEd25519 } from './ed25519.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const file = join(import.meta.dirname, '../vectors/wycheproof/ed25519_test.json.gz')
interface Group {
  publicKey: { pk: string }
  tests: { tcId: number; comment: string; msg: string; sig: string; result: 'valid' | 'invalid' }[]
}
const { testGroups }: { testGroups: Group[] } = JSON.parse(gunzipSync(readFileSync(file)).toString())
const cases = testGroups.flatMap((group) => group.tests.map((t) => ({ ...t, pk: group.publicKey.pk })))

describe('Wycheproof', () => {
  test('151 cases are there', () => expect(cases).toHaveLength(151))

  test('R7 each signature is answered as published', () => {
    for (const { tcId, msg, sig, pk, result } of cases)
      expect([tcId, checkEd25519(hex(msg), hex(sig), hex(pk))]).toEqual([tcId, result === 'valid'])
  })

  test('its keys may be enrolled', () => {
    for (const { publicKey } of testGroups) expect(() => requireEd25519Key(hex(publicKey.pk))).not.toThrow()
  })
})

describe('keys that may not be enrolled', () => {
  const smallOrder = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ]
  const nonCanonical = [
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '0100000000000000000000000000000000000000000000000000000000000080',
  ]

  test.each([...smallOrder, ...nonCanonical, '', '00'])('R7 %s', (key) => {
    expect(() => requireEd25519Key(hex(key))).toThrow(expect.objectContaining({ code: 'E_KEY_ED25519' }))
  })

  test('R7 no signature holds under a key of small order', () => {
    // R = identity, S = 0 satisfies the equation for such keys whatever is signed.
    for (const key of smallOrder) {
      const signature = new Uint8Array(64)
      signature[0] = 1
      expect(checkEd25519(hex('aa'), signature, hex(key))).toBe(false)
    }
  })
})

test('our signatures are those of OpenSSL', () => {
  const seed = new Uint8Array(32).fill(9)
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const message = hex('74616e6c69616e')
  const signature = signEd25519(message, seed)
  expect(signature).toEqual(new Uint8Array(sign(null, message, key)))
  expect(checkEd25519(message, signature, ed25519PublicKey(seed))).toBe(true)
})
