/** The wait between two turns of a loop. */
export interface Pause {
  /** Resolves after so many milliseconds, or when it is woken. */
  wait(ms: number): Promise<void>
  /** Ends the wait. During a turn it counts for the next wait: what it is about may have come after the turn had looked. */
  wake(): void
}

/** A pause that nothing has woken yet. */
export function createPause(): Pause {
  let woken = false
  let end = () => {}
  return {
    async wait(ms) {
      if (!woken && ms > 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          end = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      woken = false
    },
    wake() {
      woken = true
      end()
    },
  }
}
