import { expect, test } from 'vitest'
import { createMonths } from './month.ts'

test('a month ends at midnight of the plant’s zone, to the millisecond', () => {
  const month = createMonths('Asia/Shanghai')
  const end = Date.UTC(2026, 10, 30, 16)
  for (const at of [-1, 0, -1, 86_400_000, -86_400_000, -1])
    expect(month(end + at)).toBe(at < 0 ? '2026-11' : '2026-12')
  expect(createMonths('Etc/UTC')(end)).toBe('2026-11')
})

test('it is the same whatever was asked before', () => {
  const month = createMonths('Asia/Shanghai')
  const moments = Array.from({ length: 3000 }, (_, at) => Date.UTC(2024, 0, 1) + ((at * 7919) % 3000) * 6 * 3_600_000)
  for (const ms of moments) expect(month(ms)).toBe(new Date(ms + 8 * 3_600_000).toISOString().slice(0, 7))
})
