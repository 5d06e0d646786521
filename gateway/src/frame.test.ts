import { decodeFrame, encodeBlock } from '@tanlian/evidence'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, readFrame } from './frame.ts'

const bytes = (least: number, most: number) => fc.uint8Array({ minLength: least, maxLength: most })
const frames = fc.record(
  {
    bytes: bytes(0, 400),
    device: fc.string({ unit: 'grapheme', maxLength: 40 }),
    protocol: fc.constantFrom('hj212', 'mqtt', 'file'),
    received: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    salt: bytes(16, 16),
    counter: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    signature: bytes(64, 64),
  },
  { requiredKeys: ['bytes', 'device', 'protocol', 'received', 'salt'] },
)

describe('frame blocks', () => {
  test('S4 are the bytes that the format’s own encoder writes', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(encodeFrame(frame)).toEqual(encodeBlock({ ...frame }).bytes)
      }),
    )
  })

  test('are read as what was written', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const block = encodeFrame(frame)
        expect({ ...readFrame(block) }).toEqual({ ...frame })
        expect({ ...decodeFrame(block) }).toEqual({ ...frame })
      }),
    )
  })

  test('a block cut short or with something behind it is refused', () => {
    const block = encodeFrame({
      bytes: Uint8Array.of(1, 2, 3),
      device: 'stack',
      protocol: 'hj212',
      received: 1_780_000_000,
      salt: new Uint8Array(16),
    })
    for (let length = 0; length < block.length; length++)
      expect(() => readFrame(block.subarray(0, length))).toThrow(/does not read/)
    expect(() => readFrame(Uint8Array.of(...block, 0))).toThrow(/something follows/)
  })
})
