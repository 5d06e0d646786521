import { decodeBlock, encodeBlock, isEvidenceCid } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Sample } from '../arrival.ts'
import { type CheckState, loadCheck, saveCheck } from './check.ts'
import { type DerivedState, loadDerived, saveDerived } from './derived.ts'
import type { Drift } from './drift.ts'
import { packNumbers, stateError, unpackNumbers } from './pack.ts'
import { loadPattern, savePattern } from './pattern.ts'
import type { Said, Series, Waiting } from './series.ts'
import type { DeviceState } from './stream.ts'
import { loadTally, saveTally } from './tally.ts'

const FORMAT = 'tanlian/quality/1'

/** The single numbers of a series, in the order in which they are written. */
const NUMBERS = [
  'heldSinceMs',
  'next',
  'stand',
  'before',
  'level',
  'levelAt',
  'sameSince',
  'recentAt',
  'heardMs',
  'silentFrom',
  'refusedBy',
  'marked',
  'markedOf',
] as const satisfies readonly (keyof Series)[]

/** A series as it is written. */
type SavedSeries = readonly [
  stream: number,
  numbers: Uint8Array,
  tally: Uint8Array,
  pattern: Uint8Array,
  taken: Uint8Array,
  recent: readonly unknown[],
  held: readonly unknown[],
]

/** Canonical bytes of all that is remembered: series by stream, drifts by device. */
export function encodeQualityState(
  states: ReadonlyMap<string, DeviceState>,
  derived: readonly DerivedState[],
  checks: readonly CheckState[],
): Uint8Array {
  const list = [...states.values()]
  const series = list.flatMap(({ series }) => [...series.values()])
  series.sort((a, b) => a.quantity.point.stream - b.quantity.point.stream)
  const drifts = list.map(({ device, drift }) => [
    device.id,
    packNumbers([drift.at, drift.usual, drift.asked, ...drift.offsets]),
  ])
  drifts.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))
  const made = [...derived].sort((a, b) => a.derived.stream - b.derived.stream).map(saveDerived)
  const compared = [...checks].sort((a, b) => (a.check.name < b.check.name ? -1 : 1)).map(saveCheck)
  return encodeBlock({ format: FORMAT, drifts, series: series.map(saveSeries), derived: made, checks: compared }).bytes
}

/** Puts a state back in place; streams and devices that it does not know stay as they are. @throws TanlianError E_QUALITY_STATE */
export function decodeQualityState(
  bytes: Uint8Array,
  states: ReadonlyMap<string, DeviceState>,
  derived: readonly DerivedState[],
  checks: readonly CheckState[],
): void {
  const saved = decodeBlock(bytes) as Readonly<Record<string, unknown>>
  if (saved?.format !== FORMAT) throw stateError(`it is not of the form ${FORMAT}`)
  for (const [id, numbers] of list(saved.drifts) as [string, unknown][]) {
    const state = states.get(id)
    if (state === undefined) continue
    const [at = 0, usual, asked, ...offsets] = unpackNumbers(numbers)
    state.drift = { at, usual, asked, offsets: offsets as number[] } satisfies Drift
  }
  const byStream = new Map(
    [...states.values()].flatMap(({ series }) => [...series.values()].map((one) => [one.quantity.point.stream, one])),
  )
  for (const item of list(saved.series) as SavedSeries[]) {
    const series = byStream.get(item[0])
    if (series !== undefined) loadSeries(series, item)
  }
  for (const [stream, ...memory] of list(saved.derived) as [number, ...unknown[]][]) {
    const state = derived.find((item) => item.derived.stream === stream)
    if (state !== undefined) loadDerived(state, memory[0])
  }
  for (const [name, numbers, windows] of list(saved.checks) as [string, unknown, unknown][]) {
    const state = checks.find(({ check }) => check.name === name)
    if (state !== undefined) loadCheck(state, numbers, windows)
  }
}

function saveSeries(series: Series): SavedSeries {
  const { taken, tally, pattern, recent, held } = series
  return [
    series.quantity.point.stream,
    packNumbers(NUMBERS.map((name) => series[name])),
    packNumbers(saveTally(tally)),
    packNumbers(savePattern(pattern)),
    packNumbers([taken.floor, ...taken.starts, ...taken.ends]),
    recent.map(({ start, value, flag }) => [start, value ?? null, flag ?? null]),
    held.map(({ stamp, value, flag, frame, receivedMs }) => [stamp, value ?? null, flag ?? null, frame, receivedMs]),
  ]
}

function loadSeries(series: Series, [, numbers, tally, pattern, taken, recent, held]: SavedSeries): void {
  const values = unpackNumbers(numbers)
  if (values.length !== NUMBERS.length) throw stateError('a series has another count of numbers')
  for (const [at, name] of NUMBERS.entries())
    (series as Record<(typeof NUMBERS)[number], number | undefined>)[name] = values[at]
  Object.assign(series.tally, loadTally(unpackNumbers(tally) as number[]))
  loadPattern(series.pattern, unpackNumbers(pattern))
  const [floor = 0, ...spans] = unpackNumbers(taken) as number[]
  series.taken.floor = floor
  series.taken.starts.splice(0, Number.POSITIVE_INFINITY, ...spans.slice(0, spans.length / 2))
  series.taken.ends.splice(0, Number.POSITIVE_INFINITY, ...spans.slice(spans.length / 2))
  series.recent.splice(0, Number.POSITIVE_INFINITY, ...list(recent).map(readSaid))
  series.held.splice(0, Number.POSITIVE_INFINITY, ...list(held).map(readWaiting))
}

function readSaid(item: unknown): Said {
  const [start, value, flag] = list(item) as [number, string | null, Sample['flag'] | null]
  return { start, value: value ?? undefined, flag: flag ?? undefined }
}

function readWaiting(item: unknown): Waiting {
  const [stamp, value, flag, frame, receivedMs] = list(item) as [
    number,
    string | null,
    Sample['flag'] | null,
    unknown,
    number,
  ]
  if (!isEvidenceCid(frame)) throw stateError('a waiting sample names no frame')
  return { stamp, value: value ?? undefined, flag: flag ?? undefined, frame: frame as CID, receivedMs }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw stateError('a list is missing')
  return value
}
