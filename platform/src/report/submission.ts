import { draftReport, type Report } from '@tanlian/accounting'
import { encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Unsigned } from '../document/content.ts'
import { batchesBelow } from '../document/fact.ts'
import { batchWitnesses } from '../evidence/witness-audits.ts'
import type { Instance } from '../instance.ts'
import type { Draft } from './draft.ts'
import { reportInputOf } from './input.ts'
import { findProgram } from './program.ts'
import { totalsOf } from './total.ts'

/**
 * What an organization signs to submit a draft (提交). Its totals are those of the log as it stands: every batch that was accepted is in the log and
 * in the sums, each is witnessed enough (S7), and the fold would take the report.
 * @throws TanlianError E_DRAFT_BEHIND, E_DRAFT_STALE, E_DRAFT_WITNESSES, E_REGISTER_…, E_REPORT_…, E_INPUT_…
 */
export async function submissionOf(instance: Instance, draft: Draft): Promise<Unsigned> {
  const { organization, type, subject, from, to, zone, answers, corrects, reason } = draft
  const { size } = instance.log
  await requireTotals(instance, draft)
  await requireSettled(instance, draft, size)
  const { program, blocks } = await findProgram(instance, draft.methodology)
  const head = { type, subject, period: [from, to] as const, zone, size, answers, corrects, reason }
  const drafted = draftReport(program, head, draft.inputs.map(reportInputOf))
  await requireWitnesses(instance, organization, drafted.content)
  const content = encodeBlock(drafted.content)
  const refusal = await instance.documents.foresee(organization, 'report', content)
  if (refusal !== undefined) throw new TanlianError(refusal.code, refusal.message, { values: refusal.values ?? {} })
  return { content, blocks: [...blocks, ...drafted.blocks] }
}

/**
 * The sums are those of the log at this size: every batch below it is in them, and none beyond it that has to do with the period. Looked at after the
 * totals were, so that nothing slips between; what comes in for other times disturbs nobody.
 */
async function requireSettled({ db }: Instance, { organization, from, to }: Draft, size: number): Promise<void> {
  const [mark, beyond, below] = await Promise.all([
    db
      .selectFrom('projection_mark')
      .select('sequence')
      .where('name', '=', 'series')
      .where('organization', '=', organization)
      .executeTakeFirst(),
    db
      .selectFrom('accepted as a')
      .leftJoin('entry as e', 'e.digest', 'a.digest')
      .select('a.sequence')
      .where('a.organization', '=', organization)
      .where('a.kind', '=', 1)
      .where((eb) => eb.or([eb('e.index', 'is', null), eb('e.index', '>=', size)]))
      .where((eb) =>
        eb.or([
          eb.and([eb('a.from_s', '<', to), eb('a.to_s', '>', from)]),
          eb.exists(
            eb
              .selectFrom('series_void as v')
              .select('v.sequence')
              .whereRef('v.organization', '=', 'a.organization')
              .whereRef('v.sequence', '=', 'a.sequence'),
          ),
        ]),
      )
      .orderBy('a.sequence', 'desc')
      .limit(1)
      .executeTakeFirst(),
    db
      .selectFrom('entry')
      .select('sequence')
      .where('organization', '=', organization)
      .where('kind', '=', 1)
      .where('index', '<', size)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst(),
  ])
  const sequence = beyond?.sequence ?? below?.sequence ?? 0
  if (beyond === undefined && (mark?.sequence ?? 0) >= sequence) return
  throw new TanlianError(
    'E_DRAFT_BEHIND',
    `Batch ${sequence} is on its way into the log or the sums; the totals are as of the log.`,
    { values: { sequence, retryAfterS: 2 } },
  )
}

async function requireTotals(instance: Instance, { organization, inputs }: Draft): Promise<void> {
  const wanted = inputs.flatMap(({ name, origin }) => (origin.kind === 'total' ? [{ name, origin }] : []))
  const totals = await totalsOf(
    instance,
    organization,
    wanted.map(({ origin }) => origin),
  )
  const stale = wanted.filter(
    ({ origin }, at) => origin.quantity !== String(totals[at]?.quantity) || origin.seconds !== totals[at]?.seconds,
  )
  if (stale.length === 0) return
  const names = [...new Set(stale.map(({ name }) => name))].join(', ')
  throw new TanlianError('E_DRAFT_STALE', `Since the draft was filled, other readings came for ${names}.`, {
    values: { names },
  })
}

async function requireWitnesses(instance: Instance, organization: number, report: Report): Promise<void> {
  const { short, required } = await witnessesBelow(instance, organization, report)
  if (short === 0) return
  throw new TanlianError(
    'E_DRAFT_WITNESSES',
    `${short} batches that the report rests on were audited by fewer than ${required}.`,
    { values: { short, required } },
  )
}

/** How the batches that a report rests on are witnessed (S7). */
export interface WitnessesBelow {
  /** Audits that a batch needs before a report may cite it; the platform's own is one of them. */
  readonly required: number
  readonly batches: number
  /** Batches with fewer. */
  readonly short: number
  /** Batches that this platform audited itself. */
  readonly platform: number
  /** Least number of other organizations that audited a batch, over all batches. */
  readonly least: number
}

export async function witnessesBelow(
  instance: Pick<Instance, 'db' | 'log' | 'config'>,
  organization: number,
  report: Pick<Report, 'inputs' | 'size'>,
): Promise<WitnessesBelow> {
  const below = await batchesBelow(instance, organization, report)
  const found = await batchWitnesses(instance, organization, { sequences: below.map(({ sequence }) => sequence) })
  return {
    required: instance.config.witnesses,
    batches: found.length,
    short: found.filter(({ citable }) => !citable).length,
    platform: found.filter(({ platform }) => platform).length,
    least: found.length === 0 ? 0 : Math.min(...found.map(({ held }) => held.length)),
  }
}
