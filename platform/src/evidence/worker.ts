import { Worker as Thread } from 'node:worker_threads'
import { type Refusal, TanlianError } from '@tanlian/units'
import type { SealedFact } from '../privacy/register.ts'

/** What the audit thread is asked. `car` goes over to it and comes back. */
export type AuditQuestion =
  | {
      readonly id: number
      readonly kind: 1
      readonly organization: number
      /** `encodeState` after the batch before; null before the first. */
      readonly state: Uint8Array | null
      /** The platform's own readers' keys, for sealed chunks that name one. */
      readonly readers: readonly Uint8Array[]
      readonly car: Uint8Array<ArrayBuffer>
    }
  | { readonly id: number; readonly kind: 2; readonly car: Uint8Array<ArrayBuffer> }

/** What it found out. */
export interface Audited {
  readonly ok: true
  readonly car: Uint8Array<ArrayBuffer>
  /** 32 bytes a block. */
  readonly digests: Uint8Array
  /** Offset and length of each block within `car`. */
  readonly places: Float64Array
  /** Digests of frames that the batch names and the CAR lacks. */
  readonly missing: Uint8Array
  readonly batch: AuditedBatchFacts | undefined
}

/** What it found out of a batch. */
export interface AuditedBatchFacts {
  readonly state: Uint8Array
  /** Undefined where readings are sealed for others: then the form was held and nothing was audited. */
  readonly tree: Uint8Array<ArrayBuffer> | undefined
  readonly readings: number
  /** Digest of its index block. */
  readonly index: Uint8Array
  readonly sealed: readonly SealedFact[]
}

export type AuditAnswer =
  | (Audited & { readonly id: number })
  | { readonly id: number; readonly ok: false; readonly refusal: Refusal }
  | { readonly id: number; readonly fault: string }

/** The audit thread, started anew if it dies. */
export interface Worker {
  audit(question: DistributiveOmit<AuditQuestion, 'id'>): Promise<Audited | Refusal>
  stop(): Promise<void>
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

interface Waiting {
  readonly resolve: (answer: Audited | Refusal) => void
  readonly reject: (error: unknown) => void
}

/** Starts the audit thread. Bytes handed to it are its own until they come back: the caller must not touch them. */
export function startWorker(): Worker {
  const waiting = new Map<number, Waiting>()
  let last = 0
  let stopping = false
  let thread = begin()

  function begin(): Thread {
    const fresh = new Thread(new URL('./audit-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    })
    fresh.on('message', (answer: AuditAnswer) => {
      const asker = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('fault' in answer) asker?.reject(new Error(`The audit failed on its own account: ${answer.fault}`))
      else asker?.resolve(answer.ok ? answer : answer.refusal)
    })
    const ended = (cause: unknown) => {
      for (const { reject } of waiting.values())
        reject(
          new TanlianError('E_AUDIT_STOPPED', 'The audit was interrupted; nothing was accepted. Send it again.', {
            cause,
          }),
        )
      waiting.clear()
      if (!stopping && thread === fresh) thread = begin()
    }
    fresh.on('error', ended)
    fresh.on('exit', (code) => {
      if (thread === fresh) ended(new Error(`thread ended with ${code}`))
    })
    fresh.unref()
    return fresh
  }

  return {
    audit: (question) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve, reject })
        thread.postMessage({ ...question, id }, [question.car.buffer])
      }),
    async stop() {
      stopping = true
      await thread.terminate()
    },
  }
}
