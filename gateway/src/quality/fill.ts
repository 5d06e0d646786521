import type { Reading } from '@tanlian/evidence'
import type { Ratio, Zone } from '@tanlian/units'
import { chained } from './chained.ts'
import { packNumbers, stateError, unpackNumbers } from './pack.ts'
import { BASES, captureRate, LONGEST_BASIS, type Substitution, substitutionOf } from './substitution.ts'

const HOUR = 3600

/** A run of missing hours, and what may stand for it: the greatest valid hours of each basis, as they were before it. */
interface Gap {
  readonly from: number
  hours: number
  /** Missing hours of the same run that lie in the quarter before. */
  readonly carried: number
  /** The greatest of the last `BASES[i]` valid hours; undefined where there was none. */
  readonly greatest: readonly (number | undefined)[]
  /** How many valid hours each had. */
  readonly had: readonly number[]
}

/**
 * Substitution of the missing hours of one stream (缺失数据替代): collects a quarter, then fills its gaps by the table. Only then is the
 * capture rate known, and the rule with it.
 */
export interface Filler {
  readonly zone: Zone
  /** The running quarter, and the next hour expected in it. */
  quarter: number | undefined
  cursor: number
  hours: number
  stopped: number
  invalid: number
  gaps: Gap[]
  /** Valid hours ever, and those that may yet be the greatest of a basis: their places and quantities, falling. */
  valid: number
  readonly peaks: { readonly at: number; readonly quantity: number }[]
  /** H(digest before ‖ source) over all hours: names what the substitutes rest on. */
  digest: Uint8Array
}

/** One filled run of hours, or a quarter that cannot be filled. */
export type Filled =
  | {
      readonly from: number
      readonly hours: number
      readonly quantity: number
      readonly substitution: Extract<Substitution, { rule: 'max' }>
      /** Valid hours that there were: fewer than the basis where the stream is younger. */
      readonly had: number
      readonly alpha: Ratio
    }
  | { readonly quarter: number; readonly end: number; readonly alpha: Ratio }

/** No hour seen yet. */
export function createFiller(zone: Zone): Filler {
  return {
    zone,
    quarter: undefined,
    cursor: 0,
    hours: 0,
    stopped: 0,
    invalid: 0,
    gaps: [],
    valid: 0,
    peaks: [],
    digest: new Uint8Array(32),
  }
}

/** Takes the next hour of the stream; hours that are passed over are missing. Whatever quarter it ends comes back filled. */
export function addHour(filler: Filler, { start, quantity, flag, source }: Reading): Filled[] {
  if (filler.quarter === undefined) {
    filler.quarter = quarterOf(start, filler.zone)
    filler.cursor = start
  }
  if (start < filler.cursor) return []
  const filled: Filled[] = []
  while (filler.cursor < start) countHour(filler, 'missing', 0, filled)
  if (source !== null) filler.digest = chained(filler.digest, source)
  countHour(filler, flag === 'N' ? 'valid' : flag === 'F' ? 'stopped' : 'missing', quantity, filled)
  return filled
}

function countHour(filler: Filler, state: 'valid' | 'stopped' | 'missing', quantity: number, filled: Filled[]): void {
  const quarter = quarterOf(filler.cursor, filler.zone)
  if (quarter !== filler.quarter) filled.push(...closeQuarter(filler, quarter))
  filler.hours++
  if (state === 'stopped') filler.stopped++
  if (state === 'valid') {
    while ((filler.peaks.at(-1)?.quantity ?? Number.POSITIVE_INFINITY) <= quantity) filler.peaks.pop()
    filler.peaks.push({ at: filler.valid, quantity })
    filler.valid++
    while ((filler.peaks[0]?.at ?? filler.valid) < filler.valid - LONGEST_BASIS) filler.peaks.shift()
  }
  if (state === 'missing') {
    filler.invalid++
    const last = filler.gaps.at(-1)
    if (last !== undefined && last.from + last.hours * HOUR === filler.cursor) last.hours++
    else filler.gaps.push(gapOf(filler, filler.cursor, 0))
  }
  filler.cursor += HOUR
}

function gapOf({ peaks, valid }: Filler, from: number, carried: number): Gap {
  return {
    from,
    hours: 1,
    carried,
    greatest: BASES.map((basis) => peaks.find(({ at }) => at >= valid - basis)?.quantity),
    had: BASES.map((basis) => Math.min(basis, valid)),
  }
}

/** Fills the quarter's gaps and begins the next one. */
function closeQuarter(filler: Filler, next: number): Filled[] {
  const { gaps, hours, stopped, invalid } = filler
  const alpha = captureRate({ hours, stopped, invalid })
  const last = gaps.at(-1)
  const runsOn = last !== undefined && last.from + last.hours * HOUR === filler.cursor ? last : undefined
  const quarter = filler.quarter as number
  filler.quarter = next
  filler.hours = 0
  filler.stopped = 0
  filler.invalid = 0
  // A gap over the turn of the quarter is one run: its second part counts the hours of the first, and rests on the same valid hours.
  filler.gaps =
    runsOn === undefined ? [] : [{ ...runsOn, from: filler.cursor, hours: 0, carried: runsOn.carried + runsOn.hours }]
  if (alpha === undefined) return []
  const filled: Filled[] = []
  for (const { from, hours, carried, greatest, had } of gaps) {
    if (hours === 0) continue
    const substitution = substitutionOf(alpha, hours + carried)
    if (substitution.rule === 'calculation') return [{ quarter, end: filler.cursor, alpha }]
    const basis = BASES.indexOf(substitution.basisHours)
    const quantity = greatest[basis]
    if (quantity !== undefined) filled.push({ from, hours, quantity, substitution, had: had[basis] as number, alpha })
  }
  return filled
}

/** The start of the quarter that holds a moment, by the wall clock of the zone. */
export function quarterOf(moment: number, zone: Zone): number {
  const local = new Date(zone.toLocal(moment) * 1000)
  return zone.toUnix(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - (local.getUTCMonth() % 3)) / 1000)
}

/** The filler as a block's value. */
export function saveFiller(filler: Filler): unknown {
  const { quarter, cursor, hours, stopped, invalid, valid, gaps, peaks, digest } = filler
  return [
    packNumbers([quarter, cursor, hours, stopped, invalid, valid]),
    packNumbers(peaks.flatMap(({ at, quantity }) => [at, quantity])),
    packNumbers(gaps.flatMap(({ from, hours, carried, greatest, had }) => [from, hours, carried, ...greatest, ...had])),
    digest,
  ]
}

/** Puts a saved filler back in place. @throws TanlianError E_QUALITY_STATE */
export function loadFiller(filler: Filler, saved: unknown): void {
  const [numbers, peaks, gaps, digest] = saved as unknown[]
  const [quarter, cursor = 0, hours = 0, stopped = 0, invalid = 0, valid = 0] = unpackNumbers(numbers)
  if (!(digest instanceof Uint8Array) || digest.length !== 32) throw stateError('a filler has no digest')
  const width = 3 + 2 * BASES.length
  Object.assign(filler, { quarter, cursor, hours, stopped, invalid, valid, digest })
  filler.peaks.splice(
    0,
    Number.POSITIVE_INFINITY,
    ...rowsOf(unpackNumbers(peaks), 2).map(([at = 0, quantity = 0]) => ({ at, quantity })),
  )
  filler.gaps = rowsOf(unpackNumbers(gaps), width).map(([from = 0, hours = 0, carried = 0, ...rest]) => ({
    from,
    hours,
    carried,
    greatest: rest.slice(0, BASES.length),
    had: rest.slice(BASES.length) as number[],
  }))
}

function rowsOf<T>(items: readonly T[], width: number): T[][] {
  return Array.from({ length: items.length / width }, (_, at) => items.slice(at * width, (at + 1) * width))
}
