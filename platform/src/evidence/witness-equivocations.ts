import { checkEquivocation, cidOf, fromHex0x, type Proven, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import './witness-schema.ts'

/** A proof of equivocation that was handed in. */
export interface EquivocationView {
  readonly cid: string
  /** RFC 3339: when it was handed in. */
  readonly made: string
  /** What it proves, as anybody who opens the file finds too. */
  readonly proves: Omit<Proven, 'ok'>
}

/**
 * Takes a proof that somebody in this log, the platform included, signed two things that cannot both be true (S9).
 * @throws TanlianError E_EQUIVOCATION_…, E_EQUIVOCATION_FOREIGN where it is about another log or about keys that nobody here has.
 */
export async function acceptEquivocation(
  instance: Pick<Instance, 'db' | 'clock' | 'chain' | 'log' | 'receipts'>,
  proof: Uint8Array,
): Promise<string> {
  const proven = checkEquivocation(proof)
  if (!proven.ok) throw new TanlianError(proven.code, proven.message, { values: proven.values ?? {} })
  if (!(await isOurs(instance, proven)))
    throw new TanlianError(
      'E_EQUIVOCATION_FOREIGN',
      'The proof holds, but it is about another log, or about keys that nobody here has. Hand it in where they belong.',
    )
  const cid = cidOf(proof).toString()
  await instance.db
    .insertInto('equivocation')
    .values({ cid, kind: proven.kind, proof, made_ms: instance.clock() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return cid
}

/** Proofs, the last handed in first. */
export async function listEquivocations(
  { db }: Pick<Instance, 'db'>,
  before: { readonly number: number; readonly text: string } | undefined,
  limit: number,
): Promise<(EquivocationView & { readonly madeMs: number })[]> {
  let query = db.selectFrom('equivocation').selectAll().orderBy('made_ms', 'desc').orderBy('cid', 'desc').limit(limit)
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('made_ms', '<', before.number),
        eb.and([eb('made_ms', '=', before.number), eb('cid', '<', before.text)]),
      ]),
    )
  return (await query.execute()).flatMap(({ cid, proof, made_ms }) => {
    const proven = checkEquivocation(new Uint8Array(proof))
    if (!proven.ok) return []
    const { ok: _, ...proves } = proven
    return [{ cid, made: new Date(made_ms).toISOString(), madeMs: made_ms, proves }]
  })
}

/** The file of one proof. */
export async function readEquivocation({ db }: Pick<Instance, 'db'>, cid: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('equivocation').select('proof').where('cid', '=', cid).executeTakeFirst()
  return row === undefined ? undefined : new Uint8Array(row.proof)
}

async function isOurs(
  { db, chain, log, receipts }: Pick<Instance, 'db' | 'chain' | 'log' | 'receipts'>,
  proven: Proven,
): Promise<boolean> {
  if (proven.kind === 'receipts') return proven.key === toHex(receipts.publicKey)
  if (proven.kind === 'checkpoints') {
    if (proven.vkey === log.vkey) return true
    const known = await db.selectFrom('cosigner').select('vkey').where('vkey', '=', proven.vkey).executeTakeFirst()
    return known !== undefined
  }
  if (proven.chainId !== chain.chainId || proven.log !== chain.domain.verifyingContract) return false
  const { organization, entryKind, sequence } = proven
  for (const account of new Set(proven.accounts)) {
    const key = await db
      .selectFrom('organization_key')
      .select('key')
      .where('key', '=', fromHex0x(account, 20))
      .where('organization', '=', organization)
      .where('purpose', '=', entryKind)
      .where('from_sequence', '<=', sequence)
      .where('to_sequence', '>=', sequence)
      .executeTakeFirst()
    if (key === undefined) return false
  }
  return true
}
