import * as z from 'zod'
import type { App } from '../app.ts'
import { confidential, readingRight } from '../evidence/reading-right.ts'
import { Count, Id, integer, NoQuery, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, pageFrom, pageOf } from '../page.ts'
import { figuresOf, organizationFigures } from './figures.ts'
import { latestOf } from './latest.ts'
import { STEPS, seriesOf } from './query.ts'

const Seconds = Count.meta({ description: 'Unix seconds' })
const Stream = integer(1, 0xffffffff).meta({ description: 'Number of a stream' })

const Series = z
  .object({
    organization: z.number(),
    stream: z.number(),
    type: z.string(),
    device: z.string(),
    interval: z.number(),
    from: z.number(),
    to: z.number(),
    step: z.enum(STEPS),
    sequence: z.number(),
    points: z.array(
      z.object({
        start: z.number(),
        end: z.number(),
        validity: z.number(),
        readings: z.number(),
        seconds: z.number(),
        quantity: z.string(),
        cid: z.string().nullable(),
      }),
    ),
  })
  .meta({
    id: 'Series',
    description: 'A stream’s course; a point is proven by a trace of its stream from start to end',
  })
/** How a stream was collected. */
export const Figures = z
  .object({
    stream: z.number(),
    device: z.string(),
    type: z.string(),
    interval: z.number(),
    expectedSeconds: z.number(),
    coveredSeconds: z.tuple([z.number(), z.number(), z.number()]),
    gaps: z.number(),
    missingSeconds: z.number(),
    missingReadings: z.number(),
    repeated: z.number(),
    refused: z.number(),
    restated: z.number(),
    skipped: z.number(),
    readings: z.number(),
    frames: z.number(),
    signed: z.number(),
    late: z.number(),
  })
  .meta({ id: 'StreamFigures', description: 'How a stream was collected: missing, repeated, signed, late' })
const Withheld = z
  .number()
  .meta({ description: 'Streams whose owner has not opened them to the asker; they stand in no figure' })
const OrganizationFigures = z
  .object({
    organization: z.number(),
    name: z.string().nullable(),
    nameEn: z.string().nullable(),
    streams: z.number(),
    withheld: Withheld,
    readings: z.number(),
    expectedSeconds: z.number(),
    coveredSeconds: z.tuple([z.number(), z.number(), z.number()]),
    gaps: z.number(),
    missingReadings: z.number(),
    repeated: z.number(),
    refused: z.number(),
    frames: z.number(),
    signed: z.number(),
    late: z.number(),
    lastReceived: Time.nullable(),
  })
  .meta({ id: 'OrganizationFigures', description: 'How an organization collects: its streams summed' })
const Latest = z
  .object({
    stream: z.number(),
    device: z.string(),
    type: z.string(),
    interval: z.number(),
    validity: z.number().nullable(),
    start: z.number().nullable(),
    seconds: z.number().nullable(),
    quantity: z.string().nullable(),
    sequence: z.number().nullable(),
    received: Time.nullable(),
  })
  .meta({ id: 'LatestReading', description: 'The last reading heard of a stream; null before the first' })

/** Charts, last readings and figures of collecting: all read from projections of the blocks. */
export function seriesRoutes(app: App, instance: Instance) {
  const tags = ['series']
  const params = z.strictObject({ id: Id })
  const window = { from: Seconds.optional(), to: Seconds.optional() }

  app.get(
    '/v1/organizations/:id/streams/:stream/series',
    {
      schema: {
        tags,
        summary: 'A stream’s course from single readings to months, without loading the readings',
        description: 'Without a window all its time, without a step the finest that a chart shows well.',
        params: z.strictObject({ id: Id, stream: Stream }),
        querystring: z.strictObject({ ...window, step: z.enum(STEPS).optional() }),
        response: { 200: Series },
      },
    },
    async (request) => {
      const { id, stream } = request.params
      const { from, to, step } = request.query
      await requireOrganization(instance, id)
      if ((await readingRight(instance, request.caller).hiddenStreams(id, { from, to })).has(stream))
        throw confidential()
      return seriesOf(instance, { organization: id, stream, from, to, step })
    },
  )

  app.get(
    '/v1/organizations/:id/latest',
    {
      schema: {
        tags,
        summary: 'The last reading of every stream',
        params,
        querystring: z.strictObject(pageOf(Count)),
        response: { 200: Page(Latest) },
      },
    },
    async (request) => {
      const { after = 0, limit } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      const hidden = await readingRight(instance, request.caller).hiddenStreams(organization)
      const found = await latestOf(instance, organization, after, limit + 1, hidden)
      return pageFrom(found, limit, ({ stream }) => stream)
    },
  )

  app.get(
    '/v1/organizations/:id/collection',
    {
      schema: {
        tags,
        summary: 'How each stream was collected: capture, gaps, repeats, signatures',
        params,
        querystring: z.strictObject(window),
        response: { 200: z.object({ items: z.array(Figures), withheld: Withheld }) },
      },
    },
    async (request) => {
      const organization = await requireOrganization(instance, request.params.id)
      const hidden = await readingRight(instance, request.caller).hiddenStreams(organization, request.query)
      const items = await figuresOf(instance, organization, request.query)
      return { items: items.filter(({ stream }) => !hidden.has(stream)), withheld: hidden.size }
    },
  )

  app.get(
    '/v1/collection',
    {
      schema: {
        tags,
        summary: 'How every organization collects, one line each',
        querystring: NoQuery,
        response: { 200: z.object({ items: z.array(OrganizationFigures) }) },
      },
    },
    async (request) => {
      const right = readingRight(instance, request.caller)
      return { items: await organizationFigures(instance, (organization) => right.hiddenStreams(organization)) }
    },
  )
}
