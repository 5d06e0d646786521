import { setTimeout as pause } from 'node:timers/promises'
import type { LogDomain } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Chain } from '../chain.ts'
import { platformGate } from '../gate.ts'
import { type FileOutbox, openFileOutbox } from '../node/file-outbox.ts'
import { below, lockFile, makeFolder } from '../node/files.ts'
import { openSubmitter, type Submitter } from '../submit.ts'
import { addCheckpoint, type WitnessedLog } from './add-checkpoint.ts'
import { createAuditor } from './audit.ts'
import { createBatchSource } from './batch-source.ts'
import { createComparer } from './compare.ts'
import { openCosigner } from './cosign.ts'
import { createFollower, type Follower, REORG_DEPTH } from './follow.ts'
import { findFork } from './fork.ts'
import { openIdentity } from './identity.ts'
import { openLogFile } from './log-file.ts'
import { openOrganizationFiles } from './organization-file.ts'
import { openPromiseKeeper } from './promise.ts'
import { createPublisher } from './publish.ts'
import { openRaiser } from './raise.ts'
import { contradicts, openOtherLogs } from './record.ts'
import { agreeingSource, chainSource } from './source.ts'
import type { Witness, WitnessOptions, WitnessStatus } from './terms.ts'
import { oneAtATime } from './turn.ts'

/** What ends a witness; anything else may pass and is tried again. */
const STOPS = new Set([
  'E_WITNESS_REORG_DEEP',
  'E_WITNESS_CONSISTENCY',
  'E_WITNESS_DAMAGED',
  'E_STATE_FORMAT',
  'E_OUTBOX_CONFLICT',
  'E_OUTBOX_DAMAGED',
  'E_CHAIN_ID',
])

/**
 * Opens a witness over its folder: what it followed, audited, logged and signed before.
 * Codes: E_FILE_LOCKED, E_WITNESS_FOLDER, E_WITNESS_DAMAGED, E_CHAIN_ID.
 */
export async function openWitness(options: WitnessOptions): Promise<Witness> {
  const { folder, organization, chains, client, gateways, readers = [] } = options
  const clock = options.clock ?? Date.now
  await makeFolder(folder)
  const unlock = await lockFile(below(folder, 'lock'))
  try {
    const [first, second] = chains as readonly [Chain, Chain | undefined]
    for (const chain of chains) await chain.checkChainId()
    const domain: LogDomain = {
      chainId: first.address.chainId,
      verifyingContract: first.address.evidenceLog.toLowerCase() as `0x${string}`,
    }
    const raiser = await openRaiser(folder, client)
    const onDouble = raiser.add
    const file = await openLogFile(folder, domain)
    const source =
      second === undefined
        ? chainSource(first)
        : agreeingSource(chainSource(first), chainSource(second), domain, onDouble)
    const follower = createFollower({ source, file, domain, depth: REORG_DEPTH, onDouble })
    const batches = createBatchSource(gateways, options.limits, options.authorize)
    const auditor = await createAuditor({
      file,
      organizations: await openOrganizationFiles(below(folder, 'organizations')),
      batches,
      readers,
      own: organization,
      patienceMs: options.patienceMs,
      clock,
    })
    const gate = platformGate(client, {
      chain: first,
      ...(options.receiptKey === undefined ? {} : { receiptKey: options.receiptKey }),
    })
    // One after the other: two at once would sign two digests for one sequence (R27).
    const inTurn = oneAtATime()
    const withOutbox = <T>(work: (submitter: Submitter, outbox: FileOutbox) => Promise<T>): Promise<T> =>
      inTurn(async () => {
        const outbox = await openFileOutbox(options.home, domain, organization)
        try {
          const key = options.documentKey
          return await work(openSubmitter({ gate, outbox, log: domain, organization, kind: 2, key }), outbox)
        } finally {
          await outbox.close()
        }
      })
    const { everyMs } = options
    const promises =
      options.receiptKey === undefined
        ? undefined
        : await openPromiseKeeper({
            folder,
            key: options.receiptKey,
            file,
            block: () => follower.block,
            clock,
            keepProof: raiser.keep,
          })
    const publisher = createPublisher({
      folder,
      auditor,
      withOutbox,
      organization,
      onReceipt: async (receipt) => promises?.take(receipt),
      logSize: () => file.size,
      everyMs,
      clock,
    })
    const { name, privateKey, vkey } = await openIdentity(folder, organization, options.vkey)
    const hand = { name, privateKey, clock, convicted: raiser.convicted }
    const deepSize = () =>
      file.marks.findLast(({ number }) => number + options.confirmations <= follower.head)?.size ?? 0
    const cosigner = await openCosigner({
      folder,
      log: file.log,
      deepSize,
      vkey: options.vkey,
      ...hand,
      keepProof: raiser.keep,
      findFork: (honest, forged) => findFork(client, file.log, options.vkey, honest, forged),
    })
    const logs: readonly WitnessedLog[] = [
      { vkey: options.vkey, record: cosigner.record, judge: cosigner.judge },
      ...(await openOtherLogs(folder, options.otherLogs ?? [], hand)),
    ]
    const comparer = createComparer(file, client, domain, onDouble)
    const problems = new Map<string, { code: string; message: string }>()

    /** One part of the work; what may pass is kept as the problem and tried again. @returns undefined where it failed */
    const attempt = async <T>(part: string, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        const result = await work()
        problems.delete(part)
        return result
      } catch (error) {
        problems.set(part, passing(error))
        return undefined
      }
    }
    const follow = async () => {
      while ((await attempt('chain', () => stepAgain(follower, options.pollMs))) === true);
    }
    const sign = async () => {
      if (!(await knows(vkey))) return
      const signed = await cosigner.look(await client.checkpoint())
      if (signed === undefined) return
      const { size, line } = signed
      await client.http.json('/v1/log/cosignatures', { method: 'POST', json: { size, vkey, cosignature: line } })
    }
    let announced = false
    const knows = async (key: string) => {
      if (announced) return true
      if (file.size === 0) return false
      await publisher.announce(`witness/${key}`, 'witness', { vkey: key })
      announced = true
      return true
    }

    /** What follows each look at the chain. */
    const look = async () => {
      await attempt('comparison', () => comparer.compare())
      await attempt('cosignature', sign)
      await attempt('promise', async () => promises?.look())
      await attempt('equivocation', raiser.raise)
    }
    const requireUnstopped = () => {
      const { stopped, last } = cosigner.record
      if (stopped !== undefined) throw contradicts(last?.size ?? 0, stopped)
    }

    return {
      vkey,
      logs: logs.map((log) => log.vkey),
      get proofs() {
        return [...raiser.proofs.values()]
      },
      get complaints() {
        return promises?.complaints ?? []
      },
      addCheckpoint: (body) => addCheckpoint(logs, body, raiser.keep),
      async takeReceipt(receipt) {
        if (promises === undefined)
          throw new TanlianError('E_RECEIPT_INVALID', 'This witness knows no receipt key of its platform.')
        return promises.take(receipt)
      },
      get status() {
        return {
          size: file.size,
          block: follower.block,
          head: follower.head,
          ...auditor.counts,
          documents: publisher.documents,
          findings: auditor.findings.length,
          cosigned: cosigner.size,
          equivocations: raiser.proofs.size,
          complaints: promises?.complaints.length ?? 0,
          bytes: batches.bytes,
          problem: [...problems.values()][0],
        }
      },
      async run(signal, once = false) {
        /** Following and cosigning go on beside an audit that waits for a slow gateway. */
        const ending = new AbortController()
        const both = AbortSignal.any([signal, ending.signal])
        const rest = () => pause(options.pollMs, undefined, { signal: both }).catch(() => undefined)
        const reading = async () => {
          while (!both.aborted) {
            await follow()
            await look()
            await rest()
          }
        }
        const auditing = async () => {
          while (!both.aborted) {
            const tried = await auditor.work(both)
            const published = await attempt('document', () => publisher.publish(false))
            if (!tried && published !== true) await rest()
          }
        }
        if (once) {
          for (let goesOn = true; goesOn && !signal.aborted; ) {
            await follow()
            goesOn = await auditor.work(signal)
            if ((await attempt('document', () => publisher.publish(!goesOn))) === true) goesOn = true
          }
          await look()
          return requireUnstopped()
        }
        const stopping = <T>(work: Promise<T>) => work.finally(() => ending.abort())
        await Promise.all([stopping(reading()), stopping(auditing())])
        requireUnstopped()
      },
      async close() {
        await raiser.flush()
        await file.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/**
 * What may pass: a refusal, a network that is away, an answer of a form that nobody expects, which must not end a witness. What is on our own
 * disk is no such thing: an error there ends it (safety R25).
 */
function passing(error: unknown): NonNullable<WitnessStatus['problem']> {
  if (error instanceof TanlianError && !STOPS.has(error.code)) return { code: error.code, message: error.message }
  if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError)
    return {
      code: 'E_WITNESS_ANSWER',
      message: `A node or the platform gave an answer of an unknown form: ${error.message}.`,
    }
  throw error
}

/**
 * A chain that moved while it was read is everyday life, and so is a node that tells of a block a moment before it has all of its events: it is
 * read again. What contradicts itself however often it is read is said.
 */
async function stepAgain(follower: Follower, pollMs: number): Promise<boolean> {
  for (let tries = 1; ; tries++)
    try {
      return await follower.step()
    } catch (error) {
      const code = error instanceof TanlianError ? error.code : undefined
      if ((code !== 'E_WITNESS_MOVED' && code !== 'E_WITNESS_CONSISTENCY') || tries === STEP_TRIES) throw error
      if (code === 'E_WITNESS_CONSISTENCY') await pause(pollMs)
    }
}

const STEP_TRIES = 5
