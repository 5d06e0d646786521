/** Time that passes only when the simulation says so: a queue of things to happen. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number
  /** Something to happen later; the order of things at one time is that of their planning. */
  after(ms: number, act: () => void): void
  sleep(ms: number): Promise<void>
  /** Lets things happen one by one until a time; `step` is called after each, when all its consequences have come to rest. */
  run(untilMs: number, step: () => void): Promise<void>
}

/** A clock that begins at a time, Unix milliseconds. */
export function createClock(startMs: number): Clock {
  let nowMs = startMs
  let planned = 0
  // Sorted by time and order, the next one last.
  const queue: { readonly atMs: number; readonly order: number; readonly act: () => void }[] = []
  const clock: Clock = {
    now: () => nowMs,
    after(ms, act) {
      const item = { atMs: nowMs + Math.max(0, ms), order: planned++, act }
      let low = 0
      let high = queue.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((queue[middle] as typeof item).atMs > item.atMs) low = middle + 1
        else high = middle
      }
      queue.splice(low, 0, item)
    },
    sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    async run(untilMs, step) {
      for (;;) {
        const next = queue.at(-1)
        if (next === undefined || next.atMs > untilMs) break
        queue.pop()
        nowMs = next.atMs
        next.act()
        await rest()
        step()
      }
      nowMs = Math.max(nowMs, untilMs)
    },
  }
  return clock
}

/** Resolves when no promise has anything left to do: nothing in the simulation waits for the machine's own clock or disk. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
