import { type Block, encodeBlock, kindInfo, MAX_INTEGER, type Reading, type StreamItem } from '@tanlian/evidence'
import { divideRatios, parseRatio, type Ratio, ratio, roundRatio, TanlianError, zoneOf } from '@tanlian/units'
import { sha256 } from './chained.ts'
import { co2Mass, dryConcentration, dryStandardVolume, unconverted } from './emission.ts'
import { addHour, createFiller, type Filled, type Filler, loadFiller, saveFiller } from './fill.ts'
import type { Sink } from './judged.ts'
import { stateError } from './pack.ts'
import { questionOf, type RuleId } from './rules.ts'
import { captureText } from './substitution.ts'
import { isValidMinute, isValidWindow, type Regime } from './validity.ts'
import {
  addReading,
  addStop,
  closeWindows,
  createWindows,
  loadWindows,
  type Part,
  saveWindows,
  type Windows,
} from './window.ts'

/** A stream that is made of others (派生数据流); what it is made of is named in the frame of each reading. */
export type Derived = MeanStream | MassStream | FillStream

interface Base {
  readonly stream: number
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly name: string
  /** What its frames and its item in `streams` name as the device. */
  readonly device: string
  readonly zone: string
}

/** The values of a window from those of its members: minutes, hours, days. */
export interface MeanStream extends Base {
  readonly make: 'mean'
  readonly input: number
  readonly seconds: 60 | 600 | 3600 | 86_400
  readonly regime: Regime
}

/** Mass of CO2 from concentration × flow × time. */
export interface MassStream extends Base {
  readonly make: 'co2-mass'
  readonly seconds: 3600
  readonly inputs: {
    /** Share of CO2, ppb·s. */
    readonly co2: number
    /** Gas flow, L. */
    readonly flow: number
    /** What a flow of gas as it is needs: mK·s, Pa·s absolute, ppm·s. */
    readonly temperature?: number
    readonly pressure?: number
    readonly moisture?: number
    /** Oxygen, ppm·s: needed where `co2` was converted to a reference. */
    readonly o2?: number
  }
  /** Whether `co2` is of dry or of wet gas. */
  readonly co2Basis: 'dry' | 'wet'
  /** Whether `flow` is of gas as it is, or dry at 0 °C and 101.325 kPa already. */
  readonly flowState: 'actual' | 'dry-standard'
  /** Reference of oxygen, per cent, to which the analyser has converted `co2`. */
  readonly co2ReferenceO2?: string
}

/** What stands for the missing hours of an hourly stream, each marked E; never over the stream itself. */
export interface FillStream extends Base {
  readonly make: 'fill'
  readonly input: number
}

/** What the derived streams remember. */
export type DerivedState =
  | { readonly derived: MeanStream | MassStream; readonly windows: Windows }
  | { readonly derived: FillStream; readonly filler: Filler }

/** Items of the streams block for derived streams. */
export function derivedStreams(list: readonly Derived[]): StreamItem[] {
  return list.map((derived) => ({
    stream: derived.stream,
    type: derived.type,
    device: derived.device,
    interval: derived.make === 'fill' ? 3600 : derived.seconds,
    name: derived.name,
    unit: kindInfo(derived.type)?.unit ?? '1',
    value: 'derived',
    method: methodOf(derived),
  }))
}

/** @throws TanlianError E_PLANT where a flow of gas as it is lacks its state, or a converted share its oxygen. */
export function createDerived(derived: Derived): DerivedState {
  const zone = zoneOf(derived.zone)
  if (derived.make === 'fill') return { derived, filler: createFiller(zone) }
  if (derived.make === 'mean') return { derived, windows: createWindows([derived.input], derived.seconds, zone) }
  const { temperature, pressure, moisture, o2 } = derived.inputs
  if (derived.flowState === 'actual' && [temperature, pressure, moisture].includes(undefined))
    throw lacking(derived, 'temperature, pressure and moisture')
  if (derived.co2Basis === 'wet' && moisture === undefined) throw lacking(derived, 'moisture')
  if (derived.co2ReferenceO2 !== undefined && o2 === undefined) throw lacking(derived, 'o2')
  return { derived, windows: createWindows(Object.values(derived.inputs), derived.seconds, zone) }
}

/** Whether a stream is one of the inputs. */
export function isInput(state: DerivedState, stream: number): boolean {
  return 'windows' in state ? state.windows.inputs.includes(stream) : state.derived.input === stream
}

/** Hands a reading to a derived stream that takes it. */
export function feed(state: DerivedState, reading: Reading, sink: Sink): void {
  if ('windows' in state) addReading(state.windows, reading)
  else for (const filled of addHour(state.filler, reading)) emitFilled(state.derived, state.filler, filled, sink)
}

/** Hands over time in which an input stood still. */
export function feedStop(state: DerivedState, stream: number, from: number, to: number): void {
  if ('windows' in state) addStop(state.windows, stream, from, to)
}

/** Makes readings of the windows that are over. */
export function settleDerived(state: DerivedState, nowMs: number, sink: Sink): void {
  if (!('windows' in state)) return
  const { derived, windows } = state
  for (const { start, parts } of closeWindows(windows, nowMs))
    if (derived.make === 'mean') emitMean(derived, start, parts, sink)
    else emitMass(derived, start, parts, sink)
}

/** A derived stream's memory as a block's value. */
export function saveDerived(state: DerivedState): unknown {
  return [state.derived.stream, 'windows' in state ? saveWindows(state.windows) : saveFiller(state.filler)]
}

/** Puts it back in place. @throws TanlianError E_QUALITY_STATE */
export function loadDerived(state: DerivedState, saved: unknown): void {
  if (!Array.isArray(saved)) throw stateError('a derived stream is missing')
  if ('windows' in state) loadWindows(state.windows, saved)
  else loadFiller(state.filler, saved)
}

function emitMean(derived: MeanStream, start: number, parts: readonly Part[], sink: Sink): void {
  const [part] = parts as [Part]
  const gauge = kindInfo(derived.type)?.sort === 'gauge'
  const due = derived.seconds - part.stopped
  if (due <= 0) {
    // As with the members themselves: a level that stood still has no mean, an amount is a true zero.
    if (gauge) sink.stopped(derived.stream, start, start + derived.seconds)
    else emit(derived, start, 'F', 0, undefined, { inputs: inputsOf([derived.input], parts) }, sink)
    return
  }
  const enough =
    derived.seconds === 60
      ? isValidMinute(part.normal)
      : isValidWindow(
          derived.regime,
          derived.seconds === 3600 ? 'hour' : derived.seconds === 86_400 ? 'day' : 'interval',
          { valid: part.seconds, due, full: derived.seconds },
        )
  const covered = BigInt(gauge ? derived.seconds : due)
  const quantity = enough ? wholeOf(ratio(BigInt(part.quantity) * covered, BigInt(part.seconds))) : undefined
  emitValue(derived, start, quantity, { inputs: inputsOf([derived.input], parts) }, sink)
}

function emitMass(derived: MassStream, start: number, parts: readonly Part[], sink: Sink): void {
  const { inputs, seconds } = derived
  const names = Object.keys(inputs) as (keyof MassStream['inputs'])[]
  const partOf = (name: keyof MassStream['inputs']) => parts[names.indexOf(name)] as Part
  const flow = partOf('flow')
  const due = seconds - flow.stopped
  const facts = { inputs: inputsOf(Object.values(inputs), parts) }
  if (due <= 0) {
    emit(derived, start, 'F', 0, undefined, facts, sink)
    return
  }
  const valid = parts.every((part) =>
    isValidWindow('flue', 'hour', { valid: part.seconds, due: seconds - part.stopped, full: seconds }),
  )
  if (!valid) {
    emitValue(derived, start, undefined, facts, sink)
    return
  }
  const mean = (name: keyof MassStream['inputs']): Ratio => {
    const part = partOf(name)
    return ratio(BigInt(part.quantity), BigInt(part.seconds))
  }
  const volume = ratio(BigInt(flow.quantity) * BigInt(due), BigInt(flow.seconds))
  const dryVolume =
    derived.flowState === 'dry-standard'
      ? volume
      : dryStandardVolume(volume, {
          temperatureMk: mean('temperature'),
          pressurePa: mean('pressure'),
          moisturePpm: mean('moisture'),
        })
  const dry = derived.co2Basis === 'dry' ? mean('co2') : dryConcentration(mean('co2'), mean('moisture'))
  const share =
    derived.co2ReferenceO2 === undefined
      ? dry
      : unconverted(dry, mean('o2'), divideRatios(parseRatio(derived.co2ReferenceO2), parseRatio('0.0001')))
  emitValue(derived, start, wholeOf(co2Mass(share, dryVolume)), facts, sink)
}

/** A valid window's quantity, or D where it has none. */
function emitValue(
  derived: MeanStream | MassStream,
  start: number,
  quantity: number | undefined,
  facts: Facts,
  sink: Sink,
): void {
  if (quantity === undefined) emit(derived, start, 'D', 0, 'members', facts, sink)
  else emit(derived, start, 'N', quantity, undefined, facts, sink)
}

function emitFilled(derived: FillStream, filler: Filler, filled: Filled, sink: Sink): void {
  const alpha = captureText(filled.alpha)
  if (!('substitution' in filled)) {
    const at = { device: derived.device, stream: derived.stream, from: filled.quarter, to: filled.end }
    sink.ask(questionOf('capture', at, { alpha }))
    return
  }
  const { substitution, from, hours, had, quantity } = filled
  const facts = {
    ...substitution,
    substituted: true,
    alpha,
    validHours: had,
    gap: [from, hours],
    inputs: [[derived.input, filler.digest]],
  }
  for (let hour = 0; hour < hours; hour++) emit(derived, from + hour * 3600, 'E', quantity, 'fill', facts, sink)
}

/** What a derived frame says beside the formula. */
type Facts = Readonly<Record<string, unknown>> & { readonly inputs: readonly unknown[] }

function emit(
  derived: Derived,
  start: number,
  flag: Reading['flag'],
  quantity: number,
  rule: RuleId | undefined,
  facts: Facts,
  sink: Sink,
): void {
  const seconds = derived.make === 'fill' ? 3600 : derived.seconds
  const frame = frameOf(derived, start + seconds, facts)
  const { type, stream, device } = derived
  const reading: Reading = { type, stream, start, seconds, quantity, flag, source: frame.cid }
  sink.reading({ reading, rule, device, frame })
}

/**
 * The frame of a derived reading: formula, inputs, and a digest over the inputs' own frames. Its salt comes from them, so that the same data
 * makes the same frame; who knows their CIDs has been shown the inputs.
 */
function frameOf(derived: Derived, received: number, facts: Facts): Block {
  const { bytes } = encodeBlock({ formula: methodOf(derived), end: received, ...facts })
  return encodeBlock({
    bytes,
    device: derived.device,
    protocol: 'derived',
    received,
    salt: sha256(encodeBlock(['tanlian/derived', facts.inputs]).bytes).slice(0, 16),
  })
}

function methodOf(derived: Derived): string {
  if (derived.make === 'mean') return `mean of stream ${derived.input}, validity ${derived.regime}`
  if (derived.make === 'fill') return `substitution of missing hours of stream ${derived.input}, HJ 75-2017`
  const { inputs, co2Basis, flowState, co2ReferenceO2 } = derived
  const reference = co2ReferenceO2 === undefined ? '' : `, turned back from ${co2ReferenceO2} % O2`
  return `CO2 (${co2Basis}${reference}) of stream ${inputs.co2} × flow (${flowState}) of stream ${inputs.flow}, HJ 75-2017`
}

/** Each input with what it said: stream, valid and stopped seconds, quantity, count of readings, digest over their frames. */
function inputsOf(streams: readonly number[], parts: readonly Part[]): unknown[] {
  return parts.map(({ seconds, stopped, quantity, readings, digest }, at) => [
    streams[at],
    seconds,
    stopped,
    quantity,
    readings,
    digest,
  ])
}

/** Rounded half to even; undefined where no reading could hold it. */
function wholeOf(value: Ratio): number | undefined {
  const whole = Number(roundRatio(value, 'half-even'))
  return whole >= 0 && whole <= MAX_INTEGER ? whole : undefined
}

function lacking({ stream }: MassStream, what: string): TanlianError {
  return new TanlianError('E_PLANT', `The derived stream ${stream} lacks ${what}.`, { values: { stream, what } })
}
