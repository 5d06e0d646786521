import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_METRICS, readJsonMessage } from './json-message.ts'
import { shapeOf } from './json-shape.ts'

const metrics = new Map([
  ['imported', 'energy'],
  ['温度', 'temperature'],
])

/** What a shape says of a text that stands between other bytes; undefined where it is none of its messages. */
function matched(shape: NonNullable<ReturnType<typeof shapeOf>>, text: string) {
  const bytes = Buffer.from(`..${text}\n`)
  return shape.match(bytes, 2) === bytes.length - 1 ? shape.message(bytes, metrics) : undefined
}

const number = fc.oneof(
  fc.constantFrom('0', '-0', '00', '01', '0.50', '-', '.5', '5.', '1e3', '1234567890123456', '12345678901234567', ''),
  fc.stringMatching(/^-?\d{1,17}(\.\d{1,13})?$/),
)
const field = fc.constantFrom('imported', '温度', 'other', 'a.b-c d')
const plain = fc
  .record({
    ts: fc.oneof(number, fc.nat(253_402_300_799_999).map(String)),
    seq: fc.option(fc.oneof(number, fc.maxSafeNat().map(String)), { nil: undefined }),
    metrics: fc.array(fc.tuple(field, number), { maxLength: 3 }),
  })
  .map(({ ts, seq, metrics: pairs }) => {
    const list = pairs.map(([name, value]) => `"${name}":${value}`).join(',')
    return `{"ts":${ts}${seq === undefined ? '' : `,"seq":${seq}`},"metrics":{${list}}}`
  })

describe('the shape of a message', () => {
  test('says of any other message what the reader says, or nothing', () => {
    let same = 0
    fc.assert(
      fc.property(plain, plain, (first, second) => {
        const shape = typeof readJsonMessage(first, metrics) === 'string' ? undefined : shapeOf(first)
        for (const text of [first, second]) {
          const found = shape === undefined ? undefined : matched(shape, text)
          if (found === undefined) continue
          same++
          expect(found).toEqual(readJsonMessage(text, metrics))
        }
      }),
      { numRuns: 5000 },
    )
    expect(same).toBeGreaterThan(100)
  })

  test('takes the next message of a device and keeps its numbers digit for digit', () => {
    const shape = shapeOf('{"ts":1000,"seq":1,"metrics":{"imported":1.50,"温度":-3}}')
    const next = '{"ts":61000,"seq":2,"metrics":{"imported":1234.05,"温度":0.10}}'
    expect(shape && matched(shape, next)).toEqual(readJsonMessage(next, metrics))
    expect(shape?.message(Buffer.from(next), NO_METRICS).samples).toEqual([])
  })

  test.each([
    '{"ts":1000,"metrics":{}}',
    '{"ts":1000,"metrics":{"a":null}}',
    '{"ts":1000,"metrics":{"a":{"value":1,"flag":"C"}}}',
    '{"ts":1000,"metrics":{"a":1},"seq":1}',
    '{ "ts":1000,"metrics":{"a":1}}',
    '{"ts":1000,"metrics":{"a": 1}}',
    '{"ts":1000,"seq":1,"metrics":{"a":1},"salt":"00","sig":"00"}',
  ])('%s has none: the reader reads it each time', (text) => {
    expect(shapeOf(text)).toBeUndefined()
  })
})
