import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Address, LogDomain } from '@tanlian/evidence'
import {
  agreeing,
  type ChainEvent,
  type ChainReader,
  chainReader,
  chainSigner,
  connect,
  contractReader,
  createIndexer,
  createOutbox,
  type Deployment,
  developmentKey,
  EMBEDDED_OUTBOX,
  EMBEDDED_REORG_DEPTH,
  type EmbeddedNode,
  INDEXER_DEFAULTS,
  type IndexerNews,
  type IntentRecord,
  NETWORK_OUTBOX,
  type Outbox,
  type OutboxSigner,
  requireDeployment,
  rpcOutboxChain,
  startNode,
} from '@tanlian/registry'
import { type Refusal, TanlianError } from '@tanlian/units'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Hex, PublicClient } from 'viem'
import type { Config } from '../config.ts'
import type { Connection } from '../postgres.ts'
import type { Schema } from '../schema.ts'
import { readOrMakeSecret } from '../secret.ts'
import { readDeployment } from './deployment.ts'
import { retryForgotten } from './forgotten.ts'
import { createOutboxStore } from './outbox-store.ts'
import { createSink, type SinkFollower } from './sink.ts'

/** The chain as the platform uses it: what it says comes through the indexer, what it shall do goes through the outbox. */
export interface Chain {
  readonly chainId: number
  /** True for the embedded development chain, which is never final. */
  readonly embedded: boolean
  /** Where anyone can ask the chain; null where there is no public address. */
  readonly publicRpc: string | null
  readonly contracts: { readonly OrganizationRegistry: Address; readonly EvidenceLog: Address }
  /** What entries are signed for. */
  readonly domain: LogDomain
  readonly genesis: Hex
  readonly outbox: Outbox
  /** The account that pays for transactions. */
  readonly sender: Address
  /** Whether the contract would do this now. @throws TanlianError E_CHAIN_UNAVAILABLE */
  tryCall(call: { readonly to: Address; readonly data: Hex }): Promise<{ readonly ok: true } | Refusal>
  /** The nonce of the account's next registry act. @throws TanlianError E_CHAIN_UNAVAILABLE */
  nonceOf(account: Address): Promise<number>
  /** The last block that was read, 0 before the first. */
  readonly block: number
  /** Blocks on top of one. */
  depthOf(block: number): number
  /** True once everything up to the newest block was read, at least once since the start. */
  readonly caughtUp: boolean
  /** Why the chain is not read on at the moment, and why nothing is sent to it. */
  readonly problems: { readonly reading: ChainProblem | null; readonly sending: ChainProblem | null }
  health(): { readonly ok: boolean; readonly [more: string]: unknown }
  /** There is a new intent in the table. */
  wake(): void
  /** Reads on now, and resolves when the newest block is read. */
  sync(): Promise<void>
  stop(): Promise<void>
}

/** A problem that an operator should look at: an alarm in `/health` and `/metrics`. */
export interface ChainProblem {
  readonly code: string
  readonly message: string
  readonly sinceMs: number
}

/** What opening the chain needs. */
export interface ChainParts {
  readonly config: Config
  readonly db: Kysely<Schema>
  readonly runtime: Connection
  readonly follower: SinkFollower
  readonly logger: Logger
  readonly clock: () => number
  readonly fatal: (reason: string, cause?: unknown) => void
  readonly news: (events: readonly ChainEvent[]) => void
  readonly rolledBack: (to: number) => void
  readonly intentsChanged: (intents: readonly IntentRecord[]) => void
  /** Told as the parts come up. */
  readonly progress: (step: 'chain' | 'contracts') => void
}

const EMBEDDED_POLL_MS = 500
/** The platform's own development key; the first ones are everybody's first choice in tests. */
const EMBEDDED_KEY = 9

/** Starts the embedded chain (or connects to another), deploys or checks the contracts (R29), and begins to read and to send. */
export async function openChain(parts: ChainParts): Promise<Chain> {
  const { config, logger } = parts
  const embedded = config.rpcUrl === undefined
  const url = config.rpcUrl ?? `http://127.0.0.1:${config.rpcPort}`
  const client = connect(url)
  let deployment: Deployment | undefined
  const node = embedded
    ? await superviseNode(parts, async () => deployment && requireDeployment(client, deployment))
    : undefined
  try {
    parts.progress('chain')
    const chainId = Number(await client.request({ method: 'eth_chainId' }))
    const signer = await signerOf(config, embedded, chainId)
    deployment = await readDeployment({ config, client, signer, chainId, embedded })
    parts.progress('contracts')
    return await follow({ ...parts, client, signer, deployment, embedded, node })
  } catch (error) {
    logger.error({ err: error }, 'the chain could not be opened')
    await node?.stop()
    if (error instanceof TanlianError) throw error
    throw new TanlianError('E_CHAIN_UNAVAILABLE', `The chain does not answer as it should: ${String(error)}.`, {
      cause: error,
    })
  }
}

async function follow(
  parts: ChainParts & {
    readonly client: PublicClient
    readonly signer: OutboxSigner
    readonly deployment: Deployment
    readonly embedded: boolean
    readonly node: Supervised | undefined
  },
): Promise<Chain> {
  const { config, db, client, signer, deployment, embedded, node, logger, clock } = parts
  const second = await secondReader(config, deployment)
  const first = chainReader(client, deployment)
  const outboxChain = rpcOutboxChain(client, deployment, deployment.block)
  const contracts = contractReader(client, deployment)
  let caughtUp = false
  const indexer = createIndexer({
    reader: second === undefined ? first : agreeing(first, second),
    sink: createSink(db, parts.follower),
    now: clock,
    options: {
      ...INDEXER_DEFAULTS,
      fromBlock: deployment.block,
      ...(embedded ? { reorgDepth: EMBEDDED_REORG_DEPTH, pollMs: EMBEDDED_POLL_MS } : {}),
    },
    news: (news: IndexerNews) => {
      if (news.sort === 'advance') parts.news(news.step.events)
      else {
        logger.warn({ block: news.to.number }, 'the chain went back')
        parts.rolledBack(news.to.number)
        beginAnew(news.to.number)
      }
    },
    alarm: (problem) => {
      if (problem !== null) logger.error({ problem }, 'the chain is not read on')
    },
  })
  const outbox = createOutbox({
    store: createOutboxStore(db, parts.runtime),
    chain: outboxChain,
    signer,
    now: clock,
    permit() {
      const { problem } = indexer
      if (problem?.code === 'E_INDEX_REORG_DEEP') throw new TanlianError(problem.code, problem.message)
    },
    options: { ...(embedded ? EMBEDDED_OUTBOX : NETWORK_OUTBOX), confirmations: config.confirmations + 1 },
    changed: (intents) => {
      parts.intentsChanged(intents)
      indexer.wake()
    },
    alarm: (problem) => {
      if (problem !== null) logger.error({ problem }, 'nothing is sent to the chain')
    },
  })
  const beginAnew = (to: number) => {
    retryForgotten(db, outbox, to).catch((error: unknown) =>
      logger.error({ err: error }, 'what the chain forgot of others’ transactions could not be tried again'),
    )
  }
  await indexer.start()
  const watch = async () => {
    await indexer.sync()
    caughtUp = true
  }
  // Reading may have met a problem; nothing is accepted until it has caught up once.
  let watching = true
  const catchUp = (async () => {
    while (watching && !caughtUp) await watch().catch(() => pause(500))
  })()
  if (indexer.problem === null) await catchUp
  await outbox.start()
  // The process may have ended between a rollback and what follows from it.
  if (caughtUp) beginAnew(indexer.cursor?.number ?? 0)
  return {
    chainId: deployment.chainId,
    embedded,
    publicRpc: embedded
      ? isLoopback(config.host)
        ? `http://127.0.0.1:${config.rpcPort}`
        : null
      : (config.publicRpcUrl ?? null),
    contracts: { OrganizationRegistry: deployment.registry, EvidenceLog: deployment.log },
    domain: { chainId: deployment.chainId, verifyingContract: deployment.log },
    genesis: deployment.genesis,
    outbox,
    sender: signer.address,
    async tryCall(call) {
      try {
        const tried = await outboxChain.estimate(signer.address, call)
        return tried.ok ? { ok: true } : tried
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    async nonceOf(account) {
      try {
        return await contracts.nonceOf(account)
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    get block() {
      return indexer.cursor?.number ?? 0
    },
    depthOf: (block) => (indexer.cursor?.number ?? 0) - block,
    get caughtUp() {
      return caughtUp
    },
    get problems() {
      return { reading: indexer.problem, sending: outbox.problem }
    },
    health: () => ({
      ok: indexer.problem === null && caughtUp,
      chainId: deployment.chainId,
      embedded,
      final: !embedded,
      nodes: second === undefined ? 1 : 2,
      block: indexer.cursor?.number ?? null,
      problem: indexer.problem?.code ?? null,
      since: indexer.problem === null ? null : new Date(indexer.problem.sinceMs).toISOString(),
    }),
    wake: () => outbox.wake(),
    sync: () => indexer.sync(),
    async stop() {
      watching = false
      await outbox.stop()
      await indexer.stop()
      await node?.stop()
    },
  }
}

/** The second node, held against the same deployment (R29) before anything is read. */
async function secondReader(config: Config, deployment: Deployment): Promise<ChainReader | undefined> {
  if (config.secondRpcUrl === undefined) return undefined
  const client = connect(config.secondRpcUrl)
  await requireDeployment(client, deployment)
  return chainReader(client, deployment)
}

function unavailable(cause: unknown): TanlianError {
  return new TanlianError('E_CHAIN_UNAVAILABLE', 'The chain does not answer just now. Try again in a moment.', {
    cause,
    values: { retryAfterS: 2 },
  })
}

interface Supervised {
  stop(): Promise<void>
}

/** Keeps the embedded chain running: one that ends by itself is started again, and gets back what it forgot of the contracts. */
async function superviseNode(
  parts: ChainParts,
  restore: () => Promise<void> | Promise<undefined>,
): Promise<Supervised> {
  const { config, logger, fatal } = parts
  const start = () => startNode({ stateFile: join(config.dataDir, 'chain', 'state.json'), port: config.rpcPort })
  let node: EmbeddedNode = await start()
  let stopping = false
  const starts: number[] = []
  const guard = async () => {
    for (;;) {
      await node.ended
      if (stopping) return
      starts.push(Date.now())
      if (starts.filter((at) => at > Date.now() - 60_000).length > 20)
        return fatal('The embedded chain ended more than 20 times within a minute.')
      logger.warn('the embedded chain ended and is started again')
      node = await retry(start, 10)
      await retry(async () => restore(), 10)
    }
  }
  const guarding = guard().catch((error: unknown) => fatal('The embedded chain could not be started again.', error))
  return {
    async stop() {
      stopping = true
      await node.stop()
      await guarding
    },
  }
}

async function retry<T>(work: () => Promise<T>, tries: number): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left <= 1) throw error
      await pause(300)
    }
  }
}

/** The embedded chain's money is everybody's; on any other chain the key is the platform's own, kept with its secrets. */
async function signerOf(config: Config, embedded: boolean, chainId: number): Promise<OutboxSigner> {
  if (embedded) return chainSigner(developmentKey(EMBEDDED_KEY), chainId)
  const text = await readOrMakeSecret(join(config.dataDir, 'secrets', 'chain-key'), () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32))
    return `0x${Buffer.from(bytes).toString('hex')}`
  })
  return chainSigner(text as Hex, chainId)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
