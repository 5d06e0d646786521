import { statfs } from 'node:fs/promises'
import { toHex } from '@tanlian/evidence'
import { sql } from 'kysely'
import * as z from 'zod'
import type { App } from './app.ts'
import { NoQuery } from './form.ts'
import type { Instance } from './instance.ts'

/** An accepted entry that waits longer than the promised time, or a chain that is behind, makes the health amber: `ok` false in its part. */
const Part = z.looseObject({ ok: z.boolean() })
const Health = z
  .object({
    ok: z.boolean(),
    instance: z.string(),
    time: z.string(),
    database: Part,
    chain: Part,
    blocks: Part,
    outbox: Part,
    log: Part,
    disk: Part,
  })
  .meta({ id: 'Health', description: 'How each part is; `ok` false where it needs somebody to look' })

/** What `/health` and `/metrics` both show. */
export interface Vitals {
  readonly databaseMs: number | null
  readonly waiting: number
  /** Age of the oldest intent that has no transaction yet, seconds. */
  readonly oldestWaitingS: number
  readonly failed: number
  readonly accepted: number
  readonly indexedBlock: number | null
  readonly diskFreeBytes: number
  readonly diskTotalBytes: number
}

/** `GET /health`: 200 where all is well, 503 where a part is not. */
export function healthRoutes(app: App, instance: Instance) {
  app.get(
    '/health',
    {
      schema: {
        tags: ['operation'],
        summary: 'How the database, chain, blocks, outbox, log and disk are',
        querystring: NoQuery,
        response: { 200: Health, 503: Health },
      },
    },
    async (_request, reply) => {
      const health = await healthOf(instance)
      return reply
        .code(health.ok ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(health)
    },
  )
}

/** Reads the figures; a database that does not answer leaves nulls. */
export async function readVitals(instance: Instance): Promise<Vitals> {
  const disk = await statfs(instance.config.dataDir)
  const space = { diskFreeBytes: disk.bavail * disk.bsize, diskTotalBytes: disk.blocks * disk.bsize }
  const begun = performance.now()
  try {
    const { rows } = await sql<{
      waiting: number
      oldest: number | null
      failed: number
      accepted: number
      block: number | null
    }>`select
        (select count(*) from intent where state in ('waiting', 'carried')) as waiting,
        (select min(created_ms) from intent where state in ('waiting', 'carried')) as oldest,
        (select count(*) from intent where state = 'failed' and kind = 'entry') as failed,
        (select count(*) from accepted) as accepted,
        (select max(number) from chain_mark) as block`.execute(instance.db)
    const row = rows[0]
    const oldest = row?.oldest ?? null
    return {
      databaseMs: Math.round(performance.now() - begun),
      waiting: row?.waiting ?? 0,
      oldestWaitingS: oldest === null ? 0 : Math.max(0, Math.round((instance.clock() - oldest) / 1000)),
      failed: row?.failed ?? 0,
      accepted: row?.accepted ?? 0,
      indexedBlock: row?.block ?? null,
      ...space,
    }
  } catch (error) {
    instance.logger.warn({ err: error }, 'the database does not answer')
    const unknown = { waiting: 0, oldestWaitingS: 0, failed: 0, accepted: 0, indexedBlock: null }
    return { databaseMs: null, ...unknown, ...space }
  }
}

async function healthOf(instance: Instance): Promise<z.infer<typeof Health>> {
  const vitals = await readVitals(instance)
  const { log, blocks, config, chain } = instance
  const { promiseSeconds, limits } = config
  const { sending } = chain.problems
  const parts = {
    database: { ok: vitals.databaseMs !== null, answerMs: vitals.databaseMs },
    chain: { ...chain.health(), indexedBlock: vitals.indexedBlock },
    blocks: { ok: blocks.damaged === 0, count: blocks.count, bytes: blocks.bytes, damaged: blocks.damaged },
    outbox: {
      ok: vitals.oldestWaitingS <= promiseSeconds && vitals.failed === 0 && sending === null,
      waiting: vitals.waiting,
      oldestWaitingS: vitals.oldestWaitingS,
      failed: vitals.failed,
      promiseSeconds,
      problem: sending?.code ?? null,
      since: sending === null ? null : new Date(sending.sinceMs).toISOString(),
    },
    log: { ok: true, size: log.size, root: toHex(log.root()), block: log.block, accepted: vitals.accepted },
    disk: {
      ok: vitals.diskFreeBytes > limits.reserveBytes,
      freeBytes: vitals.diskFreeBytes,
      totalBytes: vitals.diskTotalBytes,
      reserveBytes: limits.reserveBytes,
    },
  }
  const ok = Object.values(parts).every((part) => part.ok)
  return { ok, instance: instance.id, time: new Date(instance.clock()).toISOString(), ...parts }
}
