import { kindInfo } from '@tanlian/evidence'
import {
  addRatios,
  convert,
  multiplyRatios,
  parseRatio,
  type Ratio,
  rateFactor,
  ratio,
  roundRatio,
} from '@tanlian/units'
import type { Device, Point } from '../src/device.ts'
import type { Message } from './courier.ts'
import type { Shown } from './instrument.ts'
import { stampOf } from './stamp.ts'

/**
 * What a plant said and had acknowledged, and what must therefore be proven in the end (真值). Worked out anew from the plant file with
 * exact fractions, by none of the gateway's own arithmetic.
 */
export interface Truth {
  /** A message was acknowledged. */
  acknowledge(message: Message, bytes: Uint8Array): void
  /** A register that is only polled: what it showed at the first and at the last poll. */
  polled(device: string, first: Shown, last: Shown): void
  /** Every acknowledged message, as it was on the wire. */
  readonly frames: readonly { readonly device: string; readonly bytes: Uint8Array }[]
  /** Measured totals by stream. */
  totals(): ReadonlyMap<number, StreamTruth>
}

export interface StreamTruth {
  readonly point: Point
  /** Sum over everything that was acknowledged, in the base unit of the type. */
  readonly quantity: bigint
  /** By the start of an interval; a register has none, as its intervals go from message to message. */
  readonly intervals: ReadonlyMap<number, bigint>
}

export function createTruth(devices: readonly Device[]): Truth {
  const pointOf = new Map(devices.flatMap(({ id, points }) => points.map((point) => [`${id} ${point.name}`, point])))
  const frames: { device: string; bytes: Uint8Array }[] = []
  const intervals = new Map<number, Map<number, bigint>>()
  const registers = new Map<number, Map<number, bigint>>()
  const polls = new Map<number, bigint>()
  const points = new Map<number, Point>()

  const into = (map: Map<number, Map<number, bigint>>, point: Point, stamp: number, quantity: bigint) => {
    const own = map.get(point.stream) ?? new Map<number, bigint>()
    map.set(point.stream, own.set(stamp, quantity))
    points.set(point.stream, point)
  }
  return {
    frames,
    acknowledge(message, bytes) {
      frames.push({ device: message.device, bytes })
      for (const shown of message.values) {
        const point = pointOf.get(`${message.device} ${shown.point}`)
        if (point === undefined || (shown.flag ?? 'N') !== 'N' || !isPlausible(point, shown)) continue
        const stamp = stampOf(message, point, shown)
        const start = point.stamp === 'end' && point.value !== 'register' ? stamp - point.interval : stamp
        into(point.value === 'register' ? registers : intervals, point, start, quantityOf(point, shown))
      }
    },
    polled(device, first, last) {
      const point = pointOf.get(`${device} ${first.point}`)
      if (point === undefined) return
      points.set(point.stream, point)
      polls.set(point.stream, quantityOf(point, last) - quantityOf(point, first))
    },
    totals() {
      const totals = new Map<number, StreamTruth>()
      for (const [stream, point] of points) {
        const own = intervals.get(stream) ?? new Map<number, bigint>()
        const sum = [...own.values()].reduce((total, quantity) => total + quantity, 0n)
        totals.set(stream, { point, quantity: polls.get(stream) ?? sum + grown(registers.get(stream)), intervals: own })
      }
      return totals
    },
  }
}

/** What a register grew by between its first and its last stamp. */
function grown(stands: ReadonlyMap<number, bigint> | undefined): bigint {
  if (stands === undefined || stands.size === 0) return 0n
  const stamps = [...stands.keys()]
  const at = (stamp: number) => stands.get(stamp) ?? 0n
  return at(Math.max(...stamps)) - at(Math.min(...stamps))
}

/** What one value amounts to over its interval, in the base unit; a register's stand. */
export function quantityOf(point: Point, { count, digits }: Pick<Shown, 'count' | 'digits'>): bigint {
  const kind = kindInfo(point.type)
  if (kind === undefined) throw new RangeError(`stream ${point.stream} is of no known kind`)
  const value = measured(point, { count, digits })
  const { rounding } = point
  if (point.value !== 'mean') return roundRatio(convert(value, point.unit, kind.unit), rounding)
  const level: Ratio =
    kind.sort === 'gauge'
      ? convert(value, point.unit, kind.unit)
      : multiplyRatios(value, rateFactor(point.unit, kind.unit))
  return roundRatio(multiplyRatios(level, ratio(BigInt(point.interval))), rounding)
}

/** In the point's unit. */
function measured({ scale, offset }: Point, { count, digits }: Pick<Shown, 'count' | 'digits'>): Ratio {
  return addRatios(multiplyRatios(ratio(count, 10n ** BigInt(digits)), parseRatio(scale)), parseRatio(offset))
}

/** Within the limits of its point: the data sets hold what broken probes showed. */
function isPlausible(point: Point, shown: Shown): boolean {
  const value = measured(point, shown)
  const { least, most } = point.limits
  const below = (a: Ratio, b: Ratio) => a.numerator * b.denominator < b.numerator * a.denominator
  return (
    !(least !== undefined && below(value, parseRatio(least))) && !(most !== undefined && below(parseRatio(most), value))
  )
}
