import {
  keyAt,
  placeOf,
  planSample,
  type Report,
  type ReportLife,
  type SampledBatch,
  samplingSeed,
  strataOf,
  type Void,
} from '@tanlian/accounting'
import { cidFromDigest, compareKeys, decodeKey, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'
import { type Risk, risksOf } from './risk.ts'

/** A sampling plan before it is signed. */
export interface SamplingDraft {
  readonly seed: Uint8Array
  readonly risks: readonly Risk[]
  readonly items: readonly Uint8Array[]
}

/**
 * Draws the sample of a report (抽样): strata are the types of its readings, weighted by risk; the seed comes from the log's root right after the
 * report, so neither party chose it.
 * @throws TanlianError E_PLAN_EARLY while the report is not in the log.
 */
export async function drawSample(
  instance: Instance,
  { life, assignment }: { readonly life: ReportLife; readonly assignment: CID },
  size: number,
): Promise<SamplingDraft> {
  if (life.index + 1 > instance.log.size)
    throw new TanlianError(
      'E_PLAN_EARLY',
      'The report is not in the log yet; its sample is drawn from the root after it.',
      {
        values: { retryAfterS: 2 },
      },
    )
  const { organization, content: report } = life
  const seed = samplingSeed(instance.log.root(life.index + 1), assignment)
  const [risks, streams, voids, batches] = await Promise.all([
    risksOf(instance, organization, report),
    declaredStreams(instance, organization),
    voidsOf(instance, organization, report),
    batchesOf(instance, organization, report),
  ])
  const shown: SampledBatch[] = []
  for (const { sequence, digest } of batches)
    shown.push({ sequence, keys: (await instance.trees.get(digest)).leaves.keys })
  const points = risks.map(({ stratum, points }) => [stratum, points] as const)
  return { seed, risks, items: planSample(seed, strataOf(report, streams, shown, voids, points), size) }
}

/** What batches in the log as of a report's size state anew. */
async function voidsOf({ db }: Pick<Instance, 'db'>, organization: number, { size }: Report): Promise<Void[]> {
  const rows = await db
    .selectFrom('series_void')
    .innerJoin('entry', (join) =>
      join
        .onRef('entry.organization', '=', 'series_void.organization')
        .onRef('entry.sequence', '=', 'series_void.sequence')
        .on('entry.kind', '=', 1),
    )
    .select(['series_void.sequence', 'series_void.lo', 'series_void.hi'])
    .where('series_void.organization', '=', organization)
    .where('entry.index', '<', size)
    .execute()
  return rows.map(({ sequence, lo, hi }) => ({ sequence, lo: new Uint8Array(lo), hi: new Uint8Array(hi) }))
}

function declaredStreams({ db }: Pick<Instance, 'db'>, organization: number) {
  return db.selectFrom('device_stream').select(['stream', 'type']).where('organization', '=', organization).execute()
}

/** Batches in the log as of a report's size that reach into its period, in sequence. */
function batchesOf({ db }: Pick<Instance, 'db'>, organization: number, { size, period: [from, to] }: Report) {
  return db
    .selectFrom('accepted')
    .innerJoin('entry', 'entry.digest', 'accepted.digest')
    .select(['accepted.sequence', 'accepted.digest', 'accepted.from_s', 'accepted.to_s'])
    .where('accepted.organization', '=', organization)
    .where('accepted.kind', '=', 1)
    .where('entry.index', '<', size)
    .where('accepted.from_s', '<', to)
    .where('accepted.to_s', '>', from)
    .orderBy('accepted.sequence')
    .execute()
}

/** One reading of a sample, with the ways to its batch and its raw frame. */
export interface SampledItem {
  /** Hex. */
  readonly key: string
  readonly type: string
  readonly stream: number
  readonly start: number
  readonly sequence: number | null
  readonly batch: string | null
  /** Address of the evidence package of this reading with its raw frame. */
  readonly trace: string
}

/** The readings of a plan: for each the batch that holds it, the latest where it was restated. */
export async function sampledItems(
  instance: Instance,
  { organization, content, plan }: ReportLife,
): Promise<SampledItem[]> {
  const items = plan?.content.items ?? []
  const batches = (await batchesOf(instance, organization, content)).reverse()
  const found: SampledItem[] = []
  for (const key of items) {
    const { type, stream, start } = decodeKey(key)
    let holder: (typeof batches)[number] | undefined
    for (const batch of batches) {
      if ((batch.from_s ?? 0) > start || (batch.to_s ?? 0) <= start) continue
      // Where the platform is no reader, the verifier looks into the batch with its own key.
      if ((await instance.privacy.register.batch(batch.digest))?.audited === false) continue
      const { leaves } = await instance.trees.get(batch.digest)
      const at = placeOf(leaves.keys, key)
      if (at >= leaves.count || compareKeys(keyAt(leaves.keys, at), key) !== 0) continue
      holder = batch
      break
    }
    const name = type.toString(16).padStart(8, '0')
    found.push({
      key: toHex(key),
      type: name,
      stream,
      start,
      sequence: holder?.sequence ?? null,
      batch: holder === undefined ? null : cidFromDigest(new Uint8Array(holder.digest)).toString(),
      trace: `/v1/organizations/${organization}/trace?type=${name}&stream=${stream}&from=${start}&to=${start + 1}&mode=readings&frames=true`,
    })
  }
  return found
}
