import { TanlianError } from '@tanlian/units'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseText } from '../test/library.ts'
import { calculate, shownText, valuesOf } from './calculate.ts'
import { readFactors } from './factor.ts'
import { type ReportData, readMethodology } from './methodology.ts'
import { compileMethodology } from './program.ts'

/** A methodology of one equation over a few inputs of different kinds. */
function methodologyOf(is: string, unit: string, more = '') {
  return readMethodology(
    parseText(
      `
format: tanlian/methodology/1
id: test
version: '1'
name: { zh: 测试, en: test }
sector: any
valid: { from: 2024-01-01 }
rounding: half-up
source: { document: this test, confidence: V }
groups:
  - { name: fuels, zh: 燃料, en: Fuels }
  - { name: months, zh: 月份, en: Months }
inputs:
  - { name: coal, group: fuels, unit: 't[coal]', zh: 煤, en: coal }
  - { name: heat, group: fuels, unit: 'GJ[LHV]/t[coal]', optional: 'true', zh: 热值, en: heat }
  - { name: hours, group: months, unit: h, zh: 小时, en: hours }
  - { name: fuel, group: fuels, text: [lignite, coke], zh: 品种, en: fuel }
  - { name: power, unit: 'MWh[electricity]', zh: 电, en: power }
  - { name: plain, unit: '1', optional: 'true', zh: 数, en: number }
parameters:
  - { name: carbon, unit: 'tC/GJ[LHV]', factor: test.carbon, by: [fuel], zh: 碳, en: carbon }
  - { name: toCo2, unit: tCO2/tC, value: 44/12, zh: 比, en: ratio, source: { document: molar masses, confidence: V } }
equations:
  - { name: result, zh: 结果, en: result, is: "${is}", unit: '${unit}', places: '3' }
outputs:
  - { equation: result, role: total }
${more}`.replace('name: power, unit', 'name: bought, unit'),
    ),
  )
}

const CARBON = readFactors(
  parseText(`
format: tanlian/factors/1
id: test.carbon
version: '1'
name: { zh: 碳, en: carbon }
region: CN
valid: { from: 2024-01-01 }
unit: 'tC/GJ[LHV]'
keys: [fuel]
source: { document: this test, confidence: M }
rows:
  - { keys: [lignite], value: '0.028' }
`),
)

const DATA: ReportData = {
  values: { bought: '1.5', plain: '2' },
  groups: {
    fuels: [
      { coal: '10', heat: '15', fuel: 'lignite' },
      { coal: '30', heat: '25', fuel: 'lignite' },
    ],
    months: [{ hours: '700' }],
  },
}

const resultOf = (is: string, unit: string, data = DATA) => {
  const outcome = calculate(compileMethodology(methodologyOf(is, unit), [CARBON]), data)
  return valuesOf(outcome, 'result').map((value) => shownText(value, { places: 3, rounding: 'half-up' }))
}
const codeOf = (work: () => unknown) => {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return error instanceof TanlianError ? error.code : error
  }
}

describe('kinds', () => {
  test.each([
    ['coal + bought', 't[coal]', 'E_EXPRESSION_KIND'],
    ['sum(coal) + sum(coal × heat × carbon × toCo2)', 't[coal]', 'E_EXPRESSION_KIND'],
    ['bought', 'GJ[LHV]', 'E_EXPRESSION_KIND'],
    ['bought + 1', 'MWh[electricity]', 'E_EXPRESSION_KIND'],
    ['coal × hours', 't[coal]·h', 'E_EXPRESSION_KIND'],
    ['if(bought, plain, plain)', '1', 'E_EXPRESSION_KIND'],
    ['fuel', '1', 'E_EXPRESSION_KIND'],
    ['ln(bought, 5)', '1', 'E_EXPRESSION_KIND'],
    ['sum(plain)', '1', 'E_EXPRESSION_FORM'],
    ['plain < 1 < 2', '1', 'E_EXPRESSION_FORM'],
    ['nowhere', '1', 'E_EXPRESSION_NAME'],
    ['constructor', '1', 'E_EXPRESSION_NAME'],
    ['fetch(1)', '1', 'E_EXPRESSION_FORM'],
    ['power(plain, plain)', '1', 'E_EXPRESSION_FORM'],
    ['plain +', '1', 'E_EXPRESSION_FORM'],
    ['plain ; plain', '1', 'E_EXPRESSION_FORM'],
    ['(plain', '1', 'E_EXPRESSION_FORM'],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, '1', 'E_EXPRESSION_FORM'],
  ])('%s in %s is refused before any number is seen', (is, unit, code) => {
    expect(codeOf(() => compileMethodology(methodologyOf(is, unit), [CARBON]))).toBe(code)
    expect(codeOf(() => compileMethodology(methodologyOf(is, unit), [CARBON]))).toBe(code)
  })

  test('units of one kind are brought together exactly', () => {
    expect(resultOf('bought', 'kWh[electricity]')).toEqual(['1500.000'])
    expect(resultOf('sum(coal × heat × carbon × toCo2)', 'kgCO2')).toEqual(['92400.000'])
    expect(resultOf('coal × heat', 'MJ[LHV]')).toEqual(['150000.000', '750000.000'])
  })
})

describe('values', () => {
  test.each([
    ['1 + 2 × 3 − 4 ÷ 8', '6.500'],
    ['-plain + 5', '3.000'],
    ['min(3, plain, 7)', '2.000'],
    ['max(3, plain, 7)', '7.000'],
    ['if(plain > 1 and not plain = 3, 10, 20)', '10.000'],
    ["count(fuel = 'lignite')", '2.000'],
    ['piecewise(plain, 1, 100, 2, 200, 3, 300, 400)', '300.000'],
    ['average(heat, coal) ÷ average(heat, coal) × plain', '2.000'],
    ['power(plain, 10)', '1024.000'],
    ['power(plain, -2)', '0.250'],
    ['root(plain, 20)', '1.414'],
    ['exp(ln(plain, 30), 20)', '2.000'],
  ])('%s is %s', (is, expected) => {
    expect(resultOf(is, '1')).toEqual([expected])
  })

  test('a weighted mean weighs', () => {
    expect(resultOf('average(heat, coal)', 'GJ[LHV]/t[coal]')).toEqual(['22.500'])
  })

  test('what was not given is asked for by name, unless the equation asks first', () => {
    const without: ReportData = {
      ...DATA,
      groups: { ...DATA.groups, fuels: [{ coal: '10', fuel: 'lignite' }] },
    }
    expect(codeOf(() => resultOf('sum(coal × heat)', 'GJ[LHV]', without))).toBe('E_INPUT_MISSING')
    expect(resultOf('count(given(heat))', '1', without)).toEqual(['0.000'])
    expect(codeOf(() => resultOf('plain', '1', { ...DATA, values: { plain: '1' } }))).toBe('E_INPUT_MISSING')
  })

  test('a factor that is not in the set is an error with its keys, and only where it is read', () => {
    const coke: ReportData = { ...DATA, groups: { ...DATA.groups, fuels: [{ coal: '1', heat: '2', fuel: 'coke' }] } }
    expect(codeOf(() => resultOf('sum(coal × heat × carbon × toCo2)', 'tCO2', coke))).toBe('E_FACTOR_MISSING')
    expect(resultOf('sum(coal × heat)', 'GJ[LHV]', coke)).toEqual(['2.000'])
  })

  test('what the methodology does not ask for, and texts that it does not allow, are refused', () => {
    const misspelt = { ...DATA, values: { ...DATA.values, boughtt: '1' } }
    expect(codeOf(() => resultOf('plain', '1', misspelt))).toBe('E_INPUT_UNKNOWN')
    const peat: ReportData = { ...DATA, groups: { ...DATA.groups, fuels: [{ coal: '1', fuel: 'peat' }] } }
    expect(codeOf(() => resultOf('plain', '1', peat))).toBe('E_INPUT_FORM')
    expect(codeOf(() => resultOf('plain ÷ (plain − plain)', '1'))).toBe('E_RATIO_ZERO')
    expect(codeOf(() => resultOf('ln(0 − plain, 5)', '1'))).toBe('E_EQUATION_DOMAIN')
  })
})

test('logarithm and exponential undo each other to the declared digit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 1000 }), (n, d) => {
      const plain = `${n}/${d}`
      const there = resultOf('exp(ln(plain, 36), 12)', '1', { ...DATA, values: { ...DATA.values, plain } })
      const here = resultOf('plain', '1', { ...DATA, values: { ...DATA.values, plain } })
      expect(there).toEqual(here)
    }),
    { numRuns: 50 },
  )
})
