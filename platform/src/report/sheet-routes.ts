import { TanlianError } from '@tanlian/units'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from '../app.ts'
import { MEDIA } from '../attachment/media.ts'
import { Id, integer, Name } from '../form.ts'
import type { Instance } from '../instance.ts'
import { writeCsv } from './csv.ts'
import { changeDraft, draftOf } from './draft.ts'
import { findProgram } from './program.ts'
import { readSheet, sheetRows, sheetWorkbook } from './sheet.ts'

const SHEET_BYTES = 8 * 1024 * 1024

const Outcome = z
  .object({
    applied: z.boolean(),
    version: z.number(),
    errors: z.array(z.object({ line: z.number(), column: z.string(), message: z.string() })),
  })
  .meta({ id: 'SheetOutcome', description: 'Whether every line was taken; otherwise none was, and each says why' })

/** A draft's inputs as a sheet, out and in. */
export function sheetRoutes(app: App, instance: Instance) {
  const tags = ['reports']
  const params = z.strictObject({ id: Id, draft: Name })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: SHEET_BYTES },
    async (request: FastifyRequest, body: Buffer) => {
      request.bodyBytes = body
      return body
    },
  )

  app.get(
    '/v1/organizations/:id/reports/:draft/sheet',
    {
      schema: {
        tags,
        summary: 'The inputs of a draft as a spreadsheet',
        params,
        querystring: z.strictObject({ format: z.enum(['xlsx', 'csv']).default('xlsx') }),
      },
    },
    async (request, reply) => {
      const draft = await draftOf(instance, request.params.id, request.params.draft)
      const { program } = await findProgram(instance, draft.methodology)
      const rows = sheetRows(program, draft)
      const { format } = request.query
      const name = `report-${draft.organization}-${draft.period}.${format}`
      reply.header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store')
      return format === 'csv'
        ? reply.header('content-type', 'text/csv; charset=utf-8').send(writeCsv(rows))
        : reply.header('content-type', MEDIA.xlsx).send(await sheetWorkbook(rows))
    },
  )
  app.post(
    '/v1/organizations/:id/reports/:draft/sheet',
    {
      bodyLimit: SHEET_BYTES,
      schema: {
        tags,
        summary: 'Set the inputs of a draft from a sheet (text/csv); what is wrong is told line by line',
        params,
        querystring: z.strictObject({ version: integer(1) }),
        response: { 200: Outcome },
      },
    },
    async (request) => {
      const { id, draft: name } = request.params
      const draft = await draftOf(instance, id, name)
      const { inputs, errors } = readSheet(textOf(request.body))
      if (errors.length > 0) return { applied: false, version: draft.version, errors }
      try {
        const change = { version: request.query.version, inputs, answers: draft.answers }
        const { version } = await changeDraft(instance, id, name, change)
        return { applied: true, version, errors: [] }
      } catch (error) {
        if (!(error instanceof TanlianError) || error.code !== 'E_DRAFT_INPUT') throw error
        const { name: input, group, row, why } = error.values
        const at = inputs.findIndex((one) => one.name === input && one.group === group && one.row === row)
        return {
          applied: false,
          version: draft.version,
          errors: [{ line: at + 2, column: 'name', message: String(why) }],
        }
      }
    },
  )
}

/** UTF-8, or what spreadsheets in China write. @throws TanlianError E_DRAFT_SHEET */
function textOf(body: unknown): string {
  if (!(body instanceof Uint8Array)) throw new TanlianError('E_REQUEST_TYPE', 'The body of this route is text/csv.')
  for (const encoding of ['utf-8', 'gb18030'])
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body)
    } catch {
      // The other one may fit.
    }
  throw new TanlianError('E_DRAFT_SHEET', 'The file is text in neither UTF-8 nor GB 18030.', {})
}
