import { type Party, type Reason, toHex } from '@tanlian/evidence'
import type { Http } from './http.ts'
import { type HttpOptions, openHttp } from './http.ts'
import { type Job, settled } from './job.ts'
import { type LiveEvent, live } from './live.ts'
import type { Receipt } from './outbox.ts'

/** A list as every route gives it: items and the cursor of the next page, or null. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** Where a platform says how it is reached: `/.well-known/tanlian.json` (spec section 7). */
export interface WellKnown {
  readonly spec: string
  readonly chainId: number
  readonly rpc: string | null
  readonly contracts: { readonly OrganizationRegistry: `0x${string}`; readonly EvidenceLog: `0x${string}` }
  /** The checkpoint's key, as in signed-note. */
  readonly vkey: string
  readonly [more: string]: unknown
}

/** An organization in the registry. */
export interface Organization {
  readonly id: number
  readonly kind: Party
  readonly name: string | null
  readonly nameEn: string | null
  readonly suspended: boolean
  /** The platform it is bound to, and the one it asked. */
  readonly platform: number | null
  readonly requested: number | null
  readonly [more: string]: unknown
}

/** A key that the registry names, with the sequences that it may sign. */
export interface OrganizationKey {
  readonly address: `0x${string}`
  readonly organization: number
  readonly purpose: 'batches' | 'documents' | 'acts'
  readonly from: number
  readonly to: number
  readonly active: boolean
  readonly [more: string]: unknown
}

/** A binding of an enterprise to a platform, from request to end. */
export interface Binding {
  readonly id: number
  readonly enterprise: number
  readonly platform: number
  readonly state: 'requested' | 'bound' | 'unbound' | 'withdrawn' | 'replaced'
  readonly [more: string]: unknown
}

/** An application that a regulator has to decide. */
export interface Application {
  /** Digest of the Apply act, 0x-hex. */
  readonly application: `0x${string}`
  readonly state: 'open' | 'approved' | 'refused' | 'lapsed'
  readonly kind: Party
  readonly name: string | null
  readonly nameEn: string | null
  readonly organization: number | null
  readonly [more: string]: unknown
}

/** A signed statement as the platform holds it; index, transaction and block are null until it is on the chain. */
export interface EntryItem {
  readonly kind: number
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  readonly index: number | null
  readonly transaction: `0x${string}` | null
  readonly block: number | null
  /** Null where the entry came to the log past this platform. */
  readonly signature: `0x${string}` | null
  readonly status: 'sealed' | 'anchored' | 'unavailable'
  readonly readings: number | null
  readonly from: number | null
  readonly to: number | null
  readonly [more: string]: unknown
}

/** The head of an organization for one kind; digest null before its first statement. */
export interface HeadItem {
  readonly sequence: number
  readonly digest: string | null
}

/** The log as the platform has read it from the contract. */
export interface LogState {
  readonly size: number
  readonly root: string
  readonly block: number | null
  readonly [more: string]: unknown
}

/** A declared stream, as JSON. */
export interface StreamJson {
  readonly stream: number
  /** Class, group and kind as six hex digits, or the 24-bit number. */
  readonly type: number | string
  readonly device: string
  readonly interval: number
  readonly [more: string]: unknown
}

/** Time of one stream that live readings account for: `[type of four bytes, start, seconds, count]` of each unbroken run. */
export interface CoverageItem {
  readonly stream: number
  readonly runs: readonly (readonly [type: number, start: number, seconds: number, count: number])[]
}

/** An import's manifest (导入清单): what a file was planned to become, and how much of it is there. */
export interface ImportManifest {
  readonly id: string
  readonly organization: number
  readonly name: string
  /** SHA-256 of the file and of the mapping's data, hex. */
  readonly sha256: string
  readonly mapping: string
  readonly readings: number
  /** Planned. */
  readonly batches: number
  readonly created: string
  readonly state: 'open' | 'complete' | 'withdrawn'
  /** Sequences of the batches that are there. */
  readonly sequences: readonly number[]
  /** Of those, how many are anchored in the log. */
  readonly anchored: number
  readonly withdrawn: { readonly sequence: number; readonly reason: string } | null
}

/** What is asked of one organization's readings. */
export interface TraceRequest {
  /** Types of one to four bytes, hex. */
  readonly types: readonly string[]
  readonly streams?: readonly number[]
  /** Unix seconds, half open. */
  readonly from: number
  readonly to: number
  readonly mode?: 'total' | 'readings'
  /** In mode `readings`: the raw frames come along. */
  readonly frames?: boolean
}

/** A typed client of one platform, for Node and browsers. Codes of every call: the server's, and those of `http.ts`. */
export interface Client {
  readonly http: Http
  wellKnown(): Promise<WellKnown>
  health(): Promise<Readonly<Record<string, unknown>>>
  /** All items of a list, page after page. */
  all<T>(path: string): AsyncGenerator<T>
  organizations(): AsyncGenerator<Organization>
  organization(id: number): Promise<Organization>
  keys(organization: number): Promise<readonly OrganizationKey[]>
  /** Whose key an address is, and the nonce of its next act. */
  key(address: string): Promise<{ address: string; nonce: number; key: OrganizationKey | null }>
  bindings(organization: number): AsyncGenerator<Binding>
  applications(state?: string): AsyncGenerator<Application>
  application(digest: string): Promise<Application>
  /** Hands in an application: the profile's parts, the signed act. */
  apply(body: unknown, idempotency?: string): Promise<Job>
  /** Relays one signed act to the registry; `reason` is that of a decision about an application. */
  act(
    act: string,
    message: Readonly<Record<string, unknown>>,
    signature: string,
    options?: { readonly idempotency?: string; readonly reason?: Reason | undefined },
  ): Promise<Job>
  job(id: string): Promise<Job>
  /** Waits until a job is done or failed; at most `limitMs`. Codes: E_CLIENT_JOB_FAILED, E_CLIENT_TIMEOUT. */
  settled(job: Job, options?: { readonly limitMs?: number; readonly everyMs?: number }): Promise<Job>
  head(organization: number, kind: number): Promise<HeadItem>
  entries(organization: number, kind: number, after?: number): AsyncGenerator<EntryItem>
  streams(organization: number): AsyncGenerator<StreamJson>
  imports(organization: number): AsyncGenerator<ImportManifest>
  /** What time an organization's accepted readings account for. */
  coverage(organization: number): AsyncGenerator<CoverageItem>
  /** A block by CID, unchecked: hold it to its CID before use. */
  block(cid: string): Promise<Uint8Array>
  /** Sends a batch as one body. */
  batch(car: Uint8Array, signature: string): Promise<Receipt>
  /** Sends a document as one body. */
  document(car: Uint8Array, signature: string): Promise<Receipt>
  /** Evidence package of a question, with how many bytes have come. */
  trace(organization: number, request: TraceRequest, onBytes?: (received: number) => void): Promise<Uint8Array>
  log(): Promise<LogState>
  logProof(index: number, size?: number): Promise<{ index: number; size: number; root: string; path: string[] }>
  consistency(from: number, to?: number): Promise<{ from: number; to: number; root: string; path: string[] }>
  checkpoint(): Promise<string>
  /** Live events until the signal aborts; a lost connection is made anew and goes on after the last event seen. */
  live(signal: AbortSignal): AsyncGenerator<LiveEvent>
}

/** Opens a client; nothing is sent yet. */
export function openClient(options: HttpOptions): Client {
  const http = openHttp(options)

  async function* all<T>(path: string, from: string | null = null): AsyncGenerator<T> {
    const joint = path.includes('?') ? '&' : '?'
    let cursor = from
    do {
      const after: string = cursor === null ? '' : `${joint}after=${encodeURIComponent(cursor)}`
      const page: Page<T> = await http.json<Page<T>>(path + after)
      yield* page.items
      cursor = page.next
    } while (cursor !== null)
  }

  const client: Client = {
    http,
    all,
    wellKnown: () => http.json('/.well-known/tanlian.json'),
    health: () => http.json('/health'),
    organizations: () => all('/v1/organizations?limit=200'),
    organization: (id) => http.json(`/v1/organizations/${id}`),
    async keys(organization) {
      const keys: OrganizationKey[] = []
      for await (const key of all<OrganizationKey>(`/v1/organizations/${organization}/keys`)) keys.push(key)
      return keys
    },
    key: (address) => http.json(`/v1/keys/${address}`),
    bindings: (organization) => all(`/v1/organizations/${organization}/bindings`),
    applications: (state) => all(`/v1/applications${state === undefined ? '' : `?state=${encodeURIComponent(state)}`}`),
    application: (digest) => http.json(`/v1/applications/${digest}`),
    apply: (body, idempotency) =>
      http.json('/v1/applications', { method: 'POST', json: body, headers: keyed(idempotency) }),
    act: (act, message, signature, { idempotency, reason } = {}) =>
      http.json('/v1/acts', {
        method: 'POST',
        json: {
          act,
          message: plain(message),
          signature,
          ...(reason === undefined ? {} : { reason: { text: reason.text, salt: toHex(reason.salt) } }),
        },
        headers: keyed(idempotency),
      }),
    job: (id) => http.json(`/v1/jobs/${id}`),
    settled: (job, wait) => settled(client, job, wait?.limitMs ?? 60_000, wait?.everyMs ?? 150),
    head: (organization, kind) => http.json(`/v1/organizations/${organization}/head?kind=${kind}`),
    entries: (organization, kind, after) =>
      all(
        `/v1/organizations/${organization}/entries?kind=${kind}&limit=200`,
        after === undefined ? null : String(after),
      ),
    streams: (organization) => all(`/v1/organizations/${organization}/streams`),
    imports: (organization) => all(`/v1/organizations/${organization}/imports`),
    coverage: (organization) => all(`/v1/organizations/${organization}/coverage`),
    block: (cid) => http.bytes(`/ipfs/${cid}?format=raw`, { headers: { accept: 'application/vnd.ipld.raw' } }),
    batch: (car, signature) => statement(http, '/v1/batches', car, signature),
    document: (car, signature) => statement(http, '/v1/documents', car, signature),
    trace: (organization, request, onBytes) => trace(http, organization, request, onBytes),
    log: () => http.json('/v1/log'),
    logProof: (index, size) => http.json(`/v1/log/proof?index=${index}${size === undefined ? '' : `&size=${size}`}`),
    consistency: (from, to) => http.json(`/v1/log/consistency?from=${from}${to === undefined ? '' : `&to=${to}`}`),
    checkpoint: async () => (await http.send('/log/checkpoint', { headers: { accept: 'text/plain' } })).text(),
    live: (signal) => live(http, signal),
  }
  return client
}

const keyed = (key: string | undefined): Record<string, string> => (key === undefined ? {} : { 'idempotency-key': key })

/** Big integers as decimal strings, so that a message is JSON. */
function plain(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  )
}

function statement(http: Http, path: string, car: Uint8Array, signature: string): Promise<Receipt> {
  return http.json(path, {
    method: 'POST',
    bytes: car,
    headers: {
      'content-type': 'application/vnd.ipld.car',
      'tanlian-signature': signature,
      // The signed bytes are the intent: sent again after a crash, they carry the same key.
      'idempotency-key': signature.slice(2, 66),
    },
    timeoutMs: 120_000,
  })
}

async function trace(
  http: Http,
  organization: number,
  request: TraceRequest,
  onBytes?: (received: number) => void,
): Promise<Uint8Array> {
  const headers = { accept: 'application/vnd.ipld.car' }
  return readAll(await http.send(tracePath(organization, request), { headers }), onBytes)
}

/** Where the answer to a question is fetched: a link to it can be scanned, shared and checked. */
export function tracePath(organization: number, request: TraceRequest): string {
  const query = new URLSearchParams()
  for (const type of request.types) query.append('type', type)
  for (const stream of request.streams ?? []) query.append('stream', String(stream))
  query.set('from', String(request.from))
  query.set('to', String(request.to))
  query.set('mode', request.mode ?? 'total')
  if (request.frames === true) query.set('frames', 'true')
  return `/v1/organizations/${organization}/trace?${query}`
}

async function readAll(response: Response, onBytes?: (received: number) => void): Promise<Uint8Array> {
  if (response.body === null || onBytes === undefined) return new Uint8Array(await response.arrayBuffer())
  const parts: Uint8Array[] = []
  let received = 0
  const reader = response.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value)
    received += part.value.length
    onBytes(received)
  }
  const bytes = new Uint8Array(received)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
