import type { Figures } from './record.ts'

/** How well a stream is collected (数据质量评分), each part in per cent; undefined where nothing can be said. */
export interface Score {
  /** Time with a reading of all time since the first. */
  readonly complete: number | undefined
  /** Messages that came within an interval. */
  readonly timely: number | undefined
  /** Covered time with valid readings. */
  readonly plausible: number | undefined
  /** Messages signed by the device itself. */
  readonly signed: number | undefined
}

/** The parts of a score; whole per cents, rounded down, so that 100 means all of it. */
export function scoreOf(figures: Figures): Score {
  const [measured, byHand, invalid] = figures.coveredSeconds
  const covered = measured + byHand + invalid
  return {
    complete: percent(covered, figures.expectedSeconds),
    timely: figures.frames === 0 ? undefined : percent(figures.readings - figures.late, figures.readings),
    plausible: percent(measured + byHand, covered),
    signed: percent(figures.signed, figures.frames),
  }
}

function percent(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : Math.floor((Math.min(part, whole) / whole) * 100)
}
