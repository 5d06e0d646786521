import { cidFromDigest, toHex } from '@tanlian/evidence'
import { type Selectable, sql } from 'kysely'
import type { Receipt } from '../evidence/receipt.ts'
import type { Instance } from '../instance.ts'
import type { ComplaintTable } from './schema.ts'

/**
 * A promise that was not kept (投诉): the signed receipt beside what the chain said when its time was over. Anyone checks it alone: the receipt's
 * signature, its promise, and the organization's head in the contract.
 */
export interface Complaint {
  readonly kind: 1 | 2
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  readonly receipt: Receipt
  readonly made: string
  /** When the promise ran out. */
  readonly due: string
  /** Block at which the log was looked at, its size, and the last sequence of this organization and kind in it. */
  readonly chain: { readonly block: number; readonly size: number; readonly head: number }
  /** Where the entry is by now; null while it is still missing. */
  readonly settled: { readonly index: number; readonly at: string } | null
}

/** Makes a complaint of every receipt whose time is over and whose entry is not in the log, and settles those whose entry came (S8). */
export async function complain(instance: Pick<Instance, 'db' | 'clock' | 'chain' | 'log'>): Promise<number> {
  const nowMs = instance.clock()
  await settle(instance, nowMs)
  const { numAffectedRows } = await sql`
    insert into complaint (kind, organization, sequence, digest, receipt, made_ms, chain_block, log_size, head_sequence)
    select a.kind, a.organization, a.sequence, a.digest, a.receipt, ${nowMs}, ${instance.chain.block}, ${instance.log.size}, coalesce(h.sequence, 0)
    from accepted a
    left join head h on h.organization = a.organization and h.kind = a.kind
    where a.sequence > coalesce(h.sequence, 0)
      and a.received_s + (convert_from(a.receipt, 'UTF8')::jsonb ->> 'promise')::bigint < ${Math.floor(nowMs / 1000)}
    on conflict do nothing
  `.execute(instance.db)
  return Number(numAffectedRows ?? 0n)
}

async function settle(instance: Pick<Instance, 'db'>, nowMs: number): Promise<void> {
  await sql`
    update complaint c
    set settled_index = e.index, settled_ms = ${nowMs}
    from entry e
    where c.settled_index is null and e.organization = c.organization and e.kind = c.kind and e.sequence = c.sequence
      and e.digest = c.digest
  `.execute(instance.db)
}

/** Complaints, the last made first. */
export async function listComplaints(
  instance: Pick<Instance, 'db'>,
  before: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<Complaint[]> {
  let query = instance.db
    .selectFrom('complaint')
    .selectAll()
    .orderBy('made_ms', 'desc')
    .orderBy('digest', 'desc')
    .limit(limit)
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('made_ms', '<', before.number),
        eb.and([eb('made_ms', '=', before.number), eb('digest', '<', Buffer.from(before.hex, 'hex'))]),
      ]),
    )
  return (await query.execute()).map(complaintView)
}

function complaintView(row: Selectable<ComplaintTable>): Complaint {
  const receipt = JSON.parse(Buffer.from(row.receipt).toString()) as Receipt
  return {
    kind: row.kind === 1 ? 1 : 2,
    organization: row.organization,
    sequence: row.sequence,
    digest: toHex(row.digest),
    cid: cidFromDigest(new Uint8Array(row.digest)).toString(),
    receipt,
    made: new Date(row.made_ms).toISOString(),
    due: new Date((receipt.received + receipt.promise) * 1000).toISOString(),
    chain: { block: row.chain_block, size: row.log_size, head: row.head_sequence },
    settled:
      row.settled_index === null || row.settled_ms === null
        ? null
        : { index: row.settled_index, at: new Date(row.settled_ms).toISOString() },
  }
}
