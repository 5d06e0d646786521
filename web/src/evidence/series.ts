import type { Verdict } from '@tanlian/evidence'

/** One point of the chart and row of its table twin: what was proven of one kind from a moment on. */
export interface Point {
  readonly type: number
  /** Unix seconds. */
  readonly from: number
  readonly count: number
  readonly quantity: bigint
  readonly seconds: number
}

/** Points beyond which readings are summed by day, so that a chart and its table stay readable. */
const MOST_POINTS = 400
const DAY = 86_400

/**
 * The proven figures over time: single readings where they were opened, sums by day where they are many, else one point a batch.
 * Only valid readings count (validity 0 and 1). @param from where the question begins, Unix seconds @param dayStart seconds by which a day of the zone begins before the UTC day
 */
export function seriesOf(verdict: Verdict, from: number, dayStart: number): readonly Point[] {
  const readings = verdict.readings.filter((reading) => reading.validity !== 2)
  if (readings.length === 0) {
    return sum(
      verdict.series
        .filter((total) => total.validity !== 2)
        .map((total) => ({
          ...total,
          // A batch may begin before the question does; what was counted of it does not.
          from: Math.max(total.from, from),
          quantity: BigInt(total.quantity),
        })),
    )
  }
  const byDay = (start: number) => Math.floor((start + dayStart) / DAY) * DAY - dayStart
  return sum(
    readings.map(({ type, start, seconds, quantity }) => ({
      type,
      from: readings.length > MOST_POINTS ? byDay(start) : start,
      count: 1,
      quantity: BigInt(quantity),
      seconds,
    })),
  )
}

function sum(items: readonly Point[]): readonly Point[] {
  const points = new Map<string, Point>()
  for (const item of items) {
    const name = `${item.type}:${item.from}`
    const before = points.get(name)
    points.set(name, {
      type: item.type,
      from: item.from,
      count: item.count + (before?.count ?? 0),
      quantity: item.quantity + (before?.quantity ?? 0n),
      seconds: item.seconds + (before?.seconds ?? 0),
    })
  }
  return [...points.values()].sort((a, b) => a.type - b.type || a.from - b.from)
}
