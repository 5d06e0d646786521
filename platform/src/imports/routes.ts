import * as z from 'zod'
import type { App } from '../app.ts'
import { Digest, Id, Name, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, Pair, pageOf } from '../page.ts'
import { addBatches, announceImport, importOf, listImports, withdrawImport } from './import.ts'

const Import = z
  .object({
    id: z.string(),
    organization: z.number(),
    name: z.string(),
    sha256: z.string(),
    mapping: z.string(),
    readings: z.number(),
    batches: z.number(),
    created: Time,
    state: z.enum(['open', 'complete', 'withdrawn']),
    sequences: z.array(z.number()),
    anchored: z.number(),
    withdrawn: z.object({ sequence: z.number(), reason: z.string() }).nullable(),
  })
  .meta({
    id: 'Import',
    description: 'What a file was planned to become, and how much of it is visible: k of n batches',
  })

/** Import manifests: a file becomes batches one by one, and anybody sees how many of how many are there. */
export function importRoutes(app: App, instance: Instance) {
  const tags = ['imports']
  const params = z.strictObject({ id: Id })
  const one = z.strictObject({ id: Id, import: Name })

  app.get(
    '/v1/organizations/:id/imports',
    {
      schema: {
        tags,
        summary: 'Imports of an organization, newest first',
        params,
        querystring: z.strictObject(pageOf(Pair(16))),
        response: { 200: Page(Import) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      return listImports(instance, await requireOrganization(instance, request.params.id), after, limit)
    },
  )

  app.get(
    '/v1/organizations/:id/imports/:import',
    { schema: { tags, summary: 'One import', params: one, querystring: NoQuery, response: { 200: Import } } },
    (request) => importOf(instance, request.params.id, request.params.import),
  )

  app.post(
    '/v1/organizations/:id/imports',
    {
      schema: {
        tags,
        summary: 'Announce an import',
        params,
        body: z.strictObject({
          name: Text(200).meta({ description: 'Name of the file' }),
          sha256: Digest.meta({ description: 'Of the file' }),
          mapping: Digest.meta({ description: 'H of the mapping’s canonical form' }),
          readings: z.int().min(1),
          batches: z.int().min(1).max(100_000),
        }),
        response: { 201: Import },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const manifest = await announceImport(instance, id, request.caller.name, request.body)
      return reply.code(201).header('location', `/v1/organizations/${id}/imports/${manifest.id}`).send(manifest)
    },
  )

  app.post(
    '/v1/organizations/:id/imports/:import/batches',
    {
      schema: {
        tags,
        summary: 'Say which accepted batches belong to an import',
        params: one,
        body: z.strictObject({ sequences: z.array(z.int().min(1)).min(1).max(1000) }),
        response: { 200: Import },
      },
    },
    (request) => addBatches(instance, request.params.id, request.params.import, request.body.sequences),
  )

  app.post(
    '/v1/organizations/:id/imports/:import/withdrawal',
    {
      schema: {
        tags,
        summary: 'Mark an import as withdrawn, once a batch has restated all of its readings',
        params: one,
        body: z.strictObject({ sequence: z.int().min(1), reason: Text(1000) }),
        response: { 200: Import },
      },
    },
    (request) => {
      const { sequence, reason } = request.body
      return withdrawImport(instance, request.params.id, request.params.import, sequence, reason)
    },
  )
}
