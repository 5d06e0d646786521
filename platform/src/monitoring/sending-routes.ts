import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Id, integer, Name, NoQuery, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { complain, listComplaints } from './complaint.ts'
import { openDeliverer } from './deliver.ts'
import type { DeliveryTable } from './schema.ts'
import { listenForSilence } from './silence.ts'
import { requireWebhookUrl } from './webhook.ts'

const Webhook = z.object({ id: z.string(), url: z.string(), created: Time }).meta({ id: 'Webhook' })
const Delivery = z
  .object({
    id: z.number(),
    alert: z.string(),
    channel: z.enum(['mail', 'webhook']),
    target: z.string(),
    state: z.enum(['waiting', 'sent', 'failed']),
    attempts: z.number(),
    failure: z.string().nullable(),
    nextTry: Time.nullable(),
  })
  .meta({ id: 'Delivery', description: 'A mail or webhook on its way; nextTry of one that waits' })
const Channels = z
  .object({
    webhook: z.object({ hosts: z.array(z.string()), key: z.string() }),
    mail: z.object({ from: z.string().nullable() }),
  })
  .meta({
    id: 'Channels',
    description:
      'Hosts that webhooks may go to, the key that signs them, and the sender of mails; null where none are sent',
  })
const Complaint = z
  .object({
    kind: z.number(),
    organization: z.number(),
    sequence: z.number(),
    digest: z.string(),
    cid: z.string(),
    receipt: z.looseObject({}),
    made: Time,
    due: Time,
    chain: z.object({ block: z.number(), size: z.number(), head: z.number() }),
    settled: z.object({ index: z.number(), at: Time }).nullable(),
  })
  .meta({ id: 'Complaint', description: 'A receipt beside the entry that was not in the log when it had to be' })

const EVERY_MS = 5000

/** What goes out because of alerts, and the public list of promises that were not kept. */
export async function sendingRoutes(app: App, instance: Instance) {
  const tags = ['monitoring']
  const params = z.strictObject({ id: Id })
  const { db, clock, config, logger } = instance
  const deliverer = await openDeliverer(instance)

  let working: Promise<unknown> = Promise.resolve()
  const round = async () => {
    await complain(instance)
    await listenForSilence(instance)
    await deliverer.deliver()
  }
  const timer = setInterval(() => {
    working = working.then(round).catch((error) => logger.warn({ err: error }, 'a round of alerts failed'))
  }, EVERY_MS)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await working
    deliverer.close()
  })

  app.get(
    '/v1/complaints',
    {
      schema: {
        tags,
        summary:
          'Receipts whose entry was not in the log in time, the last first; each can be checked without this server',
        querystring: z.strictObject(pageOf(Pair(32))),
        response: { 200: Page(Complaint) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const found = await listComplaints(instance, after, limit + 1)
      return pageFrom(
        found.map((one) => ({ ...one, receipt: { ...one.receipt } })),
        limit,
        ({ made, digest }) => `${Date.parse(made)}-${digest}`,
      )
    },
  )
  app.get(
    '/v1/webhook-key',
    {
      schema: {
        tags,
        summary: 'The Ed25519 key that webhooks are signed with, over `time.delivery.body`',
        querystring: NoQuery,
        response: { 200: z.object({ key: z.string() }) },
      },
    },
    async () => ({ key: deliverer.publicKey }),
  )

  app.get(
    '/v1/organizations/:id/channels',
    {
      schema: {
        tags,
        summary: 'The ways in which alerts can be sent out, as the operator has set them up',
        params,
        querystring: NoQuery,
        response: { 200: Channels },
      },
    },
    async () => ({
      webhook: { hosts: [...config.webhooks.hosts], key: deliverer.publicKey },
      mail: { from: config.smtpUrl === undefined ? null : config.mailFrom },
    }),
  )
  app.get(
    '/v1/organizations/:id/webhooks',
    {
      schema: {
        tags,
        summary: 'Addresses that alerts are sent to',
        params,
        querystring: NoQuery,
        response: { 200: z.object({ items: z.array(Webhook) }) },
      },
    },
    async (request) => {
      const rows = await db
        .selectFrom('webhook')
        .selectAll()
        .where('organization', '=', request.params.id)
        .orderBy('created_ms')
        .execute()
      return { items: rows.map(webhookView) }
    },
  )
  app.post(
    '/v1/organizations/:id/webhooks',
    {
      schema: {
        tags,
        summary: 'Add an address; its host must be on the operator’s list',
        params,
        body: z.strictObject({ url: z.string().min(1).max(500) }),
        response: { 201: Webhook },
      },
    },
    async (request, reply) => {
      const { href: url } = requireWebhookUrl(request.body.url, config.webhooks)
      const row = await db
        .insertInto('webhook')
        .values({
          id: randomBytes(16).toString('hex'),
          organization: request.params.id,
          url,
          created_by: request.caller.name,
          created_ms: clock(),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return reply.code(201).send(webhookView(row))
    },
  )
  app.delete(
    '/v1/organizations/:id/webhooks/:webhook',
    { schema: { tags, summary: 'Remove an address', params: z.strictObject({ id: Id, webhook: Name }) } },
    async (request, reply) => {
      const gone = await db
        .deleteFrom('webhook')
        .where('organization', '=', request.params.id)
        .where('id', '=', request.params.webhook)
        .executeTakeFirst()
      if (gone.numDeletedRows === 0n) throw notFound()
      return reply.code(204).send()
    },
  )

  app.get(
    '/v1/organizations/:id/deliveries',
    {
      schema: {
        tags,
        summary: 'Mails and webhooks, the last first',
        params,
        querystring: z.strictObject(pageOf(Count)),
        response: { 200: Page(Delivery) },
      },
    },
    async (request) => {
      const { after = Number.MAX_SAFE_INTEGER, limit } = request.query
      const rows = await db
        .selectFrom('delivery')
        .select(DELIVERY)
        .where('organization', '=', request.params.id)
        .where('id', '<', after)
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return pageFrom(rows.map(deliveryView), limit, ({ id }) => id)
    },
  )
  app.post(
    '/v1/organizations/:id/deliveries/:delivery/replay',
    {
      schema: {
        tags,
        summary: 'Send a mail or webhook again',
        params: z.strictObject({ id: Id, delivery: integer(1) }),
        response: { 202: Delivery },
      },
    },
    async (request, reply) => {
      const row = await db
        .updateTable('delivery')
        .set({ state: 'waiting', attempts: 0, next_ms: clock(), failure: null })
        .where('organization', '=', request.params.id)
        .where('id', '=', request.params.delivery)
        .returning(DELIVERY)
        .executeTakeFirst()
      if (row === undefined) throw notFound()
      return reply.code(202).send(deliveryView(row))
    },
  )
}

function webhookView({ id, url, created_ms }: { id: string; url: string; created_ms: number }) {
  return { id, url, created: new Date(created_ms).toISOString() }
}

const DELIVERY = [
  'id',
  'alert',
  'channel',
  'target',
  'state',
  'attempts',
  'failure',
  'next_ms',
] as const satisfies readonly (keyof DeliveryTable)[]

function deliveryView({ next_ms, ...row }: Pick<Selectable<DeliveryTable>, (typeof DELIVERY)[number]>) {
  return { ...row, nextTry: row.state === 'waiting' ? new Date(next_ms).toISOString() : null }
}
