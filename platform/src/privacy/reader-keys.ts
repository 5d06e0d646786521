import { type DocumentBlock, READER_KEY_DOCUMENT, readerId, readReaderKeys, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Transaction } from 'kysely'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import './schema.ts'

/** A key for which others may seal (读者密钥), as a logged document of its organization lists it. */
export interface ReaderKeyView {
  readonly key: string
  /** H of the key: how sealed blocks name it. */
  readonly id: string
  /** Sequence of the document that listed it first, and of the one that left it out. */
  readonly since: number
  readonly ended: number | null
}

/**
 * Looks at a document of kind `reader-key` before anything of it is stored. Other kinds pass; its form was looked at by the audit.
 * @throws TanlianError E_READER_KEY_TAKEN for a key that is another organization's
 */
export async function requireOwnReaderKeys(
  { db }: Pick<Instance, 'db'>,
  { kind, content, organization }: DocumentBlock,
): Promise<void> {
  const keys = kind === READER_KEY_DOCUMENT ? readReaderKeys(content) : []
  if (keys.length === 0) return
  const taken = await db
    .selectFrom('reader_key')
    .select('key')
    .where('key', 'in', keys)
    .where('organization', '!=', organization)
    .executeTakeFirst()
  if (taken !== undefined)
    throw new TanlianError('E_READER_KEY_TAKEN', `The reader’s key ${toHex(taken.key)} is another organization’s.`, {
      values: { key: toHex(taken.key) },
    })
}

/** Takes in a document of kind `reader-key`: what it lists is valid from now on, what it leaves out is sealed for no more. Other kinds pass. */
export async function keepReaderKeys(
  trx: Transaction<Schema>,
  { kind, content, organization, sequence }: DocumentBlock,
): Promise<void> {
  if (kind !== READER_KEY_DOCUMENT) return
  const keys = readReaderKeys(content)
  if (keys.length > 0)
    await trx
      .insertInto('reader_key')
      .values(
        keys.map((key) => ({
          key,
          id: readerId(key),
          organization,
          since_sequence: sequence,
          ended_sequence: null,
        })),
      )
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ ended_sequence: null }))
      .execute()
  let left = trx
    .updateTable('reader_key')
    .set({ ended_sequence: sequence })
    .where('organization', '=', organization)
    .where('ended_sequence', 'is', null)
  if (keys.length > 0) left = left.where('key', 'not in', keys)
  await left.execute()
}

/** Readers' keys of an organization, oldest first. */
export async function readerKeysOf(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  after: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<ReaderKeyView[]> {
  let query = db
    .selectFrom('reader_key')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('since_sequence')
    .orderBy('key')
    .limit(limit)
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('since_sequence', '>', after.number),
        eb.and([eb('since_sequence', '=', after.number), eb('key', '>', Buffer.from(after.hex, 'hex'))]),
      ]),
    )
  return (await query.execute()).map(({ key, id, since_sequence: since, ended_sequence: ended }) => ({
    key: toHex(key),
    id: toHex(id),
    since,
    ended,
  }))
}
