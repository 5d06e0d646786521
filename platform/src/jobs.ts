import { retryRefused } from './evidence/anchor.ts'
import { expireUploads } from './evidence/upload.ts'
import type { Instance } from './instance.ts'

/** Work that comes round by the clock. */
export interface Jobs {
  stop(): Promise<void>
}

const EVERY_MS = 60_000
const RETRY_EVERY_MS = 30_000

/** Starts what is done now and then: uploads that nobody goes on with, entries that the contract refused. */
export function startJobs(instance: Instance): Jobs {
  const timers = [
    repeat(instance, 'uploads are cleared', EVERY_MS, () => expireUploads(instance)),
    repeat(instance, 'refused entries are tried again', RETRY_EVERY_MS, () => retryRefused(instance)),
  ]
  return {
    async stop() {
      for (const timer of timers) await timer()
    },
  }
}

function repeat(instance: Instance, what: string, everyMs: number, work: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    running = work().catch((error: unknown) => instance.logger.warn({ err: error }, `it failed that ${what}`))
  }, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
