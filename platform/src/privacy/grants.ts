import { cidOf, decodeGrant, digestOf, type Grant, recoverGrantSigner, toHex, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { keyOf, requireOrganization } from '../organization/view.ts'
import { notFound } from '../policy.ts'
import './schema.ts'

/** A grant as its two parties see it. */
export interface GrantView {
  readonly grant: string
  readonly organization: number
  readonly reader: number
  readonly access: 'read' | 'summary'
  readonly step: number
  readonly types: string[]
  readonly streams: number[]
  readonly from: number
  readonly to: number
  readonly block: string
  readonly signature: string
  readonly created: string
  readonly ended: string | null
}

/**
 * Takes in a grant that a key of its owner signed. The same grant again is the same row.
 * @throws TanlianError E_GRANT_FORM, E_GRANT_SIGNER, E_SIGNATURE_…, E_NOT_FOUND where there is no such reader
 */
export async function addGrant(
  instance: Instance,
  organization: number,
  block: Uint8Array,
  signature: Uint8Array,
): Promise<GrantView> {
  const grant = decodeGrant(block)
  const cid = cidOf(block)
  const signer = recoverGrantSigner({ cid, bytes: block }, grant.organization, instance.chain.domain, signature)
  const key = await keyOf(instance, signer)
  if (
    grant.organization !== organization ||
    key?.organization !== organization ||
    !key.active ||
    key.purpose !== 'documents'
  )
    throw new TanlianError(
      'E_GRANT_SIGNER',
      `The grant is signed by ${signer}, which is no key of organization ${organization} for documents.`,
      { values: { organization, signer } },
    )
  await requireOrganization(instance, grant.reader)
  await instance.db
    .insertInto('privacy_grant')
    .values({
      digest: digestOf(cid),
      organization,
      reader: grant.reader,
      block,
      signature,
      created_ms: instance.clock(),
      ended_ms: null,
      ended_by: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return grantOf(instance, organization, toHex(digestOf(cid)))
}

/** Ends a grant: from the next chunk on its reader is not named. What was sealed for it stays readable to it (R13). */
export async function endGrant(
  instance: Instance,
  organization: number,
  grant: string,
  by: string,
): Promise<GrantView> {
  await grantOf(instance, organization, grant)
  await instance.db
    .updateTable('privacy_grant')
    .set({ ended_ms: instance.clock(), ended_by: by })
    .where('organization', '=', organization)
    .where('digest', '=', Buffer.from(grant, 'hex'))
    .where('ended_ms', 'is', null)
    .execute()
  return grantOf(instance, organization, grant)
}

/** Grants that an organization gave, or that it was given, oldest first. */
export async function listGrants(
  { db }: Pick<Instance, 'db'>,
  side: 'organization' | 'reader',
  organization: number,
  after: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<{ readonly view: GrantView; readonly createdMs: number }[]> {
  let query = db
    .selectFrom('privacy_grant')
    .selectAll()
    .where(side, '=', organization)
    .orderBy('created_ms')
    .orderBy('digest')
    .limit(limit)
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('created_ms', '>', after.number),
        eb.and([eb('created_ms', '=', after.number), eb('digest', '>', Buffer.from(after.hex, 'hex'))]),
      ]),
    )
  return (await query.execute()).map((row) => ({ view: viewOf(row), createdMs: row.created_ms }))
}

async function grantOf({ db }: Pick<Instance, 'db'>, organization: number, grant: string): Promise<GrantView> {
  const row = await db
    .selectFrom('privacy_grant')
    .selectAll()
    .where('organization', '=', organization)
    .where('digest', '=', Buffer.from(grant, 'hex'))
    .executeTakeFirst()
  if (row === undefined) throw notFound()
  return viewOf(row)
}

function viewOf(row: {
  digest: Uint8Array
  block: Uint8Array
  signature: Uint8Array
  created_ms: number
  ended_ms: number | null
}): GrantView {
  const { salt: _, types, streams, ...grant }: Grant = decodeGrant(new Uint8Array(row.block))
  return {
    grant: toHex(row.digest),
    ...grant,
    types: types.map(toHex),
    streams: [...streams],
    block: toHex(row.block),
    signature: toHex0x(row.signature),
    created: new Date(row.created_ms).toISOString(),
    ended: row.ended_ms === null ? null : new Date(row.ended_ms).toISOString(),
  }
}
