import { toHex } from '@tanlian/evidence'
import type { Transaction } from 'kysely'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import type { BatchFacts } from '../series/batch-facts.ts'
import { bucketStart, DAY } from '../series/bucket.ts'
import type { Projection } from '../series/follow.ts'
import { type Before, type EnrolledKey, evaluate, type Surroundings } from './evaluate.ts'
import { raise } from './raise.ts'
import type { Rule } from './rule.ts'
import { addFirstRules, rulesFor } from './rules.ts'
import './schema.ts'

/** Holds the rules against each accepted batch, before the batch is part of the figures: they are what it is compared with. */
export function monitoringProjection(instance: Pick<Instance, 'clock'>): Projection {
  return {
    name: 'monitoring',
    async apply(db, facts) {
      const { organization, sequence } = facts
      const nowMs = instance.clock()
      if (sequence === 1) await addFirstRules(db, organization, nowMs)
      const rules = await rulesFor(db, organization)
      // Of a batch that the platform cannot read there is nothing to hold against them.
      if (rules.length === 0 || facts.rows.length === 0) return
      await raise(db, { organization, sequence, nowMs }, evaluate(rules, facts, await lookAround(db, rules, facts)))
    },
  }
}

async function lookAround(db: Transaction<Schema>, rules: readonly Rule[], facts: BatchFacts): Promise<Surroundings> {
  const { organization } = facts
  const devices = [...new Set(facts.frames.map(({ frame }) => frame.device))]
  const [streams, keys, counters] = await Promise.all([
    db.selectFrom('device_stream').selectAll().where('organization', '=', organization).execute(),
    devices.length === 0
      ? []
      : db
          .selectFrom('device_key')
          .select(['device', 'key', 'first_counter', 'last_counter'])
          .where('organization', '=', organization)
          .where('kind', '=', 'ed25519')
          .where('device', 'in', devices)
          .execute(),
    devices.length === 0
      ? []
      : db
          .selectFrom('device_counter')
          .select(['device', 'counter'])
          .where('organization', '=', organization)
          .where('device', 'in', devices)
          .execute(),
  ])
  const enrolled = new Map<string, EnrolledKey[]>()
  for (const row of keys) {
    const one = { key: toHex(row.key), firstCounter: row.first_counter, lastCounter: row.last_counter }
    enrolled.set(row.device, [...(enrolled.get(row.device) ?? []), one])
  }
  const known = streams.map((row) => ({
    stream: row.stream,
    type: row.type,
    device: row.device,
    interval: row.interval_s,
  }))
  const lastStart = new Map(streams.map((row) => [row.stream, row.last_start_s ?? facts.header.from]))
  const measured = rules.some(({ kind }) => kind === 'capture')
    ? await measuredSeconds(
        db,
        facts,
        facts.rows.reduce(
          (least, { stream }) => Math.min(least, lastStart.get(stream) ?? facts.header.from),
          facts.header.to,
        ),
      )
    : new Map<string, number>()
  return {
    streams: new Map([...facts.streams, ...known].map((item) => [item.stream, item])),
    before: new Map(streams.flatMap((row) => (row.last_start_s === null ? [] : [[row.stream, beforeOf(row)]]))),
    keys: enrolled,
    counters: new Map(counters.map(({ device, counter }) => [device, counter])),
    measured: (stream, day) => measured.get(`${stream}/${day}`) ?? 0,
  }
}

function beforeOf(row: {
  last_start_s: number | null
  last_seconds: number | null
  last_quantity: number | null
}): Before {
  return { start: row.last_start_s ?? 0, seconds: row.last_seconds ?? 0, quantity: row.last_quantity ?? 0 }
}

/** Measured seconds by stream and day: those before, of the days that the batch touches or ends, and the batch's own. */
async function measuredSeconds(db: Transaction<Schema>, facts: BatchFacts, from: number): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const add = (stream: number, day: number, seconds: number) => {
    const name = `${stream}/${day}`
    found.set(name, (found.get(name) ?? 0) + seconds)
  }
  const rows = await db
    .selectFrom('series_sum')
    .select(['stream', 'start_s', 'seconds', 'type'])
    .where('organization', '=', facts.organization)
    .where('step_s', '=', DAY)
    .where('start_s', '>=', bucketStart(from, DAY))
    .where('stream', 'in', [...new Set(facts.rows.map(({ stream }) => stream))])
    .execute()
  for (const { stream, start_s, seconds, type } of rows) if (type % 256 === 0) add(stream, start_s, seconds)
  for (const { type, stream, starts, seconds } of facts.rows)
    if (type % 256 === 0)
      for (let at = 0; at < starts.length; at++)
        add(stream, bucketStart(starts[at] as number, DAY), seconds[at] as number)
  return found
}
