import type { OpinionOutcome } from '@tanlian/accounting'
import { compareKeys, digestOf, fromHex, readAuditContent, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Unsigned, unsigned } from '../document/content.ts'
import { batchesBelow } from '../document/fact.ts'
import type { Instance } from '../instance.ts'
import { recomputeReport } from '../report/recompute.ts'
import { listFindings, threadDigest } from './finding.ts'
import type { Seen } from './party.ts'
import { listVisits } from './visit.ts'

/** Which batches of a report the verifier's own witness has rebuilt (S7). */
export interface AuditCoverage {
  readonly batches: number
  readonly held: number
  /** The documents that say so, in the order of an opinion. */
  readonly audits: readonly CID[]
}

/** The verifier's own audits of the batches that a report rests on: of each batch its last word. */
export async function auditCoverage(instance: Instance, { life, verifier }: Seen): Promise<AuditCoverage> {
  const batches = await batchesBelow(instance, life.organization, life.content)
  const words = new Map<string, CID | undefined>()
  for (const { organization, cid, content } of instance.documents.list('audit')) {
    if (organization !== verifier) continue
    const { held, failed } = readAuditContent(content)
    for (const digest of held) words.set(toHex(digest), cid)
    for (const [digest] of failed) words.set(toHex(digest), undefined)
  }
  const found = batches.map(({ digest }) => words.get(toHex(digest)))
  const audits = new Map(found.flatMap((cid) => (cid === undefined ? [] : [[cid.toString(), cid] as const])))
  return {
    batches: batches.length,
    held: found.filter((cid) => cid !== undefined).length,
    audits: [...audits.values()].sort((a, b) => compareKeys(a.bytes, b.bytes)),
  }
}

/**
 * The opinion that a verifier is to sign (核查意见): the outputs as recomputed here, its own audits, its findings as they stand, the digest of the
 * conversation, its visits.
 * @throws TanlianError E_OPINION_PLAN, E_OPINION_AUDITS, E_OPINION_OUTPUTS, E_OPINION_OPEN, E_REGISTER_…
 */
export async function opinionOf(
  instance: Instance,
  seen: Seen,
  given: { readonly outcome: OpinionOutcome; readonly statement: string },
): Promise<Unsigned> {
  const { life, verifier, assignment } = seen
  const { outcome, statement } = given
  const report = digestOf(life.cid)
  if (life.plan === undefined)
    throw new TanlianError('E_OPINION_PLAN', 'There is no sampling plan of this report in the log.', {})
  const [coverage, findings, visits, thread, done] = await Promise.all([
    auditCoverage(instance, seen),
    listFindings(instance, report),
    listVisits(instance, report),
    threadDigest(instance, report, verifier),
    recomputeReport(instance, life),
  ])
  if (outcome !== 'returned' && coverage.held < coverage.batches)
    throw new TanlianError(
      'E_OPINION_AUDITS',
      `Your witness holds ${coverage.held} of the ${coverage.batches} batches that the report rests on.`,
      { values: { held: coverage.held, batches: coverage.batches } },
    )
  const sound = outcome === 'unqualified' || outcome === 'qualified'
  if (sound && done.differences.length > 0)
    throw new TanlianError('E_OPINION_OUTPUTS', `The recomputation differs in ${done.differences.length} places.`, {
      values: { differences: done.differences.length },
    })
  const open = findings.filter(({ state, severity }) => state !== 'closed' && severity !== 'info').length
  if (sound && open > 0)
    throw new TanlianError('E_OPINION_OPEN', `${open} findings are not closed.`, { values: { open } })
  const content = unsigned({
    format: 'tanlian/opinion/1',
    report: life.cid,
    assignment,
    plan: life.plan.cid,
    outcome,
    outputs: done.outputs.map(({ name, value, unit }) => [name, value, unit]),
    audits: coverage.audits,
    findings: findings.map(({ rule, subject, severity, state }) => [rule, subject, severity, state]),
    thread: thread.digest,
    visits: await Promise.all(
      visits.map(async ({ at, files }) => [
        at,
        await Promise.all(files.map((file) => attachmentOf(instance, verifier, file))),
      ]),
    ),
    statement,
  })
  const refusal = await instance.documents.foresee(verifier, 'opinion', content.content)
  if (refusal !== undefined) throw new TanlianError(refusal.code, refusal.message, { values: refusal.values ?? {} })
  return content
}

async function attachmentOf({ db }: Pick<Instance, 'db'>, organization: number, digest: string) {
  const row = await db
    .selectFrom('attachment')
    .select(['digest', 'length_bytes', 'media'])
    .where('organization', '=', organization)
    .where('digest', '=', fromHex(digest, 32))
    .executeTakeFirstOrThrow()
  return { digest: new Uint8Array(row.digest), bytes: row.length_bytes, media: row.media }
}
