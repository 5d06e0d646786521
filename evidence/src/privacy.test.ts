import { describe, expect, test } from 'vitest'
import { encodeBlock, toHex } from './block.ts'
import { decodeGrant, encodeGrant, type Grant, isGranted, recoverGrantSigner, signGrant } from './grant.ts'
import { encodeKey } from './key.ts'
import { privacyOf, readersBy } from './privacy.ts'
import { privacyContent, readPrivacyRules } from './privacy-choice.ts'
import { readerKeyContent, readReaderKeys } from './reader-key.ts'
import { addressOf } from './typed-data.ts'

const grant: Grant = {
  organization: 7,
  reader: 9,
  access: 'read',
  step: 0,
  types: [Uint8Array.of(2), Uint8Array.of(4, 1)],
  streams: [],
  from: 1000,
  to: 2000,
  salt: new Uint8Array(16).fill(3),
}
const DOMAIN = { chainId: 31337, verifyingContract: `0x${'02'.repeat(20)}` as const }
const chunk = (type: number, stream: number, first: number, last: number) => ({
  lo: encodeKey(type, stream, first),
  hi: encodeKey(type, stream, last),
})

describe('a grant', () => {
  test('reads back as it was written, and names its signer for one chain, log and organization', () => {
    const block = encodeGrant(grant)
    expect(decodeGrant(block.bytes)).toEqual(grant)
    const key = new Uint8Array(32).fill(5)
    const signature = signGrant(block, 7, DOMAIN, key)
    expect(recoverGrantSigner(block, 7, DOMAIN, signature)).toBe(addressOf(key))
    expect(recoverGrantSigner(block, 8, DOMAIN, signature)).not.toBe(addressOf(key))
    expect(recoverGrantSigner(block, 7, { ...DOMAIN, chainId: 1 }, signature)).not.toBe(addressOf(key))
    expect(recoverGrantSigner(encodeGrant({ ...grant, to: 2001 }), 7, DOMAIN, signature)).not.toBe(addressOf(key))
  })

  test.each<[string, Partial<Record<keyof Grant | 'more', unknown>>]>([
    ['nobody', { reader: 0 }],
    ['its owner', { reader: 7 }],
    ['an unknown access', { access: 'write' }],
    ['a reading with a step', { step: 60 }],
    ['a summary without one', { access: 'summary' }],
    ['no type', { types: [] }],
    ['a type of four bytes', { types: [new Uint8Array(4)] }],
    ['a type of none', { types: [new Uint8Array(0)] }],
    ['stream 0', { streams: [0] }],
    ['no time', { to: 1000 }],
    ['a short salt', { salt: new Uint8Array(15) }],
    ['something more', { more: 1 }],
  ])('for %s is refused', (_, change) => {
    const { bytes } = encodeBlock({ format: 'tanlian/grant/1', ...grant, ...change })
    expect(() => decodeGrant(bytes)).toThrow(/cannot be read/)
  })

  test('holds for chunks of its types that lie wholly in its time', () => {
    expect(isGranted(grant, chunk(0x02010000, 1, 1000, 1999))).toBe(true)
    expect(isGranted(grant, chunk(0x02010000, 1, 999, 1999))).toBe(false)
    expect(isGranted(grant, chunk(0x02010000, 1, 1000, 2000))).toBe(false)
    expect(isGranted(grant, chunk(0x04010000, 1, 1000, 1000))).toBe(true)
    expect(isGranted(grant, chunk(0x04020000, 1, 1000, 1000))).toBe(false)
    expect(isGranted({ ...grant, streams: [2] }, chunk(0x02010000, 1, 1000, 1000))).toBe(false)
    expect(isGranted({ ...grant, streams: [2] }, chunk(0x02010000, 2, 1000, 1000))).toBe(true)
  })
})

describe('for whom a chunk is sealed', () => {
  const [own, platform, buyer] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const readersOf = readersBy({
    rules: [
      { prefix: Uint8Array.of(2), mode: 'shared' },
      { prefix: Uint8Array.of(2, 1, 3), mode: 'open' },
      { prefix: Uint8Array.of(2, 1), mode: 'closed' },
    ],
    own: [own],
    platform: [platform],
    grants: [
      { grant, keys: [buyer, own] },
      { grant: { ...grant, access: 'summary', step: 60 }, keys: [new Uint8Array(32).fill(4)] },
    ],
  })
  const names = (type: number, first: number) =>
    readersOf(chunk(type, 1, first, first))?.map((key) => toHex(key).slice(0, 2))

  test('the rule that names most of the type decides; a type without one is open', () => {
    expect(names(0x02020000, 0)).toEqual(['01', '02'])
    expect(names(0x02010000, 0)).toEqual(['01'])
    expect(names(0x02010300, 0)).toBeUndefined()
    expect(names(0x01010000, 0)).toBeUndefined()
  })

  test('a grant to read adds its keys for its time, a grant of a summary never does', () => {
    expect(names(0x02020000, 1500)).toEqual(['01', '02', '03'])
    expect(names(0x02010000, 1500)).toEqual(['01', '03'])
    expect(names(0x02010000, 2000)).toEqual(['01'])
  })
})

test('a list of readers’ keys is sorted, each once, each 32 bytes', () => {
  const keys = [3, 1, 2].map((byte) => new Uint8Array(32).fill(byte))
  expect(readerKeyContent(keys).keys.map((key) => key[0])).toEqual([1, 2, 3])
  expect(readReaderKeys({ keys: [] })).toEqual([])
  for (const content of [
    null,
    { keys },
    { keys: [keys[1], keys[1]] },
    { keys: [new Uint8Array(31)] },
    { keys: [], more: 1 },
    { keys: Array.from({ length: 65 }, (_, at) => new Uint8Array(32).fill(at)) },
  ])
    expect(() => readReaderKeys(content)).toThrow(/lists up to 64 keys/)
})

test('a choice of how types are kept is sorted, each type once; the rule that names most of a type counts', () => {
  const rules = [
    { prefix: Uint8Array.of(4), mode: 'closed' },
    { prefix: new Uint8Array(0), mode: 'shared' },
    { prefix: Uint8Array.of(4, 1, 1), mode: 'open' },
  ] as const
  const content = privacyContent(rules)
  const read = readPrivacyRules(content)
  expect(read.map(({ mode }) => mode)).toEqual(['shared', 'closed', 'open'])
  expect([0x02010100, 0x04020100, 0x04010100].map((type) => privacyOf(read, encodeKey(type, 1, 0)))).toEqual([
    'shared',
    'closed',
    'open',
  ])
  expect(privacyOf([], encodeKey(0x02010100, 1, 0))).toBe('open')
  for (const wrong of [
    null,
    { ...content, format: 'tanlian/privacy/2' },
    { ...content, more: 1 },
    { ...content, rules: content.rules.toReversed() },
    { ...content, rules: [[Uint8Array.of(4), 'hidden']] },
    { ...content, rules: [[Uint8Array.of(4), 'open', 1]] },
    { ...content, rules: [[new Uint8Array(4), 'open']] },
  ])
    expect(() => readPrivacyRules(wrong)).toThrow(expect.objectContaining({ code: 'E_PRIVACY_FORM' }))
  expect(() => privacyContent([rules[0], rules[0]])).toThrow(expect.objectContaining({ code: 'E_PRIVACY_FORM' }))
})
