import { createHash, randomBytes } from 'node:crypto'
import type { Address } from '@tanlian/evidence'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Instance } from '../instance.ts'
import { keyOf, regulatorsAmong } from '../organization/view.ts'
import { ANONYMOUS, type Caller, type Role } from './caller.ts'
import './schema.ts'

/** How long a session lives, milliseconds. */
const PERSON_SESSION_MS = 7 * 24 * 3600 * 1000
const KEY_SESSION_MS = 3600 * 1000

/** A new session and its token, which is shown once and never stored. */
export interface NewSession {
  readonly token: string
  readonly expiresMs: number
}

/** Whom a session is for. */
export type Holder = { readonly person: string } | { readonly organization: number; readonly address: Address }

/** Opens a session. */
export async function openSession(instance: Instance, holder: Holder): Promise<NewSession> {
  const now = instance.clock()
  const token = randomBytes(32).toString('base64url')
  const expiresMs = now + ('person' in holder ? PERSON_SESSION_MS : KEY_SESSION_MS)
  await instance.db.deleteFrom('session').where('expires_ms', '<=', now).execute()
  await instance.db
    .insertInto('session')
    .values({
      token: digestOfToken(token),
      person: 'person' in holder ? holder.person : null,
      organization: 'person' in holder ? null : holder.organization,
      address: 'person' in holder ? null : holder.address,
      created_ms: now,
      expires_ms: expiresMs,
    })
    .execute()
  return { token, expiresMs }
}

/** Ends the caller's session. */
export async function closeSession(instance: Instance, caller: Caller) {
  if (caller.session !== undefined)
    await instance.db.deleteFrom('session').where('token', '=', caller.session).execute()
}

/** Puts a person's session into the browser. The name carries the instance's id: cookies of one host are shared by all its ports. */
export function setSessionCookie(
  instance: Instance,
  request: FastifyRequest,
  reply: FastifyReply,
  session: NewSession,
) {
  const seconds = Math.max(0, Math.floor((session.expiresMs - instance.clock()) / 1000))
  reply.header('set-cookie', cookie(instance, request, session.token, seconds))
}

/** Takes it out again. */
export function clearSessionCookie(instance: Instance, request: FastifyRequest, reply: FastifyReply) {
  reply.header('set-cookie', cookie(instance, request, '', 0))
}

/**
 * Who sends this request: a bearer token first, then the cookie, else nobody. A token that is unknown or over is nobody, so that a page
 * with an old cookie still reads what is public.
 */
export async function callerOf(instance: Instance, request: FastifyRequest): Promise<Caller> {
  const bearer = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? tokenOfCookie(instance, request.headers.cookie)
  if (token === undefined) return ANONYMOUS
  const session = digestOfToken(token)
  const row = await instance.db
    .selectFrom('session')
    .leftJoin('person', 'person.id', 'session.person')
    .select(['session.person', 'session.organization', 'session.address', 'person.admin'])
    .where('session.token', '=', session)
    .where('session.expires_ms', '>', instance.clock())
    .executeTakeFirst()
  if (row === undefined) return ANONYMOUS
  const byCookie = bearer === undefined
  if (row.person !== null) {
    const members = await instance.db
      .selectFrom('member')
      .select(['organization', 'role'])
      .where('person', '=', row.person)
      .execute()
    const roles = new Map(members.map((member) => [member.organization, member.role]))
    return {
      name: `person:${row.person}`,
      person: row.person,
      key: undefined,
      admin: row.admin === true,
      regulator: await isRegulator(instance, roles),
      roles,
      session,
      byCookie,
    }
  }
  if (row.organization === null || row.address === null) return ANONYMOUS
  // A key that was revoked since signs nobody in any more.
  const role = await roleOfKey(instance, row.organization, row.address)
  if (role === undefined) return ANONYMOUS
  const roles = new Map([[row.organization, role]])
  return {
    name: `key:${row.address}`,
    person: undefined,
    key: row.address as Address,
    admin: false,
    regulator: role === 'owner' && (await isRegulator(instance, roles)),
    roles,
    session,
    byCookie,
  }
}

/** A key for acts speaks for its organization; a key for batches or documents writes data only. */
export async function roleOfKey(instance: Instance, organization: number, address: string): Promise<Role | undefined> {
  const key = await keyOf(instance, address)
  if (key === undefined || key.organization !== organization || !key.active) return undefined
  return key.purpose === 'acts' ? 'owner' : 'editor'
}

async function isRegulator(instance: Instance, roles: ReadonlyMap<number, Role>): Promise<boolean> {
  return roles.size > 0 && (await regulatorsAmong(instance, [...roles.keys()])).length > 0
}

/** SHA-256 of a token: what is stored opens nothing. */
export function digestOfToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** Name of the instance's cookie. */
export function cookieName(instance: Instance): string {
  return `tanlian_${instance.id.replaceAll(/[^A-Za-z0-9]/g, '')}`
}

function tokenOfCookie(instance: Instance, header: string | undefined): string | undefined {
  const name = cookieName(instance)
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)) return value
  }
  return undefined
}

function cookie(instance: Instance, request: FastifyRequest, value: string, seconds: number): string {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  return `${cookieName(instance)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`
}
