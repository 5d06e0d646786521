import { parseRatio } from '@tanlian/units'
import { describe, expect, test } from 'vitest'
import { captureRate, captureText, substitutionOf } from './substitution.ts'
import { isValidMinute, isValidMonth, isValidWindow, sourceOf } from './validity.ts'

const hour = (valid: number, stopped = 0) => isValidWindow('flue', 'hour', { valid, due: 60 - stopped, full: 60 })
const day = (valid: number, stopped = 0) => isValidWindow('flue', 'day', { valid, due: 24 - stopped, full: 24 })

describe('Q1 validity by counts', () => {
  test('a minute of 12 values, an hour of 45 minutes, a day of 20 hours, a month of 25 days, February of 23', () => {
    expect([11, 12].map(isValidMinute)).toEqual([false, true])
    expect([44, 45].map((valid) => hour(valid))).toEqual([false, true])
    expect([19, 20].map((valid) => day(valid))).toEqual([false, true])
    expect([24, 25].map((days) => isValidMonth('flue', 3, days))).toEqual([false, true])
    expect([22, 23].map((days) => isValidMonth('flue', 2, days))).toEqual([false, true])
  })

  test('time that the unit stood still is not due', () => {
    expect([hour(22, 30), hour(23, 30)]).toEqual([false, true])
    expect([day(9, 12), day(10, 12)]).toEqual([false, true])
    expect(hour(0, 60)).toBe(false)
  })

  test('an interval of flue gas is normal with 75 % of its members; in water one abnormal value spoils it', () => {
    const of = (regime: 'flue' | 'water', valid: number) =>
      isValidWindow(regime, 'interval', { valid, due: 10, full: 10 })
    expect([7, 8].map((valid) => of('flue', valid))).toEqual([false, true])
    expect([9, 10].map((valid) => of('water', valid))).toEqual([false, true])
    expect(isValidWindow('water', 'day', { valid: 23, due: 24, full: 24 })).toBe(false)
  })

  test('every rule names its source', () => {
    expect(sourceOf('flue', 'month')).toMatch(/HJ 76-2017/)
    expect(sourceOf('water', 'hour')).toMatch(/HJ 212-2017/)
  })
})

describe('Q2 capture rate and substitution', () => {
  test('stopped hours leave the denominator', () => {
    const alpha = captureRate({ hours: 2160, stopped: 200, invalid: 150 })
    expect(alpha && captureText(alpha)).toBe('92.35')
    expect(captureRate({ hours: 2160, stopped: 2160, invalid: 0 })).toBeUndefined()
  })

  test.each([
    ['90.00', 24, { rule: 'max', basisHours: 180 }],
    ['90.00', 25, { rule: 'max', basisHours: 720 }],
    ['89.99', 24, { rule: 'max', basisHours: 2160 }],
    ['75.00', 25, { rule: 'max', basisHours: 2160 }],
    ['74.99', 1, { rule: 'calculation' }],
  ] as const)('α %s, a gap of %i hours', (alpha, hours, expected) => {
    expect(substitutionOf(parseRatio(alpha), hours)).toEqual(expected)
  })
})
