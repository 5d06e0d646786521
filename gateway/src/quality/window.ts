import type { Reading } from '@tanlian/evidence'
import type { Zone } from '@tanlian/units'
import { chained } from './chained.ts'
import { packNumbers, stateError, unpackNumbers } from './pack.ts'

/** What one input said in one window. */
export interface Part {
  /** Readings of flag N: how many, their seconds, their quantity. */
  normal: number
  seconds: number
  quantity: number
  /** Seconds in which the unit stood still. */
  stopped: number
  readings: number
  /** H(digest before ‖ source) from reading to reading: names every input frame in 32 bytes. */
  digest: Uint8Array
}

/** Windows of one length that several streams fill side by side. */
export interface Windows {
  readonly inputs: readonly number[]
  readonly seconds: number
  readonly zone: Zone
  readonly open: Map<number, Part[]>
  /** Up to when each input has spoken. */
  readonly passed: number[]
  /** All before it is closed. */
  closedTo: number
  /** Since when some input waits for the others, by the gateway's clock. */
  waitsSinceMs: number | undefined
}

/** Open at most; with more the oldest closes as it stands. */
const OPEN_MOST = 4
/** How long a window that one input has left behind waits for the others. */
export const GRACE_MS = 600_000

/** No window yet. */
export function createWindows(inputs: readonly number[], seconds: number, zone: Zone): Windows {
  return { inputs, seconds, zone, open: new Map(), passed: inputs.map(() => 0), closedTo: 0, waitsSinceMs: undefined }
}

/** Adds a reading to the window that holds its start. */
export function addReading(windows: Windows, { stream, start, seconds, quantity, flag, source }: Reading): void {
  const part = partOf(windows, stream, start, start + seconds)
  if (part === undefined) return
  part.readings++
  if (source !== null) part.digest = chained(part.digest, source)
  if (flag === 'F') part.stopped += seconds
  if (flag !== 'N') return
  part.normal++
  part.seconds += seconds
  part.quantity += quantity
}

/** Adds time in which the unit stood still. */
export function addStop(windows: Windows, stream: number, from: number, to: number): void {
  const part = partOf(windows, stream, from, to)
  if (part !== undefined) part.stopped += to - from
}

/** Takes out the windows that are over: all inputs have passed them, or the others had time enough. In the order of time. */
export function closeWindows(windows: Windows, nowMs: number): { readonly start: number; readonly parts: Part[] }[] {
  const { open, passed, seconds } = windows
  const closed: { start: number; parts: Part[] }[] = []
  if (open.size === 0) return closed
  const [slowest, fastest] = [Math.min(...passed), Math.max(...passed)]
  for (const start of [...open.keys()].sort((a, b) => a - b)) {
    const end = start + seconds
    if (end > slowest && end <= fastest) windows.waitsSinceMs ??= nowMs
    const waited = windows.waitsSinceMs !== undefined && nowMs - windows.waitsSinceMs >= GRACE_MS
    if (!(end <= slowest || (end <= fastest && waited) || open.size > OPEN_MOST)) break
    closed.push({ start, parts: open.get(start) as Part[] })
    open.delete(start)
    windows.closedTo = end
    windows.waitsSinceMs = undefined
  }
  return closed
}

/** The start of the window that holds a moment, by the wall clock of the zone. */
export function windowOf({ seconds, zone }: Pick<Windows, 'seconds' | 'zone'>, moment: number): number {
  const local = zone.toLocal(moment)
  return zone.toUnix(local - (((local % seconds) + seconds) % seconds))
}

function partOf(windows: Windows, stream: number, from: number, to: number): Part | undefined {
  const at = windows.inputs.indexOf(stream)
  const start = windowOf(windows, from)
  windows.passed[at] = Math.max(windows.passed[at] as number, to)
  if (start < windows.closedTo) return undefined
  let parts = windows.open.get(start)
  if (parts === undefined) {
    parts = windows.inputs.map(noPart)
    windows.open.set(start, parts)
  }
  return parts[at]
}

function noPart(): Part {
  return { normal: 0, seconds: 0, quantity: 0, stopped: 0, readings: 0, digest: new Uint8Array(32) }
}

/** The windows as a block's value. */
export function saveWindows({ open, passed, closedTo, waitsSinceMs }: Windows): unknown {
  const list = [...open].sort(([a], [b]) => a - b)
  return [
    packNumbers([closedTo, waitsSinceMs, ...passed]),
    list.map(([start, parts]) => [
      start,
      parts.map((part) => [
        packNumbers([part.normal, part.seconds, part.quantity, part.stopped, part.readings]),
        part.digest,
      ]),
    ]),
  ]
}

/** Puts saved windows back in place. @throws TanlianError E_QUALITY_STATE */
export function loadWindows(windows: Windows, saved: unknown): void {
  const [numbers, list] = saved as [unknown, [number, [unknown, Uint8Array][]][]]
  const [closedTo = 0, waitsSinceMs, ...passed] = unpackNumbers(numbers)
  if (passed.length !== windows.inputs.length) throw stateError('windows have another count of inputs')
  windows.closedTo = closedTo
  windows.waitsSinceMs = waitsSinceMs
  for (const [at, moment = 0] of passed.entries()) windows.passed[at] = moment
  windows.open.clear()
  for (const [start, parts] of list)
    windows.open.set(
      start,
      parts.map(([numbers, digest]) => {
        const [normal = 0, seconds = 0, quantity = 0, stopped = 0, readings = 0] = unpackNumbers(numbers)
        return { normal, seconds, quantity, stopped, readings, digest }
      }),
    )
}
