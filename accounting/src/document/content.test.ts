import { decodeBlock, encodeBlock, equalBytes } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { EXAMPLES } from '../../test/documents.ts'
import { DOCUMENT_KINDS, readDocumentContent, STATED_BY } from './content.ts'

const refused = expect.objectContaining({ code: 'E_DOCUMENT_FORM' })

test('every kind has an example and somebody who may state it', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...DOCUMENT_KINDS].sort())
  for (const kind of DOCUMENT_KINDS) expect(STATED_BY[kind].length).toBeGreaterThan(0)
})

test.each(DOCUMENT_KINDS)('the content of a %s survives being read', (kind) => {
  const { bytes } = encodeBlock(EXAMPLES[kind])
  expect(equalBytes(encodeBlock(readDocumentContent(kind, decodeBlock(bytes)).content).bytes, bytes)).toBe(true)
})

test.each(DOCUMENT_KINDS)('a %s with a key too many, too few or of another sort is refused', (kind) => {
  const good = EXAMPLES[kind]
  expect(() => readDocumentContent(kind, { ...good, more: 1 })).toThrow(refused)
  for (const key of Object.keys(good)) {
    const { [key]: _left, ...rest } = good
    expect(() => readDocumentContent(kind, rest)).toThrow(refused)
    expect(() => readDocumentContent(kind, { ...good, [key]: { no: 'such' } }), key).toThrow(refused)
  }
})

test.each([
  ['report', { corrects: EXAMPLES.report.trace, reason: null }],
  ['report', { inputs: [...(EXAMPLES.report.inputs as unknown[])].reverse() }],
  ['report', { outputs: [['total', '1e3', 'tCO2']] }],
  ['analysis', { results: [...(EXAMPLES.analysis.results as unknown[])].reverse() }],
  ['analysis', { results: [] }],
  ['sample', { sealed: 0 }],
  ['draw', { candidates: [20, 20] }],
  ['sampling-plan', { items: [new Uint8Array(16), new Uint8Array(16)] }],
  ['decision', { outcome: 'rejected' }],
] as const)('a %s that contradicts itself is refused: %o', (kind, change) => {
  expect(() => readDocumentContent(kind, { ...EXAMPLES[kind], ...change })).toThrow(refused)
})

test.each([
  ['a class alone has no unit', { type: Uint8Array.of(1) }],
  ['readings that are not valid count for nothing', { type: Uint8Array.of(1, 1, 1, 2) }],
  ['a quantity has one form', { quantity: '020' }],
  ['no stream is not every stream', { streams: [] }],
])('an origin is refused: %s', (_why, change) => {
  const inputs = EXAMPLES.report.inputs as readonly { origin: object }[]
  const told = inputs.map((input, at) => (at === 3 ? { ...input, origin: { ...input.origin, ...change } } : input))
  expect(() => readDocumentContent('report', { ...EXAMPLES.report, inputs: told })).toThrow(refused)
})

test('a kind that nobody knows is refused', () => {
  expect(() => readDocumentContent('poem', {})).toThrow(expect.objectContaining({ code: 'E_DOCUMENT_KIND' }))
  expect(() => readDocumentContent('constructor', {})).toThrow(expect.objectContaining({ code: 'E_DOCUMENT_KIND' }))
})
