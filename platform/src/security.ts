import { TanlianError } from '@tanlian/units'
import type { FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import type { Config } from './config.ts'

/** Methods that change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Response headers that a page of another origin may read. */
const EXPOSED = 'Content-Length, Content-Range, ETag, Link, Location, Retry-After, Upload-Offset, X-Correlation-Id'

/**
 * What every answer carries, and who may write from where. Reading is open to every page (the evidence is for anybody to check), without
 * cookies; writing is for the instance's own pages and for programs.
 */
export function registerSecurity(app: App, config: Config) {
  const policies = contentPolicies(config)

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', request.id)
    requireOneHost(request)
    if (SAFE.has(request.method)) {
      reply.header('access-control-allow-origin', '*')
      reply.header('access-control-expose-headers', EXPOSED)
    } else requireOwnOrigin(request)
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      reply.header('access-control-allow-methods', 'GET, HEAD')
      reply.header('access-control-allow-headers', 'Accept, Accept-Language, Last-Event-ID, Range')
      reply.header('access-control-max-age', '86400')
      return reply.code(204).send()
    }
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    const page = type.startsWith('text/html')
    // A worker lives under the policy of its own script's answer, not of the page that starts it.
    const script = type.startsWith('text/javascript')
    reply.header(
      'content-security-policy',
      page ? pagePolicy(policies, request.url) : script ? policies.app : policies.data,
    )
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'DENY')
    reply.header('cross-origin-opener-policy', 'same-origin')
    reply.header('cross-origin-resource-policy', page ? 'same-origin' : 'cross-origin')
    if (page) reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache')
    return payload
  })
}

/** Of several hosts, or none, whoever stands in between may read another than we do. HTTP/1.0 knows none. */
function requireOneHost({ raw }: FastifyRequest) {
  const hosts = raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && raw.httpVersion !== '1.0'))
    throw new TanlianError('E_REQUEST_HTTP', 'A request names its host once, in one Host header.')
}

/** A write that comes with a cookie must come from this origin's own page (CSRF); any page of another origin is refused. */
export function requireOwnOrigin(request: FastifyRequest) {
  const { origin } = request.headers
  if (origin === undefined || origin === '') return
  let host: string | undefined
  try {
    host = new URL(origin).host
  } catch {
    host = undefined
  }
  if (host === undefined || host !== request.host.toLowerCase())
    throw new TanlianError('E_ORIGIN', 'Writing is allowed only from the pages of this instance itself.')
}

/** Called once the caller is known: browsers always name the origin of a write, so a cookie without one is no browser's own page. */
export function requireOriginOfCookie(request: FastifyRequest, byCookie: boolean) {
  if (byCookie && !SAFE.has(request.method) && (request.headers.origin ?? '') === '')
    throw new TanlianError('E_ORIGIN', 'A write with a cookie needs the Origin header; programs use a bearer token.')
}

interface ContentPolicies {
  readonly data: string
  readonly script: string
  readonly app: string
  readonly check: string
  readonly docs: string
}

/**
 * Content policies. Scripts and style sheets come only from this origin, never inline; WebAssembly is the evidence kernel. Charts set
 * `style` attributes, so the workbench allows those, but no style element; the public check page and the docs do without.
 * A worker goes by the policy of its own file, so scripts have one too.
 */
export function contentPolicies(config: Config): ContentPolicies {
  const wasm = "script-src 'self' 'wasm-unsafe-eval'"
  // The check page asks whatever chain node and gateway its reader names.
  const anywhere = "connect-src 'self' https: http://127.0.0.1:* http://localhost:*"
  const own = `connect-src 'self' ${chainOrigins(config)}`.trimEnd()
  const page = (...parts: string[]) =>
    [
      "default-src 'none'",
      wasm,
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "worker-src 'self' blob:",
      "manifest-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      ...parts,
    ].join('; ')
  return {
    data: "default-src 'none'; frame-ancestors 'none'; sandbox",
    script: ["default-src 'none'", wasm, anywhere, "worker-src 'self' blob:"].join('; '),
    app: page(own, "style-src-attr 'unsafe-inline'"),
    check: page(anywhere),
    docs: "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  }
}

/** Where the pages may ask the chain; the platform's own `rpcUrl` may hold a secret and is never shown. */
function chainOrigins({ rpcUrl, rpcPort, publicRpcUrl }: Config): string {
  if (rpcUrl === undefined) return `http://127.0.0.1:${rpcPort} http://localhost:${rpcPort}`
  return publicRpcUrl === undefined ? '' : new URL(publicRpcUrl).origin
}

function pagePolicy(policies: ContentPolicies, url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  if (path === '/docs' || path.startsWith('/docs/')) return policies.docs
  if (path === '/check' || path.startsWith('/check.') || path.startsWith('/check/')) return policies.check
  return policies.app
}
