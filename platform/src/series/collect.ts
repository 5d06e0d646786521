import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import type { BatchFacts, FactFrame } from './batch-facts.ts'
import { bucketStart, DAY } from './bucket.ts'

/** Figures of one stream and day. */
interface Figures {
  readings: number
  restated: number
  frames: number
  signed: number
  repeated: number
  skipped: number
  late: number
}

/**
 * Adds to the figures of collecting: messages and how many of them were signed, those that came again (重复采集), counters that were left out
 * (缺漏采集), readings that came late. Time without readings is not counted here: coverage knows it exactly.
 */
export async function collect(
  db: Transaction<Schema>,
  facts: BatchFacts,
  restated: ReadonlyMap<string, number>,
): Promise<void> {
  const { organization } = facts
  const days = new Map<string, Figures>()
  const dayOf = (stream: number, day: number) => {
    const name = `${stream}/${day}`
    const figures = days.get(name) ?? {
      readings: 0,
      restated: 0,
      frames: 0,
      signed: 0,
      repeated: 0,
      skipped: 0,
      late: 0,
    }
    days.set(name, figures)
    return figures
  }
  for (const [name, count] of restated) {
    const [stream, day] = name.split('/').map(Number) as [number, number]
    dayOf(stream, day).restated += count
  }
  const intervals = await intervalsOf(db, organization)
  const counted = await countCounters(db, organization, facts.frames)
  for (const { stream, starts, seconds, sources } of facts.rows) {
    const seen = new Set<number>()
    for (let at = 0; at < starts.length; at++) {
      const figures = dayOf(stream, bucketStart(starts[at] as number, DAY))
      figures.readings++
      const place = sources[at] as number
      const source = facts.frames[place]
      if (source === undefined) continue
      const end = (starts[at] as number) + (seconds[at] as number)
      if (source.frame.received > end + (intervals.get(stream) ?? 0)) figures.late++
      if (seen.has(place)) continue
      seen.add(place)
      figures.frames++
      if (source.signing === 'signed') figures.signed++
      figures.repeated += counted.get(place)?.repeated ?? 0
      figures.skipped += counted.get(place)?.skipped ?? 0
    }
  }
  await add(db, organization, days)
}

/** Holds the counters of devices that count to the ones before: place of a frame → what its counter tells. */
async function countCounters(
  db: Transaction<Schema>,
  organization: number,
  frames: readonly FactFrame[],
): Promise<Map<number, { readonly repeated: number; readonly skipped: number }>> {
  const counting = [...frames.entries()]
    .flatMap(([place, { frame }]) =>
      frame.counter === undefined
        ? []
        : [{ place, device: frame.device.replaceAll('\u0000', ''), counter: frame.counter }],
    )
    .sort((a, b) => a.counter - b.counter)
  const found = new Map<number, { repeated: number; skipped: number }>()
  if (counting.length === 0) return found
  const kept = await db
    .selectFrom('device_counter')
    .select(['device', 'counter', 'missing'])
    .where('organization', '=', organization)
    .where('device', 'in', [...new Set(counting.map(({ device }) => device))])
    .execute()
  const devices = new Map(kept.map(({ device, counter, missing }) => [device, { counter, missing }]))
  for (const { place, device, counter } of counting) {
    const before = devices.get(device)
    const step = countOne(before, counter)
    found.set(place, step)
    devices.set(device, {
      counter: Math.max(counter, before?.counter ?? counter),
      missing: (before?.missing ?? 0) + step.skipped,
    })
  }
  await db
    .insertInto('device_counter')
    .values([...devices].map(([device, state]) => ({ organization, device, ...state })))
    .onConflict((conflict) =>
      conflict.columns(['organization', 'device']).doUpdateSet((eb) => ({
        counter: eb.ref('excluded.counter'),
        missing: eb.ref('excluded.missing'),
      })),
    )
    .execute()
  return found
}

/** A counter above the next leaves a hole; one below fills a hole while there is any, and is a repeat otherwise. */
function countOne(before: { readonly counter: number; readonly missing: number } | undefined, counter: number) {
  if (before === undefined) return { repeated: 0, skipped: 0 }
  if (counter > before.counter) return { repeated: 0, skipped: counter - before.counter - 1 }
  return before.missing > 0 && counter < before.counter ? { repeated: 0, skipped: -1 } : { repeated: 1, skipped: 0 }
}

async function intervalsOf(db: Transaction<Schema>, organization: number): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom('device_stream')
    .select(['stream', 'interval_s'])
    .where('organization', '=', organization)
    .execute()
  return new Map(rows.map(({ stream, interval_s }) => [stream, interval_s]))
}

async function add(db: Transaction<Schema>, organization: number, days: ReadonlyMap<string, Figures>): Promise<void> {
  const rows = [...days].map(([name, figures]) => {
    const [stream, day_s] = name.split('/').map(Number) as [number, number]
    return { organization, stream, day_s, ...figures }
  })
  for (let at = 0; at < rows.length; at += 1000)
    await db
      .insertInto('collection_day')
      .values(rows.slice(at, at + 1000))
      .onConflict((conflict) =>
        conflict.columns(['organization', 'stream', 'day_s']).doUpdateSet({
          readings: sql`collection_day.readings + excluded.readings`,
          restated: sql`collection_day.restated + excluded.restated`,
          frames: sql`collection_day.frames + excluded.frames`,
          signed: sql`collection_day.signed + excluded.signed`,
          repeated: sql`collection_day.repeated + excluded.repeated`,
          skipped: sql`collection_day.skipped + excluded.skipped`,
          late: sql`collection_day.late + excluded.late`,
        }),
      )
      .execute()
}
