import { TanlianError } from '@tanlian/units'
import { carry } from './carry.ts'
import type { Intent, IntentRecord, OutboxStore, TransactionRecord } from './intent.ts'
import { observe } from './observe.ts'
import type { OutboxChain, OutboxSigner } from './outbox-chain.ts'
import { createPause } from './pause.ts'
import { type Problem, watchProblem } from './problem.ts'
import { sendSigned } from './send.ts'

/** How the outbox paces itself. Blocks count from 1: a transaction in the newest block has depth 1. */
export interface OutboxOptions {
  /** Depth at which an effect counts as done. */
  readonly confirmations: number
  /** Depth up to which signed bytes are kept, to be sent again to a chain that went back. */
  readonly keepBlocks: number
  /** Entries that one transaction carries at most. */
  readonly entriesPerTransaction: number
  /** How long a first entry waits for others to share its transaction. */
  readonly lingerMs: number
  /** How often the chain is asked while something is on its way, and while nothing is. */
  readonly pollMs: number
  readonly idleMs: number
  /** After this time without being mined, the same bytes are sent again; after the other, with the same nonce and a greater fee. */
  readonly resendMs: number
  readonly repriceMs: number
  /** Wei; never offered more. */
  readonly maxFeePerGas: bigint
}

/** For the embedded chain, which mines at once and forgets a second or more when it is killed. */
export const EMBEDDED_OUTBOX: OutboxOptions = {
  confirmations: 1,
  keepBlocks: 1024,
  entriesPerTransaction: 100,
  lingerMs: 100,
  pollMs: 50,
  idleMs: 1000,
  resendMs: 2000,
  repriceMs: 5000,
  maxFeePerGas: 1_000_000_000_000n,
}

/** For a chain with blocks every few seconds. */
export const NETWORK_OUTBOX: OutboxOptions = {
  ...EMBEDDED_OUTBOX,
  confirmations: 12,
  keepBlocks: 256,
  lingerMs: 1000,
  pollMs: 1000,
  idleMs: 5000,
  resendMs: 15_000,
  repriceMs: 45_000,
}

/** Carries intents to the chain, each at most once (S31, R28). */
export interface Outbox {
  /** Begins to work; rejects if another process holds the key. */
  start(): Promise<void>
  /** Ends after the step under way. Nothing is lost: what is stored goes on at the next start. */
  stop(): Promise<void>
  /** Adds an intent durably and wakes up. The same id with other content: `E_OUTBOX_INTENT`. */
  submit(intent: Omit<Intent, 'createdAtMs'>): Promise<IntentRecord>
  /** There is a new waiting intent in the store. */
  wake(): void
  /**
   * Tries failed intents once more: what they needed is there now. Also those that are done by another's transaction (`nonce` null): nobody here
   * has its bytes, so if the chain went back and the effect is gone, they begin anew.
   */
  retry(ids: readonly string[]): Promise<void>
  /** One pass: look, send again, form the next transaction. Returns after how many milliseconds the next is due. For tests; `start` does it. */
  step(): Promise<number>
  /** Why nothing is sent at the moment. */
  readonly problem: Problem | null
  /** Transactions whose bytes are kept. */
  readonly open: readonly TransactionRecord[]
}

/** All that the parts of the outbox share. `open` is what the store holds: each change is saved before it is made here. */
export interface OutboxDesk {
  readonly store: OutboxStore
  readonly chain: OutboxChain
  readonly signer: OutboxSigner
  readonly options: OutboxOptions
  readonly now: () => number
  /** Not final, by nonce. */
  open: readonly TransactionRecord[]
  nextNonce: number
  /** When this process last sent the bytes of a nonce. */
  readonly sentAtMs: Map<number, number>
  /** How often in a row a nonce was found used by a transaction that is none of ours. */
  readonly missing: Map<number, number>
  /** Saves, and then tells the listener. */
  save(transactions: readonly TransactionRecord[], intents: readonly IntentRecord[]): Promise<void>
}

/** Makes an outbox; see {@link Outbox}. `changed` hears of every intent whose record changed, after it is durable. */
export function createOutbox(parts: {
  readonly store: OutboxStore
  readonly chain: OutboxChain
  readonly signer: OutboxSigner
  readonly options: OutboxOptions
  readonly now?: () => number
  /** Asked before every step; where it throws, nothing is looked at or sent (S30: the chain that is read may be another one). */
  readonly permit?: () => void
  readonly changed?: (intents: readonly IntentRecord[]) => void
  /** Hears when a problem begins, changes or ends (null). */
  readonly alarm?: (problem: Problem | null) => void
}): Outbox {
  const { store, chain, signer, options, now = Date.now } = parts
  let opened = false
  const watch = watchProblem({ code: 'E_OUTBOX_UNREACHABLE', now, alarm: parts.alarm })
  const pause = createPause()
  let turn: Promise<unknown> = Promise.resolve()
  let running: Promise<void> | undefined
  let ending = false
  const desk: OutboxDesk = {
    store,
    chain,
    signer,
    options,
    now,
    open: [],
    nextNonce: 0,
    sentAtMs: new Map(),
    missing: new Map(),
    async save(transactions, intents) {
      try {
        await store.save({ transactions, intents })
      } catch (cause) {
        // Kept or not kept: only the store knows, so it is asked anew before anything else is done.
        opened = false
        throw cause
      }
      desk.open = merge(desk.open, transactions)
      if (intents.length > 0) parts.changed?.(intents)
    },
  }

  const serially = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act, act)
    turn = next.catch(() => undefined)
    return next
  }
  const openAnew = async () => {
    const { transactions, nextNonce } = await store.open(signer.address)
    desk.open = transactions
    desk.nextNonce = nextNonce
    desk.sentAtMs.clear()
    desk.missing.clear()
    opened = true
  }
  const step = () =>
    serially(async () => {
      parts.permit?.()
      if (!opened) await openAnew()
      await observe(desk)
      await sendSigned(desk)
      return await carry(desk)
    })
  const run = async () => {
    let failures = 0
    while (!ending) {
      let wait: number
      try {
        wait = await step()
        failures = 0
        watch.report(undefined)
      } catch (error) {
        wait = Math.min(options.idleMs, options.pollMs * 2 ** Math.min(failures++, 10))
        watch.report(error)
      }
      await pause.wait(wait)
    }
  }
  return {
    async start() {
      await store.hold(signer.address)
      ending = false
      running = run()
    },
    async stop() {
      ending = true
      pause.wake()
      await running
      await turn
      await store.release(signer.address)
    },
    async submit(intent) {
      requireIntent(intent)
      const kept = await store.add({ ...intent, createdAtMs: now() })
      if (kept.kind !== intent.kind || kept.to !== intent.to || !sameBytes(kept.data, intent.data))
        throw new TanlianError('E_OUTBOX_INTENT', `An intent named ${intent.id} with other content is there already.`, {
          values: { id: intent.id },
        })
      pause.wake()
      return kept
    },
    wake: pause.wake,
    retry: (ids) =>
      serially(async () => {
        const others = await store.intents(ids)
        const again = others.filter(({ state, nonce }) => state === 'failed' || (state === 'done' && nonce === null))
        await desk.save(
          [],
          again.map((intent) => ({ ...intent, state: 'waiting', transaction: null, block: null, failure: null })),
        )
        pause.wake()
      }),
    step,
    get problem() {
      return watch.current
    },
    get open() {
      return desk.open
    },
  }
}

function merge(open: readonly TransactionRecord[], changed: readonly TransactionRecord[]): TransactionRecord[] {
  const byNonce = new Map(open.map((record) => [record.nonce, record]))
  for (const record of changed)
    if (record.state === 'final') byNonce.delete(record.nonce)
    else byNonce.set(record.nonce, record)
  return [...byNonce.values()].sort((a, b) => a.nonce - b.nonce)
}

function requireIntent({ id, kind, data }: Omit<Intent, 'createdAtMs'>): void {
  const why =
    id.length < 1 || id.length > 200
      ? 'its id has not 1 to 200 characters'
      : kind === 'entry' && data.length !== 117
        ? 'an entry and its signature are 52 + 65 bytes'
        : data.length > MAX_DATA_BYTES
          ? `it has more than ${MAX_DATA_BYTES} bytes`
          : undefined
  if (why !== undefined)
    throw new TanlianError('E_OUTBOX_INTENT', `The intent cannot be taken: ${why}.`, { values: { id } })
}

const MAX_DATA_BYTES = 16_384

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
