import { coveredSeconds } from '@tanlian/evidence'
import { sql } from 'kysely'
import { organizationState } from '../evidence/organization-state.ts'
import type { Instance } from '../instance.ts'
import { bucketStart, DAY } from './bucket.ts'

/** How a stream's data was collected in a window (采集质量). */
export interface StreamFigures {
  readonly stream: number
  readonly device: string
  /** Six hex digits. */
  readonly type: string
  readonly interval: number
  /** Seconds of the window from the stream's first reading on, and those of them with a reading, by validity. */
  readonly expectedSeconds: number
  readonly coveredSeconds: [measured: number, byHand: number, invalid: number]
  /** 缺漏采集: stretches without any reading, their seconds, and the readings that they would have held. */
  readonly gaps: number
  readonly missingSeconds: number
  readonly missingReadings: number
  /** 重复采集: messages that came again, batches refused because a reading was there already, readings that a later batch replaced. */
  readonly repeated: number
  readonly refused: number
  readonly restated: number
  readonly skipped: number
  readonly readings: number
  readonly frames: number
  readonly signed: number
  readonly late: number
}

/** Figures of every stream of an organization in `[from, to)`, days of Asia/Shanghai; without a window those of all its time. */
export async function figuresOf(
  instance: Pick<Instance, 'db'>,
  organization: number,
  window: { readonly from?: number | undefined; readonly to?: number | undefined },
): Promise<StreamFigures[]> {
  const from = window.from ?? 0
  const to = window.to ?? Number.MAX_SAFE_INTEGER
  const [streams, state, { rows: counted }, refusals] = await Promise.all([
    instance.db
      .selectFrom('device_stream')
      .select(['stream', 'device', 'type', 'interval_s'])
      .where('organization', '=', organization)
      .orderBy('stream')
      .execute(),
    organizationState(instance, organization),
    sql<Counted>`
      select stream, sum(readings)::bigint as readings, sum(restated)::bigint as restated, sum(frames)::bigint as frames,
        sum(signed)::bigint as signed, sum(repeated)::bigint as repeated, sum(skipped)::bigint as skipped, sum(late)::bigint as late
      from collection_day
      where organization = ${organization} and day_s >= ${bucketStart(from, DAY)} and day_s < ${to}
      group by stream
    `.execute(instance.db),
    instance.db
      .selectFrom('refused_overlap')
      .select((eb) => ['stream', eb.fn.sum<string>('times').as('times')])
      .where('organization', '=', organization)
      .groupBy('stream')
      .execute(),
  ])
  const coverage = state?.coverage ?? new Map()
  const refused = new Map(refusals.map(({ stream, times }) => [stream, Number(times)]))
  const byStream = new Map(counted.map((row) => [row.stream, row]))
  return streams.map(({ stream, device, type, interval_s: interval }) => {
    const runs: readonly { start: number; seconds: number; count: number }[] = coverage.get(stream) ?? []
    const time = gapsOf(runs, from, to)
    const { stream: _, ...figures } = byStream.get(stream) ?? { ...NONE, stream }
    return {
      stream,
      device,
      type: type.toString(16).padStart(6, '0'),
      interval,
      expectedSeconds: time.expected,
      coveredSeconds: [...coveredSeconds(coverage, stream, from, to)],
      gaps: time.gaps,
      missingSeconds: time.missing,
      missingReadings: Math.round(time.missing / interval),
      ...figures,
      skipped: Math.max(0, figures.skipped),
      refused: refused.get(stream) ?? 0,
    }
  })
}

interface Counted {
  readonly stream: number
  readonly readings: number
  readonly restated: number
  readonly frames: number
  readonly signed: number
  readonly repeated: number
  readonly skipped: number
  readonly late: number
}

const NONE = { readings: 0, restated: 0, frames: 0, signed: 0, repeated: 0, skipped: 0, late: 0 }

/** Time between a stream's first and last reading, cut to the window, and what of it no reading covers. */
export function gapsOf(
  runs: readonly { readonly start: number; readonly seconds: number; readonly count: number }[],
  from: number,
  to: number,
): { readonly expected: number; readonly gaps: number; readonly missing: number } {
  const first = runs[0]
  if (first === undefined) return { expected: 0, gaps: 0, missing: 0 }
  let end = Math.max(from, first.start)
  const begin = end
  let gaps = 0
  let missing = 0
  for (const run of runs) {
    const start = Math.min(run.start, to)
    if (start > end) {
      gaps++
      missing += start - end
    }
    end = Math.max(end, Math.min(to, run.start + run.seconds * run.count))
  }
  return { expected: Math.max(0, end - begin), gaps, missing }
}

/** One line of the regulator's overview: an organization's streams summed. */
export interface OrganizationFigures {
  readonly organization: number
  readonly name: string | null
  readonly nameEn: string | null
  readonly streams: number
  /** Streams of which the asker may read nothing: they count in no figure here. */
  readonly withheld: number
  readonly readings: number
  readonly expectedSeconds: number
  readonly coveredSeconds: [number, number, number]
  readonly gaps: number
  readonly missingReadings: number
  readonly repeated: number
  readonly refused: number
  readonly frames: number
  readonly signed: number
  readonly late: number
  /** RFC 3339; null before the first batch. */
  readonly lastReceived: string | null
}

/** Every organization that has declared a stream, by number; over the streams that the asker may read. */
export async function organizationFigures(
  instance: Pick<Instance, 'db'>,
  hiddenOf: (organization: number) => Promise<ReadonlySet<number>>,
): Promise<OrganizationFigures[]> {
  const rows = await instance.db
    .selectFrom('device_stream as s')
    .leftJoin('organization as o', 'o.id', 's.organization')
    .leftJoin('profile as p', 'p.digest', 'o.profile')
    .select((eb) => ['s.organization', 'p.public_part', eb.fn.max('s.last_received_s').as('received')])
    .groupBy(['s.organization', 'p.public_part'])
    .orderBy('s.organization')
    .execute()
  const found: OrganizationFigures[] = []
  for (const { organization, public_part, received } of rows) {
    const profile = public_part === null ? null : (JSON.parse(public_part) as { name: string; nameEn: string | null })
    const hidden = await hiddenOf(organization)
    const streams = (await figuresOf(instance, organization, {})).filter(({ stream }) => !hidden.has(stream))
    const sum = (of: (one: StreamFigures) => number) => streams.reduce((total, one) => total + of(one), 0)
    found.push({
      organization,
      name: profile?.name ?? null,
      nameEn: profile?.nameEn ?? null,
      streams: streams.length,
      withheld: hidden.size,
      readings: sum((one) => one.readings),
      expectedSeconds: sum((one) => one.expectedSeconds),
      coveredSeconds: [0, 1, 2].map((validity) => sum((one) => one.coveredSeconds[validity] as number)) as [
        number,
        number,
        number,
      ],
      gaps: sum((one) => one.gaps),
      missingReadings: sum((one) => one.missingReadings),
      repeated: sum((one) => one.repeated),
      refused: sum((one) => one.refused),
      frames: sum((one) => one.frames),
      signed: sum((one) => one.signed),
      late: sum((one) => one.late),
      lastReceived: received === null ? null : new Date(received * 1000).toISOString(),
    })
  }
  return found
}
