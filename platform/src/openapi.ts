import { ACCOUNTING_ERRORS } from '@tanlian/accounting'
import { EVIDENCE_ERRORS } from '@tanlian/evidence'
import { REGISTRY_ERRORS } from '@tanlian/registry'
import { type ErrorTable, UNITS_ERRORS } from '@tanlian/units'
import * as z from 'zod'
import type { App } from './app.ts'
import { DOCS_CSS, renderErrors, renderReference } from './docs-page.ts'
import { PLATFORM_ERRORS } from './errors.ts'
import { NoQuery } from './form.ts'
import { languageOf } from './problem.ts'

/** The fixed part of the OpenAPI document. */
export const documentation = {
  openapi: '3.1.0',
  info: {
    title: 'Tanlian 碳链',
    version: '1',
    summary: 'Carbon evidence that anyone can check',
    description:
      'Readings become signed batches in a log kept by a contract; every answer of the reading side can be checked without trusting this server. Errors are RFC 9457 with a stable `code`. Lists are `{items, next}`; send `next` as `after` for the page after. Every POST takes an `Idempotency-Key`.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  tags: [
    { name: 'evidence', description: 'Batches, proofs, blocks and traces' },
    { name: 'log', description: 'The log, its proofs, checkpoint and tiles' },
    { name: 'organizations', description: 'Organizations, keys and bindings' },
    { name: 'acts', description: 'Applications and signed registry acts' },
    { name: 'monitoring', description: 'Alert rules, alerts, mails, webhooks, complaints' },
    { name: 'devices', description: 'Devices, their streams, keys and certificates' },
    { name: 'series', description: 'Charts, last readings, figures of collecting' },
    { name: 'reports', description: 'Reports, from draft to decision' },
    { name: 'privacy', description: 'Readers’ keys, grants and summaries of confidential data' },
    { name: 'verification', description: 'Verification: draws, samples, findings, opinions, decisions' },
    { name: 'laboratories', description: 'Laboratories: samples, handovers, analyses' },
    { name: 'imports', description: 'What a file was planned to become, and what is there' },
    { name: 'identity', description: 'Sign-in, passkeys, members' },
    { name: 'search', description: 'One box for everything' },
    { name: 'live', description: 'Live events' },
    { name: 'operation', description: 'Health, figures, audit log' },
  ],
  components: {
    securitySchemes: {
      session: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'Token of POST /v1/sessions with an organization’s key',
      },
    },
  },
}

const ERRORS: ErrorTable = {
  ...UNITS_ERRORS,
  ...EVIDENCE_ERRORS,
  ...ACCOUNTING_ERRORS,
  ...REGISTRY_ERRORS,
  ...PLATFORM_ERRORS,
}

/** `/openapi.json`, and the same for people: no script, no outside asset. */
export function documentRoutes(app: App) {
  const page = { hide: true, querystring: z.strictObject({ lang: z.enum(['zh', 'en']).optional() }) }
  const html = 'text/html; charset=utf-8'
  app.get('/openapi.json', { schema: { hide: true, querystring: NoQuery } }, async (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  )
  app.get('/docs', { schema: { ...page } }, async (request, reply) => {
    const language = request.query.lang ?? languageOf(request.headers['accept-language'])
    return reply
      .header('content-type', html)
      .header('vary', 'Accept-Language')
      .send(renderReference(app.swagger(), language))
  })
  app.get('/docs/errors', { schema: { ...page } }, async (request, reply) => {
    const language = request.query.lang ?? languageOf(request.headers['accept-language'])
    return reply.header('content-type', html).header('vary', 'Accept-Language').send(renderErrors(ERRORS, language))
  })
  app.get('/docs/docs.css', { schema: { hide: true, querystring: NoQuery } }, async (_request, reply) =>
    reply.header('content-type', 'text/css; charset=utf-8').send(DOCS_CSS),
  )
}
