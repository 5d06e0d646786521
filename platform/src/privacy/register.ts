import { toHex } from '@tanlian/evidence'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import './schema.ts'

/** A batch with sealed chunks (加密批次), as everything that guards it must know it. */
export interface SealedBatch {
  readonly organization: number
  readonly sequence: number
  /** Of the header. */
  readonly digest: Uint8Array
  /** Of the index. */
  readonly index: Uint8Array
  /** Whether the platform opened and audited all of it; otherwise it was accepted on its form alone. */
  readonly audited: boolean
  /** Names (hex) of the keys that open every sealed block of it, and of those that open at least one. */
  readonly readers: ReadonlySet<string>
  readonly named: ReadonlySet<string>
}

/** A sealed block as the audit thread tells of it. */
export interface SealedFact {
  readonly digest: Uint8Array
  readonly sort: 'chunk' | 'frame'
  readonly plain: Uint8Array
  /** Of a chunk. */
  readonly stream: number
  readonly first: number
  readonly last: number
  readonly readers: readonly Uint8Array[]
}

/** All sealed batches, in memory: what has nothing sealed costs no look at the database. */
export interface SealedRegister {
  /** By the digest of its header or of its index; undefined for a block that is no such thing. */
  batch(digest: Uint8Array): Promise<SealedBatch | undefined>
  /** Those of an organization, in sequence. */
  of(organization: number): Promise<readonly SealedBatch[]>
  /** Writes a batch down in the transaction that accepts it, and remembers it when told that this is through. */
  write(trx: Transaction<Schema>, batch: SealedBatch, blocks: readonly SealedFact[]): Promise<void>
  remember(batch: SealedBatch): void
}

/** Rows of one statement. */
const PORTION = 500

/** Opens the register; it is read at the first question. */
export function openRegister(db: Kysely<Schema>): SealedRegister {
  const byDigest = new Map<string, SealedBatch>()
  const byOrganization = new Map<number, SealedBatch[]>()
  const remember = (batch: SealedBatch) => {
    const name = toHex(batch.digest)
    if (byDigest.has(name)) return
    byDigest.set(name, batch)
    byDigest.set(toHex(batch.index), batch)
    const list = byOrganization.get(batch.organization) ?? []
    byOrganization.set(batch.organization, list)
    list.push(batch)
  }
  let loading: Promise<void> | undefined
  const load = async () => {
    const rows = await db.selectFrom('sealed_batch').selectAll().orderBy('organization').orderBy('sequence').execute()
    for (const { index_digest: index, digest, readers, named, ...row } of rows)
      remember({ ...row, digest, index, readers: new Set(readers.map(toHex)), named: new Set(named.map(toHex)) })
  }
  const loaded = () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  return {
    async batch(digest) {
      await loaded()
      return byDigest.get(toHex(digest))
    },
    async of(organization) {
      await loaded()
      return byOrganization.get(organization) ?? []
    },
    async write(trx, { index, readers, named, ...batch }, blocks) {
      await trx
        .insertInto('sealed_batch')
        .values({ ...batch, index_digest: index, readers: bytesOf(readers), named: bytesOf(named) })
        .execute()
      for (let at = 0; at < blocks.length; at += PORTION)
        await trx
          .insertInto('sealed_block')
          .values(
            blocks.slice(at, at + PORTION).map(({ stream, first, last, ...block }) => ({
              ...block,
              readers: [...block.readers],
              organization: batch.organization,
              sequence: batch.sequence,
              stream: block.sort === 'chunk' ? stream : null,
              first_s: block.sort === 'chunk' ? first : null,
              last_s: block.sort === 'chunk' ? last : null,
            })),
          )
          // A frame may come again with a later batch; the same bytes have the same readers.
          .onConflict((conflict) => conflict.doNothing())
          .execute()
    },
    remember,
  }
}

/** What the register says of a batch whose sealed blocks are these. */
export function sealedBatchOf(
  batch: Omit<SealedBatch, 'readers' | 'named'>,
  blocks: readonly Pick<SealedFact, 'readers'>[],
): SealedBatch {
  const [first = new Set<string>(), ...rest] = blocks.map(({ readers }) => new Set(readers.map(toHex)))
  return {
    ...batch,
    readers: new Set([...first].filter((name) => rest.every((readers) => readers.has(name)))),
    named: new Set([...first, ...rest.flatMap((readers) => [...readers])]),
  }
}

function bytesOf(names: ReadonlySet<string>): Uint8Array[] {
  return [...names].map((name) => Buffer.from(name, 'hex'))
}
