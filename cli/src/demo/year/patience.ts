import { setTimeout as pause } from 'node:timers/promises'
import { TanlianError } from '@tanlian/units'

/** Five minutes: on a busy machine the witnesses take that long to open and audit a year of everybody. */
const TRIES = 300
const WAIT_MS = 1000

/** Tries again while the platform refuses for a reason that passes by itself, such as a batch on its way into the log. */
export async function patiently<T>(codes: readonly string[], work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof TanlianError) || !codes.includes(error.code) || attempt === TRIES) throw error
      await pause(WAIT_MS)
    }
}
