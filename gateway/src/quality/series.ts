import type { Flag, Reading } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Sample } from '../arrival.ts'
import type { Quantity } from '../reading/quantity.ts'
import { createTaken, fit, type Taken, take } from '../reading/taken.ts'
import type { Sink } from './judged.ts'
import { createPattern, type Pattern, watchPattern } from './pattern.ts'
import { limitOf, type Question, questionOf, RULE_IDS, type RuleId } from './rules.ts'
import { createTally, type Tally, turnTally } from './tally.ts'

/** A sample that waits for those before it. */
export interface Waiting {
  readonly stamp: number
  readonly value: string | undefined
  readonly flag: Sample['flag']
  readonly frame: CID
  readonly receivedMs: number
}

/** All that is remembered of one stream: the same few kilobytes after a day and after ten years. */
export interface Series {
  readonly device: string
  readonly quantity: Quantity
  readonly taken: Taken
  readonly tally: Tally
  readonly pattern: Pattern
  /** Samples with a hole before them, by stamp. */
  readonly held: Waiting[]
  /** The earliest of their times of arrival. */
  heldSinceMs: number
  /** The end of what is settled; undefined before the first reading (a register: its first stand). */
  next: number | undefined
  /** A register's last stand, and the one before a jump or a rollback, which may have been a fault. */
  stand: number | undefined
  before: number | undefined
  /** The last good value of a full interval, and its time. */
  level: number | undefined
  levelAt: number
  /** Since when the value has not changed. */
  sameSince: number
  /** The latest of what was said of which time, by which a repetition is told from a contradiction; a ring. */
  readonly recent: Said[]
  recentAt: number
  /** When something last came, by the gateway's clock. */
  heardMs: number
  /** The silence that was asked about began here. */
  silentFrom: number
  /** The rule that refused the sample before, as its place in the list of rules: a streak of refusals is one question. */
  refusedBy: number
  /** How many of the latest readings the device marked as not valid, as a count that fades. */
  marked: number
  markedOf: number
}

/** What was said of a time. */
export interface Said {
  readonly start: number
  readonly value: string | undefined
  readonly flag: Sample['flag']
}

const RECENT = 16
/** A longer text is no number of any instrument. */
const TEXT_MOST = 40
/** How many samples wait at most; the oldest of more is settled at once. */
const HELD_MOST = 48

/** A stream of which nothing is known yet. */
export function createSeries(device: string, quantity: Quantity): Series {
  return {
    device,
    quantity,
    taken: createTaken(),
    tally: createTally(),
    pattern: createPattern(),
    held: [],
    heldSinceMs: 0,
    next: undefined,
    stand: undefined,
    before: undefined,
    level: undefined,
    levelAt: 0,
    sameSince: 0,
    recent: [],
    recentAt: 0,
    heardMs: 0,
    silentFrom: -1,
    refusedBy: -1,
    marked: 0,
    markedOf: 0,
  }
}

/**
 * Takes a sample. One that follows what is settled is settled at once, and so is one that is older; one with a hole before it waits for
 * the hole to be filled, `holdMs` at most. So messages that overtake each other by less make the same readings as in order (safety F11).
 */
export function offer(series: Series, sample: Waiting, holdMs: number, sink: Sink): void {
  const { held } = series
  series.tally.today.samples++
  if (sample.receivedMs > series.heardMs) series.heardMs = sample.receivedMs
  if (held.length > 0) release(series, sample.receivedMs, holdMs, sink)
  if (held.length === 0 ? follows(series, sample.stamp) : fills(series, sample.stamp)) {
    settle(series, sample, sink)
    while (held.length > 0 && follows(series, (held[0] as Waiting).stamp)) settleHeld(series, sink)
    return
  }
  hold(series, sample, sink)
  if (held.length <= HELD_MOST) return
  settleHeld(series, sink)
  while (held.length > 0 && follows(series, (held[0] as Waiting).stamp)) settleHeld(series, sink)
}

/** Settles what has waited long enough. */
export function release(series: Series, nowMs: number, holdMs: number, sink: Sink): void {
  const { held } = series
  while (held.length > 0 && (nowMs - series.heldSinceMs >= holdMs || follows(series, (held[0] as Waiting).stamp)))
    settleHeld(series, sink)
}

/** The start of the interval that a stamp names. */
export function startOf({ point }: Quantity, stamp: number): number {
  return point.stamp === 'start' ? stamp : stamp - point.interval
}

/** Whether nothing is missing before a sample; a clock may be half an interval off. */
function follows(series: Series, stamp: number): boolean {
  const { next, quantity } = series
  if (next === undefined) return false
  const { interval, value } = quantity.point
  return value === 'register' ? stamp <= next + 1.5 * interval : startOf(quantity, stamp) <= next + 0.5 * interval
}

/** Whether a sample comes before all that wait, and follows what is settled. */
function fills(series: Series, stamp: number): boolean {
  return stamp < (series.held[0] as Waiting).stamp && follows(series, stamp)
}

function hold(series: Series, sample: Waiting, sink: Sink): void {
  const { held } = series
  let at = held.length
  while (at > 0 && (held[at - 1] as Waiting).stamp > sample.stamp) at--
  const twin = held[at - 1]
  if (twin?.stamp === sample.stamp) {
    repeated(series, sample.stamp, saysSame(series.quantity, twin, sample), sink)
    return
  }
  if (held.length === 0 || sample.receivedMs < series.heldSinceMs) series.heldSinceMs = sample.receivedMs
  held.splice(at, 0, sample)
}

function settleHeld(series: Series, sink: Sink): void {
  const { held } = series
  const sample = held.shift() as Waiting
  if (sample.receivedMs === series.heldSinceMs)
    series.heldSinceMs = held.reduce((least, { receivedMs }) => Math.min(least, receivedMs), Number.POSITIVE_INFINITY)
  settle(series, sample, sink)
}

function settle(series: Series, sample: Waiting, sink: Sink): void {
  if (series.quantity.point.value === 'register') settleRegister(series, sample, sink)
  else settleAmount(series, sample, sink)
}

function settleAmount(series: Series, sample: Waiting, sink: Sink): void {
  const { quantity, tally } = series
  const { interval } = quantity.point
  const start = startOf(quantity, sample.stamp)
  const place = fit(series.taken, start, start + interval)
  if (place === 'forgotten' || start < 0) {
    refuse(series, 'late', sample, {}, sink)
    return
  }
  if (place === 'taken') {
    repeatedAt(series, start, sample, sink)
    return
  }
  const { next, taken } = series
  const late = next !== undefined && place.from < next
  // A late one takes back the interval that was counted as missing; before the beginning nothing was.
  if (late && place.from >= (taken.starts[0] as number)) tally.today.missing--
  if (!late) advance(series, place.from, place.to, sink)
  // A crack that no sample fits into is no hole.
  const cracked = next !== undefined && place.from > next && (place.from - next) * 2 < interval
  take(taken, cracked ? next : place.from, place.to)
  const made = judge(series, sample, place.from, place.to - place.from, late, sink)
  remember(series, start, sample)
  if (made.flag === 'F') {
    tally.today.stopped++
    // A level under F is left out of means: no reading stands for it (iot.md section 1).
    if (quantity.kind.sort === 'gauge') {
      sink.stopped(quantity.point.stream, place.from, place.to)
      return
    }
  }
  emit(series, place.from, place.to, made, sample, sink)
  if (!late && made.flag === 'N' && series.level !== undefined)
    watch(series, series.level, sample.value as string, place.from, sink)
}

/** Learns from a good value, and asks where it departs from what was learned. */
function watch(series: Series, quantity: number, text: string, from: number, sink: Sink): void {
  const found = watchPattern(series.pattern, { quantity, text, from, seconds: series.quantity.point.interval })
  if (found !== undefined) sink.ask(question(series, found.rule, found.from, found.to, found.values))
}

/** What a value is taken for. */
interface Verdict {
  readonly flag: Flag
  readonly quantity: number
  readonly rule: RuleId | undefined
}

const STOPPED: Verdict = { flag: 'F', quantity: 0, rule: undefined }

/** Flag and quantity of an amount or a mean. Late samples are judged by themselves: what came after them is settled. */
function judge(series: Series, sample: Waiting, from: number, seconds: number, late: boolean, sink: Sink): Verdict {
  const { quantity } = series
  const { limits, interval } = quantity.point
  const { value, flag } = sample
  const own = flag === undefined || flag === 'N' ? undefined : flag
  if (own === 'F') {
    if (value !== undefined && quantity.kind.sort === 'delta' && isAbove(quantity.whole(value)))
      sink.ask(question(series, 'stopped', from, from + seconds, { value }))
    series.level = undefined
    return STOPPED
  }
  if (value === undefined) return { flag: own ?? 'B', quantity: 0, rule: own === undefined ? 'empty' : undefined }
  const level = quantity.whole(value)
  const bad = (said: Flag, rule: RuleId): Verdict =>
    own === undefined ? { flag: said, quantity: 0, rule } : { flag: own, quantity: 0, rule: undefined }
  if (typeof level === 'string') return bad('D', 'number')
  if (
    (quantity.least !== undefined && level < quantity.least) ||
    (quantity.most !== undefined && level > quantity.most)
  )
    return bad(limits.outside ?? 'T', 'range')
  if (level < 0) return bad('D', 'negative')
  const amount = seconds === interval ? level : quantity.cut(value, seconds)
  if (typeof amount === 'string') return bad('D', 'number')
  // What the device itself calls not valid keeps its number, for all to see; it never enters a measured total.
  if (own !== undefined) return { flag: own, quantity: amount, rule: undefined }
  if (late) return { flag: 'N', quantity: amount, rule: undefined }
  if (quantity.rate !== undefined && series.level !== undefined) {
    const elapsed = Math.max(1, from - series.levelAt)
    if (Math.abs(level - series.level) > quantity.rate * elapsed) return { flag: 'D', quantity: amount, rule: 'rate' }
  }
  if (series.level !== level) series.sameSince = from
  const stuck = isStuck(series, level, from, from + seconds, sink)
  series.level = level
  series.levelAt = from
  return { flag: stuck ? 'D' : 'N', quantity: amount, rule: stuck ? 'stuck' : undefined }
}

/** Whether the value has stood still for the model's time; an amount of zero is rest, not a fault. */
function isStuck(series: Series, level: number, from: number, to: number, sink: Sink): boolean {
  const { quantity, sameSince } = series
  const { stuckAfter } = quantity.point.limits
  if (stuckAfter === undefined || (level === 0 && quantity.kind.sort === 'delta') || to - sameSince < stuckAfter)
    return false
  if (from - sameSince < stuckAfter) sink.ask(question(series, 'stuck', sameSince, to, { seconds: to - sameSince }))
  return true
}

/**
 * A register's stands tile time: a reading runs from stand to stand, so its sum is exact whatever was lost between. A stand that the
 * device calls not valid is passed over, and the next good one spans it.
 */
function settleRegister(series: Series, sample: Waiting, sink: Sink): void {
  const { quantity, tally, next } = series
  const { value, flag, stamp } = sample
  const now = value === undefined ? undefined : quantity.whole(value)
  if (next !== undefined && stamp <= next) {
    const known = recall(series, stamp)
    if (known === undefined) refuse(series, 'late', sample, {}, sink)
    else repeated(series, stamp, saysSame(quantity, known, sample), sink)
    return
  }
  const usable = flag === undefined || flag === 'N' || flag === 'F'
  const absurd =
    typeof now !== 'number' ||
    now < 0 ||
    (quantity.least !== undefined && now < quantity.least) ||
    (quantity.most !== undefined && now > quantity.most)
  if (!usable || absurd || now === undefined) {
    if (usable) tally.today.implausible++
    else tally.today.flagged++
    return
  }
  remember(series, stamp, sample)
  const last = series.stand
  series.stand = now as number
  if (next === undefined || last === undefined) {
    series.next = stamp
    return
  }
  advance(series, next, stamp, sink)
  const verdict =
    flag === 'F' ? stoppedRegister(series, last, next, stamp, sink) : grown(series, last, next, stamp, sink)
  if (verdict.flag === 'F') tally.today.stopped++
  emit(series, next, stamp, verdict, sample, sink)
  if (verdict.flag === 'N' && stamp - next === quantity.point.interval)
    watch(series, verdict.quantity, value as string, next, sink)
}

function stoppedRegister(series: Series, last: number, from: number, to: number, sink: Sink): Verdict {
  const growth = series.quantity.growth(last, series.stand as number)
  if (growth !== 0) sink.ask(question(series, 'stopped', from, to, { value: growth ?? -1 }))
  return STOPPED
}

/** What a register has grown by since its last stand, and whether it can have. */
function grown(series: Series, last: number, from: number, to: number, sink: Sink): Verdict {
  const { quantity, before } = series
  const now = series.stand as number
  const can = (growth: number | undefined, seconds: number) =>
    growth !== undefined && (quantity.rate === undefined || growth <= quantity.rate * seconds)
  series.before = undefined
  // After an odd stand: if this one fits the stand before it, the odd one was a fault and nothing is lost.
  if (before !== undefined) {
    const over = now >= before ? now - before : undefined
    if (over !== undefined && can(over, to - from + quantity.point.interval))
      return { flag: 'N', quantity: over, rule: undefined }
  }
  const growth = quantity.growth(last, now)
  if (growth === undefined) {
    series.before = last
    sink.ask(question(series, 'rollback', from, to, { last, now }))
    return { flag: 'D', quantity: 0, rule: 'rollback' }
  }
  if (!can(growth, to - from)) {
    series.before = last
    sink.ask(question(series, 'jump', from, to, { growth }))
    return { flag: 'D', quantity: 0, rule: 'jump' }
  }
  if (now < last) sink.ask(question(series, 'rollover', from, to, { last, now }))
  return { flag: 'N', quantity: growth, rule: undefined }
}

/** Moves the settled end on and counts the intervals that nothing came for. */
function advance(series: Series, from: number, to: number, sink: Sink): void {
  const { quantity, tally, next } = series
  const { interval, value } = quantity.point
  turnTally(tally, from)
  if (next !== undefined) {
    const hole = value === 'register' ? to - next - interval : from - next
    const missing = Math.round(hole / interval)
    if (missing > 0) {
      tally.today.missing += missing
      if (missing >= limitOf('gap', 'missing'))
        sink.ask(question(series, 'gap', next, from === next ? to : from, { missing }))
    }
  }
  series.next = to
  series.refusedBy = -1
}

function emit(
  series: Series,
  from: number,
  to: number,
  { flag, quantity, rule }: Verdict,
  sample: Waiting,
  sink: Sink,
): void {
  const { tally } = series
  const { type, stream, interval } = series.quantity.point
  const counts = tally.today
  counts.readings++
  if (rule !== undefined) counts.implausible++
  else if (flag !== 'N' && flag !== 'F') counts.flagged++
  if (sample.receivedMs <= (to + interval) * 1000 + 60_000) counts.timely++
  watchFlags(series, flag, rule, to, sink)
  const reading: Reading = { type, stream, start: from, seconds: to - from, quantity, flag, source: sample.frame }
  sink.reading({ reading, rule, device: series.device })
}

/** C6: a large share of readings that the device marks as maintenance, fault or calibration. */
function watchFlags(series: Series, flag: Flag, rule: RuleId | undefined, to: number, sink: Sink): void {
  const readings = limitOf('flags', 'readings')
  if (rule === undefined && (flag === 'M' || flag === 'D' || flag === 'C')) series.marked++
  series.markedOf++
  if (series.markedOf < readings) return
  const percent = Math.floor((series.marked * 100) / series.markedOf)
  if (percent > limitOf('flags', 'percent'))
    sink.ask(question(series, 'flags', to - readings * series.quantity.point.interval, to, { readings, percent }))
  series.marked = 0
  series.markedOf = 0
}

/** Notes that a sample could not become a reading. */
export function refuse(
  series: Series,
  rule: RuleId,
  { stamp }: { readonly stamp: number },
  values: Question['values'],
  sink: Sink,
): void {
  series.tally.today.refused++
  if (!isNews(series, rule)) return
  const start = startOf(series.quantity, stamp)
  sink.ask(question(series, rule, Math.max(0, start), Math.max(0, start) + series.quantity.point.interval, values))
}

/** Whether a refusal begins a streak; a reading in order ends it. */
function isNews(series: Series, rule: RuleId): boolean {
  const place = RULE_IDS.indexOf(rule)
  if (series.refusedBy === place) return false
  series.refusedBy = place
  return true
}

/** A question about this stream. */
export function question(
  { device, quantity }: Series,
  rule: RuleId,
  from: number,
  to: number,
  values: Question['values'] = {},
): Question {
  return questionOf(rule, { device, stream: quantity.point.stream, from, to }, values)
}

function repeatedAt(series: Series, start: number, sample: Waiting, sink: Sink): void {
  const known = recall(series, start)
  repeated(series, sample.stamp, known === undefined || saysSame(series.quantity, known, sample), sink)
}

function repeated(series: Series, stamp: number, same: boolean, sink: Sink): void {
  if (same) {
    series.tally.today.repeated++
    return
  }
  series.tally.today.conflicts++
  if (!isNews(series, 'conflict')) return
  const start = startOf(series.quantity, stamp)
  sink.ask(question(series, 'conflict', start, start + series.quantity.point.interval))
}

function remember(series: Series, start: number, { value, flag }: Waiting): void {
  const short = value !== undefined && value.length > TEXT_MOST ? value.slice(0, TEXT_MOST) : value
  series.recent[series.recentAt] = { start, value: short, flag }
  series.recentAt = (series.recentAt + 1) % RECENT
}

function recall({ recent }: Series, start: number): Said | undefined {
  return recent.find((said) => said.start === start)
}

/** Whether two samples say the same: 12.0 is 12.00. */
function saysSame({ whole }: Quantity, a: Omit<Said, 'start'>, b: Omit<Said, 'start'>): boolean {
  if ((a.flag ?? 'N') !== (b.flag ?? 'N')) return false
  if (a.value === b.value) return true
  if (a.value === undefined || b.value === undefined) return false
  const amount = whole(a.value)
  return typeof amount === 'number' && amount === whole(b.value)
}

function isAbove(amount: number | string): boolean {
  return typeof amount === 'number' && amount > 0
}
