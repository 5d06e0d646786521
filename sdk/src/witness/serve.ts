import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TanlianError } from '@tanlian/units'
import { ADD_CHECKPOINT_BYTES, type Added } from './add-checkpoint.ts'
import type { Complaint } from './promise.ts'
import type { KeptProof } from './raise.ts'
import type { Witness } from './terms.ts'

/** A witness's door to the outside. */
export interface WitnessServer {
  /** Where it listens, `http://HOST:PORT`. */
  readonly url: string
  close(): Promise<void>
}

/** Connections at once; each request has few bytes and few seconds. */
const CONNECTIONS = 128
const REQUEST_MS = 10_000
const RECEIPT_BYTES = 8 * 1024

/**
 * Serves what a witness does for others: `POST /add-checkpoint` (C2SP tlog-witness), `POST /receipts`, and what it has against anybody:
 * `/equivocations`, `/complaints`. Everything is public and nothing needs a session. Codes: E_WITNESS_LISTEN.
 */
export async function serveWitness(witness: Witness, at: { host: string; port: number }): Promise<WitnessServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, answer) => {
    handle(witness, request, answer).catch(() => send(answer, 500, 'text/plain', 'the witness failed\n'))
  })
  server.maxConnections = CONNECTIONS
  await listen(server, at)
  const { address, port } = server.address() as AddressInfo
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new TanlianError(
          'E_WITNESS_LISTEN',
          `The witness cannot listen on ${host}:${port}. Name another with --listen.`,
          {
            values: { host, port },
            cause,
          },
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
}

async function handle(witness: Witness, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?', 1)
  const known = ROUTES[path] ?? (path.startsWith('/equivocations/') ? PROOF : undefined)
  if (known === undefined) return send(answer, 404, 'text/plain', 'there is nothing here\n')
  if (request.method !== known.method) {
    answer.setHeader('allow', known.method)
    return send(answer, 405, 'text/plain', `this is asked with ${known.method}\n`)
  }
  await known.run(witness, request, answer, path)
}

interface Route {
  readonly method: 'GET' | 'POST'
  run(witness: Witness, request: IncomingMessage, answer: ServerResponse, path: string): Promise<void> | void
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': {
    method: 'GET',
    run: ({ vkey, logs, status }, _request, answer) => json(answer, 200, { vkey, logs, status }),
  },
  '/add-checkpoint': {
    method: 'POST',
    async run(witness, request, answer) {
      const body = await readBody(request, ADD_CHECKPOINT_BYTES)
      if (body === undefined) return tooLong(answer, ADD_CHECKPOINT_BYTES)
      sendAdded(answer, await witness.addCheckpoint(body))
    },
  },
  '/receipts': {
    method: 'POST',
    async run(witness, request, answer) {
      const body = await readBody(request, RECEIPT_BYTES)
      if (body === undefined) return tooLong(answer, RECEIPT_BYTES)
      try {
        json(answer, 202, { state: await witness.takeReceipt(JSON.parse(new TextDecoder().decode(body))) })
      } catch (error) {
        if (!(error instanceof TanlianError || error instanceof SyntaxError)) throw error
        json(answer, 422, {
          code: error instanceof TanlianError ? error.code : 'E_RECEIPT_INVALID',
          why: error.message,
        })
      }
    },
  },
  '/equivocations': {
    method: 'GET',
    run: ({ proofs }, _request, answer) => json(answer, 200, { items: proofs.map(proofView), next: null }),
  },
  '/complaints': {
    method: 'GET',
    run: ({ complaints }, _request, answer) =>
      json(answer, 200, { items: complaints satisfies readonly Complaint[], next: null }),
  },
}

/** The file of one proof; its name is its CID. */
const PROOF: Route = {
  method: 'GET',
  run({ proofs }, _request, answer, path) {
    const proof = proofs.find(({ cid }) => path === `/equivocations/${cid}`)
    if (proof === undefined) return send(answer, 404, 'text/plain', 'there is no such proof here\n')
    send(answer, 200, 'application/vnd.ipld.dag-cbor', proof.bytes)
  },
}

function proofView({ cid, proves }: KeptProof) {
  const { ok: _, ...rest } = proves
  return { cid, proves: rest }
}

function sendAdded(answer: ServerResponse, added: Added): void {
  if (added.status === 503) answer.setHeader('retry-after', '2')
  const type = added.status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
  const body = added.status === 200 ? added.lines : `${added.status === 409 ? added.size : added.why}\n`
  send(answer, added.status, type, body)
}

function tooLong(answer: ServerResponse, limit: number): void {
  answer.setHeader('connection', 'close')
  send(answer, 413, 'text/plain; charset=utf-8', `more than ${limit} bytes\n`)
}

function json(answer: ServerResponse, status: number, value: unknown): void {
  send(answer, status, 'application/json', JSON.stringify(value))
}

function send(answer: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (answer.headersSent) {
    answer.destroy()
    return
  }
  answer.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': '*',
  })
  answer.end(body)
}

/** The body; undefined once it has more than `limit` bytes. */
async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  // The answer still goes to one that sends too much.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > limit) return undefined
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}
