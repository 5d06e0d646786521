import { ACCOUNTING_ERRORS } from '@tanlian/accounting'
import { EVIDENCE_ERRORS } from '@tanlian/evidence'
import { REGISTRY_ERRORS } from '@tanlian/registry'
import { type ErrorTable, type ErrorValues, TanlianError, UNITS_ERRORS } from '@tanlian/units'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestValidationError } from 'fastify-zod-openapi'
import { PLATFORM_ERRORS } from './errors.ts'
import { statusOf } from './status.ts'
import { isDatabaseAway } from './store.ts'

/** One place in a request that does not have the form the route takes. */
export interface Fault {
  /** JSON pointer (RFC 6901) into the body, or `query`, `params` or `headers` before it. */
  readonly pointer: string
  readonly detail: string
}

/** The one form of an error (RFC 9457, R15). Nothing of the machine's inside is ever in it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** English; the reader's language goes by `code`. */
  readonly detail: string
  /** `urn:uuid:` and the correlation id, which is also in the log and in the header X-Correlation-Id. */
  readonly instance: string
  /** Stable, from docs/errors.md. */
  readonly code: string
  readonly values?: Readonly<Record<string, unknown>>
  readonly errors?: readonly Fault[]
}

/** What is known about an error once it was caught, before it is written for a reader. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly values: ErrorValues
  readonly faults?: readonly Fault[]
}

/**
 * Turns anything thrown on the way of a request into a failure with a code. What nobody expected becomes E_INTERNAL and says nothing more;
 * `unexpected` then tells the caller to log it.
 */
export function failureOf(error: unknown): Failure & { readonly unexpected: boolean } {
  if (error instanceof TanlianError)
    return { code: error.code, message: error.message, values: error.values, unexpected: statusOf(error.code) === 500 }
  const known = error as Partial<FastifyError>
  if (Array.isArray(known.validation)) {
    const faults = faultsOf(known.validation as unknown as RequestValidationError[], known.validationContext ?? 'body')
    const message = `The request does not have the form of this route: ${faults[0]?.pointer} ${faults[0]?.detail}.`
    return { code: 'E_REQUEST_INVALID', message, values: {}, faults, unexpected: false }
  }
  const framework = known.code === undefined ? undefined : FRAMEWORK[known.code]
  if (framework !== undefined) return { ...framework, values: {}, unexpected: false }
  if (isDatabaseAway(error))
    return { code: 'E_DATABASE_UNAVAILABLE', message: 'The database does not answer.', values: {}, unexpected: true }
  return { code: 'E_INTERNAL', message: 'Something failed on our side.', values: {}, unexpected: true }
}

/** Writes a failure for the reader: title in the language asked for, detail in English. */
export function problemOf(failure: Failure, correlation: string, language: 'en' | 'zh'): Problem {
  const status = statusOf(failure.code)
  return {
    type: `/docs/errors#${failure.code}`,
    title: titleOf(failure.code, language),
    status,
    detail: failure.message,
    instance: `urn:uuid:${correlation}`,
    code: failure.code,
    ...(Object.keys(failure.values).length > 0 ? { values: plain(failure.values) } : {}),
    ...(failure.faults === undefined ? {} : { errors: failure.faults }),
  }
}

/** A code's sentence; the code itself where it has none. */
export function titleOf(code: string, language: 'en' | 'zh'): string {
  return TEXTS[code]?.[language] ?? code
}

/** Sends a failure as the answer of a request. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  const language = languageOf(request.headers['accept-language'])
  const problem = problemOf(failure, request.id, language)
  const retry = failure.values.retryAfterS
  if (typeof retry === 'number') reply.header('retry-after', String(retry))
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-correlation-id', request.id)
    .header('content-language', language === 'zh' ? 'zh-CN' : 'en')
    .header('cache-control', 'no-store')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}

/** Chinese where the reader's first language is Chinese, else English. */
export function languageOf(header: string | undefined): 'en' | 'zh' {
  return header?.trimStart().toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

const TEXTS: ErrorTable = {
  ...UNITS_ERRORS,
  ...EVIDENCE_ERRORS,
  ...ACCOUNTING_ERRORS,
  ...REGISTRY_ERRORS,
  ...PLATFORM_ERRORS,
}

const FRAMEWORK: Readonly<Record<string, { code: string; message: string }>> = {
  FST_ERR_BAD_URL: { code: 'E_REQUEST_URL', message: 'The path has invalid percent-encoding.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'E_REQUEST_URL', message: 'A part of the path is too long.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'E_REQUEST_TOO_LARGE', message: 'The body is larger than this route takes.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'E_REQUEST_HTTP',
    message: 'The body is shorter or longer than its Content-Length.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'E_REQUEST_TYPE',
    message: 'This route does not take a body of this content type.',
  },
  FST_ERR_CTP_EMPTY_TYPE: { code: 'E_REQUEST_TYPE', message: 'The body has no content type.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'E_REQUEST_JSON', message: 'The body is empty; this route takes JSON.' },
}

function faultsOf(errors: readonly RequestValidationError[], context: string): Fault[] {
  return errors.slice(0, 50).map((error) => {
    const path = error.params?.issue?.path ?? []
    const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
    const place = context === 'body' ? pointer || '/' : `${context === 'querystring' ? 'query' : context}${pointer}`
    return { pointer: place, detail: error.message }
  })
}

/** Amounts beyond 2^53 go out as text. */
function plain(values: ErrorValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  )
}
