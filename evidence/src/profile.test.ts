import { describe, expect, test } from 'vitest'
import { digestOf, encodeBlock } from './block.ts'
import {
  checkPrivateProfile,
  decodePrivateProfile,
  decodeProfile,
  encodePrivateProfile,
  encodeProfile,
  PARTIES,
  type PrivateProfile,
  type Profile,
} from './profile.ts'

const hidden: PrivateProfile = {
  salt: new Uint8Array(16).fill(7),
  contact: '王工',
  phone: null,
  email: 'wang@example.com',
  address: null,
  creditCode: '91130200000000000X',
}
const open: Profile = {
  kind: 'enterprise',
  name: '示范钢铁厂',
  nameEn: 'Example steel works',
  region: 'CN-HE',
  industry: 'steel',
  website: null,
  private: digestOf(encodePrivateProfile(hidden).cid),
}

describe('profiles', () => {
  test('both parts come back as they were', () => {
    expect(decodeProfile(encodeProfile(open).bytes)).toEqual(open)
    expect(decodePrivateProfile(encodePrivateProfile(hidden).bytes)).toEqual(hidden)
  })

  test('the order in which fields were given does not change the digest', () => {
    const turned = Object.fromEntries(Object.entries(open).reverse()) as unknown as Profile
    expect(encodeProfile(turned).cid.toString()).toBe(encodeProfile(open).cid.toString())
  })

  test('the private part is named by its salted digest: one other bit is another part', () => {
    const block = encodePrivateProfile(hidden).bytes
    expect(checkPrivateProfile(open, block)).toBe(true)
    expect(checkPrivateProfile(open, null)).toBe(false)
    expect(checkPrivateProfile({ ...open, private: null }, null)).toBe(true)
    const other = encodePrivateProfile({ ...hidden, salt: new Uint8Array(16).fill(8) }).bytes
    expect(checkPrivateProfile(open, other)).toBe(false)
  })

  test('parties stand in the order of their numbers in the registry', () => {
    expect(PARTIES).toHaveLength(7)
    expect(PARTIES.indexOf('enterprise') + 1).toBe(3)
  })

  const bad: [string, Record<string, unknown>][] = [
    ['another format', { format: 'tanlian/profile/2' }],
    ['an unknown party', { kind: 'bank' }],
    ['an empty name', { name: ' ' }],
    ['a name of 501 characters', { name: 'a'.repeat(501) }],
    ['a zero character', { name: 'a\u0000b' }],
    ['a number for a text', { region: 3 }],
    ['a digest of 31 bytes', { private: new Uint8Array(31) }],
    ['a field too many', { owner: 'me' }],
  ]
  test.each(bad)('%s is refused', (_name, change) => {
    const block = encodeBlock({ format: 'tanlian/profile/1', ...open, ...change })
    expect(() => decodeProfile(block.bytes)).toThrow(expect.objectContaining({ code: 'E_PROFILE_FORM' }))
  })

  test('a field that is missing is refused', () => {
    const { region: _region, ...rest } = open
    const block = encodeBlock({ format: 'tanlian/profile/1', ...rest })
    expect(() => decodeProfile(block.bytes)).toThrow(/region/)
  })
})
