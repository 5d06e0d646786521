import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from './app.ts'
import { Count, Id } from './form.ts'
import type { Instance } from './instance.ts'
import { Page, pageFrom, pageOf } from './page.ts'

/** Table of migration 0101. */
declare module './schema.ts' {
  interface Schema {
    audit: AuditTable
  }
}

/** One write that was asked for, whether or not it was done. */
export interface AuditTable {
  id: import('kysely').Generated<number>
  at_ms: number
  caller: string
  method: string
  route: string
  organization: number | null
  /** What it was about, where the route names it (an upload, a person). */
  subject: string | null
  status: number
  code: string | null
  correlation: string
}

const AuditLine = z
  .object({
    id: z.number(),
    at: z.string().meta({ description: 'RFC 3339, UTC' }),
    caller: z.string(),
    method: z.string(),
    route: z.string(),
    organization: z.number().nullable(),
    subject: z.string().nullable(),
    status: z.number(),
    code: z.string().nullable(),
    correlation: z.string(),
  })
  .meta({ id: 'AuditLine', description: 'Who asked for which write, when, and how it ended' })

/** Keeps a line for a write before its answer leaves, so that an answered write is always on record. Bodies and tokens never are. */
export async function recordWrite(
  instance: Instance,
  request: FastifyRequest,
  reply: FastifyReply,
  code: string | null,
): Promise<void> {
  const params: Readonly<Record<string, unknown>> = (request.params ?? {}) as Record<string, unknown>
  // A text before the schema has read it, a number after.
  const id = Id.safeParse(String(params.id)).data ?? null
  const subject = Object.entries(params).find(([name]) => name !== 'id' && name !== '*')?.[1]
  await instance.db
    .insertInto('audit')
    .values({
      at_ms: instance.clock(),
      caller: request.caller.name,
      method: request.method,
      route: request.routeOptions.url ?? '(none)',
      organization: id,
      subject: typeof subject === 'string' ? short(subject) : null,
      status: reply.statusCode,
      code,
      correlation: request.id,
    })
    .execute()
}

/** `GET /v1/audit`: newest first. A regulator and an admin see all of it. */
export function auditRoutes(app: App, instance: Instance) {
  app.get(
    '/v1/audit',
    {
      schema: {
        tags: ['operation'],
        summary: 'Every write that was asked for, newest first',
        querystring: z.strictObject({
          ...pageOf(Count),
          organization: Id.optional(),
        }),
        response: { 200: Page(AuditLine) },
      },
    },
    async (request) => {
      const { after, limit, organization } = request.query
      let query = instance.db
        .selectFrom('audit')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1)
      if (after !== undefined) query = query.where('id', '<', after)
      if (organization !== undefined) query = query.where('organization', '=', organization)
      const rows = await query.execute()
      const { items, next } = pageFrom(rows, limit, ({ id }) => id)
      return { items: items.map(({ at_ms, ...line }) => ({ ...line, at: new Date(at_ms).toISOString() })), next }
    },
  )
}

/** A hostile path part is kept recognizable but short. */
function short(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 40)}… (${createHash('sha256').update(text).digest('hex')})`
}
