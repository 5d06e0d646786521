import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { TanlianError } from '@tanlian/units'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Address, Id, Name, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { organizationOf } from '../organization/view.ts'
import { Page, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { Attempts } from './attempts.ts'
import { checkKeyAnswer, keyChallenge, SIGN_IN_FIELDS, signInDomain } from './challenge.ts'
import { acceptInvitation, invite, removeMember } from './member.ts'
import { addPasskey, checkRegistration, checkSignIn, registrationOptions, signInOptions } from './passkey.ts'
import { checkPassword } from './password.ts'
import { addPerson } from './person.ts'
import { clearSessionCookie, closeSession, openSession, setSessionCookie } from './session.ts'
import './schema.ts'

const Login = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{2,63}$/, 'is not 3 to 64 letters, digits or . _ @ + -')
  .meta({ description: 'Sign-in name; capital letters make no difference' })
const Password = z
  .string()
  .min(10, 'has fewer than 10 characters')
  .max(200, 'has more than 200 characters')
  .meta({ description: 'At least 10 characters', format: 'password' })
const Role = z.enum(['owner', 'editor', 'reader'])
/** What a browser's WebAuthn call gave, as JSON; the library reads it strictly. */
const Credential = z
  .looseObject({
    id: z.string().max(1400),
    response: z.looseObject({ clientDataJSON: z.string().max(4000) }),
  })
  .meta({ description: 'PublicKeyCredential.toJSON() of the browser' })
const Session = z
  .object({
    person: z.object({ id: z.string(), login: z.string(), name: z.string() }).nullable(),
    key: z.object({ organization: z.number(), address: z.string() }).nullable(),
    admin: z.boolean(),
    regulator: z.boolean(),
    organizations: z.array(
      z.object({ id: z.number(), kind: z.string().nullable(), name: z.string().nullable(), role: Role }),
    ),
  })
  .meta({ id: 'Session', description: 'Who is signed in, and for which organizations' })

/** Sign-in of people and programs, passkeys, members and invitations. */
export function identityRoutes(app: App, instance: Instance) {
  const attempts = new Attempts(instance.clock)
  const tags = ['identity']
  const signIns = { max: instance.config.limits.signInsPerMinute, timeWindow: 60_000 }

  app.post(
    '/v1/people',
    {
      config: { idempotent: false, rateLimit: signIns },
      schema: {
        tags,
        summary: 'Make an account, with a password or a passkey, and sign in',
        body: z.union([
          z.strictObject({ login: Login, name: Text(100), password: Password }),
          z.strictObject({ login: Login, name: Text(100), passkey: Credential }),
        ]),
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      const { login, name } = request.body
      let person: string
      if ('passkey' in request.body) {
        const answer = request.body.passkey as unknown as RegistrationResponseJSON
        const checked = await checkRegistration(instance, request, 'passkey-new', answer, name)
        if (checked.subject !== login.toLowerCase())
          throw new TanlianError('E_CHALLENGE', 'The passkey was made for another sign-in name.')
        person = await addPerson(instance, { login, name, passkey: checked.passkey })
      } else person = await addPerson(instance, { login, name, password: request.body.password })
      return signIn(instance, request, reply.code(201), person)
    },
  )

  app.post(
    '/v1/sessions/challenge',
    {
      config: { idempotent: false, rateLimit: signIns },
      schema: {
        tags,
        summary: 'A message for a program to sign with its organization’s key (EIP-712)',
        body: z.strictObject({ organization: z.int().min(1), key: Address }),
        response: {
          200: z.object({
            domain: z.object({
              name: z.string(),
              version: z.string(),
              chainId: z.number(),
              verifyingContract: z.string(),
            }),
            primaryType: z.literal('SignIn'),
            types: z.object({ SignIn: z.array(z.object({ name: z.string(), type: z.string() })) }),
            message: z.object({
              purpose: z.string(),
              instance: z.string(),
              organization: z.number(),
              key: z.string(),
              nonce: z.string(),
              expires: z.number(),
            }),
          }),
        },
      },
    },
    async (request) => ({
      domain: domainOf(instance),
      primaryType: 'SignIn' as const,
      types: { SignIn: SIGN_IN_FIELDS.map((field) => ({ ...field })) },
      message: await keyChallenge(instance, request.body.organization, request.body.key),
    }),
  )

  app.post(
    '/v1/sessions',
    {
      config: { idempotent: false, rateLimit: signIns },
      schema: {
        tags,
        summary: 'Sign in with a password, a passkey or an organization’s key',
        description: 'People get a cookie; a program gets a token for `Authorization: Bearer`.',
        body: z.discriminatedUnion('with', [
          z.strictObject({ with: z.literal('password'), login: Login, password: z.string().max(200) }),
          z.strictObject({ with: z.literal('passkey'), answer: Credential }),
          z.strictObject({
            with: z.literal('key'),
            nonce: z.string().regex(/^0x[0-9a-f]{64}$/),
            signature: z.string().regex(/^0x[0-9a-f]{130}$/),
          }),
        ]),
        response: { 201: z.union([Session, z.object({ token: z.string(), expires: Time })]) },
      },
    },
    async (request, reply) => {
      const { body } = request
      reply.code(201)
      if (body.with === 'key') {
        const holder = await checkKeyAnswer(instance, domainOf(instance), body.nonce, body.signature)
        const session = await openSession(instance, holder)
        return { token: session.token, expires: new Date(session.expiresMs).toISOString() }
      }
      if (body.with === 'passkey') {
        const answer = body.answer as unknown as AuthenticationResponseJSON
        return signIn(instance, request, reply, await checkSignIn(instance, request, answer))
      }
      return signIn(instance, request, reply, await byPassword(instance, attempts, request, body.login, body.password))
    },
  )

  app.get(
    '/v1/session',
    { schema: { tags, summary: 'Who is signed in', querystring: NoQuery, response: { 200: Session } } },
    (request) => describeCaller(instance, request.caller),
  )

  app.delete(
    '/v1/session',
    { schema: { tags, summary: 'Sign out', querystring: NoQuery, response: { 204: z.null() } } },
    async (request, reply) => {
      await closeSession(instance, request.caller)
      clearSessionCookie(instance, request, reply)
      return reply.code(204).send(null)
    },
  )

  passkeyRoutes(app, instance, tags)
  memberRoutes(app, instance, tags)
}

function passkeyRoutes(app: App, instance: Instance, tags: string[]) {
  app.post(
    '/v1/passkeys/options',
    {
      config: { idempotent: false, rateLimit: { max: instance.config.limits.signInsPerMinute, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'Options for the browser’s passkey call',
        body: z.discriminatedUnion('for', [
          z.strictObject({ for: z.literal('sign-in') }),
          z.strictObject({ for: z.literal('new-person'), login: Login, name: Text(100) }),
          z.strictObject({ for: z.literal('addition') }),
        ]),
        response: { 200: z.looseObject({ challenge: z.string() }) },
      },
    },
    async (request) => {
      const { body, caller } = request
      if (body.for === 'sign-in') return { ...(await signInOptions(instance, request)) }
      if (body.for === 'new-person') {
        const { login, name } = body
        const holder = { purpose: 'passkey-new', subject: login.toLowerCase(), login, name } as const
        return { ...(await registrationOptions(instance, request, holder)) }
      }
      const person = await personOf(instance, caller.person)
      const { id, login, name } = person
      const holder = { purpose: 'passkey-add', subject: id, login, name } as const
      return { ...(await registrationOptions(instance, request, holder)) }
    },
  )

  // WebAuthn bounds a credential's id at 1,023 bytes.
  const PasskeyId = z.string().regex(/^[A-Za-z0-9_-]{22,1364}$/, 'is no passkey')
  const Passkey = z.object({ id: z.string(), name: z.string(), created: Time })
  app.get(
    '/v1/passkeys',
    {
      schema: {
        tags,
        summary: 'One’s own passkeys',
        querystring: z.strictObject(pageOf(PasskeyId)),
        response: { 200: Page(Passkey) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      let query = instance.db
        .selectFrom('passkey')
        .select(['id', 'name', 'created_ms'])
        .where('person', '=', request.caller.person ?? '')
        .orderBy('id')
        .limit(limit + 1)
      if (after !== undefined) query = query.where('id', '>', after)
      const { items, next } = pageFrom(await query.execute(), limit, ({ id }) => id)
      const created = (ms: number) => new Date(ms).toISOString()
      return { items: items.map(({ id, name, created_ms }) => ({ id, name, created: created(created_ms) })), next }
    },
  )

  app.post(
    '/v1/passkeys',
    {
      schema: {
        tags,
        summary: 'Add a passkey',
        body: z.strictObject({ name: Text(100), passkey: Credential }),
        response: { 201: z.object({ id: z.string() }) },
      },
    },
    async (request, reply) => {
      const answer = request.body.passkey as unknown as RegistrationResponseJSON
      const { subject, passkey } = await checkRegistration(instance, request, 'passkey-add', answer, request.body.name)
      if (subject !== request.caller.person) throw new TanlianError('E_CHALLENGE', 'The challenge is another person’s.')
      await addPasskey(instance.db, instance.clock(), subject, passkey)
      return reply.code(201).send({ id: passkey.id })
    },
  )

  app.delete(
    '/v1/passkeys/:passkey',
    {
      schema: {
        tags,
        summary: 'Remove one of one’s own passkeys',
        params: z.strictObject({ passkey: PasskeyId }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const person = await personOf(instance, request.caller.person)
      await removePasskey(instance, person, request.params.passkey)
      return reply.code(204).send(null)
    },
  )
}

function memberRoutes(app: App, instance: Instance, tags: string[]) {
  const params = z.strictObject({ id: Id })

  app.get(
    '/v1/organizations/:id/members',
    {
      schema: {
        tags,
        summary: 'Who may act for the organization here',
        params,
        querystring: z.strictObject(pageOf(Name)),
        response: {
          200: Page(z.object({ person: z.string(), login: z.string(), name: z.string(), role: Role, since: Time })),
        },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      let query = instance.db
        .selectFrom('member')
        .innerJoin('person', 'person.id', 'member.person')
        .select(['person.id', 'person.login', 'person.name', 'member.role', 'member.since_ms'])
        .where('member.organization', '=', request.params.id)
        .orderBy('person.id')
        .limit(limit + 1)
      if (after !== undefined) query = query.where('person.id', '>', after)
      const rows = await query.execute()
      const { items, next } = pageFrom(rows, limit, ({ id }) => id)
      const since = (ms: number) => new Date(ms).toISOString()
      return { items: items.map(({ id, since_ms, ...row }) => ({ person: id, ...row, since: since(since_ms) })), next }
    },
  )

  app.delete(
    '/v1/organizations/:id/members/:person',
    {
      schema: {
        tags,
        summary: 'End somebody’s role',
        params: z.strictObject({ id: Id, person: Name }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeMember(instance, request.params.id, request.params.person)
      return reply.code(204).send(null)
    },
  )

  const Invitation = z.object({ id: z.string(), role: Role, invitedBy: z.string(), created: Time, expires: Time })
  app.get(
    '/v1/organizations/:id/invitations',
    {
      schema: {
        tags,
        summary: 'Invitations that are open',
        params,
        querystring: z.strictObject(pageOf(Name)),
        response: { 200: Page(Invitation) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      let query = instance.db
        .selectFrom('invitation')
        .selectAll()
        .where('organization', '=', request.params.id)
        .where('expires_ms', '>', instance.clock())
        .orderBy('id')
        .limit(limit + 1)
      if (after !== undefined) query = query.where('id', '>', after)
      const page = pageFrom(await query.execute(), limit, ({ id }) => id)
      const items = page.items.map((row) => ({
        id: row.id,
        role: row.role,
        invitedBy: row.invited_by,
        created: new Date(row.created_ms).toISOString(),
        expires: new Date(row.expires_ms).toISOString(),
      }))
      return { items, next: page.next }
    },
  )

  app.post(
    '/v1/organizations/:id/invitations',
    {
      // The token is shown this once; an answer that is kept would keep it.
      config: { idempotent: false },
      schema: {
        tags,
        summary: 'Invite somebody; hand the token on in private',
        params,
        body: z.strictObject({ role: Role }),
        response: { 201: z.object({ id: z.string(), token: z.string(), role: Role, expires: Time }) },
      },
    },
    async (request, reply) => {
      const invitation = await invite(instance, request.params.id, request.body.role, request.caller.name)
      return reply.code(201).send(invitation)
    },
  )

  app.delete(
    '/v1/organizations/:id/invitations/:invitation',
    {
      schema: {
        tags,
        summary: 'Take an invitation back',
        params: z.strictObject({ id: Id, invitation: Name }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const gone = await instance.db
        .deleteFrom('invitation')
        .where('organization', '=', request.params.id)
        .where('id', '=', request.params.invitation)
        .executeTakeFirst()
      if (gone.numDeletedRows === 0n) throw notFound()
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/invitations/accept',
    {
      config: { idempotent: false },
      schema: {
        tags,
        summary: 'Accept an invitation',
        body: z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
        response: { 201: z.object({ organization: z.number(), role: Role }) },
      },
    },
    async (request, reply) => {
      const person = await personOf(instance, request.caller.person)
      return reply.code(201).send(await acceptInvitation(instance, person.id, request.body.token))
    },
  )
}

/** The person's row is locked, so that two passkeys removed at once do not both pass. */
async function removePasskey(instance: Instance, person: { id: string; password: string | null }, passkey: string) {
  await instance.db.transaction().execute(async (db) => {
    await db.selectFrom('person').select('id').where('id', '=', person.id).forUpdate().execute()
    const own = await db.selectFrom('passkey').select('id').where('person', '=', person.id).execute()
    if (!own.some(({ id }) => id === passkey)) throw notFound()
    if (own.length === 1 && person.password === null)
      throw new TanlianError('E_PASSKEY_LAST', 'This passkey is the only way to sign in; add another one first.')
    await db.deleteFrom('passkey').where('id', '=', passkey).execute()
  })
}

async function byPassword(
  instance: Instance,
  attempts: Attempts,
  request: FastifyRequest,
  login: string,
  password: string,
): Promise<string> {
  const attempt = { login: login.toLowerCase(), address: request.ip }
  attempts.require(attempt)
  attempts.begin(attempt)
  const person = await instance.db
    .selectFrom('person')
    .select(['id', 'password'])
    .where((eb) => eb(eb.fn<string>('lower', ['login']), '=', login.toLowerCase()))
    .executeTakeFirst()
  const right = await checkPassword(password, person?.password)
  if (person === undefined || !right)
    throw new TanlianError('E_SIGN_IN_FAILED', 'The name is unknown or the password is wrong.')
  attempts.succeeded(attempt)
  return person.id
}

async function signIn(instance: Instance, request: FastifyRequest, reply: FastifyReply, person: string) {
  const session = await openSession(instance, { person })
  setSessionCookie(instance, request, reply, session)
  const found = await personOf(instance, person)
  const members = await instance.db.selectFrom('member').selectAll().where('person', '=', person).execute()
  const roles = new Map(members.map((member) => [member.organization, member.role]))
  request.caller = { ...request.caller, name: `person:${person}`, person, roles, admin: found.admin }
  return describeCaller(instance, request.caller)
}

async function describeCaller(instance: Instance, caller: FastifyRequest['caller']) {
  const found = caller.person === undefined ? null : await personOf(instance, caller.person)
  const [organization] = caller.roles.keys()
  const organizations = await Promise.all(
    [...caller.roles].map(async ([id, role]) => {
      const view = await organizationOf(instance, id)
      return { id, kind: view?.kind ?? null, name: view?.name ?? null, role, suspended: view?.suspended ?? false }
    }),
  )
  return {
    person: found === null ? null : { id: found.id, login: found.login, name: found.name },
    key: caller.key === undefined || organization === undefined ? null : { organization, address: caller.key },
    admin: caller.admin,
    regulator: organizations.some(({ kind, suspended }) => kind === 'regulator' && !suspended),
    organizations,
  }
}

async function personOf(instance: Instance, id: string | undefined) {
  if (id === undefined) throw new TanlianError('E_SIGN_IN', 'This needs a person who is signed in.')
  const person = await instance.db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst()
  if (person === undefined) throw new TanlianError('E_SIGN_IN', 'This needs a person who is signed in.')
  return person
}

function domainOf(instance: Instance) {
  const { chainId, contracts } = instance.chain
  return signInDomain(chainId, contracts.OrganizationRegistry)
}
