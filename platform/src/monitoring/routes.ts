import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Id, Name, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { actOnAlert, alertOf, listAlerts } from './alert.ts'
import { SETTINGS, SEVERITIES } from './rule.ts'
import { addRule, changeRule, listRules, type RuleDraft } from './rules.ts'
import './schema.ts'

const KINDS = Object.keys(SETTINGS) as [keyof typeof SETTINGS, ...(keyof typeof SETTINGS)[]]
const STATES = ['open', 'acknowledged', 'resolved'] as const
const Mail = z
  .string()
  .max(200)
  .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+$/, 'is not a mail address')
const Rule = z
  .object({
    id: z.string(),
    organization: z.number().nullable(),
    name: z.string(),
    kind: z.enum(KINDS),
    stream: z.number().nullable(),
    type: z.string().nullable(),
    severity: z.enum(SEVERITIES),
    settings: z.record(z.string(), z.number()),
    mail: z.array(z.string()),
    enabled: z.boolean(),
    created: Time,
  })
  .meta({ id: 'AlertRule', description: 'A rule as data; a null organization means a regulator’s, for everybody' })
const Draft = z
  .strictObject({
    name: Text(200),
    kind: z.enum(KINDS),
    stream: z.int().min(1).max(0xffffffff).nullable().default(null),
    type: z
      .string()
      .regex(/^([0-9a-f]{2}){1,3}$/, 'is not one to three bytes of hex')
      .nullable()
      .default(null),
    severity: z.enum(SEVERITIES),
    settings: z.record(z.string().max(40), z.number()),
    mail: z.array(Mail).max(20).default([]),
    enabled: z.boolean().default(true),
  })
  .meta({
    id: 'AlertRuleDraft',
    description: 'Settings are those of the kind, whole numbers in base units and seconds',
  })
const Alert = z
  .object({
    id: z.string(),
    rule: z.string(),
    name: z.string(),
    kind: z.string(),
    organization: z.number(),
    stream: z.number().nullable(),
    device: z.string().nullable(),
    severity: z.enum(SEVERITIES),
    state: z.enum(STATES),
    assignee: z.string().nullable(),
    mutedUntil: Time.nullable(),
    opened: Time,
    last: Time,
    times: z.number(),
    sequence: z.number().nullable(),
    from: z.number(),
    to: z.number(),
    values: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: 'Alert' })
const AlertWithNotes = Alert.extend({
  notes: z.array(z.object({ at: Time, who: z.string(), what: z.string(), words: z.string().nullable() })),
}).meta({ id: 'AlertWithNotes' })
const Act = z
  .discriminatedUnion('act', [
    z.strictObject({ act: z.literal('acknowledge'), words: Text(1000).optional() }),
    z.strictObject({ act: z.literal('assign'), to: Text(100) }),
    z.strictObject({ act: z.literal('comment'), words: Text(1000) }),
    z.strictObject({ act: z.literal('mute'), until: z.iso.datetime(), words: Text(1000).optional() }),
    z.strictObject({ act: z.literal('resolve'), words: Text(1000) }),
  ])
  .meta({ id: 'AlertAct' })
const Narrowed = {
  ...pageOf(Pair(16)),
  state: z.enum(STATES).optional(),
  severity: z.enum(SEVERITIES).optional(),
}

/** Alert rules and alerts (实时搜集和预警), for the enterprise and for the regulator. */
export function monitoringRoutes(app: App, instance: Instance) {
  const tags = ['monitoring']
  const params = z.strictObject({ id: Id })
  const one = z.strictObject({ id: Id, alert: Name })
  const { db, clock } = instance

  const alertPage = async (organization: number | undefined, query: z.infer<z.ZodObject<typeof Narrowed>>) => {
    const { after, limit, state, severity } = query
    const found = await listAlerts(instance, { organization, state, severity, before: after, limit: limit + 1 })
    return pageFrom(found, limit, ({ last, id }) => `${Date.parse(last)}-${id}`)
  }

  app.get(
    '/v1/organizations/:id/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts of an organization, the last raised first',
        params,
        querystring: z.strictObject(Narrowed),
        response: { 200: Page(Alert) },
      },
    },
    async (request) => alertPage(await requireOrganization(instance, request.params.id), request.query),
  )
  app.get(
    '/v1/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts of every organization, the last raised first',
        querystring: z.strictObject({ ...Narrowed, organization: Id.optional() }),
        response: { 200: Page(Alert) },
      },
    },
    (request) => alertPage(request.query.organization, request.query),
  )
  app.get(
    '/v1/organizations/:id/alerts/:alert',
    {
      schema: {
        tags,
        summary: 'One alert, with all that happened to it',
        params: one,
        querystring: NoQuery,
        response: { 200: AlertWithNotes },
      },
    },
    (request) => alertOf(instance, request.params.id, request.params.alert),
  )
  app.post(
    '/v1/organizations/:id/alerts/:alert/acts',
    {
      schema: {
        tags,
        summary: 'Acknowledge, assign, comment, mute or resolve an alert',
        params: one,
        body: Act,
        response: { 200: AlertWithNotes },
      },
    },
    (request) => {
      const { id, alert } = request.params
      return actOnAlert(instance, id, alert, request.caller.name, request.body)
    },
  )

  const Rules = z.object({ items: z.array(Rule) })
  app.get(
    '/v1/organizations/:id/alert-rules',
    {
      schema: {
        tags,
        summary: 'Rules in force for an organization: its own, then the regulator’s',
        params,
        querystring: NoQuery,
        response: { 200: Rules },
      },
    },
    async (request) => {
      const id = await requireOrganization(instance, request.params.id)
      return { items: [...(await listRules(db, id)), ...(await listRules(db, null))] }
    },
  )
  app.post(
    '/v1/organizations/:id/alert-rules',
    { schema: { tags, summary: 'Add a rule of an organization', params, body: Draft, response: { 201: Rule } } },
    async (request, reply) =>
      reply.code(201).send(await addRule(db, request.params.id, request.caller.name, clock(), draftOf(request.body))),
  )
  app.put(
    '/v1/organizations/:id/alert-rules/:rule',
    {
      schema: {
        tags,
        summary: 'Change a rule of an organization, or switch it off',
        params: z.strictObject({ id: Id, rule: Name }),
        body: Draft,
        response: { 200: Rule },
      },
    },
    (request) => changeRule(db, request.params.id, request.params.rule, draftOf(request.body)),
  )
  app.get(
    '/v1/alert-rules',
    {
      schema: { tags, summary: 'The regulator’s rules for everybody', querystring: NoQuery, response: { 200: Rules } },
    },
    async () => ({ items: await listRules(db, null) }),
  )
  app.post(
    '/v1/alert-rules',
    { schema: { tags, summary: 'Add a rule for everybody', body: Draft, response: { 201: Rule } } },
    async (request, reply) =>
      reply.code(201).send(await addRule(db, null, request.caller.name, clock(), draftOf(request.body))),
  )
  app.put(
    '/v1/alert-rules/:rule',
    {
      schema: {
        tags,
        summary: 'Change a rule for everybody, or switch it off',
        params: z.strictObject({ rule: Name }),
        body: Draft,
        response: { 200: Rule },
      },
    },
    (request) => changeRule(db, null, request.params.rule, draftOf(request.body)),
  )
}

/** Holds the settings to their kind. @throws TanlianError E_ALERT_SETTINGS */
function draftOf(draft: z.infer<typeof Draft>): RuleDraft {
  const settings = SETTINGS[draft.kind].safeParse(draft.settings)
  if (settings.success) return { ...draft, settings: settings.data }
  const [issue] = settings.error.issues
  const why = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim()
  throw new TanlianError('E_ALERT_SETTINGS', `These are not the settings of a ${draft.kind} rule: ${why}.`, {
    values: { kind: draft.kind, why },
  })
}
