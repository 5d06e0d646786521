import { decimalText, divideRatios, multiplyRatios, parseRatio, type Ratio, ratio, roundRatioTo } from '@tanlian/units'
import { describe, expect, test } from 'vitest'
import { co2Mass, dryConcentration, dryStandardVolume, unconverted } from './emission.ts'

const shown = (value: Ratio, digits: number) => decimalText(roundRatioTo(value, digits, 'half-up'))

describe('A5 one hour of a stack', () => {
  const gas = {
    temperatureMk: parseRatio('325150'),
    pressurePa: parseRatio('101175'),
    moisturePpm: parseRatio('120000'),
  }
  const wetM3 = parseRatio('2736000')
  const dryM3 = dryStandardVolume(wetM3, gas)
  const co2Ppb = parseRatio('125000000')

  test('dry flow at the standard state', () => {
    expect(shown(dryM3, 1)).toBe('2019457.2')
  })

  test('mass in grams, from litres', () => {
    const grams = co2Mass(co2Ppb, multiplyRatios(dryM3, ratio(1000n)))
    expect(shown(divideRatios(grams, ratio(1000n)), 1)).toBe('495848.9')
    expect(shown(divideRatios(grams, ratio(1_000_000n)), 4)).toBe('495.8489')
  })

  test('a concentration in wet gas is the dry one less its water', () => {
    const wet = multiplyRatios(co2Ppb, parseRatio('0.88'))
    expect(dryConcentration(wet, gas.moisturePpm)).toEqual(co2Ppb)
  })

  test('a value converted to 6 % of oxygen is turned back: at the reference itself nothing changes', () => {
    const six = parseRatio('60000')
    expect(unconverted(co2Ppb, six, six)).toEqual(co2Ppb)
    expect(unconverted(parseRatio('150'), parseRatio('110000'), six)).toEqual(parseRatio('100'))
  })
})
