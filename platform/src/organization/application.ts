import {
  decodePrivateProfile,
  decodeReason,
  fromHex,
  fromHex0x,
  type Party,
  type PrivateProfile,
  type Profile,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import type { Selectable } from 'kysely'
import type { Caller } from '../identity/caller.ts'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import { partyOf } from './view.ts'

/** An application (申请) with what was handed in; the private part only for the regulator and the applicant. */
export interface ApplicationView {
  readonly application: `0x${string}`
  readonly state: 'open' | 'approved' | 'refused' | 'lapsed'
  readonly kind: Party
  readonly profile: string
  readonly name: string | null
  readonly nameEn: string | null
  readonly region: string | null
  readonly industry: string | null
  readonly website: string | null
  readonly key: string
  readonly recovery: string
  readonly batchKey: string | null
  readonly documentKey: string | null
  readonly lapses: string
  readonly applied: string
  readonly ended: string | null
  readonly organization: number | null
  readonly regulator: number | null
  /** Digest of the regulator's reason. */
  readonly reason: string | null
  /** The reason itself, for the regulator and the applicant; null for others, and where it was not handed in here. */
  readonly reasonText: string | null
  readonly private: PrivateProfileJson | null
}

/** A private part as JSON: the salt in hex. */
export type PrivateProfileJson = Omit<PrivateProfile, 'salt'> & { readonly salt: string }

/** Applications for a regulator, newest first. */
export async function listApplications(
  instance: Instance,
  state: ApplicationView['state'] | undefined,
  after: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<(ApplicationView & { readonly block: number })[]> {
  let query = applications(instance)
    .orderBy('application.block', 'desc')
    .orderBy('application.application')
    .limit(limit)
  if (state !== undefined) query = query.where('application.state', '=', state)
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('application.block', '<', after.number),
        eb.and([
          eb('application.block', '=', after.number),
          eb('application.application', '>', fromHex(after.hex, 32)),
        ]),
      ]),
    )
  return (await query.execute()).map((row) => applicationView(row, true))
}

/**
 * One application. A regulator and the person who handed it in see all of it; anybody else who knows its digest sees what the chain
 * shows everybody, and the public profile.
 */
export async function applicationOf(
  instance: Instance,
  caller: Caller,
  application: string,
): Promise<ApplicationView | undefined> {
  const row = await applications(instance)
    .where('application.application', '=', fromHex0x(application, 32))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const own = caller.person !== undefined && row.person === caller.person
  return applicationView(row, own || caller.regulator)
}

/** The private part of an organization's profile; undefined where none was handed in. */
export async function privateProfileOf(
  instance: Instance,
  organization: number,
): Promise<PrivateProfileJson | undefined> {
  const row = await instance.db
    .selectFrom('organization')
    .innerJoin('profile', 'profile.digest', 'organization.profile')
    .select('profile.private_block')
    .where('organization.id', '=', organization)
    .executeTakeFirst()
  return row === undefined || row.private_block === null ? undefined : privateJson(row.private_block)
}

function applications(instance: Instance) {
  return instance.db
    .selectFrom('application')
    .leftJoin('application_file', 'application_file.application', 'application.application')
    .leftJoin('profile', 'profile.digest', 'application.profile')
    .leftJoin('reason', 'reason.digest', 'application.reason')
    .selectAll('application')
    .select(['profile.public_part', 'profile.private_block', 'application_file.person', 'reason.block as reason_block'])
}

type Row = Selectable<Schema['application']> & {
  readonly public_part: string | null
  readonly private_block: Uint8Array | null
  readonly person: string | null
  readonly reason_block: Uint8Array | null
}

function applicationView(row: Row, all: boolean): ApplicationView & { readonly block: number } {
  const profile = row.public_part === null ? undefined : (JSON.parse(row.public_part) as Profile)
  const time = (seconds: number) => new Date(seconds * 1000).toISOString()
  return {
    application: toHex0x(row.application),
    state: row.state,
    kind: partyOf(row.kind),
    profile: toHex(row.profile),
    name: profile?.name ?? null,
    nameEn: profile?.nameEn ?? null,
    region: profile?.region ?? null,
    industry: profile?.industry ?? null,
    website: profile?.website ?? null,
    key: toHex0x(row.key),
    recovery: toHex0x(row.recovery),
    batchKey: row.batch_key === null ? null : toHex0x(row.batch_key),
    documentKey: row.document_key === null ? null : toHex0x(row.document_key),
    lapses: time(row.lapses_s),
    applied: time(row.time_s),
    ended: row.ended_time_s === null ? null : time(row.ended_time_s),
    organization: row.organization,
    regulator: row.regulator,
    reason: row.reason === null ? null : toHex(row.reason),
    reasonText: all && row.reason_block !== null ? decodeReason(row.reason_block).text : null,
    private: all && row.private_block !== null ? privateJson(row.private_block) : null,
    block: row.block,
  }
}

function privateJson(block: Uint8Array): PrivateProfileJson {
  const { salt, contact, phone, email, address, creditCode } = decodePrivateProfile(block)
  return { salt: toHex(salt), contact, phone, email, address, creditCode }
}
