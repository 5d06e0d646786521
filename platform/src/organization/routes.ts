import { fromHex, PARTIES, toHex } from '@tanlian/evidence'
import { ACTS } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Address, Count, Digest, Id, NoQuery, Signature, Text, Time } from '../form.ts'
import { grantApplicants } from '../identity/member.ts'
import type { Instance } from '../instance.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { jobOf, readAct } from './act.ts'
import { applicationOf, listApplications, privateProfileOf } from './application.ts'
import { apply, keepProfile, readProfileParts } from './apply.ts'
import { jobView } from './job.ts'
import { keepReason } from './reason.ts'
import { relay } from './relay.ts'
import {
  bindingsOf,
  keyOf,
  keysOfOrganization,
  listOrganizations,
  organizationOf,
  requireOrganization,
} from './view.ts'

const Party = z.enum(PARTIES)
const Optional = (lengthMax: number) => Text(lengthMax).nullable().default(null)
const PublicProfile = z
  .strictObject({
    kind: Party,
    name: Text(200),
    nameEn: Optional(200),
    region: Optional(100),
    industry: Optional(100),
    website: Optional(300),
    private: Digest.nullable().default(null).meta({ description: 'SHA-256 of the private part’s block' }),
  })
  .meta({ id: 'PublicProfile', description: 'What anyone may know; H of its DAG-CBOR block is the profile digest' })
const PrivateProfile = z
  .strictObject({
    salt: z.string().regex(/^[0-9a-f]{32}$/),
    contact: Optional(100),
    phone: Optional(50),
    email: Optional(200),
    address: Optional(300),
    creditCode: Optional(50),
  })
  .meta({ id: 'PrivateProfile', description: 'What only the organization’s people and the regulator see' })
const Organization = z
  .object({
    id: z.number(),
    kind: Party,
    name: z.string().nullable(),
    nameEn: z.string().nullable(),
    region: z.string().nullable(),
    industry: z.string().nullable(),
    website: z.string().nullable(),
    profile: z.string(),
    suspended: z.boolean(),
    platform: z.number().nullable(),
    requested: z.number().nullable(),
    block: z.number(),
    since: Time,
  })
  .meta({ id: 'Organization' })
const Key = z
  .object({
    address: z.string(),
    organization: z.number(),
    purpose: z.enum(['batches', 'documents', 'acts']),
    from: z.number(),
    to: z.number(),
    active: z.boolean(),
    block: z.number(),
    endedBlock: z.number().nullable(),
  })
  .meta({ id: 'OrganizationKey' })
const Binding = z
  .object({
    id: z.number(),
    enterprise: z.number(),
    platform: z.number(),
    state: z.enum(['requested', 'bound', 'unbound', 'withdrawn', 'replaced']),
    requestedBlock: z.number(),
    boundBlock: z.number().nullable(),
    endedBlock: z.number().nullable(),
    endedBy: z.number().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Binding' })
const State = z.enum(['open', 'approved', 'refused', 'lapsed'])
const Application = z
  .object({
    application: z.string(),
    state: State,
    kind: Party,
    profile: z.string(),
    name: z.string().nullable(),
    nameEn: z.string().nullable(),
    region: z.string().nullable(),
    industry: z.string().nullable(),
    website: z.string().nullable(),
    key: z.string(),
    recovery: z.string(),
    batchKey: z.string().nullable(),
    documentKey: z.string().nullable(),
    lapses: Time,
    applied: Time,
    ended: Time.nullable(),
    organization: z.number().nullable(),
    regulator: z.number().nullable(),
    reason: z.string().nullable(),
    reasonText: z.string().nullable(),
    private: z
      .object({
        salt: z.string(),
        contact: z.string().nullable(),
        phone: z.string().nullable(),
        email: z.string().nullable(),
        address: z.string().nullable(),
        creditCode: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Application' })
const Job = z
  .object({
    id: z.string(),
    act: z.string(),
    state: z.enum(['pending', 'sent', 'done', 'failed']),
    transaction: z.string().nullable(),
    block: z.number().nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
    result: z.object({ application: z.string().nullable(), organization: z.number().nullable() }).nullable(),
  })
  .meta({ id: 'Job', description: 'A relayed act on its way to the chain' })
const Message = z
  .record(z.string().max(40), z.union([z.string().max(80), z.number()]))
  .meta({ description: 'The fields of the EIP-712 struct; integers as numbers or decimal texts' })
const Application0x = z.string().regex(/^0x[0-9a-f]{64}$/, 'is not the digest of an application')

/** Organizations, their keys and bindings, applications, and the relay of registry acts. */
export function organizationRoutes(app: App, instance: Instance) {
  const tags = ['organizations']
  const params = z.strictObject({ id: Id })

  app.get(
    '/v1/organizations',
    {
      schema: {
        tags,
        summary: 'Every organization of the registry, by number',
        querystring: z.strictObject({ ...pageOf(Count), kind: Party.optional() }),
        response: { 200: Page(Organization) },
      },
    },
    async (request) => {
      const { after = 0, limit, kind } = request.query
      return pageFrom(await listOrganizations(instance, after, limit + 1, kind), limit, ({ id }) => id)
    },
  )

  app.get(
    '/v1/organizations/:id',
    { schema: { tags, summary: 'One organization', params, querystring: NoQuery, response: { 200: Organization } } },
    async (request) => (await organizationOf(instance, request.params.id)) ?? refuse(),
  )

  app.get(
    '/v1/organizations/:id/keys',
    {
      schema: {
        tags,
        summary: 'All keys it ever had',
        params,
        querystring: z.strictObject(pageOf(Pair(20))),
        response: { 200: Page(Key) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const found = await keysOfOrganization(instance, organization, after, limit + 1)
      return pageFrom(found, limit, ({ block, address }) => `${block}-${address.slice(2)}`)
    },
  )

  app.get(
    '/v1/organizations/:id/profile',
    {
      schema: {
        tags,
        summary: 'The private part of its profile',
        params,
        querystring: NoQuery,
        response: { 200: PrivateProfile },
      },
    },
    async (request) => (await privateProfileOf(instance, request.params.id)) ?? refuse(),
  )

  app.get(
    '/v1/keys/:address',
    {
      schema: {
        tags,
        summary: 'Whose key an address is, and the nonce of its next act',
        params: z.strictObject({ address: Address }),
        querystring: NoQuery,
        response: { 200: z.object({ address: z.string(), nonce: z.number(), key: Key.nullable() }) },
      },
    },
    async (request) => {
      const { address } = request.params
      const [key, nonce] = await Promise.all([keyOf(instance, address), instance.chain.nonceOf(address)])
      return { address, nonce, key: key ?? null }
    },
  )

  const bindingQuery = pageOf(Count)
  const bindingPage = async (organization: number | undefined, after: number | undefined, limit: number) => {
    const found = await bindingsOf(instance, organization, after ?? Number.MAX_SAFE_INTEGER, limit + 1)
    return pageFrom(found, limit, ({ id }) => id)
  }
  app.get(
    '/v1/bindings',
    {
      schema: {
        tags,
        summary: 'Bindings of enterprises to platforms, newest first',
        querystring: z.strictObject({ ...bindingQuery, organization: Id.optional() }),
        response: { 200: Page(Binding) },
      },
    },
    (request) => bindingPage(request.query.organization, request.query.after, request.query.limit),
  )
  app.get(
    '/v1/organizations/:id/bindings',
    {
      schema: {
        tags,
        summary: 'Bindings of one organization, on either side, newest first',
        params,
        querystring: z.strictObject(bindingQuery),
        response: { 200: Page(Binding) },
      },
    },
    async (request) => {
      await requireOrganization(instance, request.params.id)
      return bindingPage(request.params.id, request.query.after, request.query.limit)
    },
  )

  actRoutes(app, instance)
  const grant = () => {
    grantApplicants(instance).catch((error) =>
      instance.logger.error({ err: error }, 'applicants could not be made owners'),
    )
  }
  instance.events.on('organization', grant)
  app.addHook('onReady', () => grantApplicants(instance))
  app.addHook('onClose', async () => {
    instance.events.off('organization', grant)
  })
}

function actRoutes(app: App, instance: Instance) {
  const tags = ['acts']
  const config = { rateLimit: { max: instance.config.limits.actsPerMinute, timeWindow: 60_000 } }
  app.post(
    '/v1/acts',
    {
      config,
      schema: {
        tags,
        summary: 'Relay a signed act to the registry',
        description: `One of ${Object.keys(ACTS).join(', ')}: an EIP-712 struct of that name, signed by the acting key and then by each new key it names. The registry is asked first, so a refusal comes at once.`,
        body: z.strictObject({
          act: z.string().max(40),
          message: Message,
          signature: Signature,
          reason: z
            .strictObject({ text: Text(1000), salt: z.string().regex(/^[0-9a-f]{32}$/) })
            .optional()
            .meta({
              description:
                'Of a decision about an application: the text and salt of the block "tanlian/reason/1" whose digest the message names. The applicant and regulators can read it.',
            }),
        }),
        response: { 202: Job },
      },
    },
    async (request, reply) => {
      const { act: name, message, signature, reason } = request.body
      if (name === 'Apply')
        throw new TanlianError('E_ACT_FORM', 'An Apply comes with its profile: send it to /v1/applications.')
      const act = readAct(instance, name, message, signature)
      const given = reason === undefined ? undefined : { text: reason.text, salt: fromHex(reason.salt, 16) }
      await relay(instance, act, given === undefined ? undefined : keepReason(instance, act, given))
      return reply
        .code(202)
        .header('location', `/v1/jobs/${jobOf(act)}`)
        .send(await jobOrRefuse(instance, jobOf(act)))
    },
  )

  app.get(
    '/v1/jobs/:job',
    {
      schema: {
        tags,
        summary: 'How far a relayed act has come',
        params: z.strictObject({ job: Digest }),
        querystring: NoQuery,
        response: { 200: Job },
      },
    },
    (request) => jobOrRefuse(instance, request.params.job),
  )

  app.post(
    '/v1/applications',
    {
      config,
      schema: {
        tags,
        summary: 'Apply for registration: the profile’s two parts and the signed Apply',
        description: 'Whoever is signed in becomes the organization’s first owner here once a regulator approves.',
        body: z.strictObject({
          profile: PublicProfile,
          private: PrivateProfile.nullable().default(null),
          message: Message,
          signature: Signature,
        }),
        response: { 202: Job },
      },
    },
    async (request, reply) => {
      const { message, signature } = request.body
      const profile = profileOf(instance, request.body.profile, request.body.private)
      const act = readAct(instance, 'Apply', message, signature)
      const job = await apply(instance, profile, act, request.caller.person)
      return reply
        .code(202)
        .header('location', `/v1/jobs/${job}`)
        .send(await jobOrRefuse(instance, job))
    },
  )

  app.post(
    '/v1/profiles',
    {
      schema: {
        tags,
        summary: 'Hand in a profile whose digest the chain names already',
        description: 'For the first regulator, and for organizations that applied elsewhere.',
        body: z.strictObject({ profile: PublicProfile, private: PrivateProfile.nullable().default(null) }),
        response: { 201: z.object({ profile: z.string() }) },
      },
    },
    async (request, reply) => {
      const profile = profileOf(instance, request.body.profile, request.body.private)
      const { db } = instance
      const named = await db
        .selectFrom('organization')
        .select('id')
        .where('profile', '=', profile.digest)
        .executeTakeFirst()
      if (named === undefined)
        throw new TanlianError('E_PROFILE_UNKNOWN', 'No organization on the chain names this profile’s digest.', {
          values: { computed: toHex(profile.digest) },
        })
      await instance.blocks.put([{ digest: profile.digest, bytes: profile.row.block }])
      await keepProfile(db, profile)
      return reply.code(201).send({ profile: toHex(profile.digest) })
    },
  )

  app.get(
    '/v1/applications',
    {
      schema: {
        tags,
        summary: 'Applications, newest first; for regulators',
        querystring: z.strictObject({
          ...pageOf(Pair(32)),
          state: State.optional(),
        }),
        response: { 200: Page(Application) },
      },
    },
    async (request) => {
      const { after, limit, state } = request.query
      const found = await listApplications(instance, state, after, limit + 1)
      return pageFrom(found, limit, ({ block, application }) => `${block}-${application.slice(2)}`)
    },
  )

  app.get(
    '/v1/applications/:application',
    {
      schema: {
        tags,
        summary: 'One application, by its digest',
        params: z.strictObject({ application: Application0x }),
        querystring: NoQuery,
        response: { 200: Application },
      },
    },
    async (request) => (await applicationOf(instance, request.caller, request.params.application)) ?? refuse(),
  )
}

function profileOf(
  instance: Instance,
  open: z.infer<typeof PublicProfile>,
  hidden: z.infer<typeof PrivateProfile> | null,
) {
  const named = open.private === null ? null : fromHex(open.private, 32)
  const secret = hidden === null ? null : { ...hidden, salt: fromHex(hidden.salt, 16) }
  return readProfileParts(instance, { ...open, private: named }, secret)
}

async function jobOrRefuse(instance: Instance, job: string) {
  return (await jobView(instance, job)) ?? refuse()
}

function refuse(): never {
  throw notFound()
}
