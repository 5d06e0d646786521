import { createHash, randomUUID } from 'node:crypto'
import { TanlianError } from '@tanlian/units'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Instance } from './instance.ts'

/** Table of migration 0101. */
declare module './schema.ts' {
  interface Schema {
    idempotency: IdempotencyTable
  }
}

export interface IdempotencyTable {
  caller: string
  key: string
  /** SHA-256 over method, path, signature and body. */
  fingerprint: Uint8Array
  worker: string
  status: number | null
  headers: string | null
  body: Uint8Array | null
  created_ms: number
}

const KEPT_MS = 7 * 24 * 3600 * 1000
const CLEARED_EVERY_MS = 10 * 60 * 1000
/** Headers that belong to the answer itself. */
const KEPT_HEADERS = ['content-type', 'location', 'etag']

/**
 * R17: a POST carries an Idempotency-Key; the same key and request get the same answer, the same key with another request is refused.
 * Only answers that did something (2xx) are kept: a refusal has no effect, so asking again may well succeed.
 * Sign-in answers hold secrets and are never kept: those routes say `idempotent: false`.
 */
export class Idempotency {
  readonly #instance: Instance
  /** Names this process: what a killed one left unfinished is taken over. */
  readonly #worker = randomUUID()
  /** Requests of this process that are at work: a row of ours that none of them holds was left when the database went away (F24). */
  readonly #running = new Set<string>()
  #clearedMs = 0

  constructor(instance: Instance) {
    this.#instance = instance
  }

  /**
   * Before the handler. Gives the stored answer where there is one, else undefined, and the key is then held by this request.
   * @throws TanlianError E_IDEMPOTENCY_KEY, E_IDEMPOTENCY, E_IDEMPOTENCY_RUNNING
   */
  async begin(request: FastifyRequest): Promise<StoredAnswer | undefined> {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string' || !/^[A-Za-z0-9_-]{8,128}$/.test(key))
      throw new TanlianError('E_IDEMPOTENCY_KEY', 'A POST needs the header Idempotency-Key.')
    const caller = request.caller.name
    const { db } = this.#instance
    await this.#clear()
    const fingerprint = fingerprintOf(request)
    const mine = { caller, key, fingerprint, worker: this.#worker, created_ms: this.#instance.clock() }
    const inserted = await db
      .insertInto('idempotency')
      .values({ ...mine, status: null, headers: null, body: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows === 1n) {
      this.#hold(request, key)
      return undefined
    }
    const kept = await db
      .selectFrom('idempotency')
      .selectAll()
      .where('caller', '=', caller)
      .where('key', '=', key)
      .executeTakeFirst()
    if (kept === undefined) throw running()
    if (!Buffer.from(kept.fingerprint).equals(fingerprint))
      throw new TanlianError('E_IDEMPOTENCY', 'This Idempotency-Key was used for another request.')
    if (kept.status !== null && kept.body !== null)
      return { status: kept.status, headers: JSON.parse(kept.headers ?? '{}'), body: Buffer.from(kept.body) }
    if (kept.worker === this.#worker && this.#running.has(nameOf(caller, key))) throw running()
    const taken = await db
      .updateTable('idempotency')
      .set({ worker: this.#worker })
      .where('caller', '=', caller)
      .where('key', '=', key)
      .where('worker', '=', kept.worker)
      .where('status', 'is', null)
      .executeTakeFirst()
    if (taken.numUpdatedRows !== 1n || this.#running.has(nameOf(caller, key))) throw running()
    this.#hold(request, key)
    return undefined
  }

  #hold(request: FastifyRequest, key: string) {
    request.idempotencyKey = key
    this.#running.add(nameOf(request.caller.name, key))
  }

  /** With the answer on its way out: keeps it, or gives the key free again. */
  async end(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const key = request.idempotencyKey
    if (key === undefined) return
    request.idempotencyKey = undefined
    try {
      await this.#keep(request, reply, payload, key)
    } finally {
      this.#running.delete(nameOf(request.caller.name, key))
    }
  }

  async #keep(request: FastifyRequest, reply: FastifyReply, payload: unknown, key: string): Promise<void> {
    const { db } = this.#instance
    const caller = request.caller.name
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? Buffer.from(payload) : undefined
    const done = reply.statusCode >= 200 && reply.statusCode < 300
    if (done && (body !== undefined || payload === undefined || payload === null)) {
      const headers: Record<string, string> = {}
      for (const name of KEPT_HEADERS) {
        const value = reply.getHeader(name)
        if (value !== undefined) headers[name] = String(value)
      }
      await db
        .updateTable('idempotency')
        .set({ status: reply.statusCode, headers: JSON.stringify(headers), body: body ?? Buffer.alloc(0) })
        .where('caller', '=', caller)
        .where('key', '=', key)
        .execute()
    } else {
      await db
        .deleteFrom('idempotency')
        .where('caller', '=', caller)
        .where('key', '=', key)
        .where('status', 'is', null)
        .execute()
    }
  }

  async #clear() {
    const now = this.#instance.clock()
    if (now - this.#clearedMs < CLEARED_EVERY_MS) return
    this.#clearedMs = now
    await this.#instance.db
      .deleteFrom('idempotency')
      .where('created_ms', '<', now - KEPT_MS)
      .execute()
  }
}

/** An answer given before. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

function nameOf(caller: string, key: string): string {
  return `${caller} ${key}`
}

function fingerprintOf(request: FastifyRequest): Buffer {
  const hash = createHash('sha256')
  const signature = request.headers['tanlian-signature']
  hash.update(JSON.stringify([request.method, request.url, request.headers['content-type'] ?? '', signature ?? '']))
  if (request.bodyBytes !== undefined) hash.update(request.bodyBytes)
  return hash.digest()
}

function running(): TanlianError {
  return new TanlianError('E_IDEMPOTENCY_RUNNING', 'The first request with this Idempotency-Key is still at work.', {
    values: { retryAfterS: 1 },
  })
}
