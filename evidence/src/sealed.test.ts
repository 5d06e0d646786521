import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeBlock, encodeBlock, fromHex, toHex } from './block.ts'
import { decodeChunk, decodeFrame, decodeSealed, isSealed, type Sealed } from './form.ts'
import { openReader, openSealed, readerId, readerPublicKey, type SealedPlace, sealBlock } from './sealed.ts'

interface Vectors {
  readonly readers: readonly { readonly secret: string; readonly public: string; readonly id: string }[]
  readonly blocks: readonly {
    readonly name: string
    readonly organization: number
    readonly min: string
    readonly max: string
    readonly count: number
    readonly random: readonly string[]
    readonly plain: string
    readonly sealed: string
  }[]
}

const vectors = JSON.parse(readFileSync(new URL('../vectors/sealed/sealed.json', import.meta.url), 'utf8')) as Vectors
const secrets = vectors.readers.map(({ secret }) => fromHex(secret, 32))
const publics = vectors.readers.map((reader) => fromHex(reader.public, 32))

const placeOf = ({ min, max, count, organization }: Vectors['blocks'][number]): SealedPlace => ({
  min: fromHex(min, 16),
  max: fromHex(max, 16),
  count,
  organization,
})

describe('blocks sealed by another implementation (vectors/sealed/make.py)', () => {
  test('keys and their names agree', () => {
    for (const reader of vectors.readers) {
      expect(toHex(readerPublicKey(fromHex(reader.secret)))).toBe(reader.public)
      expect(toHex(readerId(fromHex(reader.public)))).toBe(reader.id)
    }
  })

  test.each(vectors.blocks)('a $name: the same randomness seals to the same bytes', async (vector) => {
    const left = vector.random.map((hex) => fromHex(hex))
    const random = (length: number) => {
      const next = left.shift() as Uint8Array
      expect(next.length).toBe(length)
      return next
    }
    const block = await sealBlock(fromHex(vector.plain), placeOf(vector), publics, random)
    expect(toHex(block.bytes)).toBe(vector.sealed)
    expect(isSealed(block.bytes)).toBe(true)
  })

  test.each(vectors.blocks)('a $name: each reader opens it to the plain block', async (vector) => {
    for (const secret of secrets) {
      const plain = await openSealed(decodeSealed(fromHex(vector.sealed)), placeOf(vector), [openReader(secret)])
      expect(toHex(plain)).toBe(vector.plain)
      expect(isSealed(plain)).toBe(false)
      expect(() => (vector.name === 'chunk' ? decodeChunk(plain) : decodeFrame(plain))).not.toThrow()
    }
  })
})

describe('what does not open (R13)', () => {
  const [vector] = vectors.blocks as [Vectors['blocks'][number]]
  const sealed = decodeSealed(fromHex(vector.sealed))
  const place = placeOf(vector)
  const open = async (given: Sealed, where: SealedPlace = place) =>
    openSealed(given, where, [openReader(secrets[0] as Uint8Array)])
  const flipped = (bytes: Uint8Array, at = 0) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

  test('a key that is not named', async () => {
    const stranger = openReader(new Uint8Array(32).fill(9))
    await expect(openSealed(sealed, place, [stranger])).rejects.toMatchObject({ code: 'E_SEALED_READER' })
    await expect(openSealed(sealed, place, [])).rejects.toMatchObject({ code: 'E_SEALED_READER' })
  })

  test.each([
    ['another range', { ...place, max: flipped(place.max, 15) }],
    ['another count', { ...place, count: place.count + 1 }],
    ['another organization', { ...place, organization: place.organization + 1 }],
  ])('a block moved to %s', async (_, where) => {
    await expect(open(sealed, where)).rejects.toMatchObject({ code: 'E_SEALED_DAMAGED' })
  })

  test('any changed byte of content, nonce, wrapped key or encapsulation', async () => {
    const [id, encapsulation, wrapped] = sealed.keys[0] as Sealed['keys'][number]
    const own = toHex(id) === vectors.readers[0]?.id ? 0 : 1
    const withKey = (first: Uint8Array, second: Uint8Array): Sealed => ({
      ...sealed,
      keys: sealed.keys.map((key, at) => (at === own ? [key[0], first, second] : key)),
    })
    for (const given of [
      ...Array.from(sealed.bytes, (_, at) => ({ ...sealed, bytes: flipped(sealed.bytes, at) })),
      { ...sealed, nonce: flipped(sealed.nonce) },
      withKey(flipped(encapsulation), wrapped),
      withKey(encapsulation, flipped(wrapped)),
    ])
      await expect(open(given)).rejects.toMatchObject({ code: 'E_SEALED_DAMAGED' })
  })

  test('a block that tells of another plain block', async () => {
    await expect(open({ ...sealed, plain: flipped(sealed.plain) })).rejects.toMatchObject({ code: 'E_SEALED_PLAIN' })
  })

  test('forms that are refused: no reader, too many, unsorted, twice, other lengths, other format, more fields', () => {
    const value = decodeBlock(fromHex(vector.sealed)) as Record<string, unknown>
    const keys = value.keys as [Uint8Array, Uint8Array, Uint8Array][]
    const [first, second] = keys as [(typeof keys)[0], (typeof keys)[0]]
    for (const change of [
      { keys: [] },
      { keys: Array.from({ length: 65 }, (_, at) => [new Uint8Array(32).fill(at), first[1], first[2]]) },
      { keys: [second, first] },
      { keys: [first, first] },
      { keys: [[first[0], first[1].subarray(1), first[2]]] },
      { keys: [[first[0], first[1], first[2].subarray(1)]] },
      { keys: [[first[0], first[1]]] },
      { nonce: new Uint8Array(11) },
      { plain: new Uint8Array(31) },
      { format: 'tanlian/sealed/2' },
      { more: 1 },
    ])
      expect(
        () => decodeSealed(encodeBlock({ ...value, ...change }).bytes),
        JSON.stringify(Object.keys(change)),
      ).toThrow(/form of the specification/)
  })
})

describe('sealing', () => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const place: SealedPlace = { min: new Uint8Array(16), max: new Uint8Array(16), count: 0, organization: 7 }

  test('a fresh key each time: the same block never gives the same bytes', async () => {
    const plain = new Uint8Array([1, 2, 3])
    const [a, b] = [await sealBlock(plain, place, publics, random), await sealBlock(plain, place, publics, random)]
    expect(toHex(a.bytes)).not.toBe(toHex(b.bytes))
  })

  test('readers are named once, sorted by the hash of their keys', async () => {
    const many = [...publics, ...publics].reverse()
    const { keys } = decodeSealed((await sealBlock(new Uint8Array(1), place, many, random)).bytes)
    expect(keys.map(([id]) => toHex(id))).toEqual(vectors.readers.map(({ id }) => id).sort())
  })

  test('nobody, too many, and keys that are none are refused', async () => {
    const seal = (readers: readonly Uint8Array[]) => sealBlock(new Uint8Array(1), place, readers, random)
    await expect(seal([])).rejects.toMatchObject({ code: 'E_SEALED_READERS' })
    await expect(
      seal(Array.from({ length: 65 }, (_, at) => readerPublicKey(new Uint8Array(32).fill(at + 1)))),
    ).rejects.toMatchObject({
      code: 'E_SEALED_READERS',
    })
    await expect(seal([new Uint8Array(31)])).rejects.toMatchObject({ code: 'E_SEALED_KEY' })
    // RFC 7748 section 6.1: a point of small order gives a shared secret of zeros.
    await expect(seal([new Uint8Array(32)])).rejects.toMatchObject({ code: 'E_SEALED_KEY' })
  })
})
