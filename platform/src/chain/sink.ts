import { fromHex0x, toHex0x } from '@tanlian/evidence'
import type { Advance, BlockMark, ChainEvent, ProjectionSink, RegistryRows } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** Told after a step is durable, so that what is kept in memory follows the tables. */
export interface SinkFollower {
  advanced(step: Advance): Promise<void>
  rolledBack(to: BlockMark): Promise<void>
  /** A step failed, and nobody knows whether it was kept. */
  unsure(): void
}

/** Rows a statement may insert: PostgreSQL takes 65,535 parameters, the widest table has 16 columns. */
const ROWS = 2000
const EVENTS_READ = 5000

/** The projection of the chain in PostgreSQL: cursor, events and rows move in one transaction (F1–F5). */
export function createSink(db: Kysely<Schema>, follower: SinkFollower): ProjectionSink {
  return {
    async *events() {
      let after = { block: -1, logIndex: -1 }
      for (;;) {
        const rows = await db
          .selectFrom('chain_event')
          .selectAll()
          .where((eb) =>
            eb.or([
              eb('block', '>', after.block),
              eb.and([eb('block', '=', after.block), eb('log_index', '>', after.logIndex)]),
            ]),
          )
          .orderBy('block')
          .orderBy('log_index')
          .limit(EVENTS_READ)
          .execute()
        const last = rows.at(-1)
        if (last === undefined) return
        after = { block: last.block, logIndex: last.log_index }
        yield rows.map((row) => JSON.parse(row.event) as ChainEvent)
      }
    },
    async marks() {
      const rows = await db.selectFrom('chain_mark').selectAll().orderBy('number').execute()
      return rows.map(({ number, hash }) => ({ number, hash: toHex0x(hash) }))
    },
    async advance(step) {
      await sure(follower, () =>
        db.transaction().execute(async (trx) => {
          await requireCursor(trx, step.from)
          for (const part of portions(step.events))
            await trx
              .insertInto('chain_event')
              .values(
                part.map((event) => ({ block: event.block, log_index: event.logIndex, event: JSON.stringify(event) })),
              )
              .execute()
          await upsertRows(trx, step.changes)
          for (const part of portions(step.changes.entries))
            await trx.insertInto('entry').values(part.map(entryOf)).execute()
          for (const part of portions(step.changes.roots))
            await trx
              .insertInto('log_root')
              .values(
                part.map(({ size, root, block, time, transaction }) => ({
                  size,
                  root: fromHex0x(root, 32),
                  block,
                  time_s: time,
                  transaction: fromHex0x(transaction, 32),
                })),
              )
              .execute()
          await trx.deleteFrom('chain_mark').where('number', '<', step.forgetBelow).execute()
          await insertMarks(trx, step.marks)
        }),
      )
      await follower.advanced(step)
    },
    async rollback(to, rows, older) {
      await sure(follower, () =>
        db.transaction().execute(async (trx) => {
          for (const table of ['chain_event', 'entry', 'log_root'] as const)
            await trx.deleteFrom(table).where('block', '>', to.number).execute()
          await trx.deleteFrom('chain_mark').where('number', '>', to.number).execute()
          await insertMarks(trx, older)
          for (const table of ['organization', 'application', 'organization_key', 'binding', 'head'] as const)
            await trx.deleteFrom(table).execute()
          await upsertRows(trx, rows)
        }),
      )
      await follower.rolledBack(to)
    },
  }
}

async function insertMarks(trx: Transaction<Schema>, marks: readonly BlockMark[]): Promise<void> {
  for (const part of portions(marks))
    await trx
      .insertInto('chain_mark')
      .values(part.map(({ number, hash }) => ({ number, hash: fromHex0x(hash, 32) })))
      .execute()
}

async function sure(follower: SinkFollower, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    follower.unsure()
    throw error
  }
}

/** Two indexers on one table would interleave; whoever stands elsewhere stops (R27). */
async function requireCursor(trx: Transaction<Schema>, from: BlockMark | null): Promise<void> {
  const last = await trx
    .selectFrom('chain_mark')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
  const same =
    from === null
      ? last === undefined
      : last !== undefined && last.number === from.number && toHex0x(last.hash) === from.hash
  if (!same)
    throw new TanlianError(
      'E_INDEX_CURSOR',
      `The projection stands at block ${last?.number ?? 'none'}, this step goes on from ${from?.number ?? 'none'}. Another process writes to it; stop one.`,
      { values: { have: last?.number ?? null, from: from?.number ?? null } },
    )
}

async function upsertRows(trx: Transaction<Schema>, rows: RegistryRows): Promise<void> {
  for (const part of portions(rows.organizations))
    await trx
      .insertInto('organization')
      .values(
        part.map((row) => ({
          id: row.id,
          kind: row.kind,
          profile: fromHex0x(row.profile, 32),
          recovery: fromHex0x(row.recovery, 20),
          suspended: row.suspended,
          platform: row.platform,
          requested: row.requested,
          binding: row.binding,
          request: row.request,
          application: bytesOrNull(row.application),
          recovery_waiting: row.recoveryWaiting === null ? null : JSON.stringify(row.recoveryWaiting),
          block: row.block,
          time_s: row.time,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({
          suspended: eb.ref('excluded.suspended'),
          recovery: eb.ref('excluded.recovery'),
          platform: eb.ref('excluded.platform'),
          requested: eb.ref('excluded.requested'),
          binding: eb.ref('excluded.binding'),
          request: eb.ref('excluded.request'),
          recovery_waiting: eb.ref('excluded.recovery_waiting'),
        })),
      )
      .execute()
  for (const part of portions(rows.applications))
    await trx
      .insertInto('application')
      .values(
        part.map((row) => ({
          application: fromHex0x(row.application, 32),
          kind: row.kind,
          profile: fromHex0x(row.profile, 32),
          key: fromHex0x(row.key, 20),
          recovery: fromHex0x(row.recovery, 20),
          batch_key: bytesOrNull(row.batchKey),
          document_key: bytesOrNull(row.documentKey),
          lapses_s: row.lapses,
          state: row.state,
          organization: row.organization,
          regulator: row.regulator,
          reason: bytesOrNull(row.reason),
          block: row.block,
          time_s: row.time,
          ended_block: row.endedBlock,
          ended_time_s: row.endedTime,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('application').doUpdateSet((eb) => ({
          state: eb.ref('excluded.state'),
          organization: eb.ref('excluded.organization'),
          regulator: eb.ref('excluded.regulator'),
          reason: eb.ref('excluded.reason'),
          lapses_s: eb.ref('excluded.lapses_s'),
          block: eb.ref('excluded.block'),
          time_s: eb.ref('excluded.time_s'),
          ended_block: eb.ref('excluded.ended_block'),
          ended_time_s: eb.ref('excluded.ended_time_s'),
        })),
      )
      .execute()
  for (const part of portions(rows.keys))
    await trx
      .insertInto('organization_key')
      .values(
        part.map((row) => ({
          key: fromHex0x(row.key, 20),
          organization: row.organization,
          purpose: row.purpose,
          from_sequence: row.from,
          to_sequence: row.to,
          active: row.active,
          block: row.block,
          ended_block: row.endedBlock,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((eb) => ({
          organization: eb.ref('excluded.organization'),
          purpose: eb.ref('excluded.purpose'),
          from_sequence: eb.ref('excluded.from_sequence'),
          to_sequence: eb.ref('excluded.to_sequence'),
          active: eb.ref('excluded.active'),
          block: eb.ref('excluded.block'),
          ended_block: eb.ref('excluded.ended_block'),
        })),
      )
      .execute()
  for (const part of portions(rows.bindings))
    await trx
      .insertInto('binding')
      .values(
        part.map((row) => ({
          id: row.id,
          enterprise: row.enterprise,
          platform: row.platform,
          state: row.state,
          requested_block: row.requestedBlock,
          bound_block: row.boundBlock,
          ended_block: row.endedBlock,
          ended_by: row.endedBy,
          reason: bytesOrNull(row.reason),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({
          state: eb.ref('excluded.state'),
          bound_block: eb.ref('excluded.bound_block'),
          ended_block: eb.ref('excluded.ended_block'),
          ended_by: eb.ref('excluded.ended_by'),
          reason: eb.ref('excluded.reason'),
        })),
      )
      .execute()
  for (const part of portions(rows.heads))
    await trx
      .insertInto('head')
      .values(part.map((row) => ({ ...row, digest: fromHex0x(row.digest, 32) })))
      .onConflict((conflict) =>
        conflict
          .columns(['organization', 'kind'])
          .doUpdateSet((eb) => ({ sequence: eb.ref('excluded.sequence'), digest: eb.ref('excluded.digest') })),
      )
      .execute()
}

function entryOf(row: Advance['changes']['entries'][number]): Insertable<Schema['entry']> {
  return {
    index: row.index,
    kind: row.kind,
    organization: row.organization,
    sequence: row.sequence,
    digest: fromHex0x(row.digest, 32),
    signature: bytesOrNull(row.signature),
    signer: bytesOrNull(row.signer),
    block: row.block,
    time_s: row.time,
    transaction: fromHex0x(row.transaction, 32),
  }
}

function bytesOrNull(hex: `0x${string}` | null): Uint8Array | null {
  return hex === null ? null : fromHex0x(hex)
}

function* portions<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += ROWS) yield items.slice(at, at + ROWS)
}
