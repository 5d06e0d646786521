import { checkSummary, decodeHeader, digestOf, parseCid } from '@tanlian/evidence'
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

/**
 * Keeps a summary of a batch that the platform cannot read, after holding it to the header's tree; it is answered from for those who have
 * a grant of this step.
 * @throws TanlianError E_NOT_FOUND for a batch that is not the organization's or has nothing sealed, E_SUMMARY_…, E_PROOF_…, E_TREE_…
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
  await instance.db
    .insertInto('batch_summary')
    .values({ batch: digest, step_s: given.step, summary: given.summary, created_ms: instance.clock() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return { batch: given.batch, step: given.step, cells: checked.cells.length, opened: checked.opened }
}
