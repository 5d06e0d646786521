import { TanlianError } from '@tanlian/units'
import type { Publication } from './document/publication.ts'
import type { DryRun } from './dry-run.ts'
import type { Methodology } from './methodology.ts'

/**
 * Where a methodology stands (状态): a draft; tried, where its dry run holds; published; retired. Publications are logged documents, so everybody
 * sees the same stage; nothing here asks a clock.
 */
export type Stage = 'draft' | 'tried' | 'published' | 'retired'

/** @param publications those of this methodology, in the order of the log */
export function stageOf(dryRun: DryRun, publications: readonly Pick<Publication, 'state'>[]): Stage {
  const last = publications.at(-1)
  return last?.state ?? (dryRun.ok ? 'tried' : 'draft')
}

/** Refuses to publish what is no tried draft, or to retire what is not published. @throws TanlianError E_METHODOLOGY_STAGE */
export function requireStep(stage: Stage, to: Publication['state']): void {
  if (to === 'published' ? stage === 'tried' : stage === 'published') return
  throw stageError(`A methodology that is ${stage} cannot be ${to}.`, stage)
}

/**
 * Refuses a report that a methodology is not for. A report that corrects an older one keeps its version, retired or not.
 * @param period first and last day, such as `2024-01-01`
 * @throws TanlianError E_METHODOLOGY_STAGE, E_METHODOLOGY_PERIOD
 */
export function requireUsable(
  { id, version, from, to }: Pick<Methodology, 'id' | 'version' | 'from' | 'to'>,
  stage: Stage,
  [first, last]: readonly [first: string, last: string],
  corrects = false,
): void {
  if (stage !== 'published' && !(corrects && stage === 'retired'))
    throw stageError(`A report needs a published methodology, and ${id} ${version} is ${stage}.`, stage)
  // Days of this form stand in the order of their text.
  if (first < from || (to !== undefined && last > to))
    throw new TanlianError(
      'E_METHODOLOGY_PERIOD',
      `${id} ${version} is for ${from} to ${to ?? 'now'}, and the report for ${first} to ${last}. Choose the version of that time.`,
      { values: { id, version, from, to, first, last } },
    )
}

function stageError(message: string, stage: Stage): TanlianError {
  return new TanlianError('E_METHODOLOGY_STAGE', message, { values: { stage } })
}
