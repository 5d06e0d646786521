import { expect, test } from 'vitest'
import { readSeries, replay } from './series.ts'

const at = (text: string) => Date.parse(text) / 1000

test('a data set keeps its hours and weekdays when it is moved, and begins again when it is over', async () => {
  const steel = await readSeries('steel-energy')
  // Monday 2018-01-01 in the data set is the first Monday of 2026 in the plant.
  const moved = replay(steel)
  const monday = at('2026-01-05T00:00:00+09:00')
  expect(moved.cell('Usage_kWh', monday)).toBe('3.17')
  expect(moved.cell('Usage_kWh', monday + 899)).toBe('3.17')
  expect(moved.cell('Usage_kWh', monday + 900)).toBe('4')
  expect(moved.cell('Usage_kWh', monday + 26_208 * 900)).toBe('3.17')
})

test('a register adds up the rows to the last digit, in and between them, over the end of the data set', async () => {
  const steel = await readSeries('steel-energy')
  const start = at('2026-01-05T00:00:00+09:00')
  const { sum } = replay(steel)
  expect([0, 450, 900, 1800].map((seconds) => sum('Usage_kWh', start + seconds))).toEqual([0n, 158n, 317n, 717n])
  const whole = steel.rows.reduce((total, row) => total + Math.round(Number(row[1]) * 100), 0)
  expect(sum('Usage_kWh', start + 26_208 * 900)).toBe(BigInt(whole))
  expect(sum('Usage_kWh', start + 26_209 * 900)).toBe(BigInt(whole + 317))
  expect(sum('Usage_kWh', start - 900)).toBeLessThan(0n)
})

test('levels lie on the line between the middles of their hours', async () => {
  const turbine = await readSeries('gas-turbine')
  // A Saturday, as 2011-01-01 was.
  const start = at('2026-01-03T00:00:00+02:00')
  const { level } = replay(turbine)
  expect(level('TEY', start + 1800)).toBeCloseTo(134.67, 9)
  expect(level('TEY', start + 9000)).toBeCloseTo(135.1, 9)
  expect(level('TEY', start + 7200)).toBeCloseTo((134.67 + 135.1) / 2, 9)
})

test('a logger file keeps its records, commas in quoted names and all', async () => {
  const soil = await readSeries('soil-21')
  expect(soil.rows).toHaveLength(2880)
  const { cell } = replay(soil)
  // The first record is of a quarter hour that ends a Tuesday at midnight.
  const start = at('2026-01-05T23:45:00-05:00')
  expect(cell('Teros(3,1)', start + 1)).toBe(soil.rows[0]?.[soil.columns.get('Teros(3,1)') ?? -1])
  expect(cell('TIMESTAMP', start + 900)).toBe('2020-10-20 00:15:00')
  expect(cell('TIMESTAMP', start + 28 * 86_400)).toBe('2020-10-20 00:00:00')
  expect(() => cell('Teros(99,1)', start)).toThrow('Teros(99,1)')
})
