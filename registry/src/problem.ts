import { TanlianError } from '@tanlian/units'

/** Why a work that never ends does not go on at the moment; it is tried again all the time. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** When it began; the same code again is the same problem. */
  readonly sinceMs: number
}

/** What is wrong with such a work, if anything. */
export interface ProblemWatch {
  readonly current: Problem | null
  /** A try failed with an error, or held (undefined). */
  report(error: unknown): void
}

/** Nothing wrong yet. `code` is for an error without one; `alarm` hears when a problem begins, changes or ends (null). */
export function watchProblem(parts: {
  readonly code: string
  readonly now: () => number
  readonly alarm: ((problem: Problem | null) => void) | undefined
}): ProblemWatch {
  let current: Problem | null = null
  return {
    get current() {
      return current
    },
    report(error) {
      const before = current
      if (error === undefined) current = null
      else {
        const code = error instanceof TanlianError ? error.code : parts.code
        const message = error instanceof Error ? error.message : String(error)
        current = { code, message, sinceMs: before?.code === code ? before.sinceMs : parts.now() }
      }
      if (current?.code !== before?.code) parts.alarm?.(current)
    },
  }
}
