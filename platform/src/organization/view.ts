import { fromHex, fromHex0x, PARTIES, type Party, type Profile, toHex, toHex0x } from '@tanlian/evidence'
import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { Schema } from '../schema.ts'
import './schema.ts'

/** An organization (组织) as everybody sees it: the chain's facts, and the public profile that its digest names where that was handed in. */
export interface OrganizationView {
  readonly id: number
  readonly kind: Party
  readonly name: string | null
  readonly nameEn: string | null
  readonly region: string | null
  readonly industry: string | null
  readonly website: string | null
  readonly profile: string
  readonly suspended: boolean
  /** The platform it is bound to, and the one it asked. */
  readonly platform: number | null
  readonly requested: number | null
  readonly block: number
  readonly since: string
}

/** A key of an organization, with the sequences it counts for. */
export interface KeyView {
  readonly address: `0x${string}`
  readonly organization: number
  readonly purpose: 'batches' | 'documents' | 'acts'
  readonly from: number
  readonly to: number
  readonly active: boolean
  readonly block: number
  readonly endedBlock: number | null
}

/** A binding from request to end. */
export interface BindingView {
  readonly id: number
  readonly enterprise: number
  readonly platform: number
  readonly state: 'requested' | 'bound' | 'unbound' | 'withdrawn' | 'replaced'
  readonly requestedBlock: number
  readonly boundBlock: number | null
  readonly endedBlock: number | null
  readonly endedBy: number | null
  readonly reason: string | null
}

/** One page of organizations, by id. */
export async function listOrganizations(
  instance: Instance,
  after: number,
  limit: number,
  kind?: Party,
): Promise<OrganizationView[]> {
  let query = organizations(instance).where('organization.id', '>', after).orderBy('organization.id').limit(limit)
  if (kind !== undefined) query = query.where('organization.kind', '=', PARTIES.indexOf(kind) + 1)
  return (await query.execute()).map(organizationView)
}

/** One organization; undefined where the chain knows none of this id. */
export async function organizationOf(instance: Instance, id: number): Promise<OrganizationView | undefined> {
  const row = await organizations(instance).where('organization.id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : organizationView(row)
}

/** The number of an organization that the chain knows. @throws TanlianError E_NOT_FOUND */
export async function requireOrganization(instance: Pick<Instance, 'db'>, id: number): Promise<number> {
  const row = await instance.db.selectFrom('organization').select('id').where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound()
  return row.id
}

/** Organizations whose name has the words, or whose id it is. */
export async function findOrganizations(instance: Instance, words: string, limit: number): Promise<OrganizationView[]> {
  const pattern = `%${words.toLowerCase().replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const rows = await organizations(instance)
    .where('profile.name_search', 'like', pattern)
    .orderBy('organization.id')
    .limit(limit)
    .execute()
  return rows.map(organizationView)
}

/** Which of these organizations are regulators that are not suspended. */
export async function regulatorsAmong(instance: Instance, ids: readonly number[]): Promise<number[]> {
  const rows = await instance.db
    .selectFrom('organization')
    .select('id')
    .where('id', 'in', ids)
    .where('kind', '=', 1)
    .where('suspended', '=', false)
    .execute()
  return rows.map((row) => row.id)
}

/** The keys an organization ever had, oldest first; `after` is block and address of the last one seen. */
export async function keysOfOrganization(
  instance: Instance,
  organization: number,
  after: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<KeyView[]> {
  let query = instance.db
    .selectFrom('organization_key')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('block')
    .orderBy('key')
    .limit(limit)
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('block', '>', after.number),
        eb.and([eb('block', '=', after.number), eb('key', '>', fromHex(after.hex, 20))]),
      ]),
    )
  return (await query.execute()).map(keyView)
}

/** Whose key an address is. */
export async function keyOf(instance: Instance, address: string): Promise<KeyView | undefined> {
  const row = await instance.db
    .selectFrom('organization_key')
    .selectAll()
    .where('key', '=', fromHex0x(address, 20))
    .executeTakeFirst()
  return row === undefined ? undefined : keyView(row)
}

/** Bindings of an organization, on either side, newest first. */
export async function bindingsOf(
  instance: Instance,
  organization: number | undefined,
  before: number,
  limit: number,
): Promise<BindingView[]> {
  let query = instance.db.selectFrom('binding').selectAll().where('id', '<', before).orderBy('id', 'desc').limit(limit)
  if (organization !== undefined)
    query = query.where((eb) => eb.or([eb('enterprise', '=', organization), eb('platform', '=', organization)]))
  return (await query.execute()).map((row) => ({
    id: row.id,
    enterprise: row.enterprise,
    platform: row.platform,
    state: row.state,
    requestedBlock: row.requested_block,
    boundBlock: row.bound_block,
    endedBlock: row.ended_block,
    endedBy: row.ended_by,
    reason: row.reason === null ? null : toHex(row.reason),
  }))
}

/** The number of a kind of party in the registry as its name. */
export function partyOf(kind: number): Party {
  return PARTIES[kind - 1] ?? 'other'
}

function organizations(instance: Instance) {
  return instance.db
    .selectFrom('organization')
    .leftJoin('profile', 'profile.digest', 'organization.profile')
    .selectAll('organization')
    .select('profile.public_part')
}

function organizationView(row: Selectable<Schema['organization']> & { public_part: string | null }): OrganizationView {
  const profile = row.public_part === null ? undefined : (JSON.parse(row.public_part) as Profile)
  return {
    id: row.id,
    kind: partyOf(row.kind),
    name: profile?.name ?? null,
    nameEn: profile?.nameEn ?? null,
    region: profile?.region ?? null,
    industry: profile?.industry ?? null,
    website: profile?.website ?? null,
    profile: toHex(row.profile),
    suspended: row.suspended,
    platform: row.platform,
    requested: row.requested,
    block: row.block,
    since: new Date(row.time_s * 1000).toISOString(),
  }
}

function keyView(row: Selectable<Schema['organization_key']>): KeyView {
  return {
    address: toHex0x(row.key),
    organization: row.organization,
    purpose: row.purpose === 1 ? 'batches' : row.purpose === 2 ? 'documents' : 'acts',
    from: row.from_sequence,
    to: row.to_sequence,
    active: row.active,
    block: row.block,
    endedBlock: row.ended_block,
  }
}
