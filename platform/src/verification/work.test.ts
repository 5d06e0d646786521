import { periodWindow } from '@tanlian/units'
import { expect, test } from 'vitest'
import { isForOpinion } from './work.ts'

const drawn = (period: string) => {
  const { from, to } = periodWindow(period, 'Asia/Shanghai')
  return [from, to] as const
}

test('monthly evidence is a verifier’s task only where the draw was of that month; an annual report always is', () => {
  expect(isForOpinion('year', drawn('2025'))).toBe(true)
  expect(isForOpinion('month', drawn('2025'))).toBe(false)
  expect(isForOpinion('month', drawn('2025-03'))).toBe(true)
  expect(isForOpinion('month', [drawn('2025-01')[0], drawn('2025-03')[1]])).toBe(false)
})
