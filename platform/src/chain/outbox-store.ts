import { createHash } from 'node:crypto'
import { fromHex0x, toHex0x } from '@tanlian/evidence'
import type { Attempt, Intent, IntentFailure, IntentRecord, OutboxStore, TransactionRecord } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import type { Insertable, Kysely, Selectable } from 'kysely'
import pg from 'pg'
import type { Connection } from '../postgres.ts'
import type { Schema } from '../schema.ts'

/** Rows that `save` writes in one statement. */
const ROWS = 2000

/**
 * The outbox's memory in PostgreSQL (R28). The right to send with a key is a lock of the server's on a connection of its own (R27, R28): it
 * ends with this process, and where the connection is lost every later write is refused, so that two senders never work on one key.
 */
export function createOutboxStore(db: Kysely<Schema>, connection: Connection): OutboxStore {
  const held = new Map<string, { readonly client: pg.Client; lost: boolean }>()
  const requireHeld = () => {
    for (const [sender, { lost }] of held) if (lost) throw heldError(sender, 'The connection that held it was lost.')
  }
  const take = async (sender: string) => {
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000, keepAlive: true })
    const hold = { client, lost: false }
    const lose = () => {
      hold.lost = true
    }
    client.on('error', lose)
    client.on('end', lose)
    await client.connect()
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockOf(sender)])
    if (rows[0]?.got !== true) {
      await client.end()
      throw heldError(sender, 'Another process sends with it.')
    }
    held.set(sender, hold)
  }
  return {
    hold: async (sender) => {
      if (held.get(sender)?.lost !== false) await take(sender)
    },
    async release(sender) {
      const hold = held.get(sender)
      held.delete(sender)
      if (hold !== undefined && !hold.lost) await hold.client.end()
    },
    async open(sender) {
      // The server was restarted: the right is taken anew, and all that is known is read again below, before anything is sent.
      if (held.get(sender)?.lost === true) await take(sender)
      const key = fromHex0x(sender, 20)
      const rows = await db
        .selectFrom('outbox_transaction')
        .selectAll()
        .where('sender', '=', key)
        .where('state', '!=', 'final')
        .orderBy('nonce')
        .execute()
      const last = await db
        .selectFrom('outbox_transaction')
        .select((eb) => eb.fn.max('nonce').as('nonce'))
        .where('sender', '=', key)
        .executeTakeFirst()
      const greatest = last?.nonce as number | null | undefined
      return {
        transactions: rows.map(transactionOf),
        nextNonce: greatest === null || greatest === undefined ? 0 : greatest + 1,
      }
    },
    async add(intent) {
      await db
        .insertInto('intent')
        .values(waitingRow(intent))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
      const row = await db.selectFrom('intent').selectAll().where('id', '=', intent.id).executeTakeFirstOrThrow()
      return intentOf(row)
    },
    async waiting(limit) {
      const rows = await db
        .selectFrom('intent')
        .selectAll()
        .where('state', '=', 'waiting')
        .orderBy('place')
        .limit(limit)
        .execute()
      return rows.map(intentOf)
    },
    async intents(ids) {
      if (ids.length === 0) return []
      const rows = await db.selectFrom('intent').selectAll().where('id', 'in', ids).execute()
      return rows.map(intentOf)
    },
    async save({ intents = [], transactions = [] }) {
      requireHeld()
      await db.transaction().execute(async (trx) => {
        for (let at = 0; at < transactions.length; at += ROWS)
          await trx
            .insertInto('outbox_transaction')
            .values(transactions.slice(at, at + ROWS).map(transactionRow))
            .onConflict((conflict) =>
              conflict.columns(['sender', 'nonce']).doUpdateSet((eb) => ({
                target: eb.ref('excluded.target'),
                intents: eb.ref('excluded.intents'),
                gas: eb.ref('excluded.gas'),
                attempts: eb.ref('excluded.attempts'),
                included: eb.ref('excluded.included'),
                state: eb.ref('excluded.state'),
              })),
            )
            .execute()
        for (let at = 0; at < intents.length; at += ROWS)
          await trx
            .insertInto('intent')
            .values(intents.slice(at, at + ROWS).map(intentRow))
            .onConflict((conflict) =>
              conflict.column('id').doUpdateSet((eb) => ({
                state: eb.ref('excluded.state'),
                nonce: eb.ref('excluded.nonce'),
                transaction: eb.ref('excluded.transaction'),
                block: eb.ref('excluded.block'),
                failure: eb.ref('excluded.failure'),
              })),
            )
            .execute()
      })
    },
  }
}

/** A waiting intent as a row, for a transaction of the caller's that makes it durable together with what it is about. */
export function waitingRow(intent: Intent): Insertable<Schema['intent']> {
  return {
    id: intent.id,
    kind: intent.kind,
    target: fromHex0x(intent.to, 20),
    data: intent.data,
    created_ms: intent.createdAtMs,
    state: 'waiting',
    nonce: null,
    transaction: null,
    block: null,
    failure: null,
  }
}

function intentRow(record: IntentRecord): Insertable<Schema['intent']> {
  return {
    ...waitingRow(record),
    state: record.state,
    nonce: record.nonce,
    transaction: record.transaction === null ? null : fromHex0x(record.transaction, 32),
    block: record.block,
    failure: record.failure === null ? null : writeJson(record.failure),
  }
}

/** A row as the outbox knows it. */
export function intentOf(row: Selectable<Schema['intent']>): IntentRecord {
  return {
    id: row.id,
    kind: row.kind,
    to: toHex0x(row.target),
    data: new Uint8Array(row.data),
    createdAtMs: row.created_ms,
    state: row.state,
    nonce: row.nonce,
    transaction: row.transaction === null ? null : toHex0x(row.transaction),
    block: row.block,
    failure: row.failure === null ? null : (readJson(row.failure) as IntentFailure),
  }
}

function transactionRow(record: TransactionRecord): Insertable<Schema['outbox_transaction']> {
  return {
    sender: fromHex0x(record.sender, 20),
    nonce: record.nonce,
    target: fromHex0x(record.to, 20),
    intents: JSON.stringify(record.intents),
    gas: Number(record.gas),
    attempts: writeJson(record.attempts),
    included: record.included === null ? null : JSON.stringify(record.included),
    state: record.state,
  }
}

function transactionOf(row: Selectable<Schema['outbox_transaction']>): TransactionRecord {
  return {
    sender: toHex0x(row.sender),
    nonce: row.nonce,
    to: toHex0x(row.target),
    intents: JSON.parse(row.intents) as string[],
    gas: BigInt(row.gas),
    attempts: readJson(row.attempts) as Attempt[],
    included: row.included === null ? null : (JSON.parse(row.included) as TransactionRecord['included']),
    state: row.state,
  }
}

/** JSON with integers beyond 2^53 (wei) as `{"$bigint": "…"}`. */
function writeJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? { $bigint: item.toString() } : item))
}

function readJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) =>
    typeof item === 'object' && item !== null && '$bigint' in item ? BigInt(String(item.$bigint)) : item,
  )
}

/** A 64-bit number for the lock of one key. */
function lockOf(sender: string): string {
  return createHash('sha256').update(`outbox ${sender.toLowerCase()}`).digest().readBigInt64BE(0).toString()
}

function heldError(sender: string, why: string): TanlianError {
  return new TanlianError('E_OUTBOX_HELD', `The right to send with ${sender} is not ours. ${why}`, {
    values: { sender },
  })
}
