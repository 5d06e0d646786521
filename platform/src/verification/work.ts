import type { Draw, ReportLife } from '@tanlian/accounting'
import { type Refusal, TanlianError } from '@tanlian/units'
import { type Unsigned, unsigned } from '../document/content.ts'
import type { Instance } from '../instance.ts'
import { recomputeReport } from '../report/recompute.ts'
import { reportHead } from '../report/report.ts'
import { risksOf } from './risk.ts'

/** One report on a verifier's desk (核查任务). */
export interface WorkItem {
  readonly report: ReturnType<typeof reportHead>
  readonly assignment: string
  /** When the opinion is due, Unix seconds. */
  readonly due: number | null
  readonly risk: number
  readonly manual: number
  readonly planned: boolean
}

/** Longest month of a draw, with a day for a zone that is not the report's. */
const MONTH_S = 32 * 86_400

/**
 * Whether a report is for its verifier to give an opinion on: an annual report, and monthly evidence (月度存证) only where a verifier was drawn for that
 * month. Months of a year that was drawn are evidence for the annual report, and no task of their own.
 */
export function isForOpinion(type: 'month' | 'year', [from, to]: readonly [number, number]): boolean {
  return type === 'year' || to - from <= MONTH_S
}

/** Reports that a verifier was assigned and that wait for its opinion, the first due and riskiest first; on demand all of them. */
export async function workOf(instance: Instance, verifier: number, all: boolean): Promise<WorkItem[]> {
  const { register } = instance.documents
  const due = dueDates(instance)
  const mine = register.reports().flatMap((life) => {
    const found = register.verifier(life.cid)
    if (found?.organization !== verifier) return []
    const drawn = register.assignment(found.assignment)?.content.period ?? life.content.period
    const isOpen = life.stage === 'submitted' && life.correctedBy === undefined
    if (!all && !(isOpen && isForOpinion(life.content.type, drawn))) return []
    return [{ life, assignment: found.assignment.toString() }]
  })
  const items = await Promise.all(
    mine.map(async ({ life, assignment }): Promise<WorkItem> => {
      const risks = await risksOf(instance, life.organization, life.content)
      const manual = manualOf(life)
      return {
        report: reportHead(instance, life),
        assignment,
        due: due.get(assignment) ?? null,
        risk: risks.reduce((sum, { points }) => sum + points, manual),
        manual,
        planned: life.plan !== undefined,
      }
    }),
  )
  return items.sort(
    (a, b) => (a.due ?? Number.MAX_SAFE_INTEGER) - (b.due ?? Number.MAX_SAFE_INTEGER) || b.risk - a.risk,
  )
}

/** One report on the regulator's desk (复核任务), done again by the platform. */
export interface ReviewItem {
  readonly report: ReturnType<typeof reportHead>
  readonly opinion: string | null
  readonly differences: number
  readonly later: number
  /** Why it cannot be done again. */
  readonly problem: { code: string; message: string } | null
  readonly risk: number
  readonly manual: number
}

/** What doing a report again came to, and how risky what it rests on is. */
interface Review {
  /** What it was done from; with another it is done anew. */
  readonly basis: string
  readonly done: Promise<Omit<ReviewItem, 'report' | 'opinion' | 'manual'>>
}

/**
 * Reports that wait for a decision, the riskiest first. What differs on recomputation counts ten points each. What was done again once is kept while
 * nothing came that it rests on, so that a province's queue opens at once; a decision does its report again in any case.
 */
export function openReviews(instance: Instance): () => Promise<ReviewItem[]> {
  let kept = new Map<string, Review>()
  return async () => {
    const open = instance.documents.register
      .reports()
      .filter(({ stage, correctedBy }) => (stage === 'verified' || stage === 'adverse') && correctedBy === undefined)
    const basis = await basisOf(instance, [...new Set(open.map(({ organization }) => organization))])
    kept = new Map(
      open.map((life) => {
        const cid = life.cid.toString()
        const known = kept.get(cid)
        const now = basis.get(life.organization) ?? ''
        return [cid, known?.basis === now ? known : { basis: now, done: reviewOf(instance, life) }]
      }),
    )
    const items = await Promise.all(
      open.map(async (life): Promise<ReviewItem> => {
        const cid = life.cid.toString()
        const review = kept.get(cid) as Review
        review.done.catch(() => kept.delete(cid))
        const opinion = life.opinions.at(-1)?.content.outcome ?? null
        const { risk, ...done } = await review.done
        // An adverse opinion may come at any time, so its points are no part of what is kept.
        const adverse = life.stage === 'adverse' ? 10 : 0
        return { report: reportHead(instance, life), opinion, manual: manualOf(life), ...done, risk: risk + adverse }
      }),
    )
    return items.sort((a, b) => b.risk - a.risk)
  }
}

/** The last batch accepted of each organization, the last in its sums, and how many analyses there are. */
async function basisOf(instance: Instance, organizations: readonly number[]): Promise<Map<number, string>> {
  if (organizations.length === 0) return new Map()
  const analyses = instance.documents.list('analysis').length
  const rows = await instance.db
    .selectFrom('accepted as a')
    .leftJoin('projection_mark as m', (join) =>
      join.onRef('m.organization', '=', 'a.organization').on('m.name', '=', 'series'),
    )
    .select((eb) => ['a.organization', 'm.sequence as summed', eb.fn.max('a.sequence').as('accepted')])
    .where('a.kind', '=', 1)
    .where('a.organization', 'in', organizations)
    .groupBy(['a.organization', 'm.sequence'])
    .execute()
  return new Map(rows.map(({ organization, summed, accepted }) => [organization, `${accepted}/${summed}/${analyses}`]))
}

async function reviewOf(instance: Instance, life: ReportLife) {
  const [risks, done] = await Promise.all([
    risksOf(instance, life.organization, life.content),
    recomputeReport(instance, life).catch((error: unknown) => {
      if (error instanceof TanlianError) return error
      throw error
    }),
  ])
  const failed = done instanceof TanlianError
  const differences = failed ? 0 : done.differences.length
  const points = risks.reduce((sum, one) => sum + one.points, manualOf(life))
  return {
    differences,
    later: failed ? 0 : done.later,
    problem: failed ? { code: done.code, message: done.message } : null,
    risk: points + 10 * differences + (failed ? 10 : 0),
  }
}

/**
 * The decision that a regulator is to sign (复核决定), with what was recomputed here. What differs cannot be accepted.
 * @throws TanlianError E_DECISION_OPINION, E_DECISION_DIFFERENCES, E_REGISTER_…
 */
export async function decisionOf(
  instance: Instance,
  regulator: number,
  life: ReportLife,
  given: { readonly outcome: 'accepted' | 'rejected'; readonly reason: string | null },
): Promise<Unsigned> {
  const opinion = life.opinions.at(-1)
  if (opinion === undefined)
    throw new TanlianError('E_DECISION_OPINION', 'Nobody has given an opinion on this report yet.', {})
  const done = await recomputeReport(instance, life)
  if (given.outcome === 'accepted' && done.differences.length > 0)
    throw new TanlianError(
      'E_DECISION_DIFFERENCES',
      `The recomputation differs in ${done.differences.length} places; send the report back or reject it.`,
      { values: { differences: done.differences.length } },
    )
  const content = unsigned({
    format: 'tanlian/decision/1',
    report: life.cid,
    opinion: opinion.cid,
    outcome: given.outcome,
    outputs: done.outputs.map(({ name, value, unit }) => [name, value, unit]),
    reason: given.reason,
  })
  refuse(await instance.documents.foresee(regulator, 'decision', content.content))
  return content
}

function refuse(refusal: Refusal | undefined) {
  if (refusal !== undefined) throw new TanlianError(refusal.code, refusal.message, { values: refusal.values ?? {} })
}

function manualOf({ content }: ReportLife): number {
  return content.inputs.filter(({ origin }) => origin.kind === 'manual').length
}

/** When the work of each assignment is due. */
function dueDates({ documents }: Pick<Instance, 'documents'>): Map<string, number> {
  const draws = new Map(documents.list('draw').map(({ cid, content }) => [cid.toString(), (content as Draw).due]))
  return new Map(
    documents.list('assignment').flatMap(({ cid, content }) => {
      const due = draws.get(String((content as { readonly draw: unknown }).draw))
      return due === undefined ? [] : [[cid.toString(), due] as const]
    }),
  )
}
