import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { TanlianError } from '@tanlian/units'
import { type PageApi, told } from './page-api.ts'

/** The gateway's own page and API (本机页面), for this machine only. */
export interface Page {
  readonly address: string
  close(): Promise<void>
}

const BODY_LIMIT = 256 * 1024
/** Between two looks for something new to push. */
const PUSH_MS = 1000

/**
 * Serves the API and the built web app on the loopback interface. A page of another site cannot use it: the name that was asked for must
 * be this machine's, and a write must come from here as JSON. @throws TanlianError E_LISTEN
 */
export async function openPage(port: number, api: PageApi, web: string | undefined): Promise<Page> {
  const files = await filesOf(web)
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error))
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request
    if (!isOwnName(headers.host)) return send(response, 403, { code: 'E_PAGE_HOST' })
    const [path = '/', query = ''] = url.split('?', 2)
    if (method === 'POST') {
      if (
        headers['content-type'] !== 'application/json' ||
        (headers.origin !== undefined && !isOwnName(hostOf(headers.origin)))
      )
        return send(response, 403, { code: 'E_PAGE_HOST' })
      const body = await readBody(request)
      if (path === '/api/test-connection') return send(response, 200, await api.testConnection(body))
      if (path === '/api/devices') return send(response, 200, await api.addDevice(body))
      if (path === '/api/corrections') return send(response, 200, await api.correct(body))
      if (path === '/api/windows') return send(response, 200, await api.closeWindow())
    }
    if (method === 'GET') {
      // The web app is one for platform and gateway; this machine has its gateway view only.
      if (path === '/') return void response.writeHead(302, { ...COMMON, location: '/gateway' }).end()
      if (path === '/api/state') return send(response, 200, api.state())
      if (path === '/api/drivers') return send(response, 200, api.drivers())
      if (path === '/api/messages') return send(response, 200, await api.messages(new URLSearchParams(query)))
      if (path === '/api/live') return push(response)
      const file =
        files.get(path) ?? (extname(path) === '' && !path.startsWith('/api/') ? files.get('/index.html') : undefined)
      if (file !== undefined) return sendFile(response, file)
    }
    send(response, 404, { code: 'E_PAGE_UNKNOWN' })
  }

  /** Server-sent events: the values and the state whenever either is new. */
  const push = (response: ServerResponse) => {
    response.writeHead(200, { ...COMMON, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    streams.add(response)
    let version = -1
    const look = () => {
      const { version: now, ...live } = api.live()
      if (now !== version) response.write(`event: live\ndata: ${JSON.stringify(live)}\n\n`)
      version = now
      response.write(`event: state\ndata: ${JSON.stringify(api.state())}\n\n`)
    }
    look()
    const timer = setInterval(look, PUSH_MS)
    response.on('close', () => {
      clearInterval(timer)
      streams.delete(response)
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new TanlianError('E_LISTEN', `The page cannot listen on 127.0.0.1:${port}. Choose another port.`, {
          values: { port },
          cause,
        }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = server.address()
  return {
    address: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : port}`,
    async close() {
      for (const response of streams) response.end()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What every answer carries: nothing from elsewhere runs in these pages, nobody frames them. */
const COMMON = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** The files of a folder by the address that they have: a request names one of these or none. */
async function filesOf(folder: string | undefined): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  if (folder === undefined) return files
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && extname(path) in TYPES) files.set(path.slice(folder.length).replaceAll('\\', '/'), path)
  }
  return files
}

function sendFile(response: ServerResponse, path: string): void {
  response.writeHead(200, { ...COMMON, 'content-type': TYPES[extname(path)] ?? '' })
  createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response)
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...COMMON, 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else if (error instanceof TanlianError)
    send(response, 400, told({ code: error.code, message: error.message, values: error.values }))
  else send(response, 500, { code: 'E_PAGE_FAILED' })
}

/** A name that only this machine answers to; a name from elsewhere that points here is not one (DNS rebinding). */
function isOwnName(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host)
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > BODY_LIMIT) throw new TanlianError('E_PAGE_BODY', `More than ${BODY_LIMIT} bytes were sent.`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8') || 'null')
  } catch (cause) {
    throw new TanlianError('E_PAGE_BODY', 'What was sent is not JSON.', { cause })
  }
}
