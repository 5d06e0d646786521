import { parseRatio, type Ratio, ratio } from '@tanlian/units'
import { describe, expect, test } from 'vitest'
import { FACTOR_SETS, METHODOLOGIES, parseText, run } from '../test/library.ts'
import { shownText } from './calculate.ts'
import { chanceOf, expOf, lnOf, normalOf } from './chance.ts'
import { materialityOf } from './materiality.ts'
import { type Methodology, type ReportData, readMethodology } from './methodology.ts'
import { monteCarlo } from './monte-carlo.ts'
import { compileMethodology } from './program.ts'
import { propagate } from './propagate.ts'
import { qualityOf } from './quality.ts'
import { type Origin, traceOf } from './trace.ts'

const text = (value: Ratio, places: number) => shownText(value, { places, rounding: 'half-up' })
const number = ({ numerator, denominator }: Ratio) => Number(numerator) / Number(denominator)

/** Two sources of vector A12, each a product of factors with their own half-widths. */
const TWO_SOURCES = compileMethodology(
  readMethodology(
    parseText(`
format: tanlian/methodology/1
id: two-sources
version: '1'
name: { zh: 两个排放源, en: Two sources }
sector: any
valid: { from: 2024-01-01 }
rounding: half-up
source: { document: worked example A12, confidence: M }
inputs:
${['a', 'b', 'c', 'd', 'e'].map((name) => `  - { name: ${name}, unit: '1', zh: 值, en: value }`).join('\n')}
equations:
  - { name: total, zh: 合计, en: total, is: '500000 × a × b × c + 100000 × d × e', unit: '1', places: '0' }
outputs:
  - { equation: total, role: total }
uncertainty:
${Object.entries({ a: 2, b: 3, c: 5, d: 1, e: 10 })
  .map(
    ([of, u]) => `  - { of: ${of}, percent: '${u}', distribution: normal, source: { document: A12, confidence: M } }`,
  )
  .join('\n')}
`),
  ),
  [],
)
const ONES: ReportData = { values: { a: '1', b: '1', c: '1', d: '1', e: '1' }, groups: {} }

describe('error propagation', () => {
  test('A12 gives the half-width of the formula for products and sums', () => {
    const { percent, halfWidth, shares } = propagate(TWO_SOURCES, ONES, 'total')
    expect([text(percent, 4), text(halfWidth, 1)]).toEqual(['5.4032', '32419.1'])
    expect(
      text(
        shares.reduce(
          (sum, one) =>
            ratio(
              sum.numerator * one.percent.denominator + one.percent.numerator * sum.denominator,
              sum.denominator * one.percent.denominator,
            ),
          ratio(0n),
        ),
        6,
      ),
    ).toBe('100.000000')
  })

  test('an error that rows share adds up, errors of their own partly cancel', () => {
    const power = METHODOLOGIES.get('cn.power') as Methodology
    const months = Array.from({ length: 12 }, () => ({ coalUsed: '20000', coalNcv: '21', coalCarbon: '0.55' }))
    const data = { values: { electricityMade: '500000' }, groups: { coals: months } }
    const widthOf = (shared: boolean) => {
      const of = 'coalUsed'
      const uncertainty = power.uncertainty.filter((one) => one.of === of).map((one) => ({ ...one, shared }))
      return propagate(compileMethodology({ ...power, uncertainty }, FACTOR_SETS), data, 'total').percent
    }
    expect(text(widthOf(true), 4)).toBe('0.5000')
    expect(text(widthOf(false), 4)).toBe((0.5 / Math.sqrt(12)).toFixed(4))
  })

  test('a figure with rows is refused', () => {
    const program = compileMethodology(METHODOLOGIES.get('cn.power') as Methodology, FACTOR_SETS)
    const coals = [1, 2].map(() => ({ coalUsed: '1', coalNcv: '21' }))
    expect(() => propagate(program, { values: { electricityMade: '1' }, groups: { coals } }, 'coalLine')).toThrow(
      expect.objectContaining({ code: 'E_UNCERTAINTY' }),
    )
  })
})

describe('Monte Carlo', () => {
  test('agrees with error propagation where errors are small and normal', () => {
    const { mean, low, high } = monteCarlo(TWO_SOURCES, ONES, 'total', { seed: 'a', draws: 4000 })
    expect(Math.abs(number(mean) / 600_000 - 1)).toBeLessThan(0.002)
    expect(Math.abs((number(high) - number(low)) / 2 / 32_419.1 - 1)).toBeLessThan(0.05)
  })

  test('a seed gives the same digits everywhere, another seed others', () => {
    const draw = (seed: string) => text(monteCarlo(TWO_SOURCES, ONES, 'total', { seed, draws: 100 }).mean, 12)
    expect(draw('2026')).toBe(draw('2026'))
    expect(draw('2026')).not.toBe(draw('2027'))
    expect(draw('2026')).toBe('599008.600277507910')
  })

  test('too many draws are refused', () => {
    for (const draws of [0, 1.5, 20_001])
      expect(() => monteCarlo(TWO_SOURCES, ONES, 'total', { seed: 'a', draws })).toThrow(
        expect.objectContaining({ code: 'E_UNCERTAINTY' }),
      )
  })

  test('distributions have the spread that they are declared with', () => {
    const program = (distribution: string) => {
      const { methodology } = TWO_SOURCES
      const percent = parseRatio('30')
      const [first] = methodology.uncertainty
      const uncertainty = [{ ...first, of: 'a', percent, distribution }] as Methodology['uncertainty']
      return compileMethodology({ ...methodology, uncertainty }, [])
    }
    const spread = (distribution: string) => {
      const data = { values: { ...ONES.values, d: '0' }, groups: {} }
      const { low, median, high } = monteCarlo(program(distribution), data, 'total', { seed: 's', draws: 4000 })
      return [low, median, high].map((one) => number(one) / 500_000)
    }
    const near = (found: readonly number[], wanted: readonly number[]) => {
      for (const [place, value] of wanted.entries()) expect(Math.abs((found[place] ?? 0) - value)).toBeLessThan(0.02)
    }
    near(spread('normal'), [0.7, 1, 1.3])
    near(spread('lognormal'), [1 / 1.3, 1, 1.3])
    near(spread('uniform'), [1 - 0.3 * 0.95, 1, 1 + 0.3 * 0.95])
    // 2.5 % of a triangle lie beyond 1 − √0.05 of its half-width.
    near(spread('triangular'), [1 - 0.3 * 0.7764, 1, 1 + 0.3 * 0.7764])
  })

  test('the seeded functions agree with the machine’s to nine digits', () => {
    for (const x of [-20, -1.5, -0.001, 0, 0.3, 7, 20]) expect(expOf(x) / Math.exp(x)).toBeCloseTo(1, 9)
    for (const x of [1e-16, 0.001, 0.9, 1, 2, 1e6]) expect(lnOf(x)).toBeCloseTo(Math.log(x), 9)
    expect(normalOf(0.975)).toBeCloseTo(1.959963985, 8)
    expect(normalOf(0.001)).toBeCloseTo(-3.090232306, 7)
    expect(normalOf(0.5)).toBe(0)
    const chance = chanceOf('x')
    const mean = Array.from({ length: 20_000 }, chance).reduce((sum, one) => sum + one, 0) / 20_000
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
  })
})

describe('data quality', () => {
  const scoreOf = (origins: Readonly<Record<string, Origin['kind']>>, coals: readonly Record<string, string>[]) => {
    const outcome = run('cn.power', { values: { electricityMade: '1000' }, groups: { coals } })
    const kindOf = (input: string, row: number) => origins[`${input} ${row}`] ?? origins[input] ?? 'manual'
    return qualityOf(
      traceOf(outcome, (input, row) => ({ kind: kindOf(input, row), reference: 'x' })),
      'total',
    )
  }
  const month = { coalUsed: '100', coalNcv: '21', coalCarbon: '0.55' }

  test('a line is as good as its worst value, and a total as its lines by their emissions', () => {
    const { score, lines } = scoreOf({ coalUsed: 'total', coalCarbon: 'analysis', 'coalCarbon 1': 'manual' }, [
      month,
      month,
    ])
    expect(lines.map(({ node, grade }) => [node.name, node.row, grade])).toEqual([
      ['coalLine', 0, 5],
      ['coalLine', 1, 5],
    ])
    expect(lines[1]?.worst.map(({ name }) => name)).toEqual(expect.arrayContaining(['coalCarbon', 'coalOxidation']))
    expect(text(score, 2)).toBe('5.00')
  })

  test('proven totals and official constants are the best', () => {
    const outcome = run('sink.forest', {
      values: { years: '5' },
      groups: {
        strata: [
          { area: '1', volume1: '1', volume2: '2', density: '1', expansion: '1', rootShoot: '0', carbonFraction: '1' },
        ],
      },
    })
    const trace = traceOf(outcome, () => ({ kind: 'total', reference: 'x' }))
    expect(text(qualityOf(trace, 'stock1').score, 2)).toBe('1.00')
  })
})

test('materiality: 5 percent, and 2 from 500,000 t; exactly the threshold is material', () => {
  const of = (reported: string, verified: string) => materialityOf(parseRatio(reported), parseRatio(verified))
  expect(of('104.9', '100').material).toBe(false)
  expect(of('95', '100')).toMatchObject({ material: true, threshold: { percent: '5' } })
  expect(of('509999', '500000').material).toBe(false)
  expect(of('510000', '500000')).toMatchObject({ material: true, threshold: { percent: '2' } })
  expect(of('0', '0').material).toBe(false)
  expect(of('1', '0')).toMatchObject({ material: true, percent: undefined })
})
