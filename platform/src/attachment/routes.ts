import { toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Selectable } from 'kysely'
import * as z from 'zod'
import type { App } from '../app.ts'
import { createBodyBudget } from '../evidence/body-budget.ts'
import { Id, Name, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { ATTACHMENT_BYTES, type Attachment, attachmentOf, keepAttachment, listAttachments } from './attachment.ts'
import type { AttachmentTable } from './schema.ts'

const AttachmentForm = z
  .object({
    id: z.string(),
    organization: z.number(),
    digest: z.string().meta({ description: 'SHA-256 over salt and bytes: what a document in the log names' }),
    salt: z.string(),
    name: z.string(),
    media: z.string(),
    bytes: z.number(),
    created: Time,
  })
  .meta({ id: 'Attachment', description: 'A private file; with its salt, whoever has the bytes can check the digest' })

/** Private files beside documents. */
export function attachmentRoutes(app: App, instance: Instance) {
  const tags = ['reports']
  const params = z.strictObject({ id: Id })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: ATTACHMENT_BYTES },
    async (request: FastifyRequest, body: Buffer) => {
      request.bodyBytes = body
      return body
    },
  )
  const budget = createBodyBudget({ all: 16 * ATTACHMENT_BYTES, each: 8 * ATTACHMENT_BYTES })
  const releases = new WeakMap<FastifyRequest, () => void>()
  const release = async (request: FastifyRequest) => releases.get(request)?.()
  app.addHook('preParsing', async (request) => {
    if (request.method !== 'POST') return
    const declared = Number(request.headers['content-length'] ?? ATTACHMENT_BYTES)
    releases.set(request, budget.take(request.ip, Math.min(declared, ATTACHMENT_BYTES)))
  })
  app.addHook('onResponse', release)
  app.addHook('onRequestAbort', release)

  app.post(
    '/v1/organizations/:id/attachments',
    {
      bodyLimit: ATTACHMENT_BYTES,
      schema: {
        tags,
        summary: 'Keep a private file (PDF, PNG, JPEG, XLSX, CSV) and get the salted digest that a document names',
        params,
        querystring: z.strictObject({ name: Text(200).meta({ description: 'Name of the file' }) }),
        response: { 201: AttachmentForm },
      },
    },
    async (request, reply) => {
      const organization = await requireOrganization(instance, request.params.id)
      const bytes: unknown = request.body
      if (!(bytes instanceof Uint8Array) || bytes.length === 0)
        throw new TanlianError('E_REQUEST_TYPE', 'The body of this route is application/octet-stream.')
      const file = { name: request.query.name, bytes }
      const kept = await keepAttachment(instance, organization, request.caller.name, file)
      return reply
        .code(201)
        .header('location', `/v1/organizations/${organization}/attachments/${kept.id}`)
        .send(attachmentForm(kept))
    },
  )
  app.get(
    '/v1/organizations/:id/attachments',
    {
      schema: {
        tags,
        summary: 'Private files of an organization, newest first',
        params,
        querystring: z.strictObject(pageOf(Pair(16))),
        response: { 200: Page(AttachmentForm) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const found = await listAttachments(instance, request.params.id, after, limit + 1)
      const { items, next } = pageFrom(found, limit, (last) => `${last.created_ms}-${last.id}`)
      return { items: items.map(attachmentForm), next }
    },
  )
  app.get(
    '/v1/organizations/:id/attachments/:attachment',
    {
      schema: {
        tags,
        summary: 'The bytes of a private file',
        params: z.strictObject({ id: Id, attachment: Name }),
        querystring: NoQuery,
      },
    },
    async (request, reply) =>
      sendFile(reply, await attachmentOf(instance, request.params.id, { id: request.params.attachment })),
  )
}

/** A file as JSON. */
export function attachmentForm(row: Attachment): z.input<typeof AttachmentForm> {
  return {
    id: row.id,
    organization: row.organization,
    digest: toHex(row.digest),
    salt: toHex(row.salt),
    name: row.name,
    media: row.media,
    bytes: row.length_bytes,
    created: new Date(row.created_ms).toISOString(),
  }
}

/** Bytes to be saved, never shown in place (R18). */
export function sendFile(reply: FastifyReply, { name, media, content, salt }: Selectable<AttachmentTable>) {
  return reply
    .header('content-type', media)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-store')
    .header('tanlian-salt', toHex(salt))
    .send(Buffer.from(content))
}
