import { type Block, cidFromDigest, digestOf, writeCar } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { confidential, type ReadingRight } from '../evidence/reading-right.ts'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import './schema.ts'

/**
 * The header of a batch and those of its sealed blocks that an asker may have.
 * @throws TanlianError E_NOT_FOUND for what is no batch with sealed blocks, E_CONFIDENTIAL where not even the header may be given
 */
export async function sealedCar(
  instance: Pick<Instance, 'db' | 'blocks' | 'privacy'>,
  right: ReadingRight,
  cid: CID,
): Promise<Uint8Array> {
  const { db, blocks, privacy } = instance
  const digest = digestOf(cid)
  const batch = await privacy.register.batch(digest)
  if (batch === undefined || Buffer.compare(batch.digest, digest) !== 0) throw notFound()
  if (!(await right.seesHeader(digest))) throw confidential()
  const rows = await db
    .selectFrom('sealed_block')
    .select('digest')
    .where('organization', '=', batch.organization)
    .where('sequence', '=', batch.sequence)
    .orderBy('sort')
    .orderBy('digest')
    .execute()
  const given: Block[] = [{ cid, bytes: await requireBlock(blocks, digest) }]
  for (const row of rows) {
    const bytes = await requireBlock(blocks, row.digest)
    if (await right.mayHave(row.digest, bytes)) given.push({ cid: cidFromDigest(new Uint8Array(row.digest)), bytes })
  }
  return writeCar(cid, given)
}
