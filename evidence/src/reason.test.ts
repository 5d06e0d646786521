import { expect, test } from 'vitest'
import { encodeBlock } from './block.ts'
import { decodeReason, encodeReason, REASON_FORMAT } from './reason.ts'

const salt = new Uint8Array(16).fill(7)

test('a reason comes back as it was, and the same text under another salt has another digest (S33)', () => {
  const block = encodeReason({ text: '材料不全', salt })
  expect(decodeReason(block.bytes)).toEqual({ text: '材料不全', salt })
  expect(encodeReason({ text: '材料不全', salt: new Uint8Array(16) }).cid.toString()).not.toBe(block.cid.toString())
})

test('any other form is refused', () => {
  const whole = { format: REASON_FORMAT, text: 'why', salt }
  for (const change of [
    { format: 'tanlian/reason/2' },
    { text: '' },
    { text: 'x'.repeat(1001) },
    { text: 7 },
    { salt: new Uint8Array(15) },
    { more: 1 },
  ])
    expect(() => decodeReason(encodeBlock({ ...whole, ...change }).bytes), JSON.stringify(change)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_(REASON_FORM|BLOCK_)/) }),
    )
  for (const text of ['\ud800', 'a\u0000b'])
    expect(() => encodeReason({ text, salt })).toThrow(expect.objectContaining({ code: 'E_REASON_FORM' }))
  for (const value of [null, 7, 'text', [1]])
    expect(() => decodeReason(encodeBlock(value).bytes)).toThrow(expect.objectContaining({ code: 'E_REASON_FORM' }))
})
