import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Platform } from '../src/index.ts'

/** JSON that a test looks into without saying its form first; what is not there is undefined and fails the comparison. */
export type Json = ReturnType<typeof JSON.parse>

/** An answer of the platform, its JSON read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  readonly json: Json
  readonly text: string
  readonly body: Buffer
}

/** What a request needs. */
export type Served = Pick<Platform, 'app' | 'instance'>

/** Sends a request without a port. A POST gets an Idempotency-Key unless one is given. */
export async function ask(
  platform: Served,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
  url: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const key = method === 'POST' ? { 'idempotency-key': randomBytes(16).toString('hex') } : {}
  const raw = typeof options.body === 'string' || options.body instanceof Uint8Array
  const json = options.body !== undefined && !raw
  const response = await platform.app.inject({
    method,
    url,
    headers: { ...key, ...(json ? { 'content-type': 'application/json' } : {}), ...options.headers },
    ...(options.body === undefined
      ? {}
      : { payload: raw ? (options.body as string | Buffer) : JSON.stringify(options.body) }),
  })
  let body: Json
  try {
    body = JSON.parse(response.body)
  } catch {
    body = undefined
  }
  return {
    status: response.statusCode,
    headers: response.headers,
    json: body,
    text: response.body,
    body: response.rawPayload,
  }
}

/** Waits for a condition, at most 20 seconds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`)
    await pause(20)
  }
}
