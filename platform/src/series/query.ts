import { cidFromDigest, cutIntervals, encodeKey, mergeIntervals } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { sql } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { addRows, DAY, HOUR, type Rows, type Sum } from './bucket.ts'
import { rowsInside } from './leaves.ts'

/** How finely a stream is charted: each reading, or sums by so many seconds, or by calendar month of Asia/Shanghai. */
export const STEPS = ['reading', '60', '300', '900', '3600', '86400', 'month'] as const
/** One of {@link STEPS}. */
export type Step = (typeof STEPS)[number]

/** One point of a chart. Ask the trace for `[start, end)` of the stream to have it proven. */
export interface SeriesPoint {
  /** Unix seconds. */
  readonly start: number
  readonly end: number
  /** 0 measured, 1 by hand or estimated, 2 not valid. */
  readonly validity: number
  readonly readings: number
  /** Time that the readings cover, seconds. */
  readonly seconds: number
  /** Sum in the kind's base unit, decimal digits; of a gauge base unit × s. */
  readonly quantity: string
  /** Of a single reading the batch that holds it. */
  readonly cid: string | null
}

/** A stream's course. */
export interface Series {
  readonly organization: number
  readonly stream: number
  /** Six hex digits. */
  readonly type: string
  readonly device: string
  readonly interval: number
  readonly from: number
  readonly to: number
  readonly step: Step
  /** Every batch up to this one is in it. */
  readonly sequence: number
  readonly points: SeriesPoint[]
}

/** Points that a chart shows well, and the most that one answer gives. */
const POINTS_WISHED = 400
const POINTS_MAX = 2000

/**
 * A window of a stream at a step, or at the finest that shows well. From an hour up it is read from sums, whatever the window; below, from the
 * trees of the few batches that the window touches. Readings are never loaded to be summed.
 * @throws TanlianError E_SERIES_WINDOW, E_NOT_FOUND
 */
export async function seriesOf(
  instance: Instance,
  given: {
    readonly organization: number
    readonly stream: number
    readonly from: number | undefined
    readonly to: number | undefined
    readonly step: Step | undefined
  },
): Promise<Series> {
  const { organization, stream } = given
  const [declared, mark] = await Promise.all([
    instance.db
      .selectFrom('device_stream')
      .select(['device', 'type', 'interval_s', 'last_start_s', 'last_seconds'])
      .where('organization', '=', organization)
      .where('stream', '=', stream)
      .executeTakeFirst(),
    instance.db
      .selectFrom('projection_mark')
      .select('sequence')
      .where('name', '=', 'series')
      .where('organization', '=', organization)
      .executeTakeFirst(),
  ])
  if (declared === undefined) throw notFound()
  const to = given.to ?? (declared.last_start_s ?? 0) + (declared.last_seconds ?? 1)
  const from = given.from ?? (await firstStart(instance, organization, stream)) ?? Math.max(0, to - DAY)
  if (to <= from) throw windowError('it ends before it begins', { from, to })
  const step = given.step ?? fittingStep(to - from, declared.interval_s)
  const length = lengthOf(step, declared.interval_s)
  if ((to - from) / length > POINTS_MAX)
    throw windowError(`it has more than ${POINTS_MAX} points of ${step}; choose a longer step`, { from, to, step })
  const question = { organization, stream, type: declared.type, from, to }
  const points =
    step === 'reading'
      ? await readings(instance, question)
      : step === 'month' || length >= HOUR
        ? await keptSums(instance, question, step)
        : await fineSums(instance, question, length)
  return {
    organization,
    stream,
    type: declared.type.toString(16).padStart(6, '0'),
    device: declared.device,
    interval: declared.interval_s,
    from,
    to,
    step,
    sequence: mark?.sequence ?? 0,
    points,
  }
}

interface Question {
  readonly organization: number
  readonly stream: number
  readonly type: number
  readonly from: number
  readonly to: number
}

/** The finest step that does not crowd a chart and is no finer than the readings themselves. */
function fittingStep(window: number, interval: number): Step {
  if (window / interval <= POINTS_WISHED) return 'reading'
  const fits = (step: Step) =>
    lengthOf(step, interval) >= interval && window / lengthOf(step, interval) <= POINTS_WISHED
  return STEPS.find((step) => step !== 'reading' && fits(step)) ?? 'month'
}

function lengthOf(step: Step, interval: number): number {
  return step === 'reading' ? interval : step === 'month' ? 30 * DAY : Number(step)
}

async function firstStart(instance: Instance, organization: number, stream: number): Promise<number | undefined> {
  const row = await instance.db
    .selectFrom('series_sum')
    .select('start_s')
    .where('organization', '=', organization)
    .where('stream', '=', stream)
    .where('step_s', '=', DAY)
    .orderBy('start_s')
    .limit(1)
    .executeTakeFirst()
  return row?.start_s
}

async function keptSums(
  instance: Instance,
  { organization, stream, from, to }: Question,
  step: Step,
): Promise<SeriesPoint[]> {
  const stored = step === '3600' ? HOUR : DAY
  const month = sql`date_trunc('month', to_timestamp(start_s) at time zone 'Asia/Shanghai')`
  const start =
    step === 'month'
      ? sql<number>`extract(epoch from ${month} at time zone 'Asia/Shanghai')::bigint`
      : sql<number>`start_s`
  const end =
    step === 'month'
      ? sql<number>`extract(epoch from (${month} + interval '1 month') at time zone 'Asia/Shanghai')::bigint`
      : sql<number>`start_s + ${stored}::bigint`
  const { rows } = await sql<{
    start: number
    end: number
    validity: number
    readings: number
    seconds: number
    quantity: string
  }>`
    select start, "end", validity, sum(readings)::bigint as readings, sum(seconds)::bigint as seconds, sum(quantity)::text as quantity
    from (
      select ${start} as start, ${end} as "end", (type & 255)::integer as validity, readings, seconds, quantity
      from series_sum
      where organization = ${organization} and stream = ${stream} and step_s = ${stored}
        and start_s > ${from - stored} and start_s < ${to}
    ) as sums
    group by start, "end", validity
    order by start, validity
  `.execute(instance.db)
  return rows.map((row) => ({ ...row, cid: null }))
}

async function fineSums(instance: Instance, question: Question, length: number): Promise<SeriesPoint[]> {
  const sums = new Map<string, Sum>()
  for (const { rows } of await liveRows(instance, question)) addRows(sums, rows, length)
  return [...sums.values()]
    .sort((a, b) => a.start - b.start || a.type - b.type)
    .map(({ start, type, readings, seconds, quantity }) => ({
      start,
      end: start + length,
      validity: type % 256,
      readings,
      seconds,
      quantity: String(quantity),
      cid: null,
    }))
}

async function readings(instance: Instance, question: Question): Promise<SeriesPoint[]> {
  const found = await liveRows(instance, question)
  const count = found.reduce((sum, { rows }) => sum + rows.starts.length, 0)
  if (count > POINTS_MAX)
    throw windowError(`it holds ${count} readings, at most ${POINTS_MAX} are given one by one`, { count })
  return found
    .flatMap(({ rows, cid }) =>
      Array.from(rows.seconds, (seconds, at) => {
        const start = rows.starts[at] as number
        const quantity = String(rows.quantities[at])
        return { start, end: start + seconds, validity: rows.type % 256, readings: 1, seconds, quantity, cid }
      }),
    )
    .sort((a, b) => a.start - b.start)
}

/** The readings of a window that no later batch voids, found in the trees of the batches that it touches. */
async function liveRows(
  instance: Instance,
  { organization, stream, type, from, to }: Question,
): Promise<{ readonly rows: Rows; readonly cid: string }[]> {
  const [batches, voids] = await Promise.all([
    instance.db
      .selectFrom('accepted')
      .select(['digest', 'sequence'])
      .where('organization', '=', organization)
      .where('kind', '=', 1)
      .where('from_s', '<', to)
      .where('to_s', '>', from)
      .orderBy('sequence')
      .execute(),
    instance.db
      .selectFrom('series_void')
      .select(['sequence', 'lo', 'hi'])
      .where('organization', '=', organization)
      .execute(),
  ])
  const asked = [0, 1, 2].map((validity) => ({
    lo: encodeKey(type * 256 + validity, stream, from),
    hi: encodeKey(type * 256 + validity, stream, to - 1),
  }))
  const found: { rows: Rows; cid: string }[] = []
  for (const { digest, sequence } of batches) {
    const later = voids
      .filter((one) => one.sequence > sequence)
      .map(({ lo, hi }) => ({ lo: new Uint8Array(lo), hi: new Uint8Array(hi) }))
    if ((await instance.privacy.register.batch(digest))?.audited === false) continue
    const { leaves } = await instance.trees.get(digest)
    const cid = cidFromDigest(new Uint8Array(digest)).toString()
    for (const interval of cutIntervals(asked, mergeIntervals(later)))
      for (const rows of rowsInside(leaves, interval)) found.push({ rows, cid })
  }
  return found
}

function windowError(why: string, values: Readonly<Record<string, string | number>>): TanlianError {
  return new TanlianError('E_SERIES_WINDOW', `The window cannot be drawn: ${why}.`, { values: { why, ...values } })
}
