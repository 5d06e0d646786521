import { TanlianError } from '@tanlian/units'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calculate, compileMethodology, type FactorSet, readFactors, readMethodology, traceOf } from '../src/index.ts'
import { documentsOf } from './library.ts'

type Document = Readonly<Record<string, unknown>>

/** The tops of the traces of all examples, or why the document is refused. */
function topsOf(document: unknown, sets: readonly FactorSet[]): string {
  try {
    const program = compileMethodology(readMethodology(document), sets)
    return program.methodology.examples
      .map(({ data }) => traceOf(calculate(program, data), () => ({ kind: 'manual', reference: 'test' })).top.cid)
      .join()
  } catch (error) {
    if (error instanceof TanlianError) return error.code
    throw error
  }
}

/** Paths of all texts below a part of a document. */
function pathsOf(of: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof of === 'string') return [path]
  if (typeof of !== 'object' || of === null) return []
  return Object.entries(of).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))
}

/** A copy with the text at a path changed. */
function changed(document: unknown, path: readonly string[], change: (text: string) => string): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change(String(document))
  const inner = changed((document as Document)[key], rest, change)
  if (Array.isArray(document)) return document.map((item, at) => (String(at) === key ? inner : item))
  return { ...(document as Document), [key]: inner }
}

const FACTORS = documentsOf('factors')
const SETS = [...new Map(FACTORS.map(readFactors).map((set) => [set.id, set])).values()]
const METHODS = documentsOf('methodologies') as readonly Document[]
const TOPS = METHODS.map((document) => topsOf(document, SETS))
const nextDigit = (text: string) => text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))

test('S15 another equation, constant, unit, place or rounding gives another top, or is refused', () => {
  const places = METHODS.flatMap((document, method) =>
    ['equations', 'parameters', 'rounding', 'version', 'outputs'].flatMap((part) =>
      pathsOf(document[part]).map((path) => ({ method, path: [part, ...path] })),
    ),
  )
  expect(places.length).toBeGreaterThan(2000)
  const swap: Readonly<Record<string, string>> = { '×': '÷', '÷': '×', '+': '−', '−': '+' }
  const changes = [
    nextDigit,
    (text: string) => text.replace(/[×÷+−]/, (sign) => swap[sign] ?? ''),
    (text: string) => (text === 'half-up' ? 'half-even' : `${text} `),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.constantFrom(...changes), ({ method, path }, change) => {
      const before = METHODS[method]
      const after = changed(before, path, change)
      fc.pre(JSON.stringify(after) !== JSON.stringify(before))
      expect(topsOf(after, SETS)).not.toBe(TOPS[method])
    }),
    { numRuns: 150 },
  )
})

test('S15 one digit of one factor that a methodology reads gives another top', () => {
  const read = new Set(METHODS.flatMap((method) => readMethodology(method).parameters.map(({ factor }) => factor?.set)))
  const used = FACTORS.filter((document) => {
    const { id, cid } = readFactors(document)
    return read.has(id) && SETS.some((set) => set.cid.equals(cid))
  })
  expect(used.length).toBeGreaterThan(10)
  for (const document of used) {
    const edited = readFactors(changed(document, ['rows', '0', 'value'], nextDigit))
    const sets = [...SETS.filter(({ id }) => id !== edited.id), edited]
    const tops = METHODS.map((method) => topsOf(method, sets))
    expect([edited.id, tops.some((top, at) => top !== TOPS[at])]).toEqual([edited.id, true])
  }
})
