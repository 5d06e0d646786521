import { expect, it } from 'vitest'
import type { Figures } from './record.ts'
import { scoreOf } from './score.ts'

const FIGURES: Figures = {
  expectedSeconds: 1000,
  coveredSeconds: [600, 200, 100],
  gaps: 1,
  missingReadings: 1,
  repeated: 0,
  refused: 0,
  readings: 10,
  frames: 4,
  signed: 1,
  late: 3,
}

it('a score says how complete, timely, plausible and signed a stream is', () => {
  expect(scoreOf(FIGURES)).toEqual({ complete: 90, timely: 70, plausible: 88, signed: 25 })
})

it('100 means all of it, and nothing is claimed of nothing', () => {
  expect(scoreOf({ ...FIGURES, expectedSeconds: 100_000, coveredSeconds: [99_999, 0, 0] }).complete).toBe(99)
  expect(scoreOf({ ...FIGURES, expectedSeconds: 0, coveredSeconds: [0, 0, 0], frames: 0 })).toEqual({
    complete: undefined,
    timely: undefined,
    plausible: undefined,
    signed: undefined,
  })
})
