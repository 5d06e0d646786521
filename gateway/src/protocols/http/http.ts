import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { TanlianError } from '@tanlian/units'
import type { Intake } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError, readAddress } from '../address.ts'
import { metricsOf } from '../json-message.ts'
import { listenAt } from '../listen.ts'
import type { HttpOptions } from '../options.ts'
import { openPresences } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { createBodies, MAX_BODY } from './bodies.ts'
import { rowsArrival, rowsSamples } from './rows.ts'

const MOST_CONNECTIONS = 1000
/** Bytes of all requests that are being read or wait for the disk. */
const MOST_BYTES = 32 * 1024 * 1024
const REQUEST_MS = 30_000
const PATH = /^\/v1\/devices\/([A-Za-z0-9][A-Za-z0-9._-]{0,59})\/readings$/

/**
 * NDJSON over HTTP: `POST /v1/devices/{id}/readings` with the device's own bearer token. 200 comes only after the rows are kept; the same
 * request again gets the same answer. Errors are RFC 9457 problems with a code, and a table of rows where rows are wrong.
 */
export const http = {
  name: 'http',
  async open(options: HttpOptions, devices: readonly Device[], intake: Intake, clock: Clock): Promise<Channel> {
    const tokens = new Map<string, { readonly device: Device; readonly token: Uint8Array }>()
    for (const device of devices) {
      const { token } = readAddress(device, { token: { form: 'text' } })
      if (!/^[!-~]{16,200}$/.test(token)) throw addressError(device, 'token', 'is not of 16 to 200 characters')
      metricsOf(device)
      tokens.set(device.id, { device, token: new TextEncoder().encode(token) })
    }
    const presences = openPresences(devices)
    const bodies = createBodies()
    let bytes = 0
    const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: 10_000 }, (request, response) => {
      serve(request, response).catch(() => response.destroy())
    })
    server.maxConnections = MOST_CONNECTIONS
    const address = await listenAt(server, options)
    return {
      address,
      devices: presences.devices,
      async close() {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        server.closeIdleConnections()
        await closed
      },
    }

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const [, id = ''] = PATH.exec(request.url ?? '') ?? []
      if (id === '') return problem(response, 404, 'E_HTTP_PATH')
      if (request.method !== 'POST') return problem(response, 405, 'E_HTTP_METHOD', {}, { allow: 'POST' })
      const known = tokens.get(id)
      // A device that is not there and a token that is wrong look alike (S32).
      if (!holdsToken(request, known?.token) || known === undefined) return problem(response, 401, 'E_HTTP_TOKEN')
      const { device } = known
      if (!/^application\/x-ndjson(;|$)/.test(request.headers['content-type'] ?? ''))
        return problem(response, 415, 'E_HTTP_TYPE')
      const wanted = Number(request.headers['content-length'] ?? MAX_BODY)
      if (bytes + wanted > MOST_BYTES && wanted <= MAX_BODY)
        return problem(response, 503, 'E_JOURNAL_BUSY', {}, { ...RETRY, connection: 'close' })
      bytes += wanted
      try {
        const body = await bodies.read(request)
        if (body === undefined) {
          presences.troubled(id, 'E_HTTP_SIZE')
          return problem(response, 413, 'E_HTTP_SIZE', {}, { connection: 'close' })
        }
        await take(body, response, device)
        bodies.done(body)
      } finally {
        bytes -= wanted
      }
    }

    async function take(body: Uint8Array, response: ServerResponse, device: Device): Promise<void> {
      const { id } = device
      const receivedMs = clock.now()
      const arrival = rowsArrival(body, device, receivedMs)
      if (!('name' in arrival)) {
        const [code] = arrival.map((fault) => fault.code)
        intake.refuse({ device: id, protocol: 'http', bytes: body, receivedMs, code: code ?? 'E_HTTP_ROWS' })
        presences.troubled(id, code ?? 'E_HTTP_ROWS')
        return problem(response, 422, 'E_HTTP_ROWS', { errors: arrival })
      }
      try {
        const { state } = await intake.keep(arrival)
        if (state === 'conflict') {
          presences.troubled(id, 'E_DEVICE_CONFLICT')
          return problem(response, 409, 'E_DEVICE_CONFLICT')
        }
        presences.heard(id, receivedMs)
        answer(response, 200, 'application/json', { name: arrival.name })
      } catch (error) {
        const code = error instanceof TanlianError ? error.code : 'E_JOURNAL_STOPPED'
        presences.troubled(id, code)
        if (code.startsWith('E_DEVICE_')) return problem(response, 403, code)
        problem(response, 503, code, {}, RETRY)
      }
    }
  },
  samples: rowsSamples,
} satisfies Protocol<HttpOptions>

const RETRY = { 'retry-after': '30' }

function holdsToken(request: IncomingMessage, token: Uint8Array | undefined): boolean {
  const [, given = ''] = /^Bearer ([!-~]{1,200})$/.exec(request.headers.authorization ?? '') ?? []
  const bytes = new TextEncoder().encode(given)
  return token !== undefined && bytes.length === token.length && timingSafeEqual(bytes, token)
}

const TITLES: Readonly<Record<string, string>> = {
  E_HTTP_ROWS: 'Rows are wrong; none was taken.',
  E_DEVICE_CONFLICT: 'These rows came before with other values; the first stay.',
}

function problem(
  response: ServerResponse,
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): void {
  answer(response, status, 'application/problem+json', { status, code, title: TITLES[code] ?? code, ...more }, headers)
}

function answer(response: ServerResponse, status: number, type: string, value: object, headers = {}): void {
  const text = JSON.stringify(value)
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}
