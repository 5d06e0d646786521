import { cutIntervals, encodeBlock, type Interval, mergeIntervals } from '@tanlian/evidence'
import { sql, type Transaction } from 'kysely'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import type { BatchFacts } from './batch-facts.ts'
import { addRows, bucketStart, DAY, HOUR, type Rows, type Sum } from './bucket.ts'
import { collect } from './collect.ts'
import type { Projection } from './follow.ts'
import { rowsInside } from './leaves.ts'
import './schema.ts'

/** Rows of one statement. */
const PORTION = 1000

/** Sums by hour and day, declared streams with their last reading, and how they were collected: a fold of the blocks alone (S29). */
export function seriesProjection(instance: Pick<Instance, 'blocks' | 'trees' | 'privacy'>): Projection {
  return {
    name: 'series',
    async apply(db, facts) {
      await declareStreams(db, facts)
      const sums = new Map<string, Sum>()
      const voided = await voidedRows(instance, db, facts)
      for (const rows of voided) for (const step of [HOUR, DAY]) addRows(sums, rows, step, -1)
      for (const rows of facts.rows) for (const step of [HOUR, DAY]) addRows(sums, rows, step)
      await addSums(db, facts.organization, [...sums.values()])
      await keepLast(db, facts)
      await collect(db, facts, restatedByDay(voided))
    },
  }
}

async function declareStreams(db: Transaction<Schema>, { organization, sequence, streams }: BatchFacts): Promise<void> {
  for (let at = 0; at < streams.length; at += PORTION)
    await db
      .insertInto('device_stream')
      .values(
        streams.slice(at, at + PORTION).map((item) => ({
          organization,
          stream: item.stream,
          device: item.device.replaceAll('\u0000', ''),
          type: item.type,
          interval_s: item.interval,
          item: encodeBlock(item).bytes,
          since_sequence: sequence,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** The readings of earlier batches that this one voids and that were not void before; its restatement is remembered. */
async function voidedRows(
  instance: Pick<Instance, 'blocks' | 'trees' | 'privacy'>,
  db: Transaction<Schema>,
  { organization, sequence, header }: BatchFacts,
): Promise<Rows[]> {
  const restated = header.restates.map(([lo, hi]): Interval => ({ lo, hi }))
  if (restated.length === 0) return []
  const earlier = await db
    .selectFrom('accepted')
    .select(['digest', 'sequence', 'tree'])
    .where('organization', '=', organization)
    .where('kind', '=', 1)
    .where('sequence', '<', sequence)
    .orderBy('sequence')
    .execute()
  const voids = await db
    .selectFrom('series_void')
    .select(['sequence', 'lo', 'hi'])
    .where('organization', '=', organization)
    .execute()
  const found: Rows[] = []
  for (const batch of earlier) {
    const root = batch.tree as Uint8Array
    const range = { lo: root.subarray(0, 16), hi: root.subarray(16, 32) }
    if (!restated.some((one) => overlap(one, range))) continue
    const before = mergeIntervals(voids.filter((one) => one.sequence > batch.sequence).map(plainInterval))
    // What the platform cannot read is in no sum.
    if ((await instance.privacy.register.batch(batch.digest))?.audited === false) continue
    const tree = await instance.trees.get(batch.digest)
    for (const interval of cutIntervals(restated, before))
      for (const rows of rowsInside(tree.leaves, interval)) found.push(rows)
  }
  await db
    .insertInto('series_void')
    .values(restated.map(({ lo, hi }) => ({ organization, sequence, lo, hi })))
    .execute()
  return found
}

function overlap(a: Interval, b: Interval): boolean {
  return Buffer.compare(a.lo, b.hi) <= 0 && Buffer.compare(b.lo, a.hi) <= 0
}

/** Bytes from the database as plain ones. */
function plainInterval({ lo, hi }: Interval): Interval {
  return { lo: new Uint8Array(lo), hi: new Uint8Array(hi) }
}

async function addSums(db: Transaction<Schema>, organization: number, sums: readonly Sum[]): Promise<void> {
  const changed = sums.filter(({ readings, seconds, quantity }) => readings !== 0 || seconds !== 0 || quantity !== 0n)
  for (let at = 0; at < changed.length; at += PORTION) {
    const rows = changed.slice(at, at + PORTION)
    // The row is there before what is taken out of it, so that every number on the way stays at or above zero.
    await sql`
      insert into series_sum as s (organization, stream, step_s, start_s, type, readings, seconds, quantity)
      select ${organization}, t.stream, t.step_s, t.start_s, t.type, 0, 0, 0
      from unnest(${rows.map((row) => row.stream)}::bigint[], ${rows.map((row) => row.step)}::integer[],
        ${rows.map((row) => row.start)}::bigint[], ${rows.map((row) => row.type)}::bigint[]) as t (stream, step_s, start_s, type)
      on conflict do nothing
    `.execute(db)
    await sql`
      update series_sum as s
      set readings = s.readings + t.readings, seconds = s.seconds + t.seconds, quantity = s.quantity + t.quantity
      from unnest(${rows.map((row) => row.stream)}::bigint[], ${rows.map((row) => row.step)}::integer[],
        ${rows.map((row) => row.start)}::bigint[], ${rows.map((row) => row.type)}::bigint[],
        ${rows.map((row) => row.readings)}::bigint[], ${rows.map((row) => row.seconds)}::bigint[],
        ${rows.map((row) => String(row.quantity))}::numeric[]) as t (stream, step_s, start_s, type, readings, seconds, quantity)
      where s.organization = ${organization} and s.stream = t.stream and s.step_s = t.step_s and s.start_s = t.start_s and s.type = t.type
    `.execute(db)
  }
  if (changed.some(({ readings }) => readings < 0))
    await db.deleteFrom('series_sum').where('organization', '=', organization).where('readings', '=', 0).execute()
}

/** The reading with the greatest start of each stream; of two with the same start the later batch's. */
async function keepLast(db: Transaction<Schema>, facts: BatchFacts): Promise<void> {
  const last = new Map<number, { type: number; start: number; seconds: number; quantity: number }>()
  for (const { type, stream, starts, seconds, quantities } of facts.rows) {
    const at = starts.length - 1
    const start = starts[at] as number
    if (start < (last.get(stream)?.start ?? 0)) continue
    last.set(stream, { type, start, seconds: seconds[at] as number, quantity: quantities[at] as number })
  }
  const rows = [...last]
  await sql`
    update device_stream as s
    set last_type = t.type, last_start_s = t.start_s, last_seconds = t.seconds, last_quantity = t.quantity,
      last_sequence = ${facts.sequence}, last_received_s = ${facts.receivedS}
    from unnest(${rows.map(([stream]) => stream)}::bigint[], ${rows.map(([, row]) => row.type)}::bigint[],
      ${rows.map(([, row]) => row.start)}::bigint[], ${rows.map(([, row]) => row.seconds)}::bigint[],
      ${rows.map(([, row]) => row.quantity)}::bigint[]) as t (stream, type, start_s, seconds, quantity)
    where s.organization = ${facts.organization} and s.stream = t.stream and coalesce(s.last_start_s, -1) <= t.start_s
  `.execute(db)
}

/** How many readings of each stream and day were voided: `stream/day` → count. */
function restatedByDay(voided: readonly Rows[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { stream, starts } of voided)
    for (let at = 0; at < starts.length; at++) {
      const name = `${stream}/${bucketStart(starts[at] as number, DAY)}`
      found.set(name, (found.get(name) ?? 0) + 1)
    }
  return found
}
