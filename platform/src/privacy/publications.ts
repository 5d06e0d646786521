import { digestOf } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { readingRight } from '../evidence/reading-right.ts'
import type { Caller } from '../identity/caller.ts'
import type { Instance } from '../instance.ts'
import './schema.ts'

/** A report of an organization, by its document. */
interface ReportOf {
  readonly cid: CID
  readonly organization: number
}

/**
 * Lets whoever asks do a report again (公开复算): its package holds all headers up to the report and the proofs of its totals, with what these tell of
 * their neighbours. The owner decides it for one report; what comes after the report is not in its package.
 */
export async function publishReport(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  { cid, organization }: ReportOf,
  by: string,
): Promise<void> {
  await db
    .insertInto('report_publication')
    .values({ report: digestOf(cid), organization, published_by: by, created_ms: clock() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Whether anybody may do a report again: nothing of its owner is sealed, or its owner has published it. */
export async function isPublic({ db, privacy }: Pick<Instance, 'db' | 'privacy'>, report: ReportOf): Promise<boolean> {
  if ((await privacy.register.of(report.organization)).length === 0) return true
  const published = await db
    .selectFrom('report_publication')
    .select('report')
    .where('report', '=', digestOf(report.cid))
    .executeTakeFirst()
  return published !== undefined
}

/**
 * Holds a caller to the right to do a report again: its owner has published it, or all sealed batches of the owner may be read.
 * @throws TanlianError E_CONFIDENTIAL
 */
export async function requireReport(
  instance: Pick<Instance, 'db' | 'blocks' | 'trees' | 'privacy'>,
  caller: Caller,
  report: ReportOf,
): Promise<void> {
  if (!(await isPublic(instance, report))) await readingRight(instance, caller).requireProofs(report.organization)
}
