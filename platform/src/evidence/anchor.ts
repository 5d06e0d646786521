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
 * one that is refused for good keeps nobody else waiting. With them go those that another's transaction had brought, and the chain forgot.
 */
export async function retryRefused(instance: Pick<Instance, 'db' | 'chain'>): Promise<number> {
  const ids = [...(await refused(instance)), ...(await forgotten(instance))]
  if (ids.length > 0) await instance.chain.outbox.retry(ids)
  return ids.length
}

async function refused(instance: Pick<Instance, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from (
      select id, row_number() over (partition by split_part(id, ':', 2), split_part(id, ':', 3) order by place) as nth
      from intent where state = 'failed' and kind = 'entry'
    ) as refused
    where nth <= ${RETRIED_MAX.sequence}
    order by nth, random()
    limit ${RETRIED_MAX.all}`.execute(instance.db)
  return rows.map(({ id }) => id)
}

/**
 * Entries that count as done by another's transaction in a block that was read since, and that the log does not have: the chain went back before
 * the index had seen them there, or while this process was ending, so that nobody heard of it (S30).
 */
async function forgotten({ db, chain }: Pick<Instance, 'db' | 'chain'>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select intent.id
    from organization o
    cross join (select 1 as kind union all select 2) k
    left join head h on h.organization = o.id and h.kind = k.kind
    join accepted a on a.organization = o.id and a.kind = k.kind and a.sequence > coalesce(h.sequence, 0)
    join intent on intent.id = 'entry:' || a.kind || ':' || a.organization || ':' || a.sequence
    where intent.state = 'done' and intent.nonce is null and intent.block <= ${chain.block}
    order by intent.place
    limit ${RETRIED_MAX.all}`.execute(db)
  return rows.map(({ id }) => id)
}
