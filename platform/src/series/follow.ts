import type { StreamItem } from '@tanlian/evidence'
import type { Transaction } from 'kysely'
import { listStreams } from '../evidence/entries.ts'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import { type BatchFacts, readBatchFacts } from './batch-facts.ts'
import type { ProjectionMarkTable } from './schema.ts'

/** A fold over the accepted batches of each organization, in sequence. */
export interface Projection {
  readonly name: ProjectionMarkTable['name']
  /** Takes in one batch; it is written together with the mark, so a crash leaves neither or both (F5). */
  apply(db: Transaction<Schema>, facts: BatchFacts): Promise<void>
  /** Called once a batch's rows can be read. */
  done?(facts: BatchFacts): void
}

/** Keeps projections at the last accepted batch. */
export interface Follower {
  /** Goes on to the last accepted batch; calls while it works are joined into one more round. */
  follow(): Promise<void>
  /** Resolves once nothing is at work any more. */
  stop(): Promise<void>
}

/** Batches looked at in one go. */
const PORTION = 100

/** Opens one; a batch is read once for all the projections that lack it, in their order. */
export function openFollower(instance: Instance, projections: readonly Projection[]): Follower {
  let working: Promise<void> | undefined
  let again = false
  let stopped = false
  const work = async () => {
    while (again && !stopped) {
      again = false
      while (!stopped && (await step(instance, projections, () => stopped)) === PORTION);
    }
  }
  const follow = (): Promise<void> => {
    again = true
    working ??= work().finally(() => {
      working = undefined
    })
    return working
  }
  return {
    follow,
    async stop() {
      stopped = true
      // Its own failure was told to whoever began it.
      await working?.catch(() => {})
    },
  }
}

/** @returns how many batches were looked at. */
async function step(instance: Instance, projections: readonly Projection[], isStopped: () => boolean): Promise<number> {
  const marks = await readMarks(instance)
  const rows = await instance.db
    .selectFrom('accepted as a')
    .select(['a.organization', 'a.sequence', 'a.digest', 'a.received_s'])
    .where('a.kind', '=', 1)
    .where(({ or, not, exists, selectFrom }) =>
      or(
        projections.map(({ name }) =>
          not(
            exists(
              selectFrom('projection_mark as m')
                .select('m.sequence')
                .where('m.name', '=', name)
                .whereRef('m.organization', '=', 'a.organization')
                .whereRef('m.sequence', '>=', 'a.sequence'),
            ),
          ),
        ),
      ),
    )
    .orderBy('a.organization')
    .orderBy('a.sequence')
    .limit(PORTION)
    .execute()
  const known = new Map<number, readonly StreamItem[]>()
  for (const row of rows) {
    if (isStopped()) return 0
    const { organization, sequence } = row
    if (!known.has(organization)) known.set(organization, await listStreams(instance, organization))
    const facts = await readBatchFacts(instance, row, known.get(organization) ?? [])
    for (const projection of projections) {
      const name = `${projection.name}/${organization}`
      if ((marks.get(name) ?? 0) >= sequence) continue
      await instance.db.transaction().execute(async (db) => {
        await projection.apply(db, facts)
        await db
          .insertInto('projection_mark')
          .values({ name: projection.name, organization, sequence })
          .onConflict((conflict) => conflict.columns(['name', 'organization']).doUpdateSet({ sequence }))
          .execute()
      })
      marks.set(name, sequence)
      projection.done?.(facts)
    }
  }
  return rows.length
}

async function readMarks({ db }: Pick<Instance, 'db'>): Promise<Map<string, number>> {
  const rows = await db.selectFrom('projection_mark').selectAll().execute()
  return new Map(rows.map(({ name, organization, sequence }) => [`${name}/${organization}`, sequence]))
}
