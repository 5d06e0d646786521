import type { Publication } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from '../app.ts'
import { sendUnsigned, unsigned } from '../document/content.ts'
import { Id, Text } from '../form.ts'
import type { Instance } from '../instance.ts'
import { Cid } from './form.ts'

/** Publishing and retiring methodologies and factor sets: for regulators and platforms. */
export function publicationRoutes(app: App, instance: Instance) {
  app.get(
    '/v1/organizations/:id/publication-content',
    {
      schema: {
        tags: ['reports'],
        summary:
          'What a regulator or platform signs to publish or retire a methodology or factor set, weighed by the rules before it is signed',
        description:
          'A CAR of the content alone. To publish, the methodology’s own block travels after the document to POST /v1/documents.',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({
          kind: z.enum(['methodology', 'factors']),
          subject: Cid.meta({ description: 'CID of the methodology or factor set' }),
          state: z.enum(['published', 'retired']),
          reason: Text(2000).optional(),
        }),
      },
    },
    async (request, reply) => {
      const { kind, subject, state, reason = null } = request.query
      const publication: Publication = { format: 'tanlian/publication/1', subject, state, reason }
      const statement = unsigned(publication)
      const refusal = await instance.documents.foresee(request.params.id, kind, statement.content)
      if (refusal !== undefined) throw new TanlianError(refusal.code, refusal.message, { values: refusal.values ?? {} })
      return sendUnsigned(reply, kind, statement)
    },
  )
}
