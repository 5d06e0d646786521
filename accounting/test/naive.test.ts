import { type Ratio, ratio, TanlianError } from '@tanlian/units'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calculate, compileMethodology, readMethodology, valuesOf } from '../src/index.ts'
import { equationOf, inputOf, SKETCH } from './sketch.ts'

/*
 * The naive twin of the engine: a tree of arrays evaluated in a few lines, with fractions brought to lowest terms at every step. It shares
 * nothing with the engine but the table of what its words mean.
 */
type Tree = readonly [op: string, ...parts: (Tree | string | number)[]]
type Row = { readonly x: Ratio; readonly y: Ratio }

const ROWS: readonly Row[] = [
  { x: ratio(1n, 3n), y: ratio(5n) },
  { x: ratio(-7n, 2n), y: ratio(1n, 10n) },
  { x: ratio(0n), y: ratio(4n) },
]
const P = ratio(11n, 4n)

function naive(tree: Tree, row: Row | undefined): Ratio {
  const [op, ...parts] = tree
  const of = (at: number, own = row) => naive(parts[at] as Tree, own)
  const less = (a: Ratio, b: Ratio) => a.numerator * b.denominator < b.numerator * a.denominator
  switch (op) {
    case 'number':
      return ratio(BigInt(parts[0] as number), 10n)
    case 'p':
      return P
    case 'x':
    case 'y':
      return (row as Row)[op]
    case '+':
      return plus(of(0), of(1))
    case '−':
      return plus(of(0), times(of(1), ratio(-1n)))
    case '×':
      return times(of(0), of(1))
    case '÷':
      return times(of(0), ratio(of(1).denominator, of(1).numerator))
    case 'min':
      return less(of(1), of(0)) ? of(1) : of(0)
    case 'max':
      return less(of(0), of(1)) ? of(1) : of(0)
    case 'if':
      return less(of(0), of(1)) ? of(2) : of(3)
    case 'piecewise':
      return less(of(0), of(1)) ? of(2) : of(3)
    case 'power':
      return Array.from({ length: parts[1] as number }).reduce<Ratio>((product) => times(product, of(0)), ratio(1n))
    case 'sum':
      return ROWS.map((one) => of(0, one)).reduce(plus, ratio(0n))
    default: {
      const weights = ROWS.map((one) => of(1, one)).reduce(plus, ratio(0n))
      const total = ROWS.map((one) => times(of(0, one), of(1, one))).reduce(plus, ratio(0n))
      return times(total, ratio(weights.denominator, weights.numerator))
    }
  }
}

const plus = (a: Ratio, b: Ratio) =>
  ratio(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
const times = (a: Ratio, b: Ratio) => ratio(a.numerator * b.numerator, a.denominator * b.denominator)

function written(tree: Tree): string {
  const [op, ...parts] = tree
  const of = (at: number) => written(parts[at] as Tree)
  switch (op) {
    case 'number': {
      const tenths = parts[0] as number
      return tenths < 0 ? `(−${(-tenths / 10).toFixed(1)})` : (tenths / 10).toFixed(1)
    }
    case 'p':
    case 'x':
    case 'y':
      return op
    case 'if':
      return `if(${of(0)} < ${of(1)}, ${of(2)}, ${of(3)})`
    case 'power':
      return `power(${of(0)}, ${parts[1]})`
    case '+':
    case '−':
    case '×':
    case '÷':
      return `(${of(0)} ${op} ${of(1)})`
    default:
      return `${op}(${parts.map((_, at) => of(at)).join(', ')})`
  }
}

const { single, many } = fc.letrec<{ single: Tree; many: Tree }>((tie) => {
  const both = (inner: fc.Arbitrary<Tree>): fc.Arbitrary<Tree>[] => [
    fc.tuple(fc.constantFrom('+', '−', '×', '÷', 'min', 'max'), inner, inner),
    fc.tuple(fc.constant('if'), inner, inner, inner, inner),
    fc.tuple(fc.constant('piecewise'), inner, inner, inner, inner),
    fc.tuple(fc.constant('power'), inner, fc.integer({ min: 1, max: 4 })),
  ]
  const number: fc.Arbitrary<Tree> = fc.tuple(fc.constant('number'), fc.integer({ min: -50, max: 50 }))
  const name = (...names: string[]): fc.Arbitrary<Tree> => fc.constantFrom(...names).map((one): Tree => [one])
  return {
    single: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      number,
      name('p'),
      ...both(tie('single')),
      fc.tuple(fc.constant('sum'), tie('many')),
      fc.tuple(fc.constant('average'), tie('many'), tie('many')),
    ),
    many: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      name('x', 'y'),
      ...both(tie('many')).map((one) => fc.tuple(name('x', 'y'), one).map(([row, tree]): Tree => ['+', row, tree])),
    ),
  }
})

function engine(is: string): readonly Ratio[] | string {
  const methodology = readMethodology({
    ...SKETCH,
    id: 'naive',
    inputs: [inputOf('x', 'rows'), inputOf('y', 'rows'), inputOf('p')],
    equations: [equationOf({ name: 'result', is })],
  })
  const text = ({ numerator, denominator }: Ratio) => `${numerator}/${denominator}`
  const rows = ROWS.map(({ x, y }) => ({ x: text(x), y: text(y) }))
  return attempt(() =>
    valuesOf(calculate(compileMethodology(methodology, []), { values: { p: text(P) }, groups: { rows } }), 'result'),
  )
}

function attempt<T>(work: () => T): T | string {
  try {
    return work()
  } catch (error) {
    if (error instanceof TanlianError) return error.code
    throw error
  }
}

test('the engine agrees with a naive evaluator, to the fraction, also on what is refused', () => {
  let refused = 0
  fc.assert(
    fc.property(single, (tree) => {
      const expected = attempt(() => [naive(tree, undefined)])
      if (typeof expected === 'string') refused++
      expect(engine(written(tree))).toEqual(expected)
    }),
    { numRuns: 400 },
  )
  fc.assert(
    fc.property(many, (tree) => {
      expect(engine(written(tree))).toEqual(attempt(() => ROWS.map((row) => naive(tree, row))))
    }),
    { numRuns: 200 },
  )
  expect(refused).toBeLessThan(300)
})
