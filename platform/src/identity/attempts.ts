import { TanlianError } from '@tanlian/units'

/** Failed sign-ins within the window before one has to wait; many people may share one address. */
const FAILURES_MAX = { login: 10, address: 100 }
const WINDOW_MS = 15 * 60 * 1000
/** Names remembered at once; above it the oldest are forgotten (S35). */
const NAMES_MAX = 50_000

/** What is being tried, and from where. */
export interface Attempt {
  readonly login: string
  readonly address: string
}

/** Counts failed sign-ins, so that a password cannot be guessed at leisure. In memory: a restart forgets, a flood stays bounded. */
export class Attempts {
  readonly #clock: () => number
  readonly #failures = new Map<string, { count: number; sinceMs: number }>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** @throws TanlianError E_SIGN_IN_MANY where the name or the address has failed too often. */
  require(attempt: Attempt) {
    for (const sort of ['login', 'address'] as const) {
      const name = `${sort} ${attempt[sort]}`
      const seen = this.#failures.get(name)
      if (seen === undefined) continue
      const leftMs = seen.sinceMs + WINDOW_MS - this.#clock()
      if (leftMs <= 0) this.#failures.delete(name)
      else if (seen.count >= FAILURES_MAX[sort]) {
        const retryAfterS = Math.ceil(leftMs / 1000)
        throw new TanlianError('E_SIGN_IN_MANY', `Too many sign-ins failed; try again in ${retryAfterS} s.`, {
          values: { retryAfterS },
        })
      }
    }
  }

  /** Counts a sign-in as failed, before its work is done, so that many at once do not pass together. */
  begin({ login, address }: Attempt) {
    for (const name of [`login ${login}`, `address ${address}`]) {
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

  /** Takes back what was counted for a sign-in that turned out right. Earlier failures stay counted. */
  succeeded({ login, address }: Attempt) {
    for (const name of [`login ${login}`, `address ${address}`]) {
      const seen = this.#failures.get(name)
      if (seen !== undefined) seen.count--
    }
  }
}
