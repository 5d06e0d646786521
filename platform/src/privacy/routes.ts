import { fromHex, fromHex0x, PRIVACY_MODES, parseCid } from '@tanlian/evidence'
import * as z from 'zod'
import type { App } from '../app.ts'
import { readingRight } from '../evidence/reading-right.ts'
import { Digest, Id, NoQuery, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { choiceOf } from './choice.ts'
import { addGrant, endGrant, listGrants } from './grants.ts'
import { readerKeysOf } from './reader-keys.ts'
import { sealedCar } from './sealed-car.ts'
import { keepSummary, listSummaries } from './summaries.ts'

const ReaderKey = z.object({ key: z.string(), id: z.string(), since: z.number(), ended: z.number().nullable() }).meta({
  id: 'ReaderKey',
  description:
    'An X25519 key for which others may seal, its hash, and the sequences of the documents that listed it and left it out',
})

const GrantForm = z
  .object({
    grant: z.string(),
    organization: z.number(),
    reader: z.number(),
    access: z.enum(['read', 'summary']),
    step: z.number().meta({ description: 'Seconds of a summary’s step; 0 for reading' }),
    types: z.array(z.string()),
    streams: z.array(z.number()),
    from: z.number(),
    to: z.number(),
    block: z.string(),
    signature: z.string(),
    created: Time,
    ended: Time.nullable(),
  })
  .meta({ id: 'Grant', description: 'What an owner lets another organization read, signed by the owner' })

const Choice = z
  .object({
    since: z.number().nullable().meta({ description: 'Sequence of the document that chose; null before the first' }),
    rules: z.array(
      z.object({
        type: z
          .string()
          .meta({ description: 'Up to three bytes of hex; none for every type that no longer rule names' }),
        mode: z.enum(PRIVACY_MODES),
      }),
    ),
  })
  .meta({ id: 'PrivacyChoice', description: 'How an organization chose to keep each type, by its own logged document' })

const SummaryForm = z.object({ batch: z.string(), sequence: z.number(), step: z.number(), created: Time }).meta({
  id: 'HandedSummary',
  description: 'A summary that the owner handed in of a batch that the platform cannot read',
})

/** The choice of each organization; readers' keys, grants and summaries of confidential data. */
export function privacyRoutes(app: App, instance: Instance) {
  const tags = ['privacy']
  const params = z.strictObject({ id: Id })
  const paged = pageOf(Pair(32))

  app.get(
    '/v1/organizations/:id/privacy',
    {
      schema: {
        tags,
        summary: 'How the organization chose to keep each type: open, shared or closed',
        description:
          'As its latest logged document of kind privacy says; whoever seals holds it to that document. No rule: open.',
        params,
        querystring: NoQuery,
        response: { 200: Choice },
      },
    },
    async (request) => choiceOf(instance, await requireOrganization(instance, request.params.id)),
  )

  app.get(
    '/v1/organizations/:id/reader-keys',
    {
      schema: {
        tags,
        summary: 'Keys for which data is sealed so that this organization can read it',
        description: 'As its own logged documents of kind reader-key list them.',
        params,
        querystring: z.strictObject(paged),
        response: { 200: Page(ReaderKey) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const found = await readerKeysOf(instance, organization, after, limit + 1)
      return pageFrom(found, limit, ({ since, key }) => `${since}-${key}`)
    },
  )

  for (const [url, side, summary] of [
    ['/v1/organizations/:id/grants', 'organization', 'Grants that the organization gave'],
    ['/v1/organizations/:id/granted', 'reader', 'Grants that the organization was given'],
  ] as const)
    app.get(
      url,
      { schema: { tags, summary, params, querystring: z.strictObject(paged), response: { 200: Page(GrantForm) } } },
      async (request) => {
        const { after, limit } = request.query
        const found = await listGrants(instance, side, request.params.id, after, limit + 1)
        const { items, next } = pageFrom(found, limit, ({ view, createdMs }) => `${createdMs}-${view.grant}`)
        return { items: items.map(({ view }) => view), next }
      },
    )

  app.post(
    '/v1/organizations/:id/grants',
    {
      schema: {
        tags,
        summary: 'Let another organization read: a grant that a key of the owner signed',
        params,
        body: z.strictObject({
          block: z
            .string()
            .regex(/^(?:[0-9a-f]{2}){1,8192}$/, 'is not up to 8 KiB of lower-case hex')
            .meta({ description: 'DAG-CBOR of format tanlian/grant/1 (docs/privacy.md), hex' }),
          signature: z.string().regex(/^0x[0-9a-f]{130}$/, 'is not 65 bytes, 0x and lower-case hex'),
        }),
        response: { 201: GrantForm },
      },
    },
    async (request, reply) => {
      const { block, signature } = request.body
      const grant = await addGrant(instance, request.params.id, fromHex(block), fromHex0x(signature, 65))
      return reply.code(201).send(grant)
    },
  )

  app.post(
    '/v1/organizations/:id/grants/:grant/end',
    {
      schema: {
        tags,
        summary: 'End a grant for all that is sealed from now on',
        params: z.strictObject({ id: Id, grant: Digest }),
        querystring: NoQuery,
        response: { 200: GrantForm },
      },
    },
    (request) => endGrant(instance, request.params.id, request.params.grant, request.caller.name),
  )

  app.get(
    '/v1/batches/:cid/sealed',
    {
      schema: {
        tags,
        summary:
          'The sealed blocks of a batch that the asker may have, chunks and frames, as a CAR whose root is the header',
        description:
          'Sealed frames are named by nothing but their plain block, so this is how a reader or witness comes by them.',
        params: z.strictObject({ cid: z.string() }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const cid = parseCid(request.params.cid)
      const car = await sealedCar(instance, readingRight(instance, request.caller), cid)
      return reply
        .header('content-type', 'application/vnd.ipld.car; version=1')
        .header('cache-control', 'private, no-store')
        .send(Buffer.from(car))
    },
  )

  app.get(
    '/v1/organizations/:id/summaries',
    {
      schema: {
        tags,
        summary: 'Summaries that the organization handed in, by batch and step',
        params,
        querystring: z.strictObject(pageOf(Pair(4))),
        response: { 200: Page(SummaryForm) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const found = await listSummaries(instance, request.params.id, after, limit + 1)
      return pageFrom(found, limit, ({ sequence, step }) => `${sequence}-${step.toString(16).padStart(8, '0')}`)
    },
  )

  app.post(
    '/v1/organizations/:id/summaries',
    {
      schema: {
        tags,
        summary: 'Hand in a summary of a batch that the platform cannot read',
        params,
        body: z.strictObject({
          batch: z.string().max(100).meta({ description: 'CID of the header' }),
          step: z.int().min(1).meta({ description: 'Seconds' }),
          summary: z
            .base64()
            .max(256 * 1024)
            .meta({ description: 'The pruned tree (spec section 4), base64' }),
        }),
        response: {
          201: z.object({ batch: z.string(), step: z.number(), cells: z.number(), opened: z.number() }),
        },
      },
    },
    async (request, reply) => {
      const { batch, step, summary } = request.body
      const bytes = new Uint8Array(Buffer.from(summary, 'base64'))
      return reply.code(201).send(await keepSummary(instance, request.params.id, { batch, step, summary: bytes }))
    },
  )
}
