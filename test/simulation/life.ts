/** The life of one process: it ends between any two of its calls to the world outside, before or after the call acted. */
export interface Life {
  readonly alive: boolean
  /** Ends it: whatever it was waiting for never comes. */
  kill(): void
  /** What the machine does when the process ends: open transactions roll back, locks are free again. */
  onEnd(act: () => void): void
  /** What the process says to others: nothing, once it has ended. */
  reply<T>(answer: Promise<T>): Promise<T>
  /** One call to the world outside. */
  call<T>(act: () => T | Promise<T>): Promise<T>
}

/** Told of each call, and whether the process dies before it, after it, or not at all. */
export type Fate = () => 'before' | 'after' | undefined

/** A process whose end is decided by `fate`; `died` hears of it. */
export function createLife(fate: Fate, died: () => void = () => {}): Life {
  let alive = true
  const ends: (() => void)[] = []
  const life: Life = {
    get alive() {
      return alive
    },
    kill() {
      if (!alive) return
      alive = false
      for (const end of ends) end()
      died()
    },
    onEnd(act) {
      ends.push(act)
    },
    reply: (answer) =>
      answer.then(
        (result) => (alive ? result : never()),
        (error: unknown) => {
          if (alive) throw error
          return never()
        },
      ),
    async call(act) {
      if (!alive) return never()
      const end = fate()
      if (end === 'before') {
        life.kill()
        return never()
      }
      const result = await act()
      if (end === 'after') life.kill()
      return life.alive ? result : never()
    },
  }
  return life
}

/** The same functions, each call of them at the mercy of the process's fate. */
export function living<T extends object>(life: Life, calls: T, names: readonly (keyof T)[]): T {
  const guarded = { ...calls }
  for (const name of names) {
    const call = calls[name]
    if (typeof call !== 'function') continue
    Object.assign(guarded, { [name]: (...given: unknown[]) => life.call(() => call.apply(calls, given)) })
  }
  return guarded
}

function never<T>(): Promise<T> {
  return new Promise(() => {})
}
