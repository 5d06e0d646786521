import type { Outbox } from '@tanlian/registry'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * After the chain went back to block `to` (S30): what counted as done by somebody else's transaction, and is in the log no more, begins anew.
 * Nobody here has that transaction's bytes to send again. An intent whose effect came back is found done again and changes nothing (S31).
 */
export async function retryForgotten(db: Kysely<Schema>, outbox: Pick<Outbox, 'retry'>, to: number): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from intent
    where state = 'done' and nonce is null and (
      block > ${to}
      or kind = 'entry' and not exists (
        select from entry where intent.id = 'entry:' || entry.kind || ':' || entry.organization || ':' || entry.sequence
      )
    )
    order by place`.execute(db)
  if (rows.length > 0) await outbox.retry(rows.map(({ id }) => id))
}
