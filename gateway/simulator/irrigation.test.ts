import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byMoisture, byTimetable, createPlot, createSaving } from './irrigation.ts'

test('the valve opens below the lower bound and closes at the upper one', () => {
  const rule = byMoisture(0.3, 0.31)
  expect([0.299, 0.3, 0.305].map((moisture) => rule(moisture, false, 0))).toEqual([true, false, false])
  expect([0.305, 0.3099, 0.31].map((moisture) => rule(moisture, true, 0))).toEqual([true, true, false])
})

test('the timetable does not look at the soil', () => {
  const rule = byTimetable(21_600, 5400)
  expect([21_599, 21_600, 26_999, 27_000].map((second) => rule(0.4, false, second))).toEqual([false, true, true, false])
})

test('an hour of the pump is 40 m³, 7.5 kWh and 4 mm of water less what the crop draws', () => {
  const plot = createPlot()
  plot.pass(3600, true)
  expect([plot.waterL, plot.energyWh]).toEqual([40_000, 7500])
  expect(plot.moisture(0.3)).toBeCloseTo(0.3 + (4 - 4 / 24) / 300, 12)
  plot.pass(86_400, false)
  expect([plot.waterL, plot.energyWh]).toEqual([40_000, 7500])
})

test('what is claimed as saved is never negative, and never passes what was the most at the end of any day', () => {
  const days = fc.array(fc.tuple(fc.nat(100_000), fc.nat(100_000)), { maxLength: 60 })
  fc.assert(
    fc.property(days, (list) => {
      const saving = createSaving()
      let [claimed, balance, most] = [0, 0, 0]
      for (const [timetable, used] of list) {
        const today = saving(timetable, used)
        expect(today).toBeGreaterThanOrEqual(0)
        claimed += today
        balance += timetable - used
        most = Math.max(most, balance)
        expect(claimed).toBe(most)
      }
    }),
  )
})
