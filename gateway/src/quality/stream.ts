import type { CID } from 'multiformats/cid'
import type { Sample } from '../arrival.ts'
import type { Device } from '../device.ts'
import { compileQuantity } from '../reading/quantity.ts'
import { type Check, checkReading, checkStop, createCheck, looksAt, settleCheck } from './check.ts'
import { createDerived, type Derived, feed, feedStop, isInput, settleDerived } from './derived.ts'
import { createDrift, type Drift, watchDrift } from './drift.ts'
import type { Judged, Sink } from './judged.ts'
import { offer, release } from './order.ts'
import { refuse } from './repeat.ts'
import { limitOf, type Question, questionOf, togetherByDevice } from './rules.ts'
import { createSeries, question, type Series } from './series.ts'
import { decodeQualityState, encodeQualityState } from './state.ts'
import { type Counts, countsOf, type Score, scoreOf } from './tally.ts'

/**
 * From samples to readings (质量判定): a fold over messages in the order of the journal, with no clock but the times kept with them.
 * The same messages make the same readings, and so do messages that overtook each other by less than `holdMs`, or came twice.
 */
export interface Quality {
  /** Takes the samples of one kept message. Samples of unknown points are passed over: a plant uses some of what a device says. */
  push(device: string, samples: readonly Sample[], message: Message): readonly Judged[]
  /** Lets time pass: what waited long enough is settled, streams that fell silent are asked about. Calling it or not makes no other reading. */
  tick(nowMs: number, chainMs?: number): readonly Judged[]
  /** Settles all that waits, for the end of a month or a shutdown that shall leave nothing behind. */
  flush(nowMs: number): readonly Judged[]
  /** The questions raised since the last call. Read again after a crash, the same data raises the same questions by the same ids. */
  questions(): readonly Question[]
  /** How good each stream is, and its figures of repeated and missing samples. */
  scores(): readonly StreamScore[]
  /** Canonical DAG-CBOR of all that is remembered. */
  encodeState(): Uint8Array
  /** Goes on from a state; streams that it does not know begin anew. @throws TanlianError E_QUALITY_STATE, E_BLOCK_NOT_CANONICAL */
  decodeState(bytes: Uint8Array): void
}

/** What is known of a message beside its samples. */
export interface Message {
  /** CID of its frame block. */
  readonly frame: CID
  readonly receivedMs: number
  /** Whether the device signed it, and the signature held. */
  readonly signed?: boolean
}

/** A stream's score and counts. */
export interface StreamScore extends Score {
  readonly device: string
  readonly point: string
  readonly stream: number
  readonly counts: Counts
  /** When something last came, Unix milliseconds; 0 for never. */
  readonly heardMs: number
}

/** How long a sample waits for those before it, where nothing else is said. */
export const HOLD_MS = 30_000

/** What is remembered of a device. */
export interface DeviceState {
  readonly device: Device
  readonly series: ReadonlyMap<string, Series>
  drift: Drift
}

/** What is made of a plant's streams beside their readings. */
export interface QualityOptions {
  readonly holdMs?: number
  /** Streams made of others; an input comes before what is made of it. */
  readonly derived?: readonly Derived[]
  /** Checks of streams against each other, derived ones too. */
  readonly checks?: readonly Check[]
  /** Zone of the plant's days; Asia/Shanghai where nothing else is said. */
  readonly zone?: string
}

/** Begins with nothing known. @throws TanlianError E_PLANT for a point or a derived stream that cannot be as it is described. */
export function createQuality(devices: readonly Device[], options: QualityOptions = {}): Quality {
  const { holdMs = HOLD_MS } = options
  const states = new Map(devices.map((device) => [device.id, stateOf(device)]))
  const derived = (options.derived ?? []).map(createDerived)
  const checks = (options.checks ?? []).map((check) => createCheck(check, options.zone ?? 'Asia/Shanghai'))
  let out: Judged[] = []
  let asked: Question[] = []
  let fresh: Question[] = []
  let behindChain = false
  const sink: Sink = {
    reading(judged) {
      out.push(judged)
      for (const state of derived) if (isInput(state, judged.reading.stream)) feed(state, judged.reading, sink)
      for (const state of checks) if (looksAt(state, judged.reading.stream)) checkReading(state, judged.reading)
    },
    stopped(stream, from, to) {
      for (const state of derived) if (isInput(state, stream)) feedStop(state, stream, from, to)
      for (const state of checks) if (looksAt(state, stream)) checkStop(state, stream, from, to)
    },
    ask(item) {
      fresh.push(item)
    },
  }
  const taken = (nowMs: number): readonly Judged[] => {
    for (const state of derived) settleDerived(state, nowMs, sink)
    for (const state of checks) settleCheck(state, '', nowMs, sink)
    const judged = out
    out = []
    if (fresh.length > 0) {
      asked.push(...togetherByDevice(fresh))
      fresh = []
    }
    return judged
  }
  const releaseAll = (nowMs: number) => {
    for (const { series } of states.values())
      for (const one of series.values()) if (one.held.length > 0) release(one, nowMs, holdMs, sink)
  }

  return {
    push(id, samples, { frame, receivedMs, signed = false }) {
      const state = states.get(id)
      if (state === undefined) return []
      const nowSeconds = receivedMs / 1000
      const latest = nowSeconds + limitOf('ahead', 'seconds')
      let newest = Number.NEGATIVE_INFINITY
      let behind = Number.NEGATIVE_INFINITY
      for (const { point, stamp, value, flag } of samples) {
        const series = state.series.get(point)
        if (series === undefined) continue
        const { interval, stamp: marks } = series.quantity.point
        newest = Math.max(newest, stamp - nowSeconds)
        behind = Math.max(behind, stamp + (marks === 'start' ? interval : 0) - nowSeconds)
        if (signed) series.tally.today.signed++
        if (!Number.isSafeInteger(stamp) || stamp < 0) {
          series.tally.today.samples++
          series.tally.today.refused++
        } else if (stamp > latest) {
          series.tally.today.samples++
          refuse(series, 'ahead', { stamp }, { seconds: Math.round(stamp - nowSeconds) }, sink)
        } else offer(series, { stamp, value, flag, frame, receivedMs }, holdMs, sink)
      }
      if (newest > Number.NEGATIVE_INFINITY)
        watchDrift(
          state.drift,
          state.device,
          { offset: Math.round(newest), behind: Math.round(behind), at: Math.floor(nowSeconds) },
          sink.ask,
        )
      return taken(receivedMs)
    },
    tick(nowMs, chainMs) {
      releaseAll(nowMs)
      for (const { device, series } of states.values())
        if (device.protocol !== 'file') for (const one of series.values()) watchSilence(one, nowMs, sink)
      const behind = chainMs === undefined ? 0 : (chainMs - nowMs) / 1000
      const late = behind > limitOf('gateway-clock', 'seconds')
      if (late && !behindChain) {
        const at = Math.floor(nowMs / 1000)
        const seconds = Math.round(behind)
        sink.ask(questionOf('gateway-clock', { device: '', stream: 0, from: at, to: at }, { seconds }))
      }
      behindChain = late
      return taken(nowMs)
    },
    flush(nowMs) {
      releaseAll(Number.POSITIVE_INFINITY)
      return taken(nowMs)
    },
    questions() {
      const items = asked
      asked = []
      return items
    },
    scores: () =>
      [...states.values()]
        .flatMap(({ series }) => [...series.values()])
        .map(({ device, quantity: { point }, tally, heardMs }) => ({
          device,
          point: point.name,
          stream: point.stream,
          ...scoreOf(tally),
          counts: countsOf(tally),
          heardMs,
        })),
    encodeState: () => encodeQualityState(states, derived, checks),
    decodeState: (bytes) => decodeQualityState(bytes, states, derived, checks),
  }
}

function stateOf(device: Device): DeviceState {
  const series = device.points.map((point) => [point.name, createSeries(device.id, compileQuantity(point))] as const)
  return { device, series: new Map(series), drift: createDrift() }
}

/** C11 while it lasts: nothing came for some intervals. Asked once for each silence. */
function watchSilence(series: Series, nowMs: number, sink: Sink): void {
  const { next, heardMs, quantity } = series
  if (next === undefined || series.silentFrom === next) return
  const seconds = Math.floor((nowMs - heardMs) / 1000)
  if (seconds <= limitOf('silent', 'intervals') * quantity.point.interval + limitOf('silent', 'seconds')) return
  series.silentFrom = next
  sink.ask(question(series, 'silent', next, Math.floor(nowMs / 1000), { seconds }))
}
