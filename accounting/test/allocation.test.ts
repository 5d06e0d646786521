import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Given, type Outcome, shownTexts } from '../src/index.ts'
import { run, shown } from './library.ts'

interface Vector {
  readonly id: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly result: Readonly<Record<string, unknown>>
}

const { vectors } = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/worked-examples.json'), 'utf8')) as {
  readonly vectors: readonly Vector[]
}

/** A worked example of the market: its inputs as text, and what has to come out. */
function example(id: string) {
  const { inputs, result } = vectors.find((one) => one.id === id) as Vector
  return { inputs, result, of: (name: string) => String(inputs[name]) }
}

const units = (year: string, ...rows: readonly Given[]): Outcome =>
  run(Number(year) < 2025 ? 'cn.allocation.power.2023' : 'cn.allocation.power.2025', {
    values: { year },
    groups: { units: rows },
  })
const clinkerLines = (balance: string, ...rows: readonly Given[]): Outcome =>
  run('cn.allocation.cement.2025', { values: { year: '2026', balance }, groups: { lines: rows } })

describe('power', () => {
  test('M1 by benchmarks and the factor of peak shaving, each part floored', () => {
    const { of, result } = example('M1')
    const outcome = units('2024', {
      unitClass: 'coalLarge',
      electricity: of('Qe_MWh'),
      heat: of('Qh_GJ'),
      loadFactor: `${Number(of('F')) * 100}`,
      emissions: '3000000',
    })
    expect(['peakShaving', 'electricityPart', 'heatPart', 'allocation'].map((name) => shown(outcome, name))).toEqual(
      [result.Ff6, result.Ae_floor, result.Ah_floor, result.A].map(String),
    )
  })

  test('M2 the gap of all units together is 20 % at most', () => {
    const { of, result } = example('M2')
    // Heat of class I gives exactly what the example says that the units come to.
    const heat = (allowances: string) => `${allowances}/0.1033`
    const of2 = (a: string, e: string) =>
      units('2024', { unitClass: 'coalLarge', electricity: '0', heat: heat(of(a)), emissions: of(e) })
    const first = of2('A', 'E')
    expect([shown(first, 'allocation'), shown(first, 'gapRate')]).toEqual([
      String(result.case1),
      String(result.gapRate1Pct),
    ])
    const second = of2('A2', 'E2')
    expect([shown(second, 'allocation'), shown(second, 'topUp')]).toEqual([result.case2, result.topUp2].map(String))
  })

  test('M3 a gas unit is never given less than it emits', () => {
    const { of, result } = example('M3')
    const gas = (a: string, e: string) =>
      shown(
        units('2024', { unitClass: 'gas', electricity: '0', heat: `${of(a)}/0.0533`, emissions: of(e) }),
        'allocation',
      )
    expect([gas('A', 'E'), gas('A2', 'E2')]).toEqual([result.case1, result.case2].map(String))
  })

  test('M10 the factor of the draft, by load', () => {
    const { inputs, result } = example('M10')
    const loads = inputs.F as readonly string[]
    const rows = loads.map((loadFactor) => ({
      unitClass: 'coalLarge',
      electricity: '1000',
      loadFactor,
      emissions: '900',
    }))
    expect(shownTexts(units('2026', ...rows), 'peakShaving')).toEqual(loads.map((load) => result[load]))
  })

  test('a year that no plan names has no benchmark, and says so', () => {
    const row = { unitClass: 'gas', electricity: '1', emissions: '1' }
    for (const year of ['2022', '2027'])
      expect(() => units(year, row)).toThrow(expect.objectContaining({ code: 'E_INPUT_FORM' }))
  })
})

describe('industry', () => {
  test('M4 a clinker line by its distance from the balance value', () => {
    const { of, result } = example('M4')
    const clinker = `${of('E')}/${of('I')}`
    const outcome = clinkerLines(of('BP'), { clinker, emissions: of('E') })
    expect(['distance', 'coefficient', 'allocation'].map((name) => shown(outcome, name))).toEqual(
      [result.X, result.alpha, result.A].map(String),
    )
  })

  test('M14 the lines of a sector by its balance value, which is not rounded', () => {
    const { inputs, result } = example('M14')
    const emissions = (inputs.E as readonly number[]).map(String)
    const intensities = inputs.I as readonly string[]
    const lines = emissions.map((one, row) => ({ emissions: one, intensity: intensities[row] as string }))
    const sector = run('cn.allocation.balance', { values: {}, groups: { lines } })
    expect([shown(sector, 'balance'), shown(sector, 'emitted'), shown(sector, 'unfloored')]).toEqual(
      [result.BP, result.sumE, result.sumA_unfloored].map(String),
    )
    const products = lines.map(({ emissions: e, intensity }) => Math.round(Number(e) * Number(intensity) * 100))
    const balance = `${products.reduce((sum, one) => sum + one, 0)}/${Number(result.sumE) * 100}`
    const outcome = clinkerLines(
      balance,
      ...lines.map(({ emissions: e, intensity }) => ({ clinker: `${e}/${intensity}`, emissions: e })),
    )
    expect(shownTexts(outcome, 'leastLine')).toEqual((result.A as readonly number[]).map(String))
    expect(shown(outcome, 'allocation')).toBe(String(result.sumA_floored))
  })

  test('M7 CCER stand in for 5 % at most', () => {
    const { of, result } = example('M7')
    const values = { year: '2024' }
    const groups = { lines: [{ emissions: of('obligation') }] }
    expect(shown(run('cn.allocation.industry.2024', { values, groups }), 'offsetMost')).toBe(String(result.maxCCER))
  })
})

test('M5 what is carried over', () => {
  const { inputs, result } = example('M5')
  for (const name of ['a', 'b', 'c']) {
    const given = inputs[name] as Readonly<Record<string, number>>
    const wanted = result[name] as Readonly<Record<string, number>>
    const values = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]))
    const outcome = run('cn.allocation.carryover', { values, groups: {} })
    expect(['netSold', 'most', 'carried', 'lapses'].map((one) => shown(outcome, one))).toEqual(
      ['NS', 'T', 'carry', 'lapses'].map((one) => String(wanted[one])),
    )
  }
})
