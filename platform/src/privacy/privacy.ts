import assert from 'node:assert/strict'
import {
  decodeSealed,
  digestOf,
  framePlace,
  type Index,
  isReadBy,
  isSealed,
  openReader,
  openSealed,
  readerPublicKey,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Kysely } from 'kysely'
import type { CID } from 'multiformats/cid'
import type { Blocks } from '../blocks.ts'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Schema } from '../schema.ts'
import { openRegister, type SealedRegister } from './register.ts'
import { createVault, type Vault } from './vault.ts'

/** The platform as a reader of sealed blocks (数据隐私). What it opens stays in memory; only what the vault locks reaches a disk. */
export interface Privacy {
  /** Its private keys, for the thread that audits: the present one, then those before it. */
  readonly secrets: readonly Uint8Array[]
  /** For whom others seal: the platform's present key. */
  readonly publicKey: Uint8Array
  readonly vault: Vault
  readonly register: SealedRegister
  /** A chunk as plain bytes, open or opened. @throws TanlianError E_UNAVAILABLE, E_CONFIDENTIAL_CLOSED, E_SEALED_… */
  chunk(organization: number, item: Index['chunks'][number]): Promise<Uint8Array>
  /** A frame by its own CID, open or opened. @throws TanlianError E_UNAVAILABLE, E_CONFIDENTIAL_CLOSED, E_SEALED_… */
  frame(organization: number, cid: CID): Promise<Uint8Array>
  /** Whether a frame is here, open or sealed by anybody. */
  holdsFrame(organization: number, digest: Uint8Array): Promise<boolean>
}

/** Makes one from the platform's own readers' keys, 32 bytes each, the present one first. */
export function createPrivacy(parts: {
  readonly db: Kysely<Schema>
  readonly blocks: Blocks
  readonly secrets: readonly Uint8Array[]
}): Privacy {
  const { db, blocks, secrets } = parts
  const [present] = secrets
  assert(present !== undefined, 'a platform has a key of its own')
  const readers = secrets.map(openReader)
  const sealedFrame = (organization: number, digest: Uint8Array) =>
    db
      .selectFrom('sealed_block')
      .select('digest')
      .where('organization', '=', organization)
      .where('plain', '=', digest)
      .where('sort', '=', 'frame')
      .orderBy('sequence')
      .limit(1)
      .executeTakeFirst()
  const open = async (bytes: Uint8Array, place: Parameters<typeof openSealed>[1]) => {
    const sealed = decodeSealed(bytes)
    if (!isReadBy(sealed, readers)) throw closed()
    return openSealed(sealed, place, readers)
  }
  return {
    secrets,
    publicKey: readerPublicKey(present),
    // What was locked by an earlier key does not open: it is made anew from the blocks.
    vault: createVault(present),
    register: openRegister(db),
    async chunk(organization, [min, max, count, cid]) {
      const bytes = await requireBlock(blocks, digestOf(cid))
      return isSealed(bytes) ? open(bytes, { min, max, count, organization }) : bytes
    },
    async frame(organization, cid) {
      const digest = digestOf(cid)
      const plain = await blocks.get(digest)
      if (plain !== undefined) return plain
      const sealed = await sealedFrame(organization, digest)
      return open(await requireBlock(blocks, sealed?.digest ?? digest), framePlace(organization))
    },
    async holdsFrame(organization, digest) {
      return (await blocks.has(digest)) || (await sealedFrame(organization, digest)) !== undefined
    },
  }
}

/** The platform is no reader of it. */
function closed(): TanlianError {
  return new TanlianError(
    'E_CONFIDENTIAL_CLOSED',
    'These readings are sealed and the platform is none of their readers. Open them with a key that is.',
  )
}
