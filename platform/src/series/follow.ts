import type { Transaction } from 'kysely'
import { declaredKeys } from '../device/declared-keys.ts'
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
  const markOf = (name: string, organization: number) => marks.get(`${name}/${organization}`) ?? 0
  const heads = await instance.db.selectFrom('organization_state').select(['organization', 'sequence']).execute()
  let looked = 0
  for (const { organization, sequence: head } of heads) {
    const least = Math.min(...projections.map(({ name }) => markOf(name, organization)))
    if (least >= head) continue
    const rows = await instance.db
      .selectFrom('accepted')
      .select(['organization', 'sequence', 'digest', 'received_s'])
      .where('organization', '=', organization)
      .where('kind', '=', 1)
      .where('sequence', '>', least)
      .orderBy('sequence')
      .limit(PORTION - looked)
      .execute()
    const streams = await listStreams(instance, organization)
    let keys = await declaredKeys(instance, organization, least)
    for (const row of rows) {
      if (isStopped()) return 0
      const facts = await readBatchFacts(instance, row, { streams, keys })
      keys = facts.keys
      for (const projection of projections)
        if (markOf(projection.name, organization) < row.sequence) {
          await applyOne(instance, projection, facts)
          marks.set(`${projection.name}/${organization}`, row.sequence)
        }
    }
    looked += rows.length
    if (looked >= PORTION) break
  }
  return looked
}

async function applyOne({ db }: Pick<Instance, 'db'>, projection: Projection, facts: BatchFacts): Promise<void> {
  const { organization, sequence } = facts
  await db.transaction().execute(async (trx) => {
    await projection.apply(trx, facts)
    await trx
      .insertInto('projection_mark')
      .values({ name: projection.name, organization, sequence })
      .onConflict((conflict) => conflict.columns(['name', 'organization']).doUpdateSet({ sequence }))
      .execute()
  })
  projection.done?.(facts)
}

async function readMarks({ db }: Pick<Instance, 'db'>): Promise<Map<string, number>> {
  const rows = await db.selectFrom('projection_mark').selectAll().execute()
  return new Map(rows.map(({ name, organization, sequence }) => [`${name}/${organization}`, sequence]))
}
