import {
  keyAt,
  placeOf,
  planSample,
  type Report,
  type ReportLife,
  readDocumentContent,
  type SampledBatch,
  samplingSeed,
  strataOf,
  type Void,
} from '@tanlian/accounting'
import { cidFromDigest, compareKeys, type DocumentBlock, decodeKey, digestOf, toHex } from '@tanlian/evidence'
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
  await requirePlaced(instance, life)
  const seed = samplingSeed(instance.log.root(life.index + 1), assignment)
  const risks = await risksOf(instance, life.organization, life.content)
  const points = risks.map(({ stratum, points }) => [stratum, points] as const)
  const batches = await batchesOf(instance, life.organization, life.content)
  return { seed, risks, items: await itemsOf(instance, life, batches, { seed, points, size }) }
}

/**
 * Holds a plan that comes in to the log: its readings are those that its seed draws, not some that a verifier would rather look at. Where the
 * platform is no reader, whoever is one draws them again.
 * @throws TanlianError E_PLAN_EARLY, E_PLAN_SAMPLE
 */
export async function requireDrawn(instance: Instance, document: DocumentBlock): Promise<void> {
  if (document.kind !== 'sampling-plan') return
  const read = readDocumentContent(document.kind, document.content)
  const life = read.kind === 'sampling-plan' ? instance.documents.register.report(read.content.report) : undefined
  if (read.kind !== 'sampling-plan' || life === undefined) return
  await requirePlaced(instance, life)
  const { seed, risks: points, items } = read.content
  const batches = await batchesOf(instance, life.organization, life.content)
  for (const { digest } of batches) if ((await instance.privacy.register.batch(digest))?.audited === false) return
  const drawn = await itemsOf(instance, life, batches, { seed, points, size: items.length })
  const isSame =
    drawn.length === items.length && drawn.every((key, at) => compareKeys(key, items[at] as Uint8Array) === 0)
  if (isSame && items.length > 0) return
  throw new TanlianError('E_PLAN_SAMPLE', 'The plan has other readings than its seed draws; ask for it again.', {})
}

/** A report that waits for its block has no place yet, whatever was in the log when it came. @throws TanlianError E_PLAN_EARLY */
async function requirePlaced({ db, log }: Instance, { cid, index }: ReportLife): Promise<void> {
  const row = await db.selectFrom('entry').select('index').where('digest', '=', digestOf(cid)).executeTakeFirst()
  if (row?.index === index && index + 1 <= log.size) return
  throw new TanlianError(
    'E_PLAN_EARLY',
    'The report is not in the log yet; its sample is drawn from the root after it.',
    { values: { retryAfterS: 2 } },
  )
}

async function itemsOf(
  instance: Instance,
  { organization, content: report }: ReportLife,
  batches: readonly { readonly sequence: number; readonly digest: Uint8Array }[],
  given: {
    readonly seed: Uint8Array
    readonly points: readonly (readonly [stratum: string, points: number])[]
    readonly size: number
  },
): Promise<readonly Uint8Array[]> {
  const [streams, voids] = await Promise.all([
    declaredStreams(instance, organization),
    voidsOf(instance, organization, report),
  ])
  const shown: SampledBatch[] = []
  for (const { sequence, digest } of batches)
    shown.push({ sequence, keys: (await instance.trees.get(digest)).leaves.keys })
  return planSample(given.seed, strataOf(report, streams, shown, voids, given.points), given.size)
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
