import { TanlianError } from '@tanlian/units'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calculate, compileMethodology, parseExpression, readFactors, readMethodology } from '../src/index.ts'
import { readYaml } from '../src/yaml.ts'
import { documentsOf } from './library.ts'
import { equationOf, inputOf, SKETCH } from './sketch.ts'

/** What refused it; anything but a TanlianError fails the test. */
function codeOf(work: () => unknown): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    if (error instanceof TanlianError) return error.code
    throw error
  }
}

const methodologyOf = (equations: readonly Readonly<Record<string, string>>[], more: object = {}) => ({
  ...SKETCH,
  id: 'hostile',
  inputs: [inputOf('x', 'rows'), inputOf('y')],
  equations: equations.map(equationOf),
  ...more,
})
const runOf = (equations: readonly Readonly<Record<string, string>>[], rows: number, x = '1.000001', y = '3') => {
  const data = { values: { y }, groups: { rows: Array.from({ length: rows }, () => ({ x })) } }
  return codeOf(() => calculate(compileMethodology(readMethodology(methodologyOf(equations)), []), data))
}

describe('S35 a hostile methodology is refused with a code and never hangs', () => {
  test.each([
    ['powers of powers', [{ name: 'a', is: 'power(power(power(power(y, 16), 16), 16), 16)' }], 0, 'E_EQUATION_SIZE'],
    [
      'a value that squares itself in every equation',
      Array.from({ length: 40 }, (_, at) => ({
        name: `a${at}`,
        is: at === 0 ? 'y ÷ 7 + 1 ÷ 3' : `a${at - 1} × a${at - 1}`,
      })),
      0,
      'E_EQUATION_SIZE',
    ],
    [
      'every row sums every row',
      [
        { name: 'a', is: 'x × sum(x × sum(x × x))' },
        { name: 'b', is: 'sum(a)' },
      ],
      20_000,
      'E_EQUATION_STEPS',
    ],
    ['logarithms in every row', [{ name: 'a', is: 'sum(ln(x, 40) × exp(x, 40))' }], 20_000, 'E_EQUATION_STEPS'],
    [
      'a long equation over many rows',
      [{ name: 'a', is: `sum(${Array.from({ length: 400 }, () => 'x').join(' + ')})` }],
      20_000,
      'E_EQUATION_STEPS',
    ],
    ['too many rows', [{ name: 'a', is: 'sum(x)' }], 20_001, 'E_INPUT_UNKNOWN'],
  ])('%s', (_, equations, rows, code) => {
    expect(runOf(equations, rows)).toBe(code)
  })

  test('denominators that never meet end with a code', () => {
    const rows = Array.from({ length: 5000 }, (_, at) => ({ x: `1/${1_000_003 + 2 * at}` }))
    const program = compileMethodology(readMethodology(methodologyOf([{ name: 'a', is: 'sum(x)' }])), [])
    const code = codeOf(() => calculate(program, { values: { y: '1' }, groups: { rows } }))
    expect(['E_EQUATION_STEPS', 'E_EQUATION_SIZE']).toContain(code)
  })

  test('documents that are too deep, too large or no tree of texts', () => {
    const deep = Array.from({ length: 30 }).reduce<unknown>((inner) => ({ a: inner }), 'x')
    const circle: unknown[] = []
    circle.push(circle)
    for (const [input, code] of [
      [deep, 'E_DOCUMENT_SIZE'],
      [Array.from({ length: 30_000 }, () => 'x'), 'E_DOCUMENT_SIZE'],
      [{ x: 'y'.repeat(500_000) }, 'E_DOCUMENT_SIZE'],
      [circle, 'E_DOCUMENT_SIZE'],
      [{ version: 1 }, 'E_DOCUMENT_FORM'],
      [null, 'E_DOCUMENT_FORM'],
    ] as const) {
      expect(codeOf(() => readMethodology(input))).toBe(code)
      expect(codeOf(() => readFactors(input))).toBe(code)
    }
  })

  test('equations together, one equation, its words, its depth', () => {
    const many = Array.from({ length: 60 }, (_, at) => ({
      name: `a${at}`,
      is: `y + ${'0'.repeat(3900).slice(0, 50)}${' '.repeat(3900)}1`,
    }))
    expect(codeOf(() => compileMethodology(readMethodology(methodologyOf(many)), []))).toBe('E_DOCUMENT_SIZE')
    for (const is of ['1'.repeat(5000), '1+'.repeat(1500), '('.repeat(70), `${'-'.repeat(300)}1`, 'not '.repeat(100)])
      expect(codeOf(() => parseExpression(is))).toBe('E_EXPRESSION_FORM')
  })

  test('names of the language’s own objects are names like others', () => {
    const inputs = ['constructor', 'toString', 'hasOwnProperty'].map((name) => ({
      name,
      unit: '1',
      zh: '值',
      en: 'value',
    }))
    const groups = [{ name: 'valueOf', zh: '行', en: 'rows' }]
    const equations = [{ name: 'a', is: 'constructor + toString + hasOwnProperty' }]
    const program = compileMethodology(readMethodology(methodologyOf(equations, { inputs, groups })), [])
    expect(codeOf(() => calculate(program, { values: {}, groups: {} }))).toBe('E_INPUT_MISSING')
    const values = { constructor: '1', toString: '2', hasOwnProperty: '3' } as unknown as Readonly<
      Record<string, string>
    >
    expect(codeOf(() => calculate(program, { values, groups: {} }))).toBe('nothing')
  })

  test('YAML with aliases that multiply, deep brackets, repeated keys, too much text', () => {
    const laughs = `a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]`
    for (const text of [laughs, '['.repeat(100_000), 'a: 1\na: 2', '- '.repeat(5000), 'a: [', '\u0000'])
      expect(codeOf(() => readMethodology(readYaml(text)))).toBe('E_DOCUMENT_FORM')
    expect(codeOf(() => readYaml('x'.repeat(500_000)))).toBe('E_DOCUMENT_SIZE')
    expect(readYaml('a: 1.50')).toEqual({ a: '1.50' })
  })
})

describe('S35 fuzz', () => {
  const word = fc.constantFrom(
    'x',
    'y',
    'sum',
    'if',
    'power',
    'table',
    'ln',
    'average',
    'given',
    'not',
    'and',
    '=',
    '<',
    '(',
    ')',
    ',',
    '+',
    '−',
    '×',
    '÷',
    '16',
    '0',
    '1.5',
    "'a'",
    '40',
  )
  test('any text of words and signs reads or is refused with a code', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const is = words.join(' ')
        if (is !== '') runOf([{ name: 'a', is }], 3)
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
        codeOf(() => parseExpression(text))
      }),
      { numRuns: 500 },
    )
  })

  test('any change of a value of a real methodology reads or is refused with a code', () => {
    const documents = documentsOf('methodologies')
    const junk = fc.oneof(
      fc.string(),
      fc.constantFrom('', '1e999', '-1', '{', 'sum(', 'tCO2', 'constructor'),
      fc.constant([]),
      fc.constant({}),
    )
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), junk, (document, place, value) => {
        const texts: { of: Record<string, unknown>; key: string }[] = []
        const copy = structuredClone(document)
        const walk = (of: unknown) => {
          if (typeof of !== 'object' || of === null) return
          for (const [key, inner] of Object.entries(of)) {
            if (typeof inner === 'string') texts.push({ of: of as Record<string, unknown>, key })
            else walk(inner)
          }
        }
        walk(copy)
        const chosen = texts[place % texts.length]
        if (chosen !== undefined) chosen.of[chosen.key] = value
        codeOf(() => compileMethodology(readMethodology(copy), []))
      }),
      { numRuns: 300 },
    )
  })

  test('any YAML text reads or is refused with a code', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '"',
      "'",
      '? ',
      ': ',
      '| ',
      '> ',
      '#',
      '---',
      '...',
      '!!int 1',
      '%YAML 9',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 40 }), (pieces) => {
        codeOf(() => readMethodology(readYaml(pieces.join(''))))
      }),
      { numRuns: 400 },
    )
  })
})
