import type { CID } from 'multiformats/cid'
import { cidFromDigest } from './block.ts'
import type { BatchCar } from './car.ts'
import { decodeHeader, decodeIndex, decodeSealed, isSealed, type Sealed } from './form.ts'
import { framePlace, isReadBy, openSealed, type Reader, type SealedPlace } from './sealed.ts'

/** What a reader's keys make of the sealed blocks of a batch: plain bytes, in memory alone. */
export interface Opened {
  /** Plain chunks by the text of the sealed block's CID, which the index names. */
  readonly chunks: ReadonlyMap<string, Uint8Array>
  /** Plain frames by the text of their own CID, which a chunk names as its source. */
  readonly frames: ReadonlyMap<string, Uint8Array>
  /** Every sealed block of the batch, opened or not, by the text of its CID. */
  readonly parts: ReadonlyMap<string, SealedPart>
}

/** One sealed block of a batch: what anybody can tell of it. */
export interface SealedPart {
  readonly cid: CID
  readonly sort: 'chunk' | 'frame'
  /** The CID that the plain block has; it is never served under it. */
  readonly plain: CID
  readonly place: SealedPlace
  /** Its readers, by the hashes of their keys. */
  readonly readers: readonly Uint8Array[]
}

/** A batch without sealed blocks. */
export const NOTHING_SEALED: Opened = { chunks: new Map(), frames: new Map(), parts: new Map() }

/** The sealed blocks of a batch: chunks by its index, all others as frames. @throws TanlianError E_FORM, E_CAR_MISSING */
export function sealedParts(car: BatchCar): ReadonlyMap<string, SealedPart> {
  return new Map(sealedBlocks(car).map(({ part }) => [part.cid.toString(), part]))
}

/**
 * Opens every sealed block of a batch that names one of these readers. What opens to something else than it says fails the whole.
 * @throws TanlianError E_FORM, E_CAR_MISSING, E_SEALED_DAMAGED, E_SEALED_PLAIN
 */
export async function openBatch(car: BatchCar, readers: readonly Reader[]): Promise<Opened> {
  const chunks = new Map<string, Uint8Array>()
  const frames = new Map<string, Uint8Array>()
  const parts = new Map<string, SealedPart>()
  for (const { part, sealed } of sealedBlocks(car)) {
    const name = part.cid.toString()
    parts.set(name, part)
    if (!isReadBy(sealed, readers)) continue
    const plain = await openSealed(sealed, part.place, readers)
    if (part.sort === 'chunk') chunks.set(name, plain)
    else frames.set(part.plain.toString(), plain)
  }
  return { chunks, frames, parts }
}

function sealedBlocks(car: BatchCar): { readonly part: SealedPart; readonly sealed: Sealed }[] {
  const { organization, data } = decodeHeader(car.header.bytes)
  const { chunks } = decodeIndex(car.require(data))
  const places = new Map(
    chunks.map(([min, max, count, cid]) => [cid.toString(), { min, max, count, organization }] as const),
  )
  return car.cids.flatMap((cid) => {
    const bytes = car.require(cid)
    if (!isSealed(bytes)) return []
    const sealed = decodeSealed(bytes)
    const place = places.get(cid.toString())
    const part: SealedPart = {
      cid,
      sort: place === undefined ? 'frame' : 'chunk',
      plain: cidFromDigest(sealed.plain),
      place: place ?? framePlace(organization),
      readers: sealed.keys.map(([reader]) => reader),
    }
    return [{ part, sealed }]
  })
}
