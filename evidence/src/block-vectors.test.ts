import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { cidOf, decodeBlock, encodeBlock, equalBytes, fromHex } from './block.ts'

const folder = join(import.meta.dirname, '../vectors/ipld')
const blocks = readdirSync(join(folder, 'fixtures'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.dag-cbor'))
  .map((name) => {
    const [fixture = '', file = ''] = name.split('/')
    const bytes = new Uint8Array(readFileSync(join(folder, 'fixtures', name)))
    return { fixture, cid: file.replace('.dag-cbor', ''), bytes }
  })

const leftOut = blocks.filter(({ bytes }) => isLeftOut(decode(bytes)))
const allowed = blocks.filter((block) => !leftOut.includes(block))

describe('ipld/codec-fixtures, dag-cbor', () => {
  test('64 blocks are there, 27 of them within this format', () => {
    expect([blocks.length, allowed.length]).toEqual([64, 27])
  })

  test.each(blocks)('S4 the file name of $fixture is the CID of its bytes', ({ cid, bytes }) => {
    expect(cidOf(bytes).toString()).toBe(cid)
  })

  test.each(allowed)('S4 $fixture: encode(decode(b)) = b', ({ bytes }) => {
    expect(equalBytes(encodeBlock(decodeBlock(bytes)).bytes, bytes)).toBe(true)
  })

  test.each(leftOut)('R6 $fixture is refused', ({ bytes }) => {
    expect(() => decodeBlock(bytes)).toThrow(expect.objectContaining({ code: 'E_BLOCK_NOT_CANONICAL' }))
  })

  test('its negative fixtures are refused', () => {
    const file = join(folder, 'negative-fixtures/dag-cbor/decode/duplicate-keys.json')
    const fixtures: { name: string; hex: string }[] = JSON.parse(readFileSync(file, 'utf8'))
    expect(fixtures.length).toBeGreaterThan(0)
    for (const { hex } of fixtures)
      expect(() => decodeBlock(fromHex(hex))).toThrow(expect.objectContaining({ code: 'E_BLOCK_NOT_CANONICAL' }))
  })
})

describe('encodings that are not canonical', () => {
  test.each([
    ['a whole number as a float', 'fb3ff0000000000000'],
    ['a half float', 'f93c00'],
    ['a number longer than it needs to be', '1801'],
    ['a length longer than it needs to be', '580161'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite map', 'bf616101ff'],
    ['an indefinite text', '7f6161ff'],
    ['map keys in another order', 'a2616201616101'],
    ['longer map keys first', 'a262616101616201'],
    ['a map key that is a number', 'a10102'],
    ['undefined', 'f7'],
    ['another tag', 'c11a514b67b0'],
    ['a simple value', 'e0'],
    ['text that is not UTF-8', '61ff'],
    ['a byte left over', '0101'],
    ['a byte missing', '4261'],
    ['nothing', ''],
    ['a CID without its zero byte', 'd82a4101'],
    ['infinity', 'f97c00'],
    ['not a number', 'f97e00'],
  ])('S4 %s is refused', (_, hex) => {
    expect(() => decodeBlock(fromHex(hex))).toThrow(expect.objectContaining({ code: 'E_BLOCK_NOT_CANONICAL' }))
  })
})

/** Canonical DAG-CBOR that this format leaves out all the same: numbers but 0 … 2^53 − 1, and other CIDs (safety R6). */
function isLeftOut(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value) || value < 0
  if (typeof value === 'bigint') return true
  if (CID.asCID(value) !== null) return !/^bafyrei[a-z2-7]{52}$/.test(String(value))
  if (value instanceof Uint8Array || value === null || typeof value !== 'object') return false
  return Object.values(value).some(isLeftOut)
}
