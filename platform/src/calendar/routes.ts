import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, Id, Name, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { organizationOf, requireOrganization } from '../organization/view.ts'
import { Page } from '../page.ts'
import { languageOf } from '../problem.ts'
import { deadlines } from './deadline.ts'
import { icsOf } from './ics.ts'
import { addProject, dropProject, listProjects, setFacts } from './project.ts'
import { remindOfDeadlines } from './remind.ts'

const Project = z
  .object({
    id: z.string(),
    organization: z.number(),
    sector: z.string(),
    subject: z.string(),
    facts: z.record(z.string(), z.string()),
    created: Time,
  })
  .meta({ id: 'ReportProject', description: 'A plant or unit that reports in a sector' })
const Facts = z
  .record(z.string().max(60), Text(60))
  .meta({ description: 'What no report tells of the plant, by the names of GET /v1/allocation-rules' })
const Deadline = z
  .object({
    project: z.string(),
    subject: z.string(),
    sector: z.string(),
    calendar: z.string(),
    step: z.string(),
    zh: z.string(),
    en: z.string(),
    period: z.string(),
    day: z.string(),
    due: z.number(),
    state: z.enum(['done', 'open', 'late', 'date']),
    report: z.string().nullable(),
    source: z.object({ document: z.string(), confidence: z.string() }),
  })
  .meta({ id: 'Deadline', description: 'A date of the calendar for a project, with where it stands by the log' })

const EVERY_MS = 60_000
/** A calendar from a year back to two ahead. */
const YEAR_S = 366 * 86_400

/** Report projects, their deadlines, and what reminds of them. */
export function calendarRoutes(app: App, instance: Instance) {
  const tags = ['reports']
  const params = z.strictObject({ id: Id })
  const window = {
    from: Count.optional().meta({ description: 'Unix seconds; a year back where it is left out' }),
    to: Count.optional().meta({ description: 'Unix seconds; two years ahead where it is left out' }),
  }
  const found = async (id: number, { from, to }: { from?: number | undefined; to?: number | undefined }) => {
    const organization = await requireOrganization(instance, id)
    const nowS = Math.floor(instance.clock() / 1000)
    const range = { from: from ?? nowS - YEAR_S, to: to ?? nowS + 2 * YEAR_S }
    return deadlines(instance, await listProjects(instance, organization), range)
  }

  app.get(
    '/v1/organizations/:id/projects',
    {
      schema: {
        tags,
        summary: 'Report projects of an organization',
        params,
        querystring: NoQuery,
        response: { 200: Page(Project) },
      },
    },
    async (request) => ({ items: await listProjects(instance, request.params.id), next: null }),
  )
  app.post(
    '/v1/organizations/:id/projects',
    {
      schema: {
        tags,
        summary: 'Add a plant or unit that reports; the organization is reminded of its deadlines',
        params,
        body: z.strictObject({
          sector: Text(60).meta({ description: 'power, steel, cement, aluminium' }),
          subject: Text(200).meta({ description: 'As its reports name it' }),
          facts: Facts.optional(),
        }),
        response: { 201: Page(Project) },
      },
    },
    async (request, reply) => {
      const organization = await requireOrganization(instance, request.params.id)
      const { facts = {}, ...rest } = request.body
      await addProject(instance, organization, request.caller.name, { ...rest, facts })
      return reply.code(201).send({ items: await listProjects(instance, organization), next: null })
    },
  )
  app.put(
    '/v1/organizations/:id/projects/:project',
    {
      schema: {
        tags,
        summary: 'Correct what a plant says of itself that no report tells',
        params: z.strictObject({ id: Id, project: Name }),
        body: z.strictObject({ facts: Facts }),
        response: { 200: Page(Project) },
      },
    },
    async (request) => {
      const { id, project } = request.params
      await setFacts(instance, id, project, request.body.facts)
      return { items: await listProjects(instance, id), next: null }
    },
  )
  app.delete(
    '/v1/organizations/:id/projects/:project',
    {
      schema: {
        tags,
        summary: 'End a report project',
        params: z.strictObject({ id: Id, project: Name }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      await dropProject(instance, request.params.id, request.params.project)
      return reply.code(204).send()
    },
  )
  app.get(
    '/v1/organizations/:id/deadlines',
    {
      schema: {
        tags,
        summary: 'Deadlines of an organization’s projects, the first due first, with where each stands by the log',
        params,
        querystring: z.strictObject(window),
        response: { 200: Page(Deadline) },
      },
    },
    async (request) => ({ items: await found(request.params.id, request.query), next: null }),
  )
  app.get(
    '/v1/organizations/:id/deadlines.ics',
    {
      schema: {
        tags,
        summary: 'The same as iCalendar (RFC 5545)',
        params,
        querystring: z.strictObject({ ...window, lang: z.enum(['zh', 'en']).optional() }),
      },
    },
    async (request, reply) => {
      const { lang, ...range } = request.query
      const items = await found(request.params.id, range)
      const party = await organizationOf(instance, request.params.id)
      const language = lang ?? languageOf(request.headers['accept-language'])
      const stampS = Math.floor(instance.clock() / 1000)
      return reply
        .header('content-type', 'text/calendar; charset=utf-8')
        .header('content-disposition', 'attachment; filename="tanlian.ics"')
        .send(icsOf(items, { language, name: party?.name ?? `Tanlian ${request.params.id}`, stampS }))
    },
  )

  const remind = () => {
    remindOfDeadlines(instance).catch((error) =>
      instance.logger.warn({ err: error }, 'deadlines could not be looked at'),
    )
  }
  const timer = setInterval(remind, EVERY_MS)
  timer.unref()
  app.addHook('onClose', async () => clearInterval(timer))
}
