import { type Difference, type ReportLife, recompute, type TotalOrigin } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'
import { linesOf, type OutputLine } from './compute.ts'
import { findProgram } from './program.ts'
import { totalsOf } from './total.ts'

/** A report done again from the evidence (复算). */
export interface Recomputation {
  readonly outputs: OutputLine[]
  /** The CID that the trace comes to. */
  readonly trace: string
  readonly differences: Difference[]
  /** Batches in the totals' windows that came after the report: what they changed shows as a difference. */
  readonly later: number
}

/**
 * Does a report again with the very methodology and factors that it names, its totals from the kept sums of the readings.
 * @throws TanlianError what a report that cannot be done again throws
 */
export async function recomputeReport(instance: Instance, life: ReportLife): Promise<Recomputation> {
  const { organization, content: report } = life
  const { program } = await findProgram(instance, report.methodology, report.factors)
  const origins = report.inputs.flatMap(({ origin }) => (origin.kind === 'total' ? [origin] : []))
  const questions = origins.map(({ type, streams, from, to }) => ({ type: toHex(type), streams, from, to }))
  const [totals, later] = await Promise.all([
    totalsOf(instance, organization, questions),
    batchesAfter(instance, organization, report.size, origins),
  ])
  const found = new Map(origins.map((origin, at) => [origin, totals[at]]))
  const done = recompute(report, program, {
    totalOf: (origin) => found.get(origin),
    resultOf: ({ document, result }) =>
      instance.documents.register.sample(document)?.analysis?.content.results.find(({ name }) => name === result),
  })
  return {
    outputs: linesOf(program, done.outputs),
    trace: done.traceCid.toString(),
    differences: [...done.differences],
    later,
  }
}

async function batchesAfter(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  size: number,
  origins: readonly TotalOrigin[],
): Promise<number> {
  if (origins.length === 0) return 0
  const { count } = await db
    .selectFrom('accepted')
    .leftJoin('entry', 'entry.digest', 'accepted.digest')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('accepted.organization', '=', organization)
    .where('accepted.kind', '=', 1)
    .where((eb) => eb.or([eb('entry.index', 'is', null), eb('entry.index', '>=', size)]))
    .where('accepted.from_s', '<', Math.max(...origins.map(({ to }) => to)))
    .where('accepted.to_s', '>', Math.min(...origins.map(({ from }) => from)))
    .executeTakeFirstOrThrow()
  return Number(count)
}
