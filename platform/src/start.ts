import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ChainEvent } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import { type Logger, pino } from 'pino'
import { type App, buildApp } from './app.ts'
import { openBlocks } from './blocks.ts'
import { openChain } from './chain/chain.ts'
import type { Config } from './config.ts'
import { machineDisk } from './disk.ts'
import { openDocuments } from './document/documents.ts'
import { openLogView } from './evidence/log-view.ts'
import { createReceiptSigner } from './evidence/receipt.ts'
import { createTracer } from './evidence/trace.ts'
import { openTreeStore } from './evidence/tree-store.ts'
import { startWorker } from './evidence/worker.ts'
import type { Events, Instance } from './instance.ts'
import { startJobs } from './jobs.ts'
import { lockData } from './lock.ts'
import { startPostgres } from './postgres.ts'
import { readOwnKeys } from './privacy/own-keys.ts'
import { createPrivacy } from './privacy/privacy.ts'
import { readOrMakeSecret } from './secret.ts'
import { connectionOf, openStore, type Store } from './store.ts'

/** A platform that answers. */
export interface Platform {
  readonly url: string
  readonly instance: Instance
  readonly app: App
  /** Ends everything in order; what was acknowledged is safe at any moment anyway. */
  stop(): Promise<void>
}

/** A part that came up, for whoever shows the start to a person. */
export interface Progress {
  readonly step: 'database' | 'store' | 'blocks' | 'chain' | 'contracts' | 'log' | 'http'
  readonly state: 'ready'
  /** Milliseconds since the start. */
  readonly ms: number
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** What may be handed in beside the configuration. */
export interface StartOptions {
  readonly logger?: Logger
  readonly progress?: (progress: Progress) => void
  readonly clock?: () => number
  /** A part broke so that nothing may be written any more (S36); the process should end. */
  readonly fatal?: (reason: string, cause?: unknown) => void
}

/**
 * Starts the parts in order: data folder, database, blocks, chain, log, HTTP. If one fails, those before it are ended again.
 * @throws TanlianError E_INSTANCE_LOCKED, E_PORT_TAKEN, E_DATABASE_…, E_DATA_NEWER, E_STORAGE_DAMAGED, E_NODE_…, E_DEPLOY_…, E_FOUNDER_MISSING
 */
export async function startPlatform(config: Config, options: StartOptions = {}): Promise<Platform> {
  const logger = options.logger ?? pino({ level: 'warn' })
  const began = performance.now()
  const clock = options.clock ?? Date.now
  const ready = (step: Progress['step'], detail: Progress['detail'] = {}) =>
    options.progress?.({ step, state: 'ready', ms: Math.round(performance.now() - began), detail })
  const fatal = (reason: string, cause?: unknown) => {
    logger.fatal({ err: cause }, reason)
    options.fatal?.(reason, cause)
  }
  const endings: (() => Promise<unknown> | unknown)[] = []
  const stop = async () => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop())
      await Promise.resolve(end()).catch((error: unknown) => logger.error({ err: error }, 'a part did not end cleanly'))
  }
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
    const lock = lockData(config.dataDir)
    endings.push(() => lock.release())
    await requireFreePort(config.host, config.port)
    const id = await readOrMakeSecret(join(config.dataDir, 'instance'), () => randomBytes(6).toString('hex'))

    const owner = await startDatabase(config, id, { fatal, logger, endings })
    ready('database', { embedded: config.databaseUrl === undefined, port: owner.port })
    const store = await openStore({
      owner,
      dataDir: config.dataDir,
      instanceId: id,
      // The error carries the whole connection with it: its message is enough.
      onError: ({ message }) => logger.info({ message }, 'a database connection was lost'),
    })
    endings.push(() => store.close())
    await requireOwnDatabase(store, id)
    ready('store')

    const { limits } = config
    const directory = join(config.dataDir, 'blocks')
    const blocks = await openBlocks({ directory, disk: machineDisk, reserveBytes: limits.reserveBytes, fatal })
    endings.push(() => blocks.close())
    if (blocks.damaged > 0)
      logger.error({ damaged: blocks.damaged }, 'blocks do not match their hashes and are unavailable')
    const privacy = createPrivacy({ db: store.db, blocks, secrets: await readOwnKeys(config.dataDir) })
    const trees = await openTreeStore({
      directory: join(config.dataDir, 'trees'),
      blocks,
      privacy,
      budgetBytes: limits.treeBytes,
    })
    ready('blocks', { count: blocks.count, bytes: blocks.bytes })

    const log = await openLogView(store.db, {
      origin: config.logOrigin ?? `tanlian.invalid/${id}`,
      privateKey: await readSeed(config, 'checkpoint-key'),
    })
    const events: Events = new EventEmitter()
    events.setMaxListeners(0)
    const worker = startWorker()
    endings.push(() => worker.stop())
    let clearTraces = () => {}
    const chain = await openChain({
      config,
      db: store.db,
      runtime: store.runtime,
      logger,
      clock,
      fatal,
      follower: {
        advanced: () => log.follow(),
        rolledBack: async () => {
          await log.follow()
          clearTraces()
        },
        unsure: () => log.unsure(),
      },
      news: (news) => {
        for (const event of news) tell(events, event)
      },
      rolledBack: (block) => {
        events.emit('root', { size: log.size, root: Buffer.from(log.root()).toString('hex'), block })
      },
      intentsChanged: (intents) => {
        for (const { id: intent, kind, state } of intents)
          if (kind === 'act') events.emit('job', { job: intent.replace(/^act:/, ''), state })
      },
      progress: (step) => ready(step, step === 'chain' ? { embedded: config.rpcUrl === undefined } : {}),
    })
    endings.push(() => chain.stop())
    ready('log', { size: log.size, block: chain.block })

    const receipts = createReceiptSigner(await readSeed(config, 'receipt-key'), config.promiseSeconds)
    const parts = {
      id,
      config,
      db: store.db,
      blocks,
      trees,
      log,
      receipts,
      privacy,
      chain,
      worker,
      events,
      clock,
      logger,
      fatal,
    }
    const documents = await openDocuments(parts)
    endings.push(() => documents.stop())
    const tracer = createTracer({ ...parts, documents })
    clearTraces = () => tracer.clear()
    const instance: Instance = { ...parts, documents, tracer }
    const jobs = startJobs(instance)
    endings.push(() => jobs.stop())

    const app = await buildApp(instance)
    endings.push(() => app.close())
    const port = await listen(app, config)
    const url = `http://${hostInUrl(config.host)}:${port}`
    ready('http', { url, port })
    return { url, instance, app, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startDatabase(
  config: Config,
  instanceId: string,
  given: {
    readonly fatal: (reason: string, cause?: unknown) => void
    readonly logger: Logger
    readonly endings: (() => Promise<unknown> | unknown)[]
  },
) {
  if (config.databaseUrl !== undefined) return connectionOf(config.databaseUrl)
  const postgres = await startPostgres({
    dataDir: config.dataDir,
    instanceId,
    fatal: given.fatal,
    onRestart: (reason) => given.logger.warn(`${reason} It is started again.`),
  })
  given.endings.push(() => postgres.stop())
  return postgres.owner
}

/** A database that was filled by another data folder has other blocks and keys: nothing of it would fit. */
async function requireOwnDatabase({ db }: Store, id: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name: 'instance', value: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db.selectFrom('meta').select('value').where('name', '=', 'instance').executeTakeFirstOrThrow()
  if (row.value !== id)
    throw new TanlianError(
      'E_DATABASE_FOREIGN',
      `The database belongs to instance ${row.value}, this data folder is ${id}.`,
      {
        values: { database: row.value, folder: id },
      },
    )
}

async function readSeed(config: Config, name: string): Promise<Uint8Array> {
  const text = await readOrMakeSecret(join(config.dataDir, 'secrets', name), () => randomBytes(32).toString('hex'))
  return new Uint8Array(Buffer.from(text, 'hex'))
}

async function listen(app: App, { host, port }: Config): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw portTaken(host, port, cause)
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** Asked before anything is started, so that a person hears of it at once. */
function requireFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (cause) => reject(portTaken(host, port, cause)))
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

function portTaken(host: string, port: number, cause: unknown): TanlianError {
  return new TanlianError(
    'E_PORT_TAKEN',
    `Port ${port} of ${host} cannot be listened on: ${String(cause)}. Name another with --port.`,
    {
      values: { host, port },
      cause,
    },
  )
}

/** Passkeys want a name: browsers take http://localhost for a safe place, and no address. */
function hostInUrl(host: string): string {
  if (host === '127.0.0.1' || host === '::1' || host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Tells the events of the chain inside the platform. */
function tell(events: Events, event: ChainEvent): void {
  const { transaction, block } = event
  switch (event.name) {
    case 'Appended': {
      const { kind, organization, sequence, digest, index } = event
      events.emit('anchored', {
        kind: kind === 1 ? 1 : 2,
        organization,
        sequence,
        digest: digest.slice(2),
        index,
        transaction,
        block,
      })
      return
    }
    case 'Root':
      events.emit('root', { size: event.size, root: event.root.slice(2), block })
      return
    case 'Acted':
    case 'Succeeded':
    case 'HeadCarried':
      return
    default: {
      const organization =
        'organization' in event ? event.organization : 'enterprise' in event ? event.enterprise : null
      events.emit('organization', { organization, what: event.name, transaction, block })
    }
  }
}
