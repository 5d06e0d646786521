import { checkCosignature, equalBytes, openVkey } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import './witness-schema.ts'

/** The last cosignature of a witness. */
export interface CosignatureView {
  readonly organization: number
  readonly vkey: string
  readonly size: number
  /** RFC 3339, as the witness says it. */
  readonly time: string
  /** The whole cosigned checkpoint: text, the log's own signature, the witness's line. */
  readonly note: string
}

/** A clock may run ahead of ours by this much. */
const AHEAD_S = 300

/**
 * Takes a witness's cosignature: by the key that its last document of kind "witness" names, over what this log was at that size.
 * A smaller size than the one before changes nothing.
 * @throws TanlianError E_COSIGNER_UNKNOWN, E_LOG_SIZE, E_COSIGNATURE
 */
export async function acceptCosignature(
  instance: Pick<Instance, 'db' | 'log' | 'clock'>,
  given: { readonly size: number; readonly vkey: string; readonly line: string },
): Promise<{ readonly organization: number; readonly timeS: number }> {
  const { db, log } = instance
  const { size, vkey } = given
  const cosigner = await db.selectFrom('cosigner').select('organization').where('vkey', '=', vkey).executeTakeFirst()
  const current =
    cosigner === undefined
      ? undefined
      : await db
          .selectFrom('cosigner')
          .select('vkey')
          .where('organization', '=', cosigner.organization)
          .orderBy('sequence', 'desc')
          .limit(1)
          .executeTakeFirst()
  if (cosigner === undefined || current?.vkey !== vkey)
    throw new TanlianError(
      'E_COSIGNER_UNKNOWN',
      'No organization has named this key as its witness’s last one. Log a document of kind "witness" with it first.',
    )
  if (size > log.size)
    throw new TanlianError('E_LOG_SIZE', `The log has ${log.size} entries, not yet ${size}.`, {
      values: { size, have: log.size },
    })
  const root = log.root(size)
  const { name: origin } = openVkey(log.vkey)
  const { line, timeS } = checkCosignature({ origin, size, root }, given.line, vkey)
  if (timeS > instance.clock() / 1000 + AHEAD_S)
    throw new TanlianError('E_COSIGNATURE', 'The cosignature is of a time that has not come yet. Check the clock.', {
      values: { why: 'its time has not come yet' },
    })
  const { organization } = cosigner
  await db
    .insertInto('cosignature')
    .values({ organization, vkey, size, root, line, time_s: timeS })
    .onConflict((conflict) =>
      conflict
        .column('organization')
        .doUpdateSet({ vkey, size, root, line, time_s: timeS })
        .where('cosignature.size', '<=', size),
    )
    .execute()
  log.cosigned(size, line)
  return { organization, timeS }
}

/** The last cosignature of every witness that still fits the log, by organization. */
export async function listCosignatures({ db, log }: Pick<Instance, 'db' | 'log'>): Promise<CosignatureView[]> {
  const rows = await db.selectFrom('cosignature').selectAll().orderBy('organization').execute()
  return rows
    .filter(({ size, root }) => size <= log.size && equalBytes(log.root(size), root))
    .map(({ organization, vkey, size, line, time_s }) => ({
      organization,
      vkey,
      size,
      time: new Date(time_s * 1000).toISOString(),
      note: log.note(size) + line,
    }))
}
