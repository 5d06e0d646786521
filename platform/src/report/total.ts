import { TanlianError } from '@tanlian/units'
import { sql } from 'kysely'
import type { Instance } from '../instance.ts'
import { DAY, HOUR } from '../series/bucket.ts'

/** A total that is asked for: readings of validity measured and entered that start in `[from, to)`. */
export interface TotalQuestion {
  /** Two to four bytes of hex. */
  readonly type: string
  /** Null: every stream. */
  readonly streams: readonly number[] | null
  readonly from: number
  readonly to: number
}

/** What the kept sums say; the trace proves the same number. */
export interface Total {
  readonly readings: number
  readonly seconds: number
  /** In the type's base unit; of a gauge base unit × s. */
  readonly quantity: bigint
}

/**
 * The totals of many questions in one look at the sums that are kept by hour and day, exact at any size.
 * @throws TanlianError E_DRAFT_ZONE for a window that does not begin and end at a full hour.
 */
export async function totalsOf(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  questions: readonly TotalQuestion[],
): Promise<Total[]> {
  const windows = [...new Map(questions.map(({ from, to }) => [`${from}-${to}`, { from, to }])).values()]
  if (windows.length === 0) return []
  const bounds = windows.flatMap(({ from, to }) => [from, to])
  if (bounds.some((bound) => bound % HOUR !== 0))
    throw new TanlianError('E_DRAFT_ZONE', 'A day of this zone does not begin at a full hour of UTC.', {})
  // Kept days are those of Asia/Shanghai, eight hours ahead.
  const step = bounds.every((bound) => (bound + 8 * HOUR) % DAY === 0) ? DAY : HOUR
  const { rows } = await sql<{
    window: number
    stream: number
    type: number
    readings: number
    seconds: number
    quantity: string
  }>`
    select w.n as window, s.stream, s.type, sum(s.readings)::bigint as readings, sum(s.seconds)::bigint as seconds,
      sum(s.quantity)::text as quantity
    from unnest(${windows.map(({ from }) => from)}::bigint[], ${windows.map(({ to }) => to)}::bigint[])
      with ordinality as w (from_s, to_s, n)
    join series_sum as s on s.organization = ${organization} and s.step_s = ${step} and s.start_s >= w.from_s and s.start_s < w.to_s
    where s.type & 255 < 2
    group by w.n, s.stream, s.type
  `.execute(db)
  return questions.map(({ type, streams, from, to }) => {
    const place = windows.findIndex((window) => window.from === from && window.to === to) + 1
    const found = rows.filter(
      (row) =>
        row.window === place &&
        row.type.toString(16).padStart(8, '0').startsWith(type) &&
        (streams === null || streams.includes(row.stream)),
    )
    return {
      readings: found.reduce((sum, row) => sum + row.readings, 0),
      seconds: found.reduce((sum, row) => sum + row.seconds, 0),
      quantity: found.reduce((sum, row) => sum + BigInt(row.quantity), 0n),
    }
  })
}
