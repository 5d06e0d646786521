import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Id, NoQuery } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, pageOf } from '../page.ts'
import { Cid } from '../report/form.ts'
import { SAMPLE_STATES, sampleOf, samplesOf, sampleView } from './sample.ts'

const Seconds = z.number().meta({ description: 'Unix seconds' })
const Sample = z
  .object({
    cid: z.string(),
    organization: z.number(),
    state: z.enum(SAMPLE_STATES),
    label: z.string(),
    material: z.string(),
    stream: z.number().nullable(),
    from: Seconds,
    to: Seconds,
    taken: Seconds,
    sealed: Seconds,
    seal: z.string(),
    logged: Seconds,
    qr: z.string().meta({ description: 'Text of the label’s QR code' }),
    handover: z.object({ cid: z.string(), laboratory: z.number(), at: Seconds }).nullable(),
    receipt: z.object({ cid: z.string(), at: Seconds, intact: z.boolean() }).nullable(),
    analysis: z
      .object({
        cid: z.string(),
        number: z.string(),
        analysed: Seconds,
        logged: Seconds,
        results: z.array(z.object({ name: z.string(), value: z.string(), unit: z.string(), method: z.string() })),
        report: z.string().nullable().meta({ description: 'Digest of the signed report’s file, if there is one' }),
      })
      .nullable(),
  })
  .meta({ id: 'Sample', description: 'A sample on its way: taken, sealed, handed over, received, analysed' })

/** Samples and what laboratories found: a view of the log, for both parties. */
export function laboratoryRoutes(app: App, instance: Instance) {
  const tags = ['laboratories']

  app.get(
    '/v1/organizations/:id/samples',
    {
      schema: {
        tags,
        summary: 'Samples that an organization took, or that were handed to it as a laboratory, the last taken first',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({ state: z.enum(SAMPLE_STATES).optional(), ...pageOf(Count) }),
        response: { 200: Page(Sample) },
      },
    },
    async (request) => {
      const { state, after = 0, limit } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const found = samplesOf(instance, organization, state)
      const items = found.slice(after, after + limit).map(sampleView)
      return { items, next: found.length > after + limit ? String(after + limit) : null }
    },
  )
  app.get(
    '/v1/samples/:cid',
    {
      schema: {
        tags,
        summary: 'A sample, by any document of its chain: what a QR code on a label leads to',
        params: z.strictObject({ cid: Cid }),
        querystring: NoQuery,
        response: { 200: Sample },
      },
    },
    async (request) => sampleView(sampleOf(instance, request.params.cid)),
  )
}
