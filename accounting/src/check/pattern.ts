import type { CheckFacts, SeriesFact } from './facts.ts'
import { type Found, testOf } from './rule.ts'
import { mean, outliers } from './statistics.ts'

const HOUR = 3600
const DAY_HOURS = 24

/** Days that repeat an earlier day hour by hour (复制数据). */
export const copied = testOf({
  names: ['types'],
  numbers: ['distinct'],
  find: (facts, { types }, { distinct }) =>
    seriesOf(facts, types).flatMap((series) => {
      const first = new Map<string, number>()
      const found: Found[] = []
      for (const day of daysOf(series)) {
        if (new Set(day.hours).size < distinct) continue
        const name = day.hours.join()
        const before = first.get(name)
        if (before === undefined) first.set(name, day.start)
        else
          found.push({
            subject: `${series.stream}`,
            months: [monthOf(series, before), monthOf(series, day.start)],
            values: { first: dateOf(series, before), again: dateOf(series, day.start) },
          })
      }
      return found
    }),
})

/** A month whose weekends, or nights, stand to its working days as in no other month (周末与班次规律). */
export const rhythm = testOf({
  names: ['types', 'of'],
  numbers: ['times', 'floor'],
  find: (facts, { types, of }, { times, floor }) =>
    seriesOf(facts, types).flatMap((series) =>
      of.flatMap((kind): Found[] => {
        const quiet = kind === 'weekend' ? isWeekend : isNight
        const shares = [...byMonth(series)].flatMap(([month, hours]) => {
          const inside = hours.filter(({ start }) => quiet(series, start)).map(({ value }) => value)
          const outside = hours.filter(({ start }) => !quiet(series, start)).map(({ value }) => value)
          const usual = outside.length === 0 ? 0 : mean(outside)
          // A month that is not nearly whole says nothing of its rhythm.
          if (hours.length < 500 || inside.length === 0 || usual === 0) return []
          return [{ month, share: mean(inside) / usual }]
        })
        const numbers = shares.map(({ share }) => share)
        return outliers(numbers, times, floor).map((at) => ({
          subject: `${series.stream}`,
          months: [shares[at]?.month as string],
          values: {
            share: (numbers[at] as number).toFixed(3),
            usual: mean(numbers.filter((_, place) => place !== at)).toFixed(3),
          },
        }))
      }),
    ),
})

/** Last digits that are not spread as measuring spreads them (末位数字分布). */
export const digits = testOf({
  names: ['types'],
  numbers: ['least', 'distinct', 'chi'],
  find: (facts, { types }, { least, distinct, chi }) =>
    seriesOf(facts, types).flatMap((series): Found[] => {
      const values = series.hours.filter((value): value is number => value !== undefined && value > 0)
      if (values.length < least || new Set(values).size < distinct) return []
      // A meter counts in steps, of 10 or 100 Wh say: digits below its step are no digits of the measurement.
      const step = values.reduce(divisor)
      const counts = new Array<number>(10).fill(0)
      for (const value of values) counts[(value / step) % 10] = (counts[(value / step) % 10] as number) + 1
      const expected = values.length / 10
      const square = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
      if (square <= chi) return []
      return [
        {
          subject: `${series.stream}`,
          months: [],
          values: { chi: square.toFixed(1), readings: String(values.length) },
        },
      ]
    }),
})

function seriesOf(facts: CheckFacts, types: readonly string[]): readonly SeriesFact[] {
  return facts.series.filter(({ type }) => types.some((prefix) => type.startsWith(prefix)))
}

/** Whole local days without a missing hour. */
function* daysOf(series: SeriesFact): Generator<{ readonly start: number; readonly hours: readonly number[] }> {
  const local = (((series.start + series.offsetSeconds) / HOUR) % DAY_HOURS) as number
  for (let at = (DAY_HOURS - local) % DAY_HOURS; at + DAY_HOURS <= series.hours.length; at += DAY_HOURS) {
    const hours = series.hours.slice(at, at + DAY_HOURS)
    if (hours.every((value) => value !== undefined)) yield { start: series.start + at * HOUR, hours: hours as number[] }
  }
}

function byMonth(
  series: SeriesFact,
): ReadonlyMap<string, readonly { readonly start: number; readonly value: number }[]> {
  const months = new Map<string, { start: number; value: number }[]>()
  let list: { start: number; value: number }[] = []
  let day = -1
  for (const [at, value] of series.hours.entries()) {
    if (value === undefined) continue
    const start = series.start + at * HOUR
    const today = Math.floor((start + series.offsetSeconds) / (DAY_HOURS * HOUR))
    if (today !== day) {
      day = today
      const month = monthOf(series, start)
      list = months.get(month) ?? []
      if (list.length === 0) months.set(month, list)
    }
    list.push({ start, value })
  }
  return months
}

function dateOf({ offsetSeconds }: SeriesFact, start: number): string {
  return new Date((start + offsetSeconds) * 1000).toISOString().slice(0, 10)
}

function monthOf(series: SeriesFact, start: number): string {
  return dateOf(series, start).slice(0, 7)
}

function isWeekend({ offsetSeconds }: SeriesFact, start: number): boolean {
  // Day 0 of Unix time was a Thursday.
  const day = (Math.floor((start + offsetSeconds) / (DAY_HOURS * HOUR)) + 4) % 7
  return day === 0 || day === 6
}

function isNight({ offsetSeconds }: SeriesFact, start: number): boolean {
  const hour = Math.floor((start + offsetSeconds) / HOUR) % DAY_HOURS
  return hour < 6 || hour >= 22
}

function divisor(a: number, b: number): number {
  let [high, low] = [a, b]
  while (low !== 0) [high, low] = [low, high % low]
  return high
}
