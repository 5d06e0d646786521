import { expect, test } from 'vitest'
import { totalText } from './total-text.ts'

const of = (name: string, value: string) => ({ name, value, unit: 'tCO2' })

test('the total of a report is its total, never the first of its parts', () => {
  expect(totalText([of('process', '1.5'), of('total', '3793914')])).toBe('3,793,914 tCO2')
  expect(totalText([of('fuels_', '3765532.49'), of('reported', '3793914')])).toBe('3,793,914 tCO2')
  expect(totalText([of('fuels_', '3765532.49')])).toBe('–')
})
