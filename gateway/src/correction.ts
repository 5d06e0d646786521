import { type Flag, type Interval, MAX_INTEGER, type Reading, windowInterval } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Point } from './device.ts'

/** What a person says instead of what an instrument said (更正): it voids the readings of its time and stands in their place. */
export interface Correction {
  readonly stream: number
  /** One after another without a gap. */
  readonly readings: readonly CorrectedReading[]
  readonly reason: string
}

export interface CorrectedReading {
  readonly start: number
  readonly quantity: number
  /** S set by hand, E estimated, B none to be had. Measured it is not. */
  readonly flag: Extract<Flag, 'S' | 'E' | 'B'>
}

/** What is remembered so that a correction never overlaps a reading. */
export interface CorrectedState {
  /** Streams with a reading that is off the grid of its interval: such a stream's readings cannot be replaced one by one. */
  readonly irregular: readonly number[]
  readonly spans: readonly (readonly [stream: number, from: number, to: number])[]
}

/** Corrections of a plant's streams. */
export interface Corrected {
  /** Whether a reading of an instrument may go into a batch: what comes late for a corrected time may not. */
  admits(reading: Reading): boolean
  /** The readings of a correction, and what they void. @throws TanlianError E_CORRECTION */
  place(correction: Correction): {
    readonly readings: readonly Omit<Reading, 'source'>[]
    readonly voids: readonly Interval[]
  }
  readonly state: CorrectedState
}

const MOST_READINGS = 10_000
const FLAGS = ['S', 'E', 'B'] as const

/** Begins, or goes on from a state. */
export function createCorrected(points: ReadonlyMap<number, Point>, from?: CorrectedState): Corrected {
  const irregular = new Set(from?.irregular)
  const spans = [...(from?.spans ?? [])]
  return {
    admits({ stream, start, seconds }) {
      const interval = points.get(stream)?.interval
      if (interval === undefined || seconds !== interval || start % interval !== 0) irregular.add(stream)
      return !spans.some(([of, begin, end]) => of === stream && start < end && begin < start + seconds)
    },
    place({ stream, readings }) {
      const point = points.get(stream)
      if (point === undefined) throw refused(`stream ${stream} is none of this plant's`)
      if (irregular.has(stream)) throw refused(`the readings of stream ${stream} are not of whole intervals`)
      const { type, interval } = point
      const begin = readings[0]?.start ?? 0
      const end = begin + readings.length * interval
      for (const [at, { start }] of readings.entries())
        if (start % interval !== 0 || start !== begin + at * interval)
          throw refused(`${start} does not follow in steps of ${interval} s`)
      spans.push([stream, begin, end])
      return {
        readings: readings.map(({ start, quantity, flag }) => ({
          type,
          stream,
          start,
          seconds: interval,
          quantity,
          flag,
        })),
        voids: [0, 1, 2].map((validity) => windowInterval(type * 256 + validity, stream, begin, end)),
      }
    },
    get state() {
      return { irregular: [...irregular], spans }
    },
  }
}

/** Reads a correction from JSON. @throws TanlianError E_CORRECTION */
export function readCorrection(value: unknown): Correction {
  const { stream, readings, reason, ...more } = (value ?? {}) as Record<string, unknown>
  if (Object.keys(more).length > 0) throw refused(`it has the unknown field ${Object.keys(more)[0]}`)
  if (!isWhole(stream)) throw refused('stream is not a number')
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 1000)
    throw refused('its reason is not a text of 1 to 1,000 characters')
  if (!Array.isArray(readings) || readings.length === 0 || readings.length > MOST_READINGS)
    throw refused(`it does not have 1 to ${MOST_READINGS} readings`)
  return { stream, readings: readings.map(readReading), reason }
}

function readReading(value: unknown): CorrectedReading {
  const { start, quantity, flag, ...more } = (value ?? {}) as Record<string, unknown>
  const known = FLAGS.find((one) => one === flag)
  if (Object.keys(more).length > 0 || !isWhole(start) || !isWhole(quantity) || known === undefined)
    throw refused('a reading is not {start, quantity, flag} with whole numbers and a flag S, E or B')
  return { start, quantity, flag: known }
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INTEGER
}

function refused(why: string): TanlianError {
  return new TanlianError('E_CORRECTION', `The correction cannot be taken: ${why}.`, { values: { why } })
}
