import { TanlianError } from '@tanlian/units'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Id, NoQuery, Text } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { batchWitnesses, rebuildWitnesses } from './witness-audits.ts'
import { acceptCosignature, listCosignatures } from './witness-cosignatures.ts'
import { acceptEquivocation, listEquivocations, readEquivocation } from './witness-equivocations.ts'

const DAG_CBOR = 'application/vnd.ipld.dag-cbor'
const PROOF_BYTES = 64 * 1024

const BatchForm = z
  .object({
    sequence: z.number(),
    digest: z.string(),
    platform: z.boolean().meta({ description: 'This platform audited it when it accepted it' }),
    held: z.array(z.number()).meta({ description: 'Organizations whose last word in the log holds it' }),
    failed: z.array(z.number()).meta({ description: 'Organizations whose last word in the log fails it' }),
    citable: z
      .boolean()
      .meta({ description: 'A report may cite it here: enough audits, the platform’s own among them' }),
  })
  .meta({ id: 'BatchWitnesses', description: 'Who audited a batch, as far as documents in the log say' })

const CosignatureForm = z
  .object({ organization: z.number(), vkey: z.string(), size: z.number(), time: z.string(), note: z.string() })
  .meta({
    id: 'Cosignature',
    description: 'The last checkpoint that a witness cosigned (C2SP tlog-cosignature), whole',
  })

const EquivocationForm = z
  .object({ cid: z.string(), made: z.string(), proves: z.looseObject({ kind: z.string() }) })
  .meta({
    id: 'Equivocation',
    description:
      'Two signed statements that cannot both be true; the file is checked offline (docs/spec/equivocation.md)',
  })

/** Cursor of the list of proofs: milliseconds and CID. */
const ProofCursor = z
  .string()
  .regex(/^[0-9]{1,16}-b[a-z2-7]{58}$/, 'is no cursor of this list')
  .transform((text) => {
    const [number = '', cid = ''] = text.split('-')
    return { number: Number(number), text: cid }
  })

/** Witnesses: who holds which batch, their cosignatures, and proofs of equivocation. */
export async function witnessRoutes(app: App, instance: Instance) {
  const tags = ['log']
  app.addHook('onReady', async () => {
    await rebuildWitnesses(instance)
    for (const { size, note } of await listCosignatures(instance)) instance.log.cosigned(size, lastLine(note))
  })

  app.get(
    '/v1/organizations/:id/witnesses',
    {
      schema: {
        tags,
        summary: 'Who audited each batch in the log, by sequence',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({ ...pageOf(Count) }),
        response: { 200: Page(BatchForm) },
      },
    },
    async (request) => {
      const { limit, after = 0 } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const found = await batchWitnesses(instance, organization, { after, limit: limit + 1 })
      const items = found.map((one) => ({ ...one, held: [...one.held], failed: [...one.failed] }))
      return pageFrom(items, limit, ({ sequence }) => sequence)
    },
  )

  app.get(
    '/v1/log/cosignatures',
    {
      schema: {
        tags,
        summary: 'The last checkpoint that each witness cosigned',
        querystring: NoQuery,
        response: { 200: Page(CosignatureForm) },
      },
    },
    async () => ({ items: await listCosignatures(instance), next: null }),
  )

  app.post(
    '/v1/log/cosignatures',
    {
      schema: {
        tags,
        summary: 'Hand in a witness’s cosignature (C2SP tlog-cosignature) of a checkpoint of this log',
        querystring: NoQuery,
        body: z.strictObject({
          size: z.int().min(1).meta({ description: 'Size of the checkpoint' }),
          vkey: Text(400).meta({ description: 'The witness’s key, as its document of kind "witness" names it' }),
          cosignature: z.string().min(1).max(1000).meta({ description: 'The signature line with its newline' }),
        }),
        response: { 201: z.object({ organization: z.number(), size: z.number(), time: z.string() }) },
      },
    },
    async (request, reply) => {
      const { size, vkey, cosignature } = request.body
      const { organization, timeS } = await acceptCosignature(instance, { size, vkey, line: cosignature })
      return reply
        .code(201)
        .header('location', '/v1/log/cosignatures')
        .send({ organization, size, time: new Date(timeS * 1000).toISOString() })
    },
  )

  app.get(
    '/v1/equivocations',
    {
      schema: {
        tags,
        summary: 'Proofs that somebody signed two things that cannot both be true, the last handed in first',
        querystring: z.strictObject({ ...pageOf(ProofCursor) }),
        response: { 200: Page(EquivocationForm) },
      },
    },
    async (request) => {
      const { limit, after } = request.query
      const found = await listEquivocations(instance, after, limit + 1)
      return pageFrom(found, limit, ({ madeMs, cid }) => `${madeMs}-${cid}`)
    },
  )

  app.get(
    '/v1/equivocations/:cid',
    {
      schema: {
        tags,
        summary: 'The file of one proof, checkable offline',
        params: z.strictObject({ cid: z.string().regex(/^b[a-z2-7]{58}$/, 'is no CID') }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const { cid } = request.params
      const proof = await readEquivocation(instance, cid)
      if (proof === undefined) throw notFound()
      return reply
        .header('content-type', DAG_CBOR)
        .header('content-disposition', `attachment; filename="${cid}.cbor"`)
        .header('cache-control', 'public, max-age=29030400, immutable')
        .send(Buffer.from(proof))
    },
  )

  // Bodies of this type are taken by this route only.
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      DAG_CBOR,
      { parseAs: 'buffer', bodyLimit: PROOF_BYTES },
      async (request: FastifyRequest, body: Buffer) => {
        request.bodyBytes = body
        return body
      },
    )
    ;(scope as unknown as App).post(
      '/v1/equivocations',
      {
        bodyLimit: PROOF_BYTES,
        schema: {
          tags,
          summary: `Hand in a proof of equivocation (${DAG_CBOR})`,
          querystring: NoQuery,
          response: { 201: z.object({ cid: z.string() }) },
        },
      },
      async (request, reply) => {
        const { body } = request as { readonly body: unknown }
        if (!(body instanceof Uint8Array))
          throw new TanlianError('E_REQUEST_TYPE', `The body of this route is ${DAG_CBOR}.`)
        const cid = await acceptEquivocation(instance, new Uint8Array(body))
        return reply.code(201).header('location', `/v1/equivocations/${cid}`).send({ cid })
      },
    )
  })
}

function lastLine(note: string): string {
  return note.slice(note.lastIndexOf('\n', note.length - 2) + 1)
}
