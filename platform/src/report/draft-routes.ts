import type { ReportLife } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Id, Name, NoQuery, Text } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, Pair, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { Figures } from '../series/routes.ts'
import { beginDraft, changeDraft, type Draft, draftOf, dropDraft, fillDraft, listDrafts } from './draft.ts'
import {
  Answers,
  Cid,
  ComparisonShown,
  DraftHead,
  InputAsked,
  InputShown,
  OutputShown,
  STAGES,
  WitnessesShown,
} from './form.ts'
import { draftInputOf } from './input.ts'
import { reportLife } from './report.ts'
import { headOf, viewOf } from './view.ts'
import './schema.ts'

/** Bytes of a draft's inputs: twenty thousand rows of a few words. */
const INPUTS_BYTES = 8 * 1024 * 1024

const Split = z.enum(['month', 'period']).meta({ description: 'How rows of groups are cut: by month, or whole' })
const DraftWhole = DraftHead.extend({
  inputs: z.array(InputShown),
  answers: Answers,
  outputs: z.array(OutputShown).nullable(),
  missing: z.array(z.object({ name: z.string(), group: z.string().nullable(), row: z.number() })),
  checks: z.array(
    z.object({
      name: z.string(),
      zh: z.string(),
      en: z.string(),
      severity: z.enum(['info', 'question', 'error']),
      rows: z.array(z.number()),
    }),
  ),
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** How many values are somebody's word. */
  manual: z.number(),
  collection: z.array(Figures),
  witnesses: WitnessesShown,
  comparison: ComparisonShown.nullable(),
  latest: z.object({ cid: z.string(), stage: z.enum(STAGES), locked: z.boolean() }).nullable(),
}).meta({
  id: 'ReportDraftWhole',
  description: 'A draft, what it comes to, what it lacks, and how its data was collected',
})

/** Reports being prepared: an organization's own. */
export function draftRoutes(app: App, instance: Instance) {
  const tags = ['reports']
  const params = z.strictObject({ id: Id })
  const one = z.strictObject({ id: Id, draft: Name })
  const whole = async (draft: Draft) => {
    const { head, computed, draft: _, ...behind } = await viewOf(instance, draft)
    const { outputs, missing, checks, problem } = computed
    const manual = draft.inputs.filter(({ origin }) => origin.kind === 'manual').length
    const shown = {
      inputs: [...draft.inputs],
      answers: draft.answers.map((one) => [...one] as [string, string, string]),
    }
    return { ...head, ...(shown as z.input<typeof DraftWhole>), outputs, missing, checks, problem, manual, ...behind }
  }

  app.get(
    '/v1/organizations/:id/reports',
    {
      schema: {
        tags,
        summary: 'Drafts of an organization, the last changed first',
        params,
        querystring: z.strictObject(pageOf(Pair(16))),
        response: { 200: Page(DraftHead) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const found = await listDrafts(instance, request.params.id, after, limit + 1)
      const { items, next } = pageFrom(found, limit, ({ changedMs, id }) => `${changedMs}-${id}`)
      return { items: items.map(headOf), next }
    },
  )
  app.post(
    '/v1/organizations/:id/reports',
    {
      schema: {
        tags,
        summary: 'Begin a report: the draft fills itself from proven totals',
        params,
        body: z.strictObject({
          type: z.enum(['month', 'year']),
          subject: Text(200).meta({ description: 'The plant or unit' }),
          period: z.string().regex(/^\d{4}(?:-\d{2})?$/, 'is neither a year nor a month'),
          zone: Text(60).default('Asia/Shanghai'),
          methodology: Cid,
          split: Split.optional(),
          corrects: Cid.nullable().default(null),
          reason: Text(2000).nullable().default(null),
        }),
        response: { 201: DraftWhole },
      },
    },
    async (request, reply) => {
      const organization = await requireOrganization(instance, request.params.id)
      const { split, ...given } = request.body
      const corrected = correctedReport(instance, organization, given)
      const draft = await beginDraft(instance, organization, request.caller.name, {
        ...given,
        split: split ?? (given.type === 'year' ? 'month' : 'period'),
        inputs: corrected?.content.inputs.map(draftInputOf) ?? [],
      })
      return reply
        .code(201)
        .header('location', `/v1/organizations/${organization}/reports/${draft.id}`)
        .send(await whole(draft))
    },
  )
  app.get(
    '/v1/organizations/:id/reports/:draft',
    {
      schema: {
        tags,
        summary: 'A draft: its inputs, what they come to and what is missing',
        params: one,
        querystring: NoQuery,
        response: { 200: DraftWhole },
      },
    },
    async (request) => whole(await draftOf(instance, request.params.id, request.params.draft)),
  )
  app.put(
    '/v1/organizations/:id/reports/:draft/inputs',
    {
      bodyLimit: INPUTS_BYTES,
      schema: {
        tags,
        summary: 'Set all inputs of a draft; totals are looked up anew',
        params: one,
        body: z.strictObject({
          version: z.int().min(1),
          inputs: z.array(InputAsked).max(60_000),
          answers: Answers.default([]),
        }),
        response: { 200: DraftWhole },
      },
    },
    async (request) => whole(await changeDraft(instance, request.params.id, request.params.draft, request.body)),
  )
  app.post(
    '/v1/organizations/:id/reports/:draft/filling',
    {
      schema: {
        tags,
        summary: 'Fill a draft anew from the totals of now; what people entered stays',
        params: one,
        body: z.strictObject({ version: z.int().min(1), split: Split }),
        response: { 200: DraftWhole },
      },
    },
    async (request) => whole(await fillDraft(instance, request.params.id, request.params.draft, request.body)),
  )
  app.delete(
    '/v1/organizations/:id/reports/:draft',
    { schema: { tags, summary: 'Throw a draft away', params: one, querystring: NoQuery } },
    async (request, reply) => {
      await dropDraft(instance, request.params.id, request.params.draft)
      return reply.code(204).send()
    },
  )
}

/**
 * The report that a draft is to take the place of; its inputs are taken over, and the reason is part of what is signed.
 * @throws TanlianError E_NOT_FOUND, E_DRAFT_CORRECTS
 */
function correctedReport(
  instance: Instance,
  organization: number,
  { corrects, reason }: { readonly corrects: CID | null; readonly reason: string | null },
): ReportLife | undefined {
  if ((corrects === null) !== (reason === null))
    throw new TanlianError('E_DRAFT_CORRECTS', 'A correction names the report that it corrects, and why.', {})
  if (corrects === null) return undefined
  const life = reportLife(instance, corrects)
  if (life.organization !== organization) throw notFound()
  return life
}
