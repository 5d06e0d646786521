import {
  auditBatch,
  type BatchCar,
  cidFromDigest,
  decodeChunk,
  decodeHeader,
  decodeIndex,
  emptyState,
  isSealed,
  type OrganizationState,
  toHex,
} from '@tanlian/evidence'
import { type Refusal, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { BlockSource } from './blocks.ts'

/** What an own audit of an organization's batches found (见证审计). */
export interface Audit {
  /** Batches whose audit held, from sequence 1 on. */
  readonly held: number
  readonly readings: number
  /** The first batch that did not hold, or could not be had, and why; later ones cannot be audited without it. */
  readonly failed: (Refusal & { readonly sequence: number; readonly digest: string }) | undefined
}

/**
 * Audits every batch of an organization as a witness does, from blocks of any gateway: all readings, all frames, the tree rebuilt, streams
 * and coverage carried from batch to batch (spec section 4).
 * @param digests headers in sequence, as the chain names them.
 */
export async function auditAll(
  organization: number,
  digests: readonly Uint8Array[],
  blocks: BlockSource,
  onProgress?: (done: number, of: number, bytes: number) => void,
): Promise<Audit> {
  let state: OrganizationState = emptyState(organization)
  let readings = 0
  for (const [at, digest] of digests.entries()) {
    const fail = (refusal: Refusal): Audit => ({
      held: at,
      readings,
      failed: { ...refusal, sequence: at + 1, digest: toHex(digest) },
    })
    try {
      const audited = auditBatch(state, await fetchBatch(cidFromDigest(digest), blocks))
      if (!audited.ok) return fail(audited)
      state = audited.state
      readings += audited.chunks.reduce((sum, chunk) => sum + chunk.rows.length, 0)
    } catch (error) {
      if (!(error instanceof TanlianError)) throw error
      return fail({ ok: false, code: error.code, message: error.message, values: error.values })
    }
    onProgress?.(at + 1, digests.length, blocks.bytes)
  }
  return { held: digests.length, readings, failed: undefined }
}

/** All blocks of a batch, as a CAR would hold them. */
async function fetchBatch(header: CID, blocks: BlockSource): Promise<BatchCar> {
  const found = new Map<string, Uint8Array>()
  const cids: CID[] = []
  const take = async (cid: CID): Promise<Uint8Array> => {
    const known = found.get(cid.toString())
    if (known !== undefined) return known
    const bytes = await blocks.get(cid)
    if (!found.has(cid.toString())) cids.push(cid)
    found.set(cid.toString(), bytes)
    return bytes
  }
  const bytes = await take(header)
  const { data, streams } = decodeHeader(bytes)
  await take(streams)
  const { chunks } = decodeIndex(await take(data))
  const sources = new Map<string, CID>()
  await Promise.all(
    chunks.map(async ([, , , cid]) => {
      const bytes = await take(cid)
      // What is sealed for others keeps its sources to itself; the audit says so.
      if (isSealed(bytes)) return
      for (const source of decodeChunk(bytes).sources) sources.set(source.toString(), source)
    }),
  )
  await Promise.all([...sources.values()].map(take))
  const require = (cid: CID): Uint8Array => {
    const block = found.get(cid.toString())
    if (block !== undefined) return block
    throw new TanlianError('E_CAR_MISSING', `Block ${cid} is named but was not fetched.`, {
      values: { cid: cid.toString() },
    })
  }
  return { header: { cid: header, bytes }, cids, get: (cid) => found.get(cid.toString()), require }
}
