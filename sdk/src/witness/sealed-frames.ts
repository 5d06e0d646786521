import {
  decodeFrame,
  decodeSealed,
  digestOf,
  framePlace,
  isReadBy,
  openSealed,
  type Reader,
  toHex,
} from '@tanlian/evidence'
import { refusalOf } from '@tanlian/units'
import type { CID } from 'multiformats/cid'

/**
 * Whether every frame that sealed readings name is there and can be read. Nothing in a batch names a sealed frame but by its plain block, so a
 * gateway may give any: one that does not open counts as not given, and refutes nothing.
 * @throws TanlianError E_BLOCK_…, E_FORM… for a frame that is the right one and not of its form
 */
export async function haveFrames(
  missing: readonly CID[],
  sealed: readonly Uint8Array[],
  organization: number,
  readers: readonly Reader[],
): Promise<boolean> {
  const wanted = new Set(missing.map((cid) => toHex(digestOf(cid))))
  for (const bytes of sealed) {
    const plain = await opened(bytes, wanted, organization, readers)
    if (plain === undefined) continue
    decodeFrame(plain.bytes)
    wanted.delete(plain.name)
  }
  return wanted.size === 0
}

async function opened(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  organization: number,
  readers: readonly Reader[],
): Promise<{ readonly name: string; readonly bytes: Uint8Array } | undefined> {
  try {
    const sealed = decodeSealed(bytes)
    const name = toHex(sealed.plain)
    if (!wanted.has(name) || !isReadBy(sealed, readers)) return undefined
    return { name, bytes: await openSealed(sealed, framePlace(organization), readers) }
  } catch (error) {
    refusalOf(error)
    return undefined
  }
}
