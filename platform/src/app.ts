import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { TanlianError } from '@tanlian/units'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import {
  type FastifyZodOpenApiTypeProvider,
  fastifyZodOpenApiPlugin,
  fastifyZodOpenApiTransformers,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-zod-openapi'
import { accepts } from './accept.ts'
import { allowanceRoutes } from './allowance/routes.ts'
import { attachmentRoutes } from './attachment/routes.ts'
import { auditRoutes, recordWrite } from './audit.ts'
import { calendarRoutes } from './calendar/routes.ts'
import { deviceRoutes } from './device/routes.ts'
import { evidenceRoutes } from './evidence/routes.ts'
import { healthRoutes } from './health.ts'
import { Idempotency } from './idempotency.ts'
import { ANONYMOUS, type Caller } from './identity/caller.ts'
import { identityRoutes } from './identity/routes.ts'
import { callerOf } from './identity/session.ts'
import { importRoutes } from './imports/routes.ts'
import type { Instance } from './instance.ts'
import { isPlainText, readJson } from './json.ts'
import { laboratoryRoutes } from './laboratory/routes.ts'
import { liveRoutes } from './live.ts'
import { metricsRoutes, openMetrics } from './metrics.ts'
import { monitoringRoutes } from './monitoring/routes.ts'
import { sendingRoutes } from './monitoring/sending-routes.ts'
import { answerNoRequest } from './no-request.ts'
import { documentation, documentRoutes } from './openapi.ts'
import { organizationRoutes } from './organization/routes.ts'
import { linkNext } from './page.ts'
import { openPages } from './pages.ts'
import { authorise, notFound, policyOf, type Who } from './policy.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { failureOf, problemOf, sendProblem } from './problem.ts'
import { followBatches } from './projections.ts'
import { draftRoutes } from './report/draft-routes.ts'
import { publicationRoutes } from './report/publication-routes.ts'
import { reportRoutes } from './report/routes.ts'
import { sheetRoutes } from './report/sheet-routes.ts'
import { allowedMethods, type RouteLine } from './route-table.ts'
import { searchRoutes } from './search.ts'
import { registerSecurity, requireOriginOfCookie } from './security.ts'
import { seriesRoutes } from './series/routes.ts'
import { drawRoutes } from './verification/draw-routes.ts'
import { verificationRoutes } from './verification/routes.ts'

/** The HTTP application as route files see it: schemas are zod, and their types flow into handlers. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  FastifyZodOpenApiTypeProvider
>

declare module 'fastify' {
  interface FastifyRequest {
    /** From the session alone. */
    caller: Caller
    /** Bytes of a JSON body as received. */
    bodyBytes: Buffer | undefined
    /** Held while the request is at work. */
    idempotencyKey: string | undefined
    /** Code of the error that the request ends with. */
    failureCode: string | undefined
  }
  interface FastifyContextConfig {
    /** False: a POST that is not kept under its Idempotency-Key, because its answer holds a secret or it changes nothing. */
    idempotent?: boolean
    /** Set when the route is added, from the policy table. */
    policy?: readonly Who[]
  }
  interface FastifyInstance {
    /** Every route, for the tests that hold it against the policy table. */
    routeTable: readonly RouteLine[]
  }
}

/** Bytes of a request's head: a question of 256 intervals, or of 4,096 streams, stands in its address. */
const HEADER_BYTES = 96 * 1024

/** Bytes of a JSON body, unless a route says otherwise. */
const BODY_BYTES = 256 * 1024

/**
 * The HTTP application of an instance, not yet listening. On its way a request passes: size limit, origin, rate, session, parse,
 * policy, schema, idempotency, handler (R14; the policy stands before the schema so that a refused caller learns nothing of it).
 * @throws TanlianError E_POLICY_MISSING where a route has no line in the policy table.
 */
export async function buildApp(instance: Instance): Promise<App> {
  const base = Fastify({
    loggerInstance: instance.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    // Whether there is a host is looked at by us, so that its lack is answered in the one form of error.
    http: { maxHeaderSize: HEADER_BYTES, requireHostHeader: false },
    trustProxy: instance.config.trustProxy ?? false,
    requestTimeout: 300_000,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    // The longest part is the id of a passkey.
    routerOptions: { maxParamLength: 1400 },
    clientErrorHandler: answerNoRequest,
    frameworkErrors: (error, request, reply) => {
      sendProblem(request, reply as FastifyReply, failureOf(error))
    },
  })
  const app = base.withTypeProvider<FastifyZodOpenApiTypeProvider>() as unknown as App
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  for (const name of ['caller', 'bodyBytes', 'idempotencyKey', 'failureCode'] as const) app.decorateRequest(name)

  const figures = openMetrics(app)
  const table: RouteLine[] = []
  app.decorate('routeTable', table)
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const policy = policyOf(method, route.url)
      table.push({ method, url: route.url, policy })
      route.config = { ...route.config, policy }
    }
  })

  app.addHook('onRequest', async (request) => {
    request.caller = ANONYMOUS
  })
  registerSecurity(app, instance.config)
  await app.register(rateLimit, {
    max: instance.config.limits.requestsPerMinute,
    timeWindow: 60_000,
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: (_request, context) => {
      const retryAfterS = Math.max(1, Math.ceil(context.ttl / 1000))
      return new TanlianError('E_RATE', `Too many requests; try again in ${retryAfterS} s.`, {
        values: { retryAfterS },
      })
    },
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer) => {
      request.bodyBytes = bytes
      if (bytes.length === 0) throw new TanlianError('E_REQUEST_JSON', 'The body is empty; this route takes JSON.')
      return readJson(request.bodyBytes)
    },
  )

  // After the rate, which is counted by hooks of each route.
  app.addHook('preParsing', async (request) => {
    // What everybody may use costs no look at the database.
    const open = request.routeOptions.config.policy?.includes('public') === true
    if (open && (request.method === 'GET' || request.method === 'HEAD')) return
    request.caller = await callerOf(instance, request)
    requireOriginOfCookie(request, request.caller.byCookie)
  })
  app.addHook('preValidation', async (request) => {
    const policy = request.routeOptions.config.policy
    if (policy === undefined) return
    const params = (request.params ?? {}) as Readonly<Record<string, string | undefined>>
    requirePlainText(params)
    requirePlainText((request.query ?? {}) as Readonly<Record<string, unknown>>)
    authorise(policy, request.caller, params.id)
  })

  app.addHook('preSerialization', async (request, reply, payload) => {
    const next = request.method === 'GET' && (payload as { next?: unknown } | null)?.next
    if (typeof next === 'string') linkNext(request, reply, next)
    return payload
  })

  const idempotency = new Idempotency(instance)
  app.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'POST' || request.is404 || request.routeOptions.config.idempotent === false) return
    const kept = await idempotency.begin(request)
    if (kept === undefined) return
    for (const [name, value] of Object.entries(kept.headers)) reply.header(name, value)
    return reply.code(kept.status).header('idempotent-replayed', 'true').send(kept.body)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    try {
      await idempotency.end(request, reply, payload)
      if (isWrite(request.method) && !request.is404)
        await recordWrite(instance, request, reply, request.failureCode ?? null)
    } catch (error) {
      // The work itself is done or refused by now; its answer must not be lost over the record of it.
      request.log.error({ err: error, correlation: request.id }, 'the record of a write could not be kept')
    }
    if (request.method !== 'GET' || reply.statusCode >= 300) return payload
    const type = String(reply.getHeader('content-type') ?? '').split(';', 1)[0] ?? ''
    if (type === '' || request.url.startsWith('/ipfs/') || accepts(request.headers.accept, type)) return payload
    if (payload instanceof Readable) payload.destroy()
    return refuseType(request.id, reply, type)
  })

  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error)
    if (failure.unexpected) request.log.error({ err: error, correlation: request.id }, 'a request failed on our side')
    request.failureCode = failure.code
    return sendProblem(request, reply, failure)
  })
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const methods = allowedMethods(table, request.url)
    if (methods.length === 0) return sendProblem(request, reply, failureOf(notFound()))
    reply.header('allow', methods.join(', '))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    // A route of this method that did not match has a part that no route takes.
    if (methods.includes(request.method))
      return sendProblem(
        request,
        reply,
        failureOf(new TanlianError('E_REQUEST_URL', 'A part of the path is too long.')),
      )
    const failure = new TanlianError('E_METHOD', `This address has ${methods.join(', ')}, not ${request.method}.`)
    return sendProblem(request, reply, failureOf(failure))
  })

  await app.register(fastifyZodOpenApiPlugin)
  await app.register(swagger, { openapi: documentation, ...fastifyZodOpenApiTransformers })
  const routes = [
    identityRoutes,
    organizationRoutes,
    importRoutes,
    deviceRoutes,
    monitoringRoutes,
    sendingRoutes,
    seriesRoutes,
    draftRoutes,
    attachmentRoutes,
    reportRoutes,
    publicationRoutes,
    drawRoutes,
    verificationRoutes,
    laboratoryRoutes,
    calendarRoutes,
    allowanceRoutes,
    sheetRoutes,
    followBatches,
    searchRoutes,
    privacyRoutes,
    auditRoutes,
    liveRoutes,
    healthRoutes,
    (scope: App) => metricsRoutes(scope, instance, figures),
    evidenceRoutes,
    documentRoutes,
  ]
  for (const add of routes) await app.register(async (scope) => add(scope as unknown as App, instance))

  const pages = await openPages(instance.config.webDir)
  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    if (!(await pages.serve(request, reply))) reply.callNotFound()
    return reply
  })
  await app.ready()
  return app
}

function isWrite(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE'
}

/** PostgreSQL takes no zero character, and no log should. */
function requirePlainText(values: Readonly<Record<string, unknown>>) {
  for (const value of Object.values(values).flat())
    if (typeof value === 'string' && !isPlainText(value))
      throw new TanlianError('E_REQUEST_TEXT', 'The address has a zero character or broken Unicode.')
}

/** The answer is there, but not in a type the reader takes: GET only, so nothing was done. */
function refuseType(correlation: string, reply: FastifyReply, type: string): string {
  const failure = failureOf(
    new TanlianError('E_REQUEST_ACCEPT', `The answer is ${type}, which the Accept header refuses.`, {
      values: { type },
    }),
  )
  for (const name of ['content-length', 'content-encoding', 'content-disposition', 'etag']) reply.removeHeader(name)
  reply.code(406).header('content-type', 'application/problem+json; charset=utf-8')
  return JSON.stringify(problemOf(failure, correlation, 'en'))
}
