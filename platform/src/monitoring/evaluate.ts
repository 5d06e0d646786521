import { kindInfo, type StreamItem, toHex } from '@tanlian/evidence'
import type { BatchFacts, FactFrame, FactRows } from '../series/batch-facts.ts'
import { bucketStart, DAY } from '../series/bucket.ts'
import type { Rule } from './rule.ts'

/** A rule that did not hold, once or several times in a batch. */
export interface Finding {
  readonly rule: string
  /** 0: the organization as a whole. */
  readonly stream: number
  readonly device: string | null
  /** Readings, gaps or messages that broke it. */
  readonly times: number
  /** First and last moment, Unix seconds. */
  readonly from: number
  readonly to: number
  /** What was found, whole numbers and short words; the last of several. */
  readonly values: Readonly<Record<string, number | string>>
}

/** A stream's last reading before the batch. */
export interface Before {
  readonly start: number
  readonly seconds: number
  readonly quantity: number
}

/** A key that a device was enrolled with. */
export interface EnrolledKey {
  readonly key: string
  readonly firstCounter: number
  readonly lastCounter: number | null
}

/** What the rules need beside the batch. */
export interface Surroundings {
  readonly streams: ReadonlyMap<number, Pick<StreamItem, 'stream' | 'type' | 'device' | 'interval'>>
  readonly before: ReadonlyMap<number, Before>
  /** Ed25519 keys by device. */
  readonly keys: ReadonlyMap<string, readonly EnrolledKey[]>
  /** Greatest counter by device before the batch. */
  readonly counters: ReadonlyMap<string, number>
  /** Seconds measured in a day of a stream, this batch included. */
  readonly measured: (stream: number, day: number) => number
}

/** Holds every rule against a batch: pure, so the same batch raises the same alerts wherever it is looked at. */
export function evaluate(rules: readonly Rule[], facts: BatchFacts, around: Surroundings): Finding[] {
  const courses = coursesOf(facts.rows, facts.frames)
  return rules.flatMap((rule) => {
    if (rule.kind === 'signature' || rule.kind === 'counter') return aboutFrames(rule, facts, around)
    // These two are told by the clock, not by a batch.
    if (rule.kind === 'silence' || rule.kind === 'deadline') return []
    return [...courses].flatMap(([stream, course]) => {
      const item = around.streams.get(stream)
      if (item === undefined || !isMeant(rule, item)) return []
      const found = aboutStream(rule, course, item, around)
      return found === undefined ? [] : [{ rule: rule.id, stream, device: item.device, ...found }]
    })
  })
}

/** Whether a rule is about a stream. */
export function isMeant(
  rule: Pick<Rule, 'stream' | 'type'>,
  item: { readonly stream: number; readonly type: number },
): boolean {
  if (rule.stream !== undefined && rule.stream !== item.stream) return false
  return rule.type === undefined || item.type.toString(16).padStart(6, '0').startsWith(rule.type)
}

/** The readings of one stream in order of time, of every validity. */
interface Reading {
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  readonly validity: number
  readonly source: FactFrame | undefined
}

type Found = Omit<Finding, 'rule' | 'stream' | 'device'>

function coursesOf(rows: readonly FactRows[], frames: readonly FactFrame[]): Map<number, Reading[]> {
  const courses = new Map<number, Reading[]>()
  for (const { type, stream, starts, seconds, quantities, sources } of rows) {
    const course = courses.get(stream) ?? []
    courses.set(stream, course)
    for (let at = 0; at < starts.length; at++)
      course.push({
        start: starts[at] as number,
        seconds: seconds[at] as number,
        quantity: quantities[at] as number,
        validity: type % 256,
        source: frames[sources[at] as number],
      })
  }
  for (const course of courses.values()) course.sort((a, b) => a.start - b.start)
  return courses
}

function aboutStream(
  rule: Exclude<Rule, { kind: 'signature' | 'counter' | 'silence' | 'deadline' }>,
  course: readonly Reading[],
  item: Pick<StreamItem, 'stream' | 'type' | 'interval'>,
  { before, measured }: Surroundings,
): Found | undefined {
  const isGauge = kindInfo(item.type)?.sort === 'gauge'
  switch (rule.kind) {
    case 'threshold': {
      const { least, most } = rule.settings
      return collect(course, (reading) => {
        if (reading.validity === 2) return undefined
        const level = levelOf(reading, isGauge)
        if (least !== undefined && isLess(level, least)) return { value: shown(level), least }
        if (most !== undefined && isMore(level, most)) return { value: shown(level), most }
        return undefined
      })
    }
    case 'rate': {
      let last = before.get(item.stream)
      return collect(course, (reading) => {
        const previous = last
        last = reading
        if (previous === undefined || reading.validity === 2) return undefined
        const apart = reading.start - previous.start
        // A rate is between neighbours: over a gap it says nothing.
        if (apart <= 0 || apart > 2 * item.interval) return undefined
        const change = Math.abs(shown(levelOf(reading, isGauge)) - shown(levelOf(previous, isGauge)))
        const { mostPerMinute: most } = rule.settings
        return change * 60 > most * apart ? { perMinute: Math.ceil((change * 60) / apart), most } : undefined
      })
    }
    case 'gap': {
      const previous = before.get(item.stream)
      let end = previous === undefined ? undefined : previous.start + previous.seconds
      let first: number | undefined
      const found = collect(course, ({ start, seconds }) => {
        const missing = end === undefined ? 0 : start - end
        const from = end
        end = Math.max(end ?? 0, start + seconds)
        if (from === undefined || missing < rule.settings.intervals * item.interval) return undefined
        first ??= from
        return { missingSeconds: missing, since: from }
      })
      // What is shown is the gap, not only the reading that ended it.
      return found === undefined ? undefined : { ...found, from: first ?? found.from }
    }
    case 'drift':
      return collect(course, ({ start, seconds, source }) => {
        if (source === undefined) return undefined
        const ahead = start + seconds - source.frame.received
        return ahead > rule.settings.seconds ? { aheadSeconds: ahead, most: rule.settings.seconds } : undefined
      })
    case 'quality': {
      const bad = course.filter(({ validity }) => validity === 2)
      const { percent, readings } = rule.settings
      if (bad.length < readings || bad.length * 100 <= percent * course.length) return undefined
      return spanOf(bad, { invalid: bad.length, readings: course.length })
    }
    case 'capture': {
      // A day is judged by the first batch that goes beyond it.
      const first = before.get(item.stream)?.start ?? course[0]?.start
      const last = course.at(-1)?.start
      if (first === undefined || last === undefined) return undefined
      let found: Found | undefined
      for (let day = bucketStart(first, DAY); day + DAY <= last; day += DAY) {
        const seconds = measured(item.stream, day)
        if (seconds * 100 >= rule.settings.percent * DAY) continue
        const percent = Math.floor((seconds * 100) / DAY)
        found = {
          times: (found?.times ?? 0) + 1,
          from: found?.from ?? day,
          to: day + DAY,
          values: { percent, least: rule.settings.percent },
        }
      }
      return found
    }
  }
}

function aboutFrames(
  rule: Extract<Rule, { kind: 'signature' | 'counter' }>,
  facts: BatchFacts,
  { keys, counters }: Surroundings,
): Finding[] {
  const byDevice = new Map<string, { readonly frame: FactFrame; readonly values: Record<string, number | string> }[]>()
  const last = new Map(counters)
  const inOrder = [...facts.frames].sort((a, b) => (a.frame.counter ?? 0) - (b.frame.counter ?? 0))
  for (const frame of inOrder) {
    const { device, counter } = frame.frame
    const before = last.get(device)
    if (counter !== undefined) last.set(device, Math.max(counter, before ?? counter))
    const values =
      rule.kind === 'signature' ? signatureFault(frame, keys.get(device) ?? []) : counterFault(counter, before)
    if (values === undefined) continue
    const found = byDevice.get(device) ?? []
    byDevice.set(device, found)
    found.push({ frame, values })
  }
  return [...byDevice].map(([device, found]) => {
    const times = found.map(({ frame }) => frame.frame.received)
    const values = { device, ...(found.at(-1)?.values ?? {}) }
    return {
      rule: rule.id,
      stream: 0,
      device,
      times: found.length,
      from: times.reduce((least, time) => Math.min(least, time)),
      to: times.reduce((greatest, time) => Math.max(greatest, time)),
      values,
    }
  })
}

/** What is wrong with the signature of a frame; a device without an enrolled key need not sign, but must not sign falsely. */
function signatureFault({ frame, signing, key }: FactFrame, enrolled: readonly EnrolledKey[]) {
  if (signing === 'broken') return { why: 'broken' }
  if (signing === 'ended') return { why: 'revoked', counter: frame.counter ?? 0 }
  if (enrolled.length === 0) return undefined
  if (signing === 'unsigned') return { why: 'unsigned' }
  const own = enrolled.find((one) => key !== undefined && one.key === toHex(key))
  if (own === undefined) return { why: 'foreign' }
  const counter = frame.counter ?? 0
  if (counter < own.firstCounter || (own.lastCounter !== null && counter > own.lastCounter))
    return { why: 'revoked', counter }
  return undefined
}

function counterFault(counter: number | undefined, before: number | undefined) {
  if (counter === undefined || before === undefined || counter === before + 1) return undefined
  return counter > before ? { skipped: counter - before - 1, counter } : { repeated: counter }
}

/** A level as a fraction: exact until it is shown. */
function levelOf({ quantity, seconds }: { readonly quantity: number; readonly seconds: number }, isGauge: boolean) {
  return { over: BigInt(quantity) * (isGauge ? 1n : 3600n), under: BigInt(seconds) }
}

type Level = ReturnType<typeof levelOf>

const isLess = ({ over, under }: Level, bound: number) => over < BigInt(bound) * under
const isMore = ({ over, under }: Level, bound: number) => over > BigInt(bound) * under
const shown = ({ over, under }: Level) => Number(over / under)

function collect(
  course: readonly Reading[],
  fault: (reading: Reading) => Readonly<Record<string, number | string>> | undefined,
): Found | undefined {
  const bad: Reading[] = []
  let values: Readonly<Record<string, number | string>> = {}
  for (const reading of course) {
    const found = fault(reading)
    if (found === undefined) continue
    bad.push(reading)
    values = found
  }
  return bad.length === 0 ? undefined : spanOf(bad, values)
}

function spanOf(bad: readonly Reading[], values: Finding['values']): Found {
  const [first, last] = [bad[0] as Reading, bad.at(-1) as Reading]
  return { times: bad.length, from: first.start, to: last.start + last.seconds, values }
}
