import { type ReportLife, recalculate } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from '../app.ts'
import { sendUnsigned } from '../document/content.ts'
import { Count, Id, Name, NoQuery } from '../form.ts'
import type { Caller } from '../identity/caller.ts'
import type { Instance } from '../instance.ts'
import { Page, pageOf } from '../page.ts'
import { notFound, requireConcerned } from '../policy.ts'
import { publishReport, requireReport } from '../privacy/publications.ts'
import { languageOf } from '../problem.ts'
import { draftOf } from './draft.ts'
import { findingsOf } from './finding.ts'
import { Cid, STAGES } from './form.ts'
import { listMethodologies } from './methodologies.ts'
import { packageOf } from './package.ts'
import { reportPdf } from './pdf.ts'
import { findProgram } from './program.ts'
import { recomputeReport } from './recompute.ts'
import { listReports, reportHead, reportLife, reportWhole } from './report.ts'
import { CheckFinding, Listed, Recomputation, ReportHead, ReportWhole } from './report-form.ts'
import { submissionOf } from './submission.ts'
import { findingsOfDraft } from './view.ts'

/** Reports in the log: for everybody. */
export function reportRoutes(app: App, instance: Instance) {
  const tags = ['reports']
  const params = z.strictObject({ cid: Cid })

  app.get(
    '/v1/organizations/:id/reports/:draft/submission',
    {
      schema: {
        tags,
        summary: 'What an organization signs to submit a draft: a CAR, the content first, then what travels with it',
        description:
          'Put the content into a document of kind "report", sign its entry with the key for documents, send document and blocks to POST /v1/documents.',
        params: z.strictObject({ id: Id, draft: Name }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const draft = await draftOf(instance, request.params.id, request.params.draft)
      return sendUnsigned(reply, 'report', await submissionOf(instance, draft))
    },
  )
  app.get(
    '/v1/methodologies',
    {
      schema: {
        tags,
        summary: 'Methodologies and factor sets: those of the library and those that were published, with their state',
        querystring: z.strictObject({ kind: z.enum(['methodology', 'factors']).optional() }),
        response: { 200: Page(Listed) },
      },
    },
    async (request) => {
      const { kind } = request.query
      const found = await listMethodologies(instance)
      return { items: found.filter((item) => kind === undefined || item.kind === kind), next: null }
    },
  )
  app.get(
    '/v1/reports',
    {
      schema: {
        tags,
        summary: 'Reports, the last submitted first',
        querystring: z.strictObject({
          organization: Id.optional(),
          type: z.enum(['month', 'year']).optional(),
          stage: z.enum(STAGES).optional(),
          uses: Cid.optional().meta({ description: 'CID of a methodology or factor set that they rest on' }),
          ...pageOf(Count),
        }),
        response: { 200: Page(ReportHead) },
      },
    },
    async (request) => {
      const { after = 0, limit, ...filter } = request.query
      const found = listReports(instance, filter)
      const items = found.slice(after, after + limit).map((life) => reportHead(instance, life))
      return { items, next: found.length > after + limit ? String(after + limit) : null }
    },
  )
  app.get(
    '/v1/reports/:cid',
    {
      schema: {
        tags,
        summary: 'A report: inputs with their origins, results, opinions, decision, corrections',
        params,
        querystring: NoQuery,
        response: { 200: ReportWhole },
      },
    },
    async (request) => reportWhole(instance, reportLife(instance, request.params.cid)),
  )
  app.get(
    '/v1/reports/:cid/recomputation',
    {
      schema: {
        tags,
        summary: 'A report done again from the evidence, with what came out otherwise',
        params,
        querystring: NoQuery,
        response: { 200: Recomputation },
      },
    },
    async (request) => {
      const life = reportLife(instance, request.params.cid)
      await requireReport(instance, request.caller, life)
      return recomputeReport(instance, life)
    },
  )
  app.get(
    '/v1/reports/:cid/package',
    {
      schema: {
        tags,
        summary: 'A report with the proofs of its totals: whoever has it does it again without asking anybody',
        description: 'A CAR of docs/spec/report-package.md.',
        params,
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const life = reportLife(instance, request.params.cid)
      await requireReport(instance, request.caller, life)
      const bytes = await packageOf(instance, life)
      return reply
        .header('content-type', 'application/vnd.ipld.car')
        .header('content-disposition', `attachment; filename="report-${life.organization}-${life.cid}.car"`)
        .send(Buffer.from(bytes))
    },
  )
  app.post(
    '/v1/organizations/:id/published-reports',
    {
      schema: {
        tags,
        summary: 'Let everybody do a report over sealed data again, from the proofs of its totals',
        description:
          'docs/privacy.md says what its package tells. It cannot be taken back: whoever has the package keeps it.',
        params: z.strictObject({ id: Id }),
        body: z.strictObject({ report: Cid }),
        response: { 200: z.object({ report: z.string() }) },
      },
    },
    async (request) => {
      const life = reportLife(instance, request.body.report)
      if (life.organization !== request.params.id) throw notFound()
      await publishReport(instance, life, request.caller.name)
      return { report: life.cid.toString() }
    },
  )
  app.get(
    '/v1/reports/:cid/pdf',
    {
      schema: {
        tags,
        summary: 'A report to print, with a code that leads to where it is done again',
        params,
        querystring: z.strictObject({ lang: z.enum(['zh', 'en']).optional() }),
      },
    },
    async (request, reply) => {
      const life = reportLife(instance, request.params.cid)
      const language = request.query.lang ?? languageOf(request.headers['accept-language'])
      const address = `${request.protocol}://${request.host}/reports/${life.cid}`
      const evidence = await packageFor(instance, request.caller, life)
      return reply
        .header('content-type', 'application/pdf')
        .header('content-disposition', `attachment; filename="report-${life.organization}-${life.cid}.pdf"`)
        .header('vary', 'Accept-Language')
        .send(await reportPdf(instance, life, { language, address, evidence }))
    },
  )
  app.get(
    '/v1/reports/:cid/findings',
    {
      schema: {
        tags,
        summary: 'What cross-checks ask about a report, with its answers: for its parties and regulators',
        params,
        querystring: NoQuery,
        response: { 200: Page(CheckFinding) },
      },
    },
    async (request) => {
      const { cid, organization, content } = reportLife(instance, request.params.cid)
      const verifier = instance.documents.register.verifier(cid)?.organization
      // Findings look at single hours, which may be confidential: they are for the parties of a report and for regulators.
      requireConcerned(request.caller, verifier === undefined ? [organization] : [organization, verifier])
      const { program } = await findProgram(instance, content.methodology, content.factors)
      const { outcome } = recalculate(program, content)
      return { items: await findingsOf(instance, organization, program, content, outcome), next: null }
    },
  )
  app.get(
    '/v1/organizations/:id/reports/:draft/findings',
    {
      schema: {
        tags,
        summary: 'What cross-checks ask about a draft; answer them before it is submitted',
        params: z.strictObject({ id: Id, draft: Name }),
        querystring: NoQuery,
        response: { 200: Page(CheckFinding) },
      },
    },
    async (request) => {
      const draft = await draftOf(instance, request.params.id, request.params.draft)
      return { items: await findingsOfDraft(instance, draft), next: null }
    },
  )
}

/** The package of a report, unless it is confidential to this caller or on its way into the log. */
async function packageFor(instance: Instance, caller: Caller, life: ReportLife): Promise<Uint8Array | undefined> {
  try {
    await requireReport(instance, caller, life)
    return await packageOf(instance, life)
  } catch (error) {
    if (error instanceof TanlianError && WITHOUT.has(error.code)) return undefined
    throw error
  }
}

const WITHOUT = new Set(['E_CONFIDENTIAL', 'E_SIGN_IN', 'E_NOT_FOUND', 'E_REPORT_LOGGED'])
