import type { IncomingMessage } from 'node:http'
import { cidFromDigest, type Entry, fromHex, fromHex0x, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Digest, Name, NoQuery, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { acceptStatement } from './accept.ts'
import { createBodyBudget } from './body-budget.ts'
import { addToUpload, beginUpload, commitUpload, deleteUpload, findUpload, type Upload } from './upload.ts'

const CAR = 'application/vnd.ipld.car'
const PART = 'application/offset+octet-stream'

const EntrySignature = z
  .string()
  .regex(/^0x[0-9a-f]{130}$/, 'is not 65 bytes, 0x and lower-case hex')
  .meta({ description: 'EIP-712 signature of the entry (spec section 6)' })

/** A receipt as JSON. */
export const ReceiptForm = z
  .object({
    kind: z.union([z.literal(1), z.literal(2)]),
    organization: z.number(),
    sequence: z.number(),
    digest: z.string(),
    cid: z.string(),
    received: z.number(),
    size: z.number(),
    promise: z.number(),
    key: z.string(),
    signature: z.string(),
  })
  .meta({
    id: 'Receipt',
    description:
      'Signed promise: the statement is synced, and appended to the log within `promise` seconds. The signature is Ed25519 over the DAG-CBOR of format "tanlian/receipt/1", kind, organization, sequence, digest, received, size, promise.',
  })

const UploadForm = z
  .object({
    id: z.string(),
    organization: z.number(),
    kind: z.number(),
    sequence: z.number(),
    digest: z.string(),
    cid: z.string(),
    length: z.number(),
    offset: z.number(),
    state: z.enum(['open', 'committed']),
    created: Time,
    expires: Time,
  })
  .meta({ id: 'Upload' })

/** The writing side: batches and documents in one body, or as resumable uploads. */
export function writeRoutes(app: App, instance: Instance) {
  const { limits } = instance.config
  const tags = ['evidence']

  app.addContentTypeParser(
    [CAR, 'application/octet-stream'],
    { parseAs: 'buffer', bodyLimit: Math.max(limits.batchBytes, limits.documentBytes) },
    async (request: FastifyRequest, body: Buffer) => {
      // The bytes are part of what an Idempotency-Key stands for.
      request.bodyBytes = body
      return body
    },
  )
  const budget = createBodyBudget({ all: limits.bodyBytes, each: limits.bodyBytes / 2 })
  const releases = new WeakMap<FastifyRequest, () => void>()
  const release = async (request: FastifyRequest) => releases.get(request)?.()
  app.addHook('preParsing', async (request) => {
    const { bodyLimit = 0 } = request.routeOptions
    // JSON bodies and parts of uploads are small, or never held whole.
    if (request.method !== 'POST' || bodyLimit < limits.documentBytes) return
    const declared = Number(request.headers['content-length'] ?? bodyLimit)
    releases.set(request, budget.take(request.ip, Math.min(declared, bodyLimit)))
  })
  app.addHook('onResponse', release)
  app.addHook('onRequestAbort', release)
  app.addContentTypeParser(PART, async (_request: FastifyRequest, payload: IncomingMessage) => payload)

  for (const [url, kind, what] of [
    ['/v1/batches', 1, 'a batch'],
    ['/v1/documents', 2, 'a document'],
  ] as const)
    app.post(
      url,
      {
        bodyLimit: kind === 1 ? limits.batchBytes : limits.documentBytes,
        schema: {
          tags,
          summary: `Hand in ${what}: a CAR v1, its root first, and the entry's signature in Tanlian-Signature`,
          querystring: NoQuery,
          response: { 201: ReceiptForm },
        },
      },
      async (request, reply) => {
        const receipt = await acceptStatement(instance, {
          kind,
          car: ownBytes(request.body),
          signature: signatureOf(request),
        })
        return reply.code(201).header('location', `/ipfs/${receipt.cid}?format=car`).send(receipt)
      },
    )

  app.post(
    '/v1/uploads',
    {
      schema: {
        tags,
        summary: 'Begin a resumable upload of a batch or document',
        body: z.strictObject({
          kind: z.union([z.literal(1), z.literal(2)]).default(1),
          organization: z.int().min(1),
          sequence: z.int().min(1),
          digest: Digest.meta({ description: 'Digest of the header or document' }),
          signature: EntrySignature,
          length: z.int().min(1).meta({ description: 'Bytes of the CAR' }),
          sha256: Digest.meta({ description: 'SHA-256 of the CAR' }),
        }),
        response: { 201: UploadForm },
      },
    },
    async (request, reply) => {
      const { kind, organization, sequence, digest, signature, length, sha256 } = request.body
      const entry: Entry = { kind, organization, sequence, digest: fromHex(digest, 32) }
      const upload = await beginUpload(instance, {
        entry,
        signature: fromHex0x(signature, 65),
        sha256: fromHex(sha256, 32),
        lengthBytes: length,
      })
      return reply
        .code(201)
        .header('location', `/v1/uploads/${upload.id}`)
        .header('upload-offset', String(upload.offset_bytes))
        .send(formOf(instance, upload))
    },
  )

  app.get(
    '/v1/uploads/:upload',
    {
      schema: {
        tags,
        summary: 'How far an upload is; HEAD gives Upload-Offset alone',
        params: z.strictObject({ upload: Name }),
        querystring: NoQuery,
        response: { 200: UploadForm },
      },
    },
    async (request, reply) => {
      const upload = await findUpload(instance, request.params.upload)
      return reply
        .header('upload-offset', String(upload.offset_bytes))
        .header('upload-length', String(upload.length_bytes))
        .header('cache-control', 'no-store')
        .send(formOf(instance, upload))
    },
  )

  app.patch(
    '/v1/uploads/:upload',
    {
      schema: {
        tags,
        summary: `Add bytes at Upload-Offset (${PART})`,
        params: z.strictObject({ upload: Name }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const offset = Count.safeParse(request.headers['upload-offset'])
      if (!offset.success) throw new TanlianError('E_RANGE', 'The header Upload-Offset is missing or no byte offset.')
      const body = request.body as AsyncIterable<Uint8Array> | undefined
      if (body === undefined || request.headers['content-type'] !== PART)
        throw new TanlianError('E_REQUEST_TYPE', `The bytes of an upload come as ${PART}.`)
      const upload = await addToUpload(instance, request.params.upload, offset.data, body)
      return reply.code(204).header('upload-offset', String(upload.offset_bytes)).send()
    },
  )

  app.post(
    '/v1/uploads/:upload/commit',
    {
      schema: {
        tags,
        summary: 'End an upload: audit, sync, receipt',
        params: z.strictObject({ upload: Name }),
        response: { 201: ReceiptForm },
      },
    },
    async (request, reply) => reply.code(201).send(await commitUpload(instance, request.params.upload)),
  )

  app.delete(
    '/v1/uploads/:upload',
    { schema: { tags, summary: 'Give an upload up', params: z.strictObject({ upload: Name }), querystring: NoQuery } },
    async (request, reply) => {
      await findUpload(instance, request.params.upload)
      await deleteUpload(instance, request.params.upload)
      return reply.code(204).send()
    },
  )
}

function signatureOf(request: FastifyRequest): Uint8Array {
  const text = request.headers['tanlian-signature']
  const read = EntrySignature.safeParse(text)
  if (!read.success)
    throw new TanlianError(
      'E_SIGNATURE_HEADER',
      'The header Tanlian-Signature is not 0x and 130 lower-case hex digits.',
    )
  return fromHex0x(read.data, 65)
}

/** Bytes of their own: they are moved to another thread, and a small Buffer shares its memory with others. */
function ownBytes(body: unknown): Uint8Array<ArrayBuffer> {
  if (!(body instanceof Uint8Array)) throw new TanlianError('E_REQUEST_TYPE', `The body of this route is ${CAR}.`)
  return new Uint8Array(body)
}

function formOf(instance: Instance, upload: Upload): z.input<typeof UploadForm> {
  return {
    id: upload.id,
    organization: upload.organization,
    kind: upload.kind,
    sequence: upload.sequence,
    digest: toHex(upload.digest),
    cid: cidFromDigest(upload.digest).toString(),
    length: upload.length_bytes,
    offset: upload.offset_bytes,
    state: upload.state,
    created: new Date(upload.created_ms).toISOString(),
    expires: new Date(upload.touched_ms + instance.config.limits.uploadSeconds * 1000).toISOString(),
  }
}
