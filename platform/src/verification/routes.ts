import { OPINION_OUTCOMES } from '@tanlian/accounting'
import { digestOf, fromHex, toHex } from '@tanlian/evidence'
import * as z from 'zod'
import type { App } from '../app.ts'
import { attachmentOf } from '../attachment/attachment.ts'
import { sendFile } from '../attachment/routes.ts'
import { sendUnsigned, unsigned } from '../document/content.ts'
import { readingRight } from '../evidence/reading-right.ts'
import { Digest, Id, integer, Name, NoQuery, Text } from '../form.ts'
import type { Instance } from '../instance.ts'
import { Page } from '../page.ts'
import { notFound } from '../policy.ts'
import { Cid } from '../report/form.ts'
import { reportHead } from '../report/report.ts'
import { listFindings, raiseFinding, say, threadDigest } from './finding.ts'
import { Files, Finding, Visit, Whole, WorkItem } from './form.ts'
import { auditCoverage, opinionOf } from './opinion.ts'
import { requireParty, requireUnderway, requireVerifier } from './party.ts'
import { risksOf } from './risk.ts'
import { drawSample, sampledItems } from './sample.ts'
import { listVisits, recordVisit, requireFiles } from './visit.ts'
import { workOf } from './work.ts'
import './schema.ts'

/** The work of a verifier, and the other side of it. */
export function verificationRoutes(app: App, instance: Instance) {
  const tags = ['verification']
  const params = z.strictObject({ id: Id, cid: Cid })
  const speaker = (organization: number, name: string) => ({ organization, name })

  app.get(
    '/v1/organizations/:id/verifications',
    {
      schema: {
        tags,
        summary: 'Reports that a verifier was assigned, the first due and riskiest first',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({
          all: z.enum(['true', 'false']).default('false').meta({ description: 'true: those that are done too' }),
        }),
        response: { 200: Page(WorkItem) },
      },
    },
    async (request) => ({
      items: await workOf(instance, request.params.id, request.query.all === 'true'),
      next: null,
    }),
  )
  app.get(
    '/v1/organizations/:id/verifications/:cid',
    {
      schema: {
        tags,
        summary: 'The work on a report: risks, sample, findings, visits, audits; for its verifier and its preparer',
        params,
        querystring: NoQuery,
        response: { 200: Whole },
      },
    },
    async (request) => {
      const { id, cid } = request.params
      const seen = requireParty(instance, id, cid)
      const { life, as, verifier, assignment } = seen
      const report = digestOf(cid)
      const [risks, coverage, items, findings, visits, thread] = await Promise.all([
        risksOf(instance, life.organization, life.content),
        auditCoverage(instance, seen),
        sampledItems(instance, life),
        listFindings(instance, report),
        listVisits(instance, report),
        threadDigest(instance, report, verifier),
      ])
      const { batches, held, audits } = coverage
      return {
        report: reportHead(instance, life),
        as,
        assignment: assignment.toString(),
        risks,
        audits: { batches, held, documents: audits.map(String) },
        items,
        findings,
        visits,
        thread: { digest: toHex(thread.digest), salt: toHex(thread.salt) },
      }
    },
  )
  app.get(
    '/v1/organizations/:id/verifications/:cid/plan-content',
    {
      schema: {
        tags,
        summary: 'The sampling plan for the verifier to sign: its seed is the log’s, its strata are weighted by risk',
        params,
        querystring: z.strictObject({ size: integer(1, 1000).default(60) }),
      },
    },
    async (request, reply) => {
      const { id, cid } = request.params
      const seen = requireVerifier(instance, id, cid)
      // Which readings there are is told to those who may read them: a verifier is named as a reader before its work.
      await readingRight(instance, request.caller).requireProofs(seen.life.organization)
      const { seed, risks, items } = await drawSample(instance, seen, request.query.size)
      const content = {
        format: 'tanlian/sampling-plan/1',
        report: cid,
        assignment: seen.assignment,
        seed,
        risks: risks.map(({ stratum, points }) => [stratum, points]),
        items,
      }
      return sendUnsigned(reply, 'sampling-plan', unsigned(content))
    },
  )
  app.post(
    '/v1/organizations/:id/verifications/:cid/findings',
    {
      schema: {
        tags,
        summary: 'Raise a finding on a row of the report',
        params,
        body: z.strictObject({
          subject: Text(200).meta({ description: '`input/GROUP/ROW/NAME`, `output/NAME`, `key/HEX`, or words' }),
          rule: Text(80).nullable().default(null),
          severity: z.enum(['info', 'question', 'hold']),
          words: Text(4000),
          files: Files,
        }),
        response: { 201: Page(Finding) },
      },
    },
    async (request, reply) => {
      const { id, cid } = request.params
      requireUnderway(requireVerifier(instance, id, cid))
      await requireFiles(instance, id, request.body.files)
      await raiseFinding(instance, digestOf(cid), speaker(id, request.caller.name), request.body)
      return reply.code(201).send({ items: await listFindings(instance, digestOf(cid)), next: null })
    },
  )
  app.post(
    '/v1/organizations/:id/verifications/:cid/findings/:finding/messages',
    {
      schema: {
        tags,
        summary: 'Ask, answer, remark or close a finding',
        params: z.strictObject({ id: Id, cid: Cid, finding: Name }),
        body: z.strictObject({
          kind: z.enum(['request', 'answer', 'note', 'closing']),
          words: Text(4000),
          files: Files,
        }),
        response: { 201: Page(Finding) },
      },
    },
    async (request, reply) => {
      const { id, cid, finding } = request.params
      const seen = requireParty(instance, id, cid)
      requireUnderway(seen)
      await requireFiles(instance, id, request.body.files)
      const by = { ...speaker(id, request.caller.name), as: seen.as }
      await say(instance, digestOf(cid), finding, by, request.body)
      return reply.code(201).send({ items: await listFindings(instance, digestOf(cid)), next: null })
    },
  )
  app.post(
    '/v1/organizations/:id/verifications/:cid/visits',
    {
      schema: {
        tags,
        summary: 'Record a site visit; its photos are attachments of the verifier',
        params,
        body: z.strictObject({
          at: z.int().min(0).meta({ description: 'Unix seconds' }),
          place: Text(200),
          people: Text(400),
          words: Text(8000),
          files: Files,
        }),
        response: { 201: Page(Visit) },
      },
    },
    async (request, reply) => {
      const { id, cid } = request.params
      requireUnderway(requireVerifier(instance, id, cid))
      await recordVisit(instance, digestOf(cid), id, request.caller.name, request.body)
      return reply.code(201).send({ items: await listVisits(instance, digestOf(cid)), next: null })
    },
  )
  app.post(
    '/v1/organizations/:id/verifications/:cid/opinion-content',
    {
      config: { idempotent: false },
      schema: {
        tags,
        summary: 'The opinion for the verifier to sign: recomputed outputs, its own audits, findings, visits',
        params,
        body: z.strictObject({ outcome: z.enum(OPINION_OUTCOMES), statement: Text(20_000) }),
      },
    },
    async (request, reply) => {
      const { id, cid } = request.params
      const seen = requireVerifier(instance, id, cid)
      return sendUnsigned(reply, 'opinion', await opinionOf(instance, seen, request.body))
    },
  )
  app.get(
    '/v1/organizations/:id/verifications/:cid/files/:digest',
    {
      schema: {
        tags,
        summary: 'A file of the other party that a document, a finding or a visit of this report names',
        params: z.strictObject({ id: Id, cid: Cid, digest: Digest }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const { id, cid, digest } = request.params
      const seen = requireParty(instance, id, cid)
      const owner = await ownerOf(instance, seen, digest)
      return sendFile(reply, await attachmentOf(instance, owner, { digest: fromHex(digest, 32) }))
    },
  )
}

/** Whose file a digest is, if something about the report names it. @throws TanlianError E_NOT_FOUND */
async function ownerOf(instance: Instance, { life, verifier }: ReturnType<typeof requireParty>, digest: string) {
  const { register } = instance.documents
  for (const { origin } of life.content.inputs) {
    if (origin.kind !== 'voucher' && origin.kind !== 'analysis') continue
    const voucher = instance.documents.list('voucher').find(({ cid }) => cid.equals(origin.document))
    const file = (voucher?.content as { readonly file?: { readonly digest: Uint8Array } } | undefined)?.file
    if (file !== undefined && toHex(file.digest) === digest) return life.organization
    const analysis = register.sample(origin.document)?.analysis
    const report = analysis?.content.report
    if (analysis !== undefined && report !== null && report !== undefined && toHex(report.digest) === digest)
      return analysis.organization
  }
  const report = digestOf(life.cid)
  const [findings, visits] = await Promise.all([listFindings(instance, report), listVisits(instance, report)])
  for (const { organization, files } of findings.flatMap(({ messages }) => messages))
    if (files.includes(digest)) return organization
  if (visits.some(({ files }) => files.includes(digest))) return verifier
  throw notFound()
}
