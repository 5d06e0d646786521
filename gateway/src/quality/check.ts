import type { Reading } from '@tanlian/evidence'
import { convert, decimalText, ratio, roundRatioTo, type Zone, zoneOf } from '@tanlian/units'
import type { Sink } from './judged.ts'
import { packNumbers, unpackNumbers } from './pack.ts'
import { limitOf, questionOf, type RuleId } from './rules.ts'
import { exceededSide, isMeanValid, standardOf } from './standard.ts'
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

/** A check of streams against each other (关联校验). It asks and changes no reading. */
export type Check = BalanceCheck | RelationCheck | CombustionCheck | LoadCheck | LimitCheck

/** C12: sub-meters add up to their main meter, by their classes' error; also what a halved transformer ratio breaks (C7). */
export interface BalanceCheck {
  readonly rule: 'balance'
  readonly name: string
  readonly main: number
  readonly parts: readonly number[]
  /** Allowed difference, per cent of the main meter. */
  readonly percent: number
}

/** C5: two streams of one process move together, on a line that is learned from themselves. */
export interface RelationCheck {
  readonly rule: 'relation'
  readonly name: string
  readonly of: number
  readonly by: number
}

/** C5: `CO2 = CO2max × (1 − O2/20.9)`, with the fuel's own CO2max. */
export interface CombustionCheck {
  readonly rule: 'combustion'
  readonly name: string
  /** Dry CO2 as a gauge of a share, and dry O2. */
  readonly co2: number
  readonly o2: number
  /** Dry CO2 of the fuel burned without excess air, per cent by volume: coal about 18.5, natural gas about 11.9. */
  readonly most: number
  /** Allowed difference, per cent by volume. */
  readonly percent: number
}

/** C6: a stream that is called stopped (F) while another shows load. */
export interface LoadCheck {
  readonly rule: 'load'
  readonly name: string
  readonly stream: number
  readonly load: number
}

/** The mean of an hour or a day against an environmental quality standard; HJ 212 stations of ST 21 (water) and 22 (air). */
export interface LimitCheck {
  readonly rule: 'limit'
  readonly name: string
  readonly stream: number
  /** Id of a limit in `standards.json`, and the stream's base unit. */
  readonly standard: string
  readonly unit: string
}

/** Seconds of the windows in which streams are compared. */
export const CHECK_SECONDS = 3600

/** What a check remembers. */
export interface CheckState {
  readonly check: Check
  readonly windows: Windows
  readonly line: Line
  /** Windows in a row that did not fit, and when the first of them began. */
  off: number
  offFrom: number
}

/** A line `y = a + b × x` as fading sums, and how far from it the points lie. */
interface Line {
  count: number
  weight: number
  x: number
  y: number
  xx: number
  xy: number
  spread: number
}

const LINE = ['count', 'weight', 'x', 'y', 'xx', 'xy', 'spread'] as const satisfies readonly (keyof Line)[]
/** So many windows make half of what is remembered of a line. */
const HALF_LIFE = 500
const FADE = 0.5 ** (1 / HALF_LIFE)

/** Nothing compared yet. @throws TanlianError E_PLANT, E_UNIT_DIMENSION for a limit of another quantity */
export function createCheck(check: Check, zone: string): CheckState {
  const at: Zone = zoneOf(zone)
  if (check.rule === 'limit') convert(ratio(0n), check.unit, standardOf(check.standard).unit)
  const seconds = check.rule === 'limit' ? standardOf(check.standard).seconds : CHECK_SECONDS
  return {
    check,
    windows: createWindows(streamsOf(check), seconds, at),
    line: { count: 0, weight: 0, x: 0, y: 0, xx: 0, xy: 0, spread: 0 },
    off: 0,
    offFrom: 0,
  }
}

/** Whether a check looks at a stream. */
export function looksAt({ windows }: CheckState, stream: number): boolean {
  return windows.inputs.includes(stream)
}

/** Hands over a reading. */
export function checkReading({ windows }: CheckState, reading: Reading): void {
  addReading(windows, reading)
}

/** Hands over time in which a stream stood still. */
export function checkStop({ windows }: CheckState, stream: number, from: number, to: number): void {
  addStop(windows, stream, from, to)
}

/** Compares the windows that are over. */
export function settleCheck(state: CheckState, device: string, nowMs: number, sink: Sink): void {
  for (const { start, parts } of closeWindows(state.windows, nowMs)) {
    const misfit = misfitOf(state, parts)
    if (misfit === undefined) continue
    if (misfit === false) {
      state.off = 0
      continue
    }
    if (state.off === 0) state.offFrom = start
    state.off++
    if (state.off !== limitOf(state.check.rule, 'windows')) continue
    const [stream = 0] = state.windows.inputs
    const at = { device, stream, from: state.offFrom, to: start + state.windows.seconds }
    sink.ask(questionOf(state.check.rule satisfies RuleId, at, { name: state.check.name, ...misfit }))
  }
}

type Values = Readonly<Record<string, number | string>>

/** What does not fit in one window; false where all does, undefined where it cannot be told. */
function misfitOf(state: CheckState, parts: readonly Part[]): Values | false | undefined {
  const { check } = state
  if (check.rule === 'load') return loadMisfit(parts)
  if (check.rule === 'limit') return limitMisfit(check, parts)
  // Compared is what was measured throughout: a window with a hole in one of its streams says nothing.
  if (parts.some(({ seconds }) => seconds !== CHECK_SECONDS)) return undefined
  if (check.rule === 'balance') return balanceMisfit(check, parts)
  if (check.rule === 'combustion') return combustionMisfit(check, parts)
  return relationMisfit(state.line, parts)
}

function loadMisfit([stream, load]: readonly Part[]): Values | false {
  const stopped = stream?.stopped ?? 0
  return stopped * 2 > CHECK_SECONDS && (load?.quantity ?? 0) > 0 && { stopped, load: load?.quantity ?? 0 }
}

function limitMisfit({ standard, unit }: LimitCheck, [part]: readonly Part[]): Values | false | undefined {
  const limit = standardOf(standard)
  if (part === undefined || !isMeanValid(limit, part)) return undefined
  const mean = ratio(BigInt(part.quantity), BigInt(part.seconds))
  const side = exceededSide(limit, mean, unit)
  if (side === undefined) return false
  const shown = decimalText(roundRatioTo(convert(mean, unit, limit.unit), 3, 'half-even'))
  return { mean: shown, limit: side, unit: limit.unit, source: limit.source }
}

function balanceMisfit({ percent }: BalanceCheck, [main, ...parts]: readonly Part[]): Values | false {
  const whole = main?.quantity ?? 0
  const sum = parts.reduce((total, { quantity }) => total + quantity, 0)
  return Math.abs(whole - sum) * 100 > percent * whole && { main: whole, sum, percent: shareOf(whole - sum, whole) }
}

function combustionMisfit({ most, percent }: CombustionCheck, [co2, o2]: readonly Part[]): Values | false {
  // ppb and ppm, as per cent by volume.
  const seen = (co2?.quantity ?? 0) / CHECK_SECONDS / 1e7
  const oxygen = (o2?.quantity ?? 0) / CHECK_SECONDS / 1e4
  const due = most * (1 - oxygen / 20.9)
  return Math.abs(seen - due) > percent && { co2: rounded(seen), due: rounded(due), o2: rounded(oxygen) }
}

function relationMisfit(line: Line, [of, by]: readonly Part[]): Values | false {
  const y = (of?.quantity ?? 0) / CHECK_SECONDS
  const x = (by?.quantity ?? 0) / CHECK_SECONDS
  const variance = line.xx * line.weight - line.x * line.x
  const slope = variance <= 0 ? 0 : (line.xy * line.weight - line.x * line.y) / variance
  const due = line.weight === 0 ? y : (line.y - slope * line.x) / line.weight + slope * x
  const residual = y - due
  const learned = line.count >= limitOf('relation', 'learned')
  const off = learned && Math.abs(residual) > limitOf('relation', 'sigma') * Math.sqrt(line.spread / line.weight)
  // What is far off teaches nothing.
  if (!off) learn(line, x, y, line.count < 10 ? 0 : residual)
  return off && { seen: rounded(y), due: rounded(due) }
}

function learn(line: Line, x: number, y: number, residual: number): void {
  line.count++
  line.weight = line.weight * FADE + 1
  line.x = line.x * FADE + x
  line.y = line.y * FADE + y
  line.xx = line.xx * FADE + x * x
  line.xy = line.xy * FADE + x * y
  line.spread = line.spread * FADE + residual * residual
}

function streamsOf(check: Check): readonly number[] {
  if (check.rule === 'balance') return [check.main, ...check.parts]
  if (check.rule === 'combustion') return [check.co2, check.o2]
  if (check.rule === 'relation') return [check.of, check.by]
  return check.rule === 'load' ? [check.stream, check.load] : [check.stream]
}

/** A check's memory as a block's value, under its name. */
export function saveCheck({ check, windows, line, off, offFrom }: CheckState): unknown {
  return [check.name, packNumbers([off, offFrom, ...LINE.map((name) => line[name])]), saveWindows(windows)]
}

/** Puts it back in place. @throws TanlianError E_QUALITY_STATE */
export function loadCheck(state: CheckState, numbers: unknown, windows: unknown): void {
  const [off = 0, offFrom = 0, ...line] = unpackNumbers(numbers)
  state.off = off
  state.offFrom = offFrom
  for (const [at, name] of LINE.entries()) state.line[name] = line[at] ?? 0
  loadWindows(state.windows, windows)
}

function shareOf(part: number, whole: number): string {
  return ((part * 100) / Math.max(1, whole)).toFixed(1)
}

function rounded(value: number): string {
  return value.toPrecision(4)
}
