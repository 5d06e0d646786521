import { Readable } from 'node:stream'
import { cidFromDigest, digestOf, fromHex, intervalFault, isSealed, parseCid, toHex, writeCar } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { FastifyReply } from 'fastify'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Id, Text } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { linkNext, Page, Pair, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { headOf } from './accept.ts'
import { listCoverage, listDocuments, listEntries, listStreams } from './entries.ts'
import { carBelow } from './gateway.ts'
import { CAR, GatewayQuery, RAW, wishOf } from './gateway-query.ts'
import { proofOf, readInterval } from './proof.ts'
import { confidential, readingRight } from './reading-right.ts'
import { readTypes } from './trace.ts'
import { requireBlock } from './tree-store.ts'

/** Of a sequence in a cursor: what it can hold fits a number. */
const SEQUENCE_BYTES = 6
const DAG_CBOR = 'application/vnd.ipld.dag-cbor'

const Kind = z
  .enum(['1', '2'])
  .default('1')
  .transform((text) => (text === '1' ? 1 : 2))
  .meta({ description: '1 batches (where it is left out), 2 documents' })
const Order = z
  .enum(['oldest', 'newest'])
  .default('oldest')
  .meta({ description: 'oldest (where it is left out): in sequence; newest: the last first' })
const Seconds = Count.meta({ description: 'Unix seconds' })
const Mode = z
  .enum(['total', 'readings'])
  .default('total')
  .meta({ description: 'total (where it is left out): sums alone; readings: every reading inside too' })

const EntryForm = z
  .object({
    kind: z.number(),
    organization: z.number(),
    sequence: z.number(),
    digest: z.string(),
    cid: z.string(),
    index: z.number().nullable(),
    transaction: z.string().nullable(),
    block: z.number().nullable(),
    signature: z.string().nullable(),
    status: z.enum(['sealed', 'anchored', 'unavailable']),
    received: z.string().nullable(),
    anchored: z.string().nullable(),
    bytes: z.number().nullable(),
    readings: z.number().nullable(),
    from: z.number().nullable(),
    to: z.number().nullable(),
    document: z.string().nullable(),
    sealed: z.boolean().optional().meta({ description: 'Some of the batch’s readings are sealed for named readers' }),
    audited: z
      .boolean()
      .optional()
      .meta({ description: 'false: not audited by the platform, which is no reader of it, or does not have it' }),
  })
  .meta({
    id: 'Entry',
    description: 'An entry of an organization; index, transaction and block are null until it is on the chain',
  })

const DocumentForm = EntryForm.extend({
  state: z
    .string()
    .nullable()
    .meta({ description: 'void, of a report its stage, else counts; null for kinds that are not weighed' }),
  void: z.string().nullable().meta({ description: 'Code of the rule that a void document breaks' }),
}).meta({ id: 'Document', description: 'A document and what the fold of all of them says of it' })

/** The reading side of spec section 7 about organizations and blocks; the log's own routes are in `log-routes.ts`. */
export function readRoutes(app: App, instance: Instance) {
  const tags = ['evidence']

  app.get(
    '/v1/organizations/:id/entries',
    {
      schema: {
        tags,
        summary: 'Entries of an organization in sequence, or the last first',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({ kind: Kind, order: Order, ...pageOf(Count) }),
        response: { 200: Page(EntryForm) },
      },
    },
    async (request) => {
      const { kind, order, limit, after } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const found = await listEntries(instance, { organization, kind, order, after, limit: limit + 1 })
      const right = readingRight(instance, request.caller)
      const items = await Promise.all(
        found.map(async (item) => {
          const sealed = item.kind === 1 ? await instance.privacy.register.batch(fromHex(item.digest)) : undefined
          const marked = {
            ...item,
            sealed: sealed !== undefined,
            audited: item.status !== 'unavailable' && sealed?.audited !== false,
          }
          // That the entry exists is public; how much it holds and of when is not.
          if (sealed === undefined || (await right.seesHeader(sealed.digest))) return marked
          return { ...marked, bytes: null, readings: null, from: null, to: null }
        }),
      )
      return pageFrom(items, limit, ({ sequence }) => sequence)
    },
  )

  app.get(
    '/v1/documents',
    {
      schema: {
        tags,
        summary: 'Documents of one kind, of all organizations, by organization and sequence',
        querystring: z.strictObject({
          kind: Text(100).meta({
            description: 'As the documents say it: dataset, report, audit …',
            example: 'dataset',
          }),
          organization: Id.optional().meta({ description: 'Of this organization only' }),
          ...pageOf(Pair(SEQUENCE_BYTES)),
        }),
        response: { 200: Page(DocumentForm) },
      },
    },
    async (request) => {
      const { kind: document, organization: of, limit, after } = request.query
      const last =
        after === undefined
          ? { organization: 0, sequence: 0 }
          : { organization: after.number, sequence: Number.parseInt(after.hex, 16) }
      const found = await listDocuments(instance, { document, organization: of, after: last, limit: limit + 1 })
      return pageFrom(
        found,
        limit,
        ({ organization, sequence }) => `${organization}-${sequence.toString(16).padStart(2 * SEQUENCE_BYTES, '0')}`,
      )
    },
  )

  app.get(
    '/v1/organizations/:id/head',
    {
      schema: {
        tags,
        summary: 'The last accepted sequence and digest; 0 and null before the first',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({ kind: Kind }),
        response: {
          200: z.object({
            sequence: z.number(),
            digest: z.string().nullable(),
            log: z.object({ sequence: z.number(), digest: z.string().nullable() }),
          }),
        },
      },
    },
    async (request) => {
      const id = await requireOrganization(instance, request.params.id)
      const { kind } = request.query
      const [head, chains] = await Promise.all([
        headOf(instance, id, kind),
        instance.db
          .selectFrom('head')
          .select(['sequence', 'digest'])
          .where('organization', '=', id)
          .where('kind', '=', kind)
          .executeTakeFirst(),
      ])
      return { ...headForm(head), log: headForm(chains) }
    },
  )

  app.get(
    '/v1/organizations/:id/streams',
    {
      schema: {
        tags,
        summary: 'Declared streams',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject(pageOf(Count)),
        response: {
          200: Page(z.looseObject({ stream: z.number(), type: z.string(), device: z.string(), interval: z.number() })),
        },
      },
    },
    async (request) => {
      const { limit, after = 0 } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const all = (await listStreams(instance, organization)).filter(({ stream }) => stream > after)
      const { items: page, next } = pageFrom(all, limit, ({ stream }) => stream)
      const items = page.map(({ stream, type, device, interval, ...more }) => ({
        ...(plain(more) as object),
        stream,
        type: type.toString(16).padStart(6, '0'),
        device,
        interval,
      }))
      return { items, next }
    },
  )

  app.get(
    '/v1/organizations/:id/coverage',
    {
      schema: {
        tags,
        summary: 'Time that accepted readings account for, by stream: runs of four-byte type, start, seconds, count',
        description: 'Of a new batch no reading may fall on it, unless the batch restates what is there.',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject(pageOf(Count)),
        response: {
          200: Page(
            z.object({
              stream: z.number(),
              runs: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { limit, after = 0 } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const hidden = await readingRight(instance, request.caller).hiddenStreams(organization)
      const all = (await listCoverage(instance, organization)).filter(
        ({ stream }) => stream > after && !hidden.has(stream),
      )
      return pageFrom(all, limit, ({ stream }) => stream)
    },
  )

  app.get(
    '/v1/organizations/:id/headers',
    {
      schema: {
        tags,
        summary:
          'Headers of an organization after a sequence, as a CAR whose root is the last of them; 204 where there are none',
        description: 'The header `Link` names the next page.',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject(pageOf(Count)),
      },
    },
    async (request, reply) => {
      const { limit, after = 0 } = request.query
      const found = await instance.db
        .selectFrom('accepted')
        .select(['digest', 'sequence'])
        .where('organization', '=', await requireOrganization(instance, request.params.id))
        .where('kind', '=', 1)
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(limit + 1)
        .execute()
      const { items, next } = pageFrom(found, limit, ({ sequence }) => sequence)
      const through = items.at(-1)?.sequence ?? after
      await readingRight(instance, request.caller).requireHeaders(request.params.id, { after, through })
      if (next !== null) linkNext(request, reply, next)
      const headers = await Promise.all(
        items.map(async ({ digest }) => ({
          cid: cidFromDigest(new Uint8Array(digest)),
          bytes: await requireBlock(instance.blocks, digest),
        })),
      )
      const last = headers.at(-1)
      if (last === undefined) return reply.code(204).send()
      return reply.header('content-type', `${CAR}; version=1`).send(Buffer.from(writeCar(last.cid, headers)))
    },
  )

  app.get(
    '/v1/organizations/:id/trace',
    {
      schema: {
        tags,
        summary: 'The evidence package of a question: locate, retrieve, pack',
        description:
          'An answer that anyone can check without trusting the platform (docs/spec/package.md). At most 65,536 readings are opened, and 16 MiB of their frames.',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({
          type: z
            .union([z.string(), z.array(z.string()).max(256)])
            .meta({ description: 'One to four bytes, hex; may be repeated' }),
          stream: z.union([z.string(), z.array(z.string()).max(4096)]).optional(),
          from: Seconds,
          to: Seconds,
          mode: Mode,
          frames: z
            .enum(['true', 'false'])
            .default('false')
            .meta({ description: 'true: the raw frames of the opened readings come along; in mode readings only' }),
        }),
      },
    },
    async (request, reply) => {
      const { type, stream, from, to, mode, frames } = request.query
      const streams = stream === undefined ? undefined : [stream].flat().map(readStream)
      const question = {
        organization: request.params.id,
        types: readTypes([type].flat()),
        ...(streams === undefined ? {} : { streams }),
        from,
        to,
        mode,
      }
      const right = readingRight(instance, request.caller)
      const bytes = await instance.tracer.trace(question, frames === 'true', right)
      return reply
        .header('content-type', `${CAR}; version=1`)
        .header('content-disposition', `attachment; filename="trace-${request.params.id}-${from}-${to}.car"`)
        .header('cache-control', 'no-cache')
        .send(viewOf(bytes))
    },
  )

  app.get(
    '/v1/batches/:cid/proof',
    {
      schema: {
        tags,
        summary: 'The proof of a question to one batch (spec section 4)',
        params: z.strictObject({ cid: z.string() }),
        querystring: z.strictObject({
          interval: z
            .union([z.string(), z.array(z.string())])
            .meta({ description: 'LO-HI, each 32 hex digits; 1 to 256, sorted and disjoint' }),
          mode: Mode,
        }),
      },
    },
    async (request, reply) => {
      const header = digestOf(parseCid(request.params.cid))
      const intervals = [request.query.interval].flat().map(readInterval)
      const fault = intervalFault(intervals)
      if (fault !== undefined) throw new TanlianError('E_RANGE', `The intervals cannot be asked: ${fault}.`)
      if (!(await instance.blocks.has(header))) throw notFound()
      const sealed = (await instance.privacy.register.batch(header)) !== undefined
      const source = await readingRight(instance, request.caller).sourceOf(header)
      const proof = await proofOf(instance, header, { intervals, mode: request.query.mode }, source)
      return reply
        .header('content-type', DAG_CBOR)
        .header('cache-control', sealed ? PRIVATE : IMMUTABLE)
        .send(viewOf(proof))
    },
  )

  app.get(
    '/ipfs/:cid',
    {
      schema: {
        tags,
        summary: 'A block, or a CAR of it and all below: the IPFS trustless gateway',
        description:
          'A header names the one before it, so the CAR of a header with `dag-scope=all` (where it is left out) is the organization’s whole history up to it; `block` is the header alone, and its `data` and `streams`, asked with `all`, are what belongs to that batch only. `entity` is the same as `block`, since no block here is UnixFS. The CAR is version 1, depth first, each block once; another form that is asked for is refused with 406.',
        params: z.strictObject({ cid: z.string() }),
        querystring: GatewayQuery,
      },
    },
    async (request, reply) => {
      const cid = parseCid(request.params.cid)
      const { format, scope } = wishOf(request.query, request.headers.accept)
      const tag = `"${cid}.${format}${format === 'car' ? `.${scope}` : ''}"`
      reply
        .header('etag', tag)
        .header('cache-control', IMMUTABLE)
        .header('x-ipfs-path', `/ipfs/${cid}`)
        .header('x-ipfs-roots', cid.toString())
        .header('vary', 'accept')
        .header('content-disposition', `attachment; filename="${cid}.${format === 'raw' ? 'bin' : 'car'}"`)
      const digest = digestOf(cid)
      if (!(await instance.blocks.has(digest))) return gone(reply, notFound())
      const right = readingRight(instance, request.caller)
      const guarded = (await instance.privacy.register.batch(digest)) !== undefined
      if (guarded && !(await right.mayHave(digest, NO_BYTES))) return gone(reply, confidential())
      const bytes = await requireBlock(instance.blocks, digest).catch((error: unknown) => gone(reply, error))
      if (guarded || isSealed(bytes)) reply.header('cache-control', PRIVATE)
      // A sealed block is known to its readers alone (S32).
      if (!(await right.mayHave(digest, bytes))) return gone(reply, notFound())
      if (request.headers['if-none-match']?.split(',').some((one) => one.trim() === tag || one.trim() === '*') === true)
        return reply.code(304).send()
      if (format === 'raw') return reply.header('content-type', RAW).send(viewOf(bytes))
      reply.header('content-type', `${CAR}; version=1; order=dfs; dups=n`)
      if (scope !== 'all') return reply.send(viewOf(writeCar(cid, [{ cid, bytes }])))
      if (request.method === 'HEAD') return reply.send()
      return reply.send(Readable.from(carBelow(instance.blocks, { cid, bytes }, right), { objectMode: false }))
    },
  )
}

const IMMUTABLE = 'public, max-age=29030400, immutable'
/** What only some may read is kept by nobody on the way. */
const PRIVATE = 'private, no-store'
const NO_BYTES = new Uint8Array(0)

/** What is not here must not be remembered as if it were. */
function gone(reply: FastifyReply, error: unknown): never {
  for (const name of ['etag', 'cache-control', 'content-disposition', 'x-ipfs-roots']) reply.removeHeader(name)
  throw error
}

function headForm(head: { readonly sequence: number; readonly digest: Uint8Array } | undefined) {
  return { sequence: head?.sequence ?? 0, digest: head === undefined ? null : toHex(head.digest) }
}

function readStream(text: string): number {
  const stream = Number(text)
  if (!/^[1-9][0-9]{0,9}$/.test(text) || stream > 0xffff_ffff)
    throw new TanlianError('E_FILTER_FORM', 'A stream is a number of 1 to 4294967295.', {
      values: { stream: text.slice(0, 20) },
    })
  return stream
}

/** Values of a block as JSON: bytes as hex, CIDs as text. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    if ('multihash' in value) return String(value)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
  }
  return value
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
