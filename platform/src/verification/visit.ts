import { randomBytes } from 'node:crypto'
import { fromHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'

/** A site visit (现场核查) with photos, whose digests the opinion names. */
export interface Visit {
  readonly id: string
  /** Unix seconds. */
  readonly at: number
  readonly place: string
  readonly people: string
  readonly words: string
  /** Digests of attachments of the verifier's, hex. */
  readonly files: readonly string[]
  readonly created: string
}

/** Records a visit, once it was made. @throws TanlianError E_VISIT_EARLY, E_ATTACHMENT_UNKNOWN */
export async function recordVisit(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  report: Uint8Array,
  organization: number,
  by: string,
  { at, place, people, words, files }: Omit<Visit, 'id' | 'created'>,
): Promise<void> {
  if (at * 1000 > clock())
    throw new TanlianError('E_VISIT_EARLY', `The visit at ${at} (Unix seconds) has not taken place yet.`, {
      values: { at },
    })
  await requireFiles({ db }, organization, files)
  await db
    .insertInto('verification_visit')
    .values({
      id: randomBytes(16).toString('hex'),
      report,
      organization,
      at_s: at,
      place,
      people,
      words,
      files: JSON.stringify(files),
      created_by: by,
      created_ms: clock(),
    })
    .execute()
}

/** Visits to what a report is of, the earliest first. */
export async function listVisits({ db }: Pick<Instance, 'db'>, report: Uint8Array): Promise<Visit[]> {
  const rows = await db
    .selectFrom('verification_visit')
    .selectAll()
    .where('report', '=', report)
    .orderBy('at_s')
    .orderBy('id')
    .execute()
  return rows.map(({ id, at_s, place, people, words, files, created_ms }) => ({
    id,
    at: at_s,
    place,
    people,
    words,
    files: JSON.parse(files) as string[],
    created: new Date(created_ms).toISOString(),
  }))
}

/** Whether an organization keeps files of these digests. @throws TanlianError E_ATTACHMENT_UNKNOWN */
export async function requireFiles(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  digests: readonly string[],
): Promise<void> {
  for (const digest of digests) {
    const row = await db
      .selectFrom('attachment')
      .select('id')
      .where('organization', '=', organization)
      .where('digest', '=', fromHex(digest, 32))
      .executeTakeFirst()
    if (row === undefined)
      throw new TanlianError('E_ATTACHMENT_UNKNOWN', `The organization keeps no file of digest ${digest}.`, {
        values: { digest },
      })
  }
}
