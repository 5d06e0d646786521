import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './json.ts'

const read = (text: string) => readJson(new TextEncoder().encode(text))
const codeOf = (bytes: Uint8Array): string => {
  try {
    readJson(bytes)
    return 'read'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('R6 what is plain JSON is read as JSON.parse reads it', () => {
  // Keys that reach a prototype are refused, broken text too: everything else comes through.
  const key = fc
    .string({ unit: 'grapheme' })
    .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text) && !text.includes('\u0000'))
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 6 },
      key,
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any')),
      fc.dictionary(key, tie('any')),
    ),
  })).any
  fc.assert(
    fc.property(value, fc.nat(3), (given, indent) => {
      const text = JSON.stringify(given, null, indent)
      expect(read(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('R6, R22 bad bodies are refused, each with its code', () => {
  const cases: [string, string][] = [
    ['', 'E_REQUEST_JSON'],
    ['{', 'E_REQUEST_JSON'],
    ['{"a":1}x', 'E_REQUEST_JSON'],
    ['{a:1}', 'E_REQUEST_JSON'],
    ['NaN', 'E_REQUEST_JSON'],
    ['\ufeff{}', 'E_REQUEST_JSON'],
    ['{"a":1,"a":2}', 'E_REQUEST_DUPLICATE_KEY'],
    ['{"a":1,"\\u0061":2}', 'E_REQUEST_DUPLICATE_KEY'],
    ['{"b":[{"a":1,"c":{},"a":2}]}', 'E_REQUEST_DUPLICATE_KEY'],
    ['{"__proto__":1}', 'E_REQUEST_KEY'],
    ['{"a":[{"constructor":{"prototype":1}}]}', 'E_REQUEST_KEY'],
    ['{"\\u005f_proto__":1}', 'E_REQUEST_KEY'],
    ['["\\u0000"]', 'E_REQUEST_TEXT'],
    ['["\\ud800"]', 'E_REQUEST_TEXT'],
    ['{"\\udc00":1}', 'E_REQUEST_TEXT'],
    ['['.repeat(33) + ']'.repeat(33), 'E_REQUEST_DEPTH'],
    ['{"a":'.repeat(100_000), 'E_REQUEST_DEPTH'],
  ]
  for (const [text, code] of cases) {
    const bytes = new TextEncoder().encode(text)
    expect([codeOf(bytes), codeOf(bytes)], text.slice(0, 60)).toEqual([code, code])
  }
  expect(codeOf(Uint8Array.of(0x22, 0xff, 0x22))).toBe('E_REQUEST_TEXT')
})

test('what looks like a key but is a value, or stands in another object, is no duplicate', () => {
  expect(read('{"a":"a","b":{"a":"a"},"c":["a","a",{"a":1}]}')).toEqual({
    a: 'a',
    b: { a: 'a' },
    c: ['a', 'a', { a: 1 }],
  })
  expect(read('"{\\"a\\":1,\\"a\\":2}"')).toBe('{"a":1,"a":2}')
  expect(read('{"a":"[[[[","b":"\\\\"}')).toEqual({ a: '[[[[', b: '\\' })
})
