import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from './app.ts'
import { NoQuery } from './form.ts'
import { readVitals } from './health.ts'
import type { Instance } from './instance.ts'

/** The figures of one application; a registry of its own, so that several instances in one process do not mix. */
export function openMetrics(app: App): Registry {
  const registry = new Registry()
  const durations = new Histogram({
    name: 'tanlian_http_seconds',
    help: 'Seconds until an answer was sent',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)')
    durations.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
  })
  return registry
}

/** `GET /metrics` for Prometheus. Labels are route patterns and codes, never values of a request (S33). */
export function metricsRoutes(app: App, instance: Instance, registry: Registry) {
  collectDefaultMetrics({ register: registry, prefix: 'tanlian_' })
  const registers = [registry]
  const accepted = new Counter({
    name: 'tanlian_accepted_entries_total',
    help: 'Entries accepted by this process',
    labelNames: ['kind'],
    registers,
  })
  const readings = new Counter({
    name: 'tanlian_accepted_readings_total',
    help: 'Readings accepted by this process',
    registers,
  })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const figures = {
    logSize: gauge('tanlian_log_size', 'Entries of the log on the chain'),
    blocks: gauge('tanlian_blocks', 'Blocks stored'),
    blockBytes: gauge('tanlian_block_bytes', 'Bytes of the block store'),
    waiting: gauge('tanlian_outbox_waiting', 'Intents that are not done'),
    oldest: gauge('tanlian_outbox_oldest_seconds', 'Age of the oldest intent that is not done'),
    failed: gauge('tanlian_outbox_failed', 'Entries that the contract refused'),
    diskFree: gauge('tanlian_disk_free_bytes', 'Free bytes of the data folder’s disk'),
    database: gauge('tanlian_database_up', '1 while the database answers'),
  }
  const problems = new Gauge({
    name: 'tanlian_chain_problem',
    help: '1 where the chain is not read on, or nothing is sent to it; the code says why',
    labelNames: ['part', 'code'],
    registers,
  })
  const onAccepted = ({ kind, count }: { kind: 1 | 2; count: number | null }) => {
    accepted.inc({ kind: kind === 1 ? 'batch' : 'document' })
    readings.inc(count ?? 0)
  }
  instance.events.on('accepted', onAccepted)
  app.addHook('onClose', async () => {
    instance.events.off('accepted', onAccepted)
  })

  app.get(
    '/metrics',
    {
      schema: {
        tags: ['operation'],
        summary: 'Figures for Prometheus',
        querystring: NoQuery,
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => {
      const vitals = await readVitals(instance)
      figures.logSize.set(instance.log.size)
      figures.blocks.set(instance.blocks.count)
      figures.blockBytes.set(instance.blocks.bytes)
      figures.waiting.set(vitals.waiting)
      figures.oldest.set(vitals.oldestWaitingS)
      figures.failed.set(vitals.failed)
      figures.diskFree.set(vitals.diskFreeBytes)
      figures.database.set(vitals.databaseMs === null ? 0 : 1)
      problems.reset()
      for (const [part, problem] of Object.entries(instance.chain.problems))
        if (problem !== null) problems.set({ part, code: problem.code }, 1)
      return reply.header('content-type', registry.contentType).send(await registry.metrics())
    },
  )
}
