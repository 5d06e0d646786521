import { sql } from 'kysely'
import type { Instance } from '../instance.ts'

/** How the promise to append stands (上链时限). */
export interface AnchorLag {
  /** Accepted entries that are not in the contract's log yet. */
  readonly waiting: number
  /** Age of the oldest of them, seconds; 0 where none waits. */
  readonly oldestSeconds: number
  /** Entries that wait longer than was promised (S8). */
  readonly overdue: number
}

/** Reads the lag from the tables. */
export async function anchorLag(instance: Pick<Instance, 'db' | 'clock' | 'config'>): Promise<AnchorLag> {
  const nowS = Math.floor(instance.clock() / 1000)
  const { rows } = await sql<{ waiting: number; oldest: number | null; overdue: number }>`
    select count(*) as waiting, min(a.received_s) as oldest,
      count(*) filter (where a.received_s < ${nowS - instance.config.promiseSeconds}) as overdue
    from accepted a
    where a.sequence > coalesce((select h.sequence from head h where h.organization = a.organization and h.kind = a.kind), 0)
  `.execute(instance.db)
  const row = rows[0]
  const oldest = row?.oldest ?? null
  return {
    waiting: row?.waiting ?? 0,
    oldestSeconds: oldest === null ? 0 : Math.max(0, nowS - oldest),
    overdue: row?.overdue ?? 0,
  }
}

/** Refused entries tried again at a time: of one organization and kind, and of all. */
const RETRIED_MAX = { sequence: 50, all: 1000 }

/**
 * Tries entries again that the contract refused: what it lacked (a binding, a reinstatement, the entry before) may be there now. A refusal
 * that stands is refused again and changes nothing (S31). The first ones of every organization come before the second ones of any, so that
 * one that is refused for good keeps nobody else waiting.
 */
export async function retryRefused(instance: Pick<Instance, 'db' | 'chain'>): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from (
      select id, row_number() over (partition by split_part(id, ':', 2), split_part(id, ':', 3) order by place) as nth
      from intent where state = 'failed' and kind = 'entry'
    ) as refused
    where nth <= ${RETRIED_MAX.sequence}
    order by nth, random()
    limit ${RETRIED_MAX.all}`.execute(instance.db)
  if (rows.length > 0) await instance.chain.outbox.retry(rows.map(({ id }) => id))
  return rows.length
}
