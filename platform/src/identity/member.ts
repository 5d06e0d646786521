import { randomBytes } from 'node:crypto'
import { TanlianError } from '@tanlian/units'
import { sql } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { Role } from './caller.ts'
import { digestOfToken } from './session.ts'
import './schema.ts'
import '../organization/schema.ts'

const INVITATION_MS = 7 * 24 * 3600 * 1000

/** Makes an invitation. Whoever has its token may take the role, once, within seven days. */
export async function invite(instance: Instance, organization: number, role: Role, invitedBy: string) {
  const id = randomBytes(16).toString('hex')
  const token = randomBytes(32).toString('base64url')
  const now = instance.clock()
  await instance.db.deleteFrom('invitation').where('expires_ms', '<=', now).execute()
  await instance.db
    .insertInto('invitation')
    .values({
      id,
      token: digestOfToken(token),
      organization,
      role,
      invited_by: invitedBy,
      created_ms: now,
      expires_ms: now + INVITATION_MS,
    })
    .execute()
  return { id, token, role, expires: new Date(now + INVITATION_MS).toISOString() }
}

/** Uses an invitation up. The role replaces an earlier one, but the last owner stays an owner. @throws TanlianError E_INVITATION, E_LAST_OWNER */
export async function acceptInvitation(instance: Instance, person: string, token: string) {
  return instance.db.transaction().execute(async (db) => {
    const invitation = await db
      .deleteFrom('invitation')
      .where('token', '=', digestOfToken(token))
      .where('expires_ms', '>', instance.clock())
      .returning(['organization', 'role'])
      .executeTakeFirst()
    if (invitation === undefined) throw new TanlianError('E_INVITATION', 'The invitation is unknown, used or expired.')
    const { organization, role } = invitation
    if (role !== 'owner') await requireOtherOwner(db, organization, person)
    await db
      .insertInto('member')
      .values({ organization, person, role, since_ms: instance.clock() })
      .onConflict((conflict) => conflict.columns(['organization', 'person']).doUpdateSet({ role }))
      .execute()
    return { organization, role }
  })
}

/** Ends a role. @throws TanlianError E_NOT_FOUND, E_LAST_OWNER */
export async function removeMember(instance: Instance, organization: number, person: string) {
  await instance.db.transaction().execute(async (db) => {
    await requireOtherOwner(db, organization, person)
    const gone = await db
      .deleteFrom('member')
      .where('organization', '=', organization)
      .where('person', '=', person)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw notFound()
  })
}

/**
 * Whoever was signed in when they handed in an application becomes an owner once the chain says that it was approved.
 * Safe to run as often as one likes: a role is given once for each application.
 */
export async function grantApplicants(instance: Instance) {
  const now = instance.clock()
  await sql`
    with granted as (
      update application_file set granted_ms = ${now}
      from application
      where application.application = application_file.application and application.state = 'approved'
        and application_file.granted_ms is null and application_file.person is not null
      returning application.organization, application_file.person
    )
    insert into member (organization, person, role, since_ms)
    select distinct organization, person, 'owner', ${now}::bigint from granted
    on conflict (organization, person) do update set role = 'owner'
  `.execute(instance.db)
}

/** Locks the organization's rows, so that two owners who leave at once do not both pass. */
async function requireOtherOwner(db: Instance['db'], organization: number, person: string) {
  const owners = await db
    .selectFrom('member')
    .select('person')
    .where('organization', '=', organization)
    .where('role', '=', 'owner')
    .forUpdate()
    .execute()
  if (owners.length === 1 && owners[0]?.person === person)
    throw new TanlianError('E_LAST_OWNER', 'An organization keeps at least one owner.')
}
