import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonMessage } from './json-message.ts'

const metrics = new Map([
  ['imported', 'energy'],
  ['温度', 'temperature'],
])
const read = (text: string) => readJsonMessage(text, metrics)

describe('a JSON message', () => {
  test('keeps numbers digit for digit, and what has no point is passed over', () => {
    const text = ' {"ts":1767571200999, "seq":41,\n"metrics":{"imported":1234567890123.10,"温度":-0.50,"other":1}} \n'
    expect(read(text)).toEqual({
      ts: 1767571200999,
      seq: 41,
      salt: undefined,
      sig: undefined,
      samples: [
        { point: 'energy', stamp: 1767571200, value: '1234567890123.10', flag: undefined },
        { point: 'temperature', stamp: 1767571200, value: '-0.50', flag: undefined },
      ],
    })
  })

  test('null is an instrument that did not answer, and a value may have a flag', () => {
    const text = '{"ts":1000,"metrics":{"imported":null,"温度":{"value":3,"flag":"C"}}}'
    expect(read(text)).toMatchObject({
      samples: [
        { value: undefined, flag: 'B' },
        { value: '3', flag: 'C' },
      ],
    })
  })

  const bad: [string, string][] = [
    ['', 'E_MESSAGE_FORM'],
    ['[]', 'E_MESSAGE_FORM'],
    ['{}', 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{}', 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{}}}', 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{},}', 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{"a":1,}}', 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{"a\\u0061":1}}', 'E_MESSAGE_FORM'],
    ["{'ts':1}", 'E_MESSAGE_FORM'],
    ['{"ts":1,"metrics":{"a":true}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":"1"}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":1e5}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":01}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":1.}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":NaN}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"metrics":{"a":12345678901234567}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1.5,"metrics":{}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":-1,"metrics":{}}', 'E_MESSAGE_NUMBER'],
    ['{"ts":1,"ts":1,"metrics":{}}', 'E_MESSAGE_TWICE'],
    ['{"ts":1,"metrics":{"a":1,"a":1}}', 'E_MESSAGE_TWICE'],
    ['{"ts":1,"metrics":{"a":{"value":1,"value":2}}}', 'E_MESSAGE_TWICE'],
    ['{"metrics":{}}', 'E_MESSAGE_KEY'],
    ['{"ts":1}', 'E_MESSAGE_KEY'],
    ['{"ts":1,"metrics":{},"x":1}', 'E_MESSAGE_KEY'],
    ['{"ts":1,"metrics":{"__proto__":1}}', 'E_MESSAGE_KEY'],
    ['{"ts":1,"sig":"00","metrics":{}}', 'E_MESSAGE_KEY'],
    ['{"ts":1,"metrics":{"a":{"value":1,"unit":"W"}}}', 'E_MESSAGE_KEY'],
    ['{"ts":1,"metrics":{"a":{"value":1,"flag":"E"}}}', 'E_MESSAGE_FLAG'],
    ['{"ts":999999999999999,"metrics":{}}', 'E_MESSAGE_TIME'],
  ]
  test.each(bad)('%s is refused, twice alike', (text, code) => {
    expect(read(text)).toBe(code)
    expect(read(text)).toBe(code)
  })

  test('says of any text what JSON.parse says, or is stricter', () => {
    const key = fc.constantFrom('ts', 'seq', 'metrics', 'imported', 'value', 'flag')
    const json = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('1', '-2.50', 'null', 'true', '"N"', '1e3', '{}', ' 7 '),
        fc
          .array(fc.tuple(key, tie('value')), { maxLength: 3 })
          .map((pairs) => `{${pairs.map(([k, v]) => `"${k}":${v}`).join(',')}}`),
      ),
    })).value
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          fc.string(),
          json.map((text) => text.slice(1)),
        ),
        (text) => {
          const message = read(text)
          if (typeof message === 'string') return
          const parsed = JSON.parse(text) as { ts: number; metrics: Record<string, number | { value: number }> }
          expect(parsed.ts).toBe(message.ts)
          for (const { point, value } of message.samples) {
            const given = parsed.metrics[point === 'energy' ? 'imported' : '温度']
            expect(Number(value)).toBe(typeof given === 'object' && given !== null ? given.value : Number(given))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
