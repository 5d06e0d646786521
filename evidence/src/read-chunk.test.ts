import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidFromDigest, decodeBlock, encodeBlock } from './block.ts'
import { encodeChunk } from './encode-chunk.ts'
import type { Chunk } from './form.ts'
import { readChunk } from './read-chunk.ts'

const integer = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
)
const chunks = fc
  .record({
    type: integer,
    stream: integer,
    seed: fc.uint8Array({ maxLength: 40 }),
    sources: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 4 }),
    rows: fc.array(
      fc.tuple(integer, integer, integer, fc.constantFrom('N', 'F', 'x', '\u0000'), fc.option(fc.nat(300))),
      { maxLength: 30 },
    ),
  })
  .map(
    ({ sources, ...rest }) =>
      ({ ...rest, sources: sources.map((digest) => cidFromDigest(digest)) }) as unknown as Chunk,
  )

describe('the reader of chunks', () => {
  test('reads what the general decoder reads', () => {
    fc.assert(
      fc.property(chunks, (chunk) => {
        const { bytes } = encodeBlock(chunk)
        expect(encodeChunk(chunk)).toEqual(bytes)
        expect(readChunk(bytes)).toEqual(decodeBlock(bytes))
      }),
    )
  })

  test('S4 takes nothing that the general decoder refuses or reads otherwise, whatever byte is changed, cut or added', () => {
    fc.assert(
      fc.property(chunks, fc.nat(), fc.nat(255), fc.constantFrom('change', 'cut', 'add'), (chunk, place, byte, how) => {
        const whole = encodeBlock(chunk).bytes
        const at = place % whole.length
        const bytes =
          how === 'cut' ? whole.slice(0, at) : how === 'add' ? Uint8Array.of(...whole, byte) : whole.with(at, byte)
        const found = readChunk(bytes)
        if (found !== undefined) expect(found).toEqual(decodeBlock(bytes))
      }),
      { numRuns: 2000 },
    )
  })
})
