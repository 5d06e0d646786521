import { TanlianError } from '@tanlian/units'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** How messages fare (F11, F12, F15). */
export interface Weather {
  /** Probability that a request, or an answer, is lost. */
  loss: number
  /** Probability that a request arrives a second time, later. */
  doubling: number
  /** Greatest delay of a message, ms: messages overtake one another. */
  delayMs: number
}

const TIMEOUT_MS = 4000

/** A network between enterprises and platforms. */
export interface Network {
  weather: Weather
  /** Sites that nobody reaches at the moment (F15). */
  readonly apart: Set<string>
  /** Calls `serve` at the other side; rejects with E_CLIENT_TIMEOUT where no answer comes, whatever was done there. */
  call<T>(from: string, serve: () => Promise<T>): Promise<T>
}

export function createNetwork(clock: Clock, random: Random): Network {
  const network: Network = {
    weather: { loss: 0, doubling: 0, delayMs: 20 },
    apart: new Set(),
    call: (from, serve) =>
      new Promise((resolve, reject) => {
        const { loss, doubling, delayMs } = network.weather
        const travel = (arrive: () => void) => {
          if (!network.apart.has(from) && !random.chance(loss)) clock.after(random.int(1, delayMs), arrive)
        }
        const arrive = () =>
          void serve().then(
            (answer) => travel(() => resolve(answer)),
            (error: unknown) => travel(() => reject(error)),
          )
        travel(arrive)
        if (random.chance(doubling)) clock.after(random.int(1, 4 * delayMs), () => travel(arrive))
        clock.after(TIMEOUT_MS, () => reject(new TanlianError('E_CLIENT_TIMEOUT', 'No answer came in time.')))
      }),
  }
  return network
}
