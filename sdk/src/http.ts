import { TanlianError } from '@tanlian/units'

/** One request to a platform. `body`: JSON value or bytes. */
export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Limit of one try, milliseconds; 60 s where it is left out. */
  readonly timeoutMs?: number
}

/** Sends requests to one platform and turns every "no" into a TanlianError that carries the server's own code. */
export interface Http {
  /** The platform's address without a slash at its end. */
  readonly base: string
  send(path: string, options?: RequestOptions): Promise<Response>
  json<T>(path: string, options?: RequestOptions): Promise<T>
  bytes(path: string, options?: RequestOptions): Promise<Uint8Array>
}

export interface HttpOptions {
  readonly base: string
  readonly fetch?: typeof fetch
  /** Added to every request, for example a session. */
  readonly headers?: () => Readonly<Record<string, string>>
  /** Tries in all, where a repeat is harmless. */
  readonly tries?: number
  /** Milliseconds before the second try; doubled for each further one, with up to a half more by chance. */
  readonly backoffMs?: number
}

/** Statuses after which the same request may be put again: too many, and the ways in which a server says "not now". */
const TRY_AGAIN = new Set([408, 425, 429, 502, 503, 504])
const LIMIT_MS = 60_000

/**
 * HTTP with limits and back-off. A repeat is sent only where it is harmless: for reads, and for writes that carry an Idempotency-Key,
 * which every POST does (safety R17, S31). Codes: the server's, E_CLIENT_NETWORK, E_CLIENT_TIMEOUT, E_CLIENT_ANSWER.
 */
export function openHttp(options: HttpOptions): Http {
  const base = options.base.replace(/\/+$/, '')
  const fetchNow = options.fetch ?? ((input, init) => globalThis.fetch(input, init))

  const send = async (path: string, request: RequestOptions = {}): Promise<Response> => {
    const method = request.method ?? 'GET'
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers?.(), ...request.headers }
    let body: string | Uint8Array<ArrayBuffer> | undefined
    if (request.json !== undefined) {
      headers['content-type'] ??= 'application/json'
      body = JSON.stringify(request.json)
    } else if (request.bytes !== undefined) {
      headers['content-type'] ??= 'application/octet-stream'
      body = new Uint8Array(request.bytes)
    }
    if (method === 'POST') headers['idempotency-key'] ??= idempotencyKey()
    const harmless = method !== 'PATCH'
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= (options.tries ?? 4)
      let response: Response
      try {
        const limit = AbortSignal.timeout(request.timeoutMs ?? LIMIT_MS)
        response = await fetchNow(base + path, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
          signal: request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]),
        })
      } catch (cause) {
        if (request.signal?.aborted === true) throw cause
        if (harmless && !last) {
          await pause(options.backoffMs ?? 250, attempt)
          continue
        }
        throw unreachable(base, cause)
      }
      if (response.ok || response.status === 304) return response
      if (harmless && !last && TRY_AGAIN.has(response.status)) {
        const after = Number(response.headers.get('retry-after'))
        await response.body?.cancel()
        if (Number.isFinite(after) && after > 0) await wait(Math.min(after, 30) * 1000)
        else await pause(options.backoffMs ?? 250, attempt)
        continue
      }
      throw await problemOf(response, path)
    }
  }

  return {
    base,
    send,
    async json<T>(path: string, request?: RequestOptions): Promise<T> {
      const response = await send(path, request)
      if (response.status === 204) return undefined as T
      try {
        return (await response.json()) as T
      } catch (cause) {
        throw new TanlianError(
          'E_CLIENT_ANSWER',
          `The answer to ${path} is not JSON. Check that the address is a Tanlian platform.`,
          {
            values: { path },
            cause,
          },
        )
      }
    },
    async bytes(path, request) {
      const response = await send(path, { ...request, headers: { accept: '*/*', ...request?.headers } })
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}

/** A fresh key of one intent: sent again unchanged, it makes a repeat harmless. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** RFC 9457 as an error: its code, its sentence, and its members as values. */
async function problemOf(response: Response, path: string): Promise<TanlianError> {
  let problem: Record<string, unknown> = {}
  try {
    const value: unknown = await response.json()
    if (typeof value === 'object' && value !== null) problem = value as Record<string, unknown>
  } catch {
    // Not every proxy answers in JSON; the status says enough.
  }
  const code = typeof problem.code === 'string' ? problem.code : 'E_CLIENT_ANSWER'
  const text = problem.detail ?? problem.title
  const message = typeof text === 'string' ? text : `${path} was answered with HTTP ${response.status}.`
  const values: Record<string, string | number | boolean> = { status: response.status }
  for (const [name, value] of Object.entries({ ...problem, ...record(problem.values), ...headOf(problem) })) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') values[name] ??= value
  }
  return new TanlianError(code, message, { values })
}

/** The head that a 409 shows, as `headSequence` and `headDigest`. */
function headOf(problem: Record<string, unknown>): Record<string, unknown> {
  const head = record(problem.head ?? record(problem.values).head)
  return { headSequence: head.sequence, headDigest: head.digest }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function unreachable(base: string, cause: unknown): TanlianError {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new TanlianError('E_CLIENT_TIMEOUT', `${base} did not answer in time. Nothing is lost: try again.`, {
      values: { base },
      cause,
    })
  }
  const detail = reasonOf(cause)
  return new TanlianError(
    'E_CLIENT_NETWORK',
    `${base} cannot be reached (${detail}). Check the address and that it is running.`,
    {
      values: { base, detail },
      cause,
    },
  )
}

/** Node puts the reason below "fetch failed"; a browser tells no more than that. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { code } = (cause.cause ?? cause) as { code?: unknown }
  return typeof code === 'string' ? code : cause.message
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const pause = (first: number, attempt: number) => wait(first * 2 ** (attempt - 1) * (1 + Math.random() / 2))
