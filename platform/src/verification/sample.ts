import { planSample, type Report, type ReportLife, type Stratum, samplingSeed } from '@tanlian/accounting'
import {
  cidFromDigest,
  cutIntervals,
  decodeKey,
  encodeKey,
  type Interval,
  KEY_BYTES,
  mergeIntervals,
  toHex,
} from '@tanlian/evidence'
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
  const seed = samplingSeed(instance.log.root(life.index + 1), assignment)
  const [risks, keys] = await Promise.all([
    risksOf(instance, life.organization, life.content),
    keysByType(instance, life.organization, life.content),
  ])
  const strata = [...keys].map(([name, of]): Stratum => {
    const points = risks.find(({ stratum }) => stratum === name)?.points ?? 0
    return { name, count: of.length / KEY_BYTES, points, keyAt: (place) => keyAt(of, place) }
  })
  return { seed, risks, items: planSample(seed, strata, size) }
}

/** Keys of the readings that a report's totals are of, as of its size, by type in hex, each type's in key order. */
async function keysByType(instance: Instance, organization: number, report: Report): Promise<Map<string, Uint8Array>> {
  const parts = await intervalsOf(instance, organization, report)
  const batches = await batchesOf(instance, organization, report)
  const voids = await instance.db
    .selectFrom('series_void')
    .innerJoin('entry', (join) =>
      join
        .onRef('entry.organization', '=', 'series_void.organization')
        .onRef('entry.sequence', '=', 'series_void.sequence')
        .on('entry.kind', '=', 1),
    )
    .select(['series_void.sequence', 'series_void.lo', 'series_void.hi'])
    .where('series_void.organization', '=', organization)
    .where('entry.index', '<', report.size)
    .execute()
  const found = new Map<string, Uint8Array[]>()
  for (const { sequence, digest } of batches) {
    const { leaves } = await instance.trees.get(digest)
    const later = voids
      .filter((one) => one.sequence > sequence)
      .map(({ lo, hi }) => ({ lo: new Uint8Array(lo), hi: new Uint8Array(hi) }))
    for (const { lo, hi } of cutIntervals(parts, mergeIntervals(later)))
      for (let at = placeOf(leaves.keys, lo); at < leaves.count && compare(keyAt(leaves.keys, at), hi) <= 0; at++) {
        const key = keyAt(leaves.keys, at)
        const name = toHex(key.subarray(0, 3))
        const known = found.get(name) ?? []
        known.push(key)
        found.set(name, known)
      }
  }
  return new Map([...found].map(([name, keys]) => [name, join(keys.sort(compare))]))
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

/** Stretches of keys that the totals ask for: validity measured and entered, sorted and apart. */
async function intervalsOf(
  instance: Pick<Instance, 'db'>,
  organization: number,
  { inputs }: Report,
): Promise<Interval[]> {
  const declared = await instance.db
    .selectFrom('device_stream')
    .select(['stream', 'type'])
    .where('organization', '=', organization)
    .execute()
  const parts = inputs.flatMap(({ origin }) => {
    if (origin.kind !== 'total') return []
    const asked = toHex(origin.type)
    return declared.flatMap(({ stream, type }) =>
      [0, 1]
        .map((validity) => type * 256 + validity)
        .filter(
          (whole) =>
            whole.toString(16).padStart(8, '0').startsWith(asked) &&
            (origin.streams === null || origin.streams.includes(stream)),
        )
        .map((whole) => ({
          lo: encodeKey(whole, stream, origin.from),
          hi: encodeKey(whole, stream, origin.to - 1),
        })),
    )
  })
  return [...mergeIntervals(parts)]
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
      if (at >= leaves.count || compare(keyAt(leaves.keys, at), key) !== 0) continue
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

function keyAt(keys: Uint8Array, place: number): Uint8Array {
  return keys.subarray(KEY_BYTES * place, KEY_BYTES * (place + 1))
}

/** The place of the first key that is not before this one. */
function placeOf(keys: Uint8Array, key: Uint8Array): number {
  let low = 0
  let high = keys.length / KEY_BYTES
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(keyAt(keys, middle), key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function join(keys: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(KEY_BYTES * keys.length)
  for (const [place, key] of keys.entries()) all.set(key, KEY_BYTES * place)
  return all
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}
