import type { Pairing } from '@tanlian/accounting'
import * as z from 'zod'
import type { App } from '../app.ts'
import { sendUnsigned } from '../document/content.ts'
import { Count, Id, integer, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page } from '../page.ts'
import { Cid } from '../report/form.ts'
import { reportLife } from '../report/report.ts'
import { ReportHead } from '../report/report-form.ts'
import { declareConflict, listConflicts } from './conflict.ts'
import { assignmentOf, DRAW_BLOCKS, listDraws, proposeDraw } from './draw.ts'
import { decisionOf, openReviews } from './work.ts'

const Pair = z.object({ enterprise: z.number(), verifier: z.number() })
const Declared = z
  .string()
  .regex(/^[1-9]\d{0,9}-[1-9]\d{0,9}$/, 'is not ENTERPRISE-VERIFIER')
  .transform((text): readonly [number, number] => {
    const [enterprise, verifier] = text.split('-')
    return [Number(enterprise), Number(verifier)]
  })
const DrawForm = z
  .object({
    cid: z.string(),
    organization: z.number(),
    from: z.number(),
    to: z.number(),
    enterprises: z.array(z.number()),
    candidates: z.array(z.number()),
    excluded: z.array(z.object({ enterprise: z.number(), candidate: z.number(), reason: z.string() })),
    previous: z.array(Pair),
    block: z.number(),
    due: z.number(),
    announced: Time,
    size: z.number().nullable().meta({ description: 'Size of the log after the block that decides' }),
    drawn: z.array(Pair).nullable().meta({ description: 'What the root there draws: enterprise and verifier' }),
    assignment: z.object({ cid: z.string(), assigned: z.array(Pair) }).nullable(),
  })
  .meta({ id: 'Draw', description: 'A draw of verifiers; anybody draws the same from the log’s root' })
const ReviewItem = z
  .object({
    report: ReportHead,
    opinion: z.string().nullable(),
    differences: z.number(),
    later: z.number(),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    risk: z.number(),
    manual: z.number(),
  })
  .meta({ id: 'ReviewItem', description: 'A report that waits for a decision, done again' })
const ConflictForm = z
  .object({ other: z.number(), reason: z.string(), declared: Time })
  .meta({ id: 'Conflict', description: 'A conflict of interest that an organization declared' })

/** Who verifies whom, and what a regulator decides. */
export function drawRoutes(app: App, instance: Instance) {
  const tags = ['verification']
  const Periods = { from: Count, to: Count }
  const reviews = openReviews(instance)

  app.get(
    '/v1/draws',
    {
      schema: {
        tags,
        summary: 'Draws of verifiers and their assignments, the last announced first',
        querystring: NoQuery,
        response: { 200: Page(DrawForm) },
      },
    },
    async () => ({
      items: (await listDraws(instance)).map(({ cid, organization, content, announced, drawn, size, assignment }) => ({
        cid,
        organization,
        from: content.period[0],
        to: content.period[1],
        enterprises: [...content.enterprises],
        candidates: [...content.candidates],
        excluded: content.excluded.map(([enterprise, candidate, reason]) => ({ enterprise, candidate, reason })),
        previous: content.previous.map(pairOf),
        block: content.block,
        due: content.due,
        announced,
        size,
        drawn: drawn?.map(pairOf) ?? null,
        assignment: assignment === null ? null : { cid: assignment.cid, assigned: assignment.assigned.map(pairOf) },
      })),
      next: null,
    }),
  )
  app.get(
    '/v1/organizations/:id/draw-content',
    {
      schema: {
        tags,
        summary: 'A draw for a regulator to sign and announce, with the conflicts that are known and the last pairs',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({
          ...Periods,
          due: Count.meta({ description: 'When opinions are due, Unix seconds' }),
          blocks: integer(2, 100_000)
            .default(DRAW_BLOCKS)
            .meta({ description: 'How many blocks from now it is drawn' }),
          enterprise: z
            .union([z.array(Id), Id.transform((one) => [one])])
            .optional()
            .meta({ description: 'For these; without one for all that have reported' }),
          granted: z
            .union([z.array(Declared), Declared.transform((one) => [one])])
            .default([])
            .meta({ description: 'ENTERPRISE-VERIFIER whose conflict, declared by the enterprise, is to count' }),
        }),
      },
    },
    async (request, reply) => {
      const { from, to, due, blocks, enterprise, granted } = request.query
      const period = [from, to] as const
      const content = await proposeDraw(instance, request.params.id, {
        period,
        enterprises: enterprise,
        granted,
        blocks,
        due,
      })
      return sendUnsigned(reply, 'draw', content)
    },
  )
  app.get(
    '/v1/draws/:cid/assignment-content',
    {
      schema: {
        tags,
        summary: 'The assignment that a draw’s block has decided, to be signed by whoever announced the draw',
        params: z.strictObject({ cid: Cid }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => sendUnsigned(reply, 'assignment', await assignmentOf(instance, request.params.cid)),
  )
  app.get(
    '/v1/organizations/:id/conflicts',
    {
      schema: {
        tags,
        summary: 'Conflicts of interest that an organization declared',
        params: z.strictObject({ id: Id }),
        querystring: NoQuery,
        response: { 200: Page(ConflictForm) },
      },
    },
    async (request) => ({ items: await listConflicts(instance, request.params.id), next: null }),
  )
  app.post(
    '/v1/organizations/:id/conflicts',
    {
      schema: {
        tags,
        summary: 'Declare a conflict of interest: a verifier’s bars it, an enterprise’s is for the regulator to grant',
        params: z.strictObject({ id: Id }),
        body: z.strictObject({ other: z.int().min(1), reason: Text(80) }),
        response: { 201: Page(ConflictForm) },
      },
    },
    async (request, reply) => {
      const organization = await requireOrganization(instance, request.params.id)
      await requireOrganization(instance, request.body.other)
      await declareConflict(instance, organization, request.caller.name, request.body)
      return reply.code(201).send({ items: await listConflicts(instance, organization), next: null })
    },
  )
  app.get(
    '/v1/reviews',
    {
      schema: {
        tags,
        summary: 'Reports that wait for a decision, each done again by the platform, the riskiest first',
        querystring: NoQuery,
        response: { 200: Page(ReviewItem) },
      },
    },
    async () => ({ items: await reviews(), next: null }),
  )
  app.post(
    '/v1/organizations/:id/reviews/:cid/decision-content',
    {
      config: { idempotent: false },
      schema: {
        tags,
        summary: 'The decision for a regulator to sign, with the outputs as recomputed',
        params: z.strictObject({ id: Id, cid: Cid }),
        body: z.strictObject({
          outcome: z.enum(['accepted', 'rejected']),
          reason: Text(2000).nullable().default(null),
        }),
      },
    },
    async (request, reply) => {
      const { id, cid } = request.params
      return sendUnsigned(reply, 'decision', await decisionOf(instance, id, reportLife(instance, cid), request.body))
    },
  )
}

function pairOf([enterprise, verifier]: Pairing) {
  return { enterprise, verifier }
}
