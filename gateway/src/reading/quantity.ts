import {
  type Amount,
  boundOf,
  compileAmount,
  type KindInfo,
  kindInfo,
  linearOf,
  registerGrowth,
} from '@tanlian/evidence'
import { parseRatio, TanlianError } from '@tanlian/units'
import type { Point } from '../device.ts'

/** How a point's decimal text becomes whole base units, and its limits in the same units; compiled once (量化). */
export interface Quantity {
  readonly point: Point
  readonly kind: KindInfo
  /** The quantity of a full interval; a register's stand. */
  whole(text: string): Amount
  /** The quantity of an interval that was cut short by its neighbour: a mean counts for the seconds that are left. */
  cut(text: string, seconds: number): Amount
  /** Plausible quantities of a full interval. */
  readonly least: number | undefined
  readonly most: number | undefined
  /** Greatest change of `whole` between two neighbours, per second. */
  readonly rate: number | undefined
  /** What a register has grown by; undefined where it went back. */
  growth(last: number, now: number): number | undefined
}

/**
 * Compiles a point. Exact to the last digit, by the same machinery as a mapping's columns.
 * @throws TanlianError E_PLANT where unit, kind and way of counting do not go together, or a limit is no number.
 */
export function compileQuantity(point: Point): Quantity {
  try {
    return compile(point)
  } catch (cause) {
    if (!(cause instanceof TanlianError)) throw cause
    throw new TanlianError('E_PLANT', `Point "${point.name}" cannot be measured as it is described: ${cause.message}`, {
      values: { point: point.name },
      cause,
    })
  }
}

function compile(point: Point): Quantity {
  const kind = kindInfo(point.type)
  if (kind === undefined)
    throw new TanlianError('E_PLANT', 'Its type is no known kind of quantity.', { values: { point: point.name } })
  const { limits, rounding } = point
  const column = { ...point, column: point.name }
  const linear = linearOf(column, point.interval)
  const whole = compileAmount(linear, rounding)
  const cuts = new Map<number, (text: string) => Amount>()
  const modulus = limits.rollover === undefined ? undefined : wholeNumber(whole, limits.rollover)
  const bound = (text: string | undefined) => (text === undefined ? undefined : boundOf(text, column, linear))
  const change = limits.rate === undefined ? undefined : parseRatio(limits.rate)
  const scale = parseRatio(point.scale)
  return {
    point,
    kind,
    whole,
    cut(text, seconds) {
      if (point.value !== 'mean' || seconds === point.interval) return whole(text)
      let amount = cuts.get(seconds)
      if (amount === undefined) {
        amount = compileAmount(linearOf(column, seconds), rounding)
        cuts.set(seconds, amount)
      }
      return amount(text)
    },
    least: bound(limits.least),
    most: bound(limits.most),
    // A limit, not an amount: a double is exact enough to compare with.
    rate: change === undefined ? undefined : (toNumber(change) / toNumber(scale)) * toNumber(linear.factor),
    growth: (last, now) => registerGrowth(last, now, modulus),
  }
}

function wholeNumber(amount: (text: string) => Amount, text: string): number {
  const value = amount(text)
  if (typeof value === 'string' || value <= 0)
    throw new TanlianError('E_PLANT', `The rollover ${text} is not a whole amount above zero.`)
  return value
}

function toNumber({ numerator, denominator }: { readonly numerator: bigint; readonly denominator: bigint }): number {
  return Number(numerator) / Number(denominator)
}
