import { describe, expect, test } from 'vitest'
import { parseDecimal } from './decimal.ts'
import displays from './displays.json' with { type: 'json' }
import { UNITS_ERRORS } from './errors.ts'
import { formatMean, formatNumber, formatParts, formatQuantity, formatTime } from './format.ts'
import { addRatios, multiplyRatios, type Rounding, ratio } from './ratio.ts'
import { conversion, convert, rateFactor, toWhole, UNITS, unitOf } from './unit.ts'

describe('conversion', () => {
  test.each([
    ['3.17', 'kWh', 'Wh', 3170n],
    ['134.67', 'MWh', 'Wh', 134_670_000n],
    ['1', 'GJ', 'kJ', 1_000_000n],
    ['1', 'kWh', 'kJ', 3600n],
    ['0.0012', 't', 'g', 1200n],
    ['2.5', '万吨', 'g', 25_000_000_000n],
    ['1.5', 'm3', 'L', 1500n],
    ['4.5878', '°C', 'mK', undefined],
    ['4.5', '℃', 'mK', 277_650n],
    ['-273.15', 'degC', 'mK', 0n],
    ['83.675', '%', 'ppm', 836_750n],
    ['0.32663', 'mg/m3', 'ng/m³', 326_630n],
    ['1018.7', 'mbar', 'Pa', 101_870n],
    ['12', 't·km', 'kg·m', 12_000_000n],
    ['3', '件', 'piece', 3n],
    ['0.5', 'mg/L', 'µg/L', 500n],
  ])('%s %s in %s', (text, from, to, whole) => {
    const exact = () => toWhole(parseDecimal(text), from, to, 'exact')
    if (whole === undefined) expect(exact).toThrow(expect.objectContaining({ code: 'E_DECIMAL_INEXACT' }))
    else expect(exact()).toBe(whole)
  })

  test.each([
    ['half-even', 277_738n],
    ['floor', 277_737n],
  ] as [Rounding, bigint][])('4.5878 °C in mK, %s', (mode, whole) => {
    expect(toWhole(parseDecimal('4.5878'), '°C', 'mK', mode)).toBe(whole)
  })

  test('what measures different things is refused, and so is an unknown unit', () => {
    expect(() => conversion('kWh', 'kg')).toThrow(expect.objectContaining({ code: 'E_UNIT_DIMENSION' }))
    expect(() => conversion('kW', 'kWh')).toThrow(expect.objectContaining({ code: 'E_UNIT_DIMENSION' }))
    expect(() => rateFactor('kWh', 'Wh')).toThrow(expect.objectContaining({ code: 'E_UNIT_DIMENSION' }))
    for (const name of ['', 'kwatt', 'mw', 'toString', '__proto__'])
      expect(() => unitOf(name)).toThrow(expect.objectContaining({ code: 'E_UNIT_UNKNOWN' }))
  })

  test('a rate over seconds', () => {
    expect(multiplyRatios(rateFactor('kW', 'Wh'), ratio(600n))).toEqual(ratio(1000n, 6n))
    expect(multiplyRatios(rateFactor('t/h', 'g'), ratio(3600n))).toEqual(ratio(1_000_000n))
    expect(multiplyRatios(rateFactor('m³/h', 'L'), ratio(3600n))).toEqual(ratio(1000n))
  })

  test('every pair of units of one dimension converts there and back', () => {
    for (const a of UNITS)
      for (const b of UNITS.filter(({ dimension }) => dimension === a.dimension))
        expect(convert(convert(ratio(7n, 3n), a.symbol, b.symbol), b.symbol, a.symbol)).toEqual(ratio(7n, 3n))
  })

  test('no name stands for two units', () => {
    const names = UNITS.flatMap(({ symbol, aliases }) => [symbol, ...aliases])
    expect(new Set(names).size).toBe(names.length)
  })

  test('zero Celsius is 273.15 kelvin', () => {
    expect(addRatios(convert(ratio(0n), '°C', 'K'), ratio(0n))).toEqual(ratio(27_315n, 100n))
  })
})

describe('what a person reads', () => {
  test.each([
    [0n, 'Wh', '0 Wh', '0 Wh'],
    [999n, 'Wh', '999 Wh', '999 Wh'],
    [1000n, 'Wh', '1 kWh', '1 kWh'],
    [1_234_567n, 'Wh', '1.234567 MWh', '1.234567 MWh'],
    [9_876_543_210_123n, 'Wh', '9,876.543210123 GWh', '9,876.543210123 GWh'],
    [23_000_000_000n, 'g', '2.3 万吨', '23 kt'],
    [1_500_000n, 'g', '1.5 吨', '1.5 t'],
    [277_650n, 'mK', '4.5 °C', '4.5 °C'],
    [263_150n, 'mK', '-10 °C', '-10 °C'],
    [836_750n, 'ppm', '83.675 %', '83.675 %'],
    [3n, 'piece', '3 件', '3 pieces'],
    [9_007_199_254_740_993n, 'kg·m', '9,007,199,254.740993 吨·公里', '9,007,199,254.740993 t·km'],
  ])('%s %s', (value, unit, zh, en) => {
    expect(formatQuantity(value, unit, { locale: 'zh-CN' })).toBe(zh)
    expect(formatQuantity(value, unit, { locale: 'en' })).toBe(en)
  })

  test('a wished-for unit and digits; what was rounded away is told', () => {
    expect(formatQuantity(1_234_567n, 'Wh', { locale: 'en', in: 'kWh' })).toBe('1,234.567 kWh')
    expect(formatQuantity(1_234_565n, 'Wh', { locale: 'en', in: 'kWh', digits: 2 })).toBe('1,234.56 kWh')
    expect(formatParts(1_234_565n, 'Wh', { locale: 'en', in: 'kWh', digits: 2 })).toEqual({
      number: '1,234.56',
      unit: 'kWh',
      rounded: true,
    })
    expect(formatParts(2000n, 'Wh', { locale: 'en', digits: 2 })).toEqual({
      number: '2.00',
      unit: 'kWh',
      rounded: false,
    })
    expect(formatParts(ratio(1n, 3n), 'Wh', { locale: 'en' })).toMatchObject({ number: '0.333333', rounded: true })
  })

  test('a mean of a gauge', () => {
    expect(formatMean(277_650n * 900n, 900n, 'mK', { locale: 'zh-CN' })).toBe('4.50 °C')
    expect(formatMean(1n, 3n, 'Pa', { locale: 'en' })).toBe('0.33 Pa')
    expect(() => formatMean(1n, 0n, 'Pa', { locale: 'en' })).toThrow(expect.objectContaining({ code: 'E_RATIO_ZERO' }))
  })

  test('counts and times', () => {
    expect(formatNumber(1_234_567n, 'zh-CN')).toBe('1,234,567')
    expect(formatNumber(10n ** 30n + 1n, 'en')).toBe('1,000,000,000,000,000,000,000,000,000,001')
    expect(formatTime(1_519_833_600, 'zh-CN')).toBe('2018/03/01 00:00:00')
    expect(formatTime(1_519_833_600, 'en', 'UTC')).toBe('28/02/2018, 16:00:00 UTC')
  })

  test('every scale is of units of one dimension, in order', () => {
    for (const row of displays)
      for (const scale of [row['zh-CN'], row.en]) {
        const factors = scale.map((name) => convert(ratio(1n), name, row.unit))
        expect(factors).toHaveLength(scale.length)
        for (const [i, factor] of factors.entries())
          if (i > 0) {
            const before = factors[i - 1] as typeof factor
            expect(factor.numerator * before.denominator > before.numerator * factor.denominator).toBe(true)
          }
      }
  })
})

test('every code speaks both languages', () => {
  for (const { en, zh } of Object.values(UNITS_ERRORS)) {
    expect(en).toMatch(/^[A-Z].*\.$/)
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/)
  }
})
