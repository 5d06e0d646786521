/** The time of a plant: it begins in the past, runs at its speed, and once it has reached the present goes with it (数据回放时钟). */
export interface PlantClock {
  /** Unix milliseconds in the plant. */
  now(): number
  /** Resolves when the plant has come to a moment, or at once where it has. */
  until(ms: number, signal: AbortSignal): Promise<void>
}

/** How a plant's time passes. */
export interface PlantTime {
  /** Unix milliseconds at which the plant begins. */
  readonly fromMs: number
  /** Plant seconds a second. */
  readonly speed: number
  /** When that was by the wall clock; processes that are given the same three share their time. */
  readonly startedMs: number
}

/** The longest nap: timers of Node take no more than 2^31 − 1 ms, and a plant that was caught up sleeps at speed 1. */
const NAP_MS = 60_000

/** The clock of a plant. No device of it ever stamps the future, at whatever speed. */
export function createPlantClock({ fromMs, speed, startedMs }: PlantTime, wall: () => number = Date.now): PlantClock {
  const now = () => Math.min(wall(), Math.floor(fromMs + (wall() - startedMs) * speed))
  return {
    now,
    async until(ms, signal) {
      for (;;) {
        const left = ms - now()
        if (left <= 0 || signal.aborted) return
        // While it catches up the present goes on as well, so the wait is measured again.
        await nap(Math.min(NAP_MS, Math.max(1, Math.ceil(wall() < ms ? ms - wall() : left / speed))), signal)
      }
    },
  }
}

/** A pause that ends early when it is called off. */
export function nap(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
