import { expect, test } from 'vitest'
import type { Estimate } from './record.ts'
import { surplusOf } from './surplus.ts'

const line = (name: string, value: string) => ({ name, zh: name, en: name, value, unit: 'tCO2' })
const estimate = (...lines: Estimate['lines']): Estimate => ({
  data: { values: {}, groups: {} },
  lines,
  checks: [],
  unverified: [],
})

test('a surplus has its plus, a deficit its minus, and nothing is neither', () => {
  expect(surplusOf(estimate(line('surplus', '6585.00')))).toEqual({ standing: 'surplus', text: '+6,585.00 tCO2' })
  expect(surplusOf(estimate(line('surplus', '-217800.00')))).toEqual({
    standing: 'deficit',
    text: '−217,800.00 tCO2',
  })
  expect(surplusOf(estimate(line('surplus', '0.00')))).toEqual({ standing: 'even', text: '0.00 tCO2' })
})

test('a range that lies on both sides of zero is open', () => {
  expect(surplusOf(estimate(line('surplus', '-109987.49'), line('surplusMost', '109986.51')))).toEqual({
    standing: 'open',
    text: '−109,987.49 … +109,986.51 tCO2',
  })
  expect(surplusOf(estimate(line('surplus', '5.00'), line('surplusMost', '9.00')))?.standing).toBe('surplus')
})

test('what the rule does not show is not made up', () => {
  expect(surplusOf(estimate(line('allocation', '1')))).toBeUndefined()
})
