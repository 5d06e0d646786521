import { sql } from 'kysely'
import type { Instance } from '../instance.ts'
import { bucketStart, DAY } from './bucket.ts'

/** Counts a batch that was refused because a reading of a stream was there already (重复采集): it is in no block, so it is counted when it happens. */
export async function countOverlap(
  instance: Pick<Instance, 'db' | 'clock'>,
  organization: number,
  stream: number,
): Promise<void> {
  const day_s = bucketStart(Math.floor(instance.clock() / 1000), DAY)
  await instance.db
    .insertInto('refused_overlap')
    .values({ organization, stream, day_s, times: 1 })
    .onConflict((conflict) =>
      conflict.columns(['organization', 'stream', 'day_s']).doUpdateSet({ times: sql`refused_overlap.times + 1` }),
    )
    .execute()
}
