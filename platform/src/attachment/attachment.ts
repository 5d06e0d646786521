import { createHash, randomBytes } from 'node:crypto'
import { TanlianError } from '@tanlian/units'
import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { MEDIA, mediaOf } from './media.ts'
import type { AttachmentTable } from './schema.ts'

/** A private file as its owner sees it: with the salt, whoever has the bytes can check the digest in the log. */
export type Attachment = Omit<Selectable<AttachmentTable>, 'content'>

/** Bytes of one file, and of all files of one organization (S35). */
export const ATTACHMENT_BYTES = 10 * 1024 * 1024
const ORGANIZATION_BYTES = 4 * 1024 * 1024 * 1024

/**
 * Keeps a file and gives its salted digest, so that it can be named in the log before it is used.
 * @throws TanlianError E_ATTACHMENT_MEDIA, E_ATTACHMENT_QUOTA
 */
export async function keepAttachment(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  organization: number,
  by: string,
  file: { readonly name: string; readonly bytes: Uint8Array },
  limit = ORGANIZATION_BYTES,
): Promise<Attachment> {
  const { name, bytes } = file
  const media = mediaOf(bytes)
  if (media === undefined)
    throw new TanlianError('E_ATTACHMENT_MEDIA', `The bytes are none of ${Object.keys(MEDIA).join(', ')}.`, {})
  const salt = new Uint8Array(randomBytes(16))
  const row = {
    id: randomBytes(16).toString('hex'),
    organization,
    digest: new Uint8Array(createHash('sha256').update(salt).update(bytes).digest()),
    salt,
    name,
    media,
    length_bytes: bytes.length,
    created_by: by,
    created_ms: clock(),
  }
  await db.transaction().execute(async (trx) => {
    // One after the other for each organization: two that come at once would both find the same room.
    await trx.selectFrom('organization').select('id').where('id', '=', organization).forNoKeyUpdate().execute()
    const { held } = await trx
      .selectFrom('attachment')
      .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('length_bytes'), eb.lit(0)).as('held'))
      .where('organization', '=', organization)
      .executeTakeFirstOrThrow()
    if (Number(held) + bytes.length > limit)
      throw new TanlianError('E_ATTACHMENT_QUOTA', `Files of an organization have at most ${limit} bytes.`, {
        values: { held: Number(held), limit },
      })
    await trx
      .insertInto('attachment')
      .values({ ...row, content: bytes })
      .execute()
  })
  return row
}

/** Files of an organization, newest first. */
export async function listAttachments(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  before: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<Attachment[]> {
  let query = db
    .selectFrom('attachment')
    .select(SHOWN)
    .where('organization', '=', organization)
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('created_ms', '<', before.number),
        eb.and([eb('created_ms', '=', before.number), eb('id', '<', before.hex)]),
      ]),
    )
  return query.execute()
}

/** One file with its bytes, by its name or its digest. @throws TanlianError E_NOT_FOUND */
export async function attachmentOf(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  by: { readonly id: string } | { readonly digest: Uint8Array },
): Promise<Selectable<AttachmentTable>> {
  let query = db.selectFrom('attachment').selectAll().where('organization', '=', organization)
  query = 'id' in by ? query.where('id', '=', by.id) : query.where('digest', '=', by.digest)
  const row = await query.executeTakeFirst()
  if (row === undefined) throw notFound()
  return row
}

const SHOWN = [
  'id',
  'organization',
  'digest',
  'salt',
  'name',
  'media',
  'length_bytes',
  'created_by',
  'created_ms',
] as const satisfies readonly (keyof AttachmentTable)[]
