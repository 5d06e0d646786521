import { checkSummary, cidFromDigest, decodeHeader, digestOf, parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import './schema.ts'

/** What was kept of a summary. */
export interface SummaryView {
  readonly batch: string
  readonly step: number
  readonly cells: number
  /** Readings that stand in it one by one. */
  readonly opened: number
}

/** A summary that is kept, as its owner sees it in a list. */
export interface SummaryItem {
  /** CID of the header. */
  readonly batch: string
  readonly sequence: number
  /** Seconds. */
  readonly step: number
  readonly created: string
}

/** Summaries that an organization handed in, by the sequence of their batch and by step. @param after the last of the page before, its step as four bytes of hex */
export async function listSummaries(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  after: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<SummaryItem[]> {
  let query = db
    .selectFrom('batch_summary as s')
    .innerJoin('sealed_batch as b', 'b.digest', 's.batch')
    .select(['s.batch', 'b.sequence', 's.step_s', 's.created_ms'])
    .where('b.organization', '=', organization)
    .orderBy('b.sequence')
    .orderBy('s.step_s')
    .limit(limit)
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('b.sequence', '>', after.number),
        eb.and([eb('b.sequence', '=', after.number), eb('s.step_s', '>', Number.parseInt(after.hex, 16))]),
      ]),
    )
  return (await query.execute()).map(({ batch, sequence, step_s: step, created_ms: created }) => ({
    batch: cidFromDigest(new Uint8Array(batch)).toString(),
    sequence,
    step,
    created: new Date(created).toISOString(),
  }))
}

/** Steps that one batch has summaries of: hours, days and a few more (S35). */
const STEPS_MAX = 12

/**
 * Keeps a summary of a batch that the platform cannot read, after holding it to the header's tree; it is answered from for those who have
 * a grant of this step.
 * @throws TanlianError E_NOT_FOUND for a batch that is not the organization's or has nothing sealed, E_SUMMARY_MANY, E_SUMMARY_…, E_PROOF_…, E_TREE_…
 */
export async function keepSummary(
  instance: Instance,
  organization: number,
  given: { readonly batch: string; readonly step: number; readonly summary: Uint8Array },
): Promise<SummaryView> {
  const digest = digestOf(parseCid(given.batch))
  const batch = await instance.privacy.register.batch(digest)
  if (batch?.organization !== organization || Buffer.compare(batch.digest, digest) !== 0) throw notFound()
  const { tree } = decodeHeader(await requireBlock(instance.blocks, digest))
  const checked = checkSummary(tree, given.step, given.summary)
  if (!checked.ok) throw new TanlianError(checked.code, checked.message, { values: checked.values ?? {} })
  await instance.db.transaction().execute(async (trx) => {
    await trx.selectFrom('sealed_batch').select('digest').where('digest', '=', digest).forUpdate().execute()
    const steps = await trx.selectFrom('batch_summary').select('step_s').where('batch', '=', digest).execute()
    if (steps.some(({ step_s }) => step_s === given.step)) return
    if (steps.length >= STEPS_MAX)
      throw new TanlianError('E_SUMMARY_MANY', `A batch has summaries of at most ${STEPS_MAX} steps.`, {
        values: { limit: STEPS_MAX },
      })
    await trx
      .insertInto('batch_summary')
      .values({ batch: digest, step_s: given.step, summary: given.summary, created_ms: instance.clock() })
      .execute()
  })
  return { batch: given.batch, step: given.step, cells: checked.cells.length, opened: checked.opened }
}
