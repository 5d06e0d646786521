import { TanlianError } from '@tanlian/units'

/** Failed sign-ins of one name or address within the window before it has to wait. */
const FAILURES_MAX = 10
const WINDOW_MS = 15 * 60 * 1000
/** Names remembered at once; above it the oldest are forgotten (S35). */
const NAMES_MAX = 50_000

/** Counts failed sign-ins, so that a password cannot be guessed at leisure. In memory: a restart forgets, a flood stays bounded. */
export class Attempts {
  readonly #clock: () => number
  readonly #failures = new Map<string, { count: number; sinceMs: number }>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** @throws TanlianError E_SIGN_IN_MANY where one of the names has failed too often. */
  require(names: readonly string[]) {
    for (const name of names) {
      const seen = this.#failures.get(name)
      if (seen === undefined) continue
      const leftMs = seen.sinceMs + WINDOW_MS - this.#clock()
      if (leftMs <= 0) this.#failures.delete(name)
      else if (seen.count >= FAILURES_MAX) {
        const retryAfterS = Math.ceil(leftMs / 1000)
        throw new TanlianError('E_SIGN_IN_MANY', `Too many sign-ins failed; try again in ${retryAfterS} s.`, {
          values: { retryAfterS },
        })
      }
    }
  }

  failed(names: readonly string[]) {
    for (const name of names) {
      const seen = this.#failures.get(name)
      if (seen !== undefined) seen.count++
      else this.#failures.set(name, { count: 1, sinceMs: this.#clock() })
    }
    while (this.#failures.size > NAMES_MAX) {
      const [oldest] = this.#failures.keys()
      if (oldest === undefined) return
      this.#failures.delete(oldest)
    }
  }

  /** Takes back what was counted in advance for a sign-in that turned out right. Earlier failures stay counted. */
  succeeded(names: readonly string[]) {
    for (const name of names) {
      const seen = this.#failures.get(name)
      if (seen !== undefined) seen.count--
    }
  }
}
