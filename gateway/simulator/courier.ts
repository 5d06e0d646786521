import { nap, type PlantClock } from './clock.ts'
import { type Fault, type FaultName, faultAt } from './fault.ts'
import type { Shown } from './instrument.ts'
import type { Random } from './random.ts'

/** What a device says at once. */
export interface Message {
  readonly device: string
  /** Counts the device's messages. */
  readonly counter: number
  /** When the device made it, by its own clock: Unix milliseconds. */
  readonly atMs: number
  readonly values: readonly Shown[]
}

/** One way to carry messages of one device. */
export interface Wire {
  /**
   * Sends a message; resolves with the bytes that were acknowledged, rejects where no answer came.
   * @param again how often it was sent with another request number before, for protocols that have one
   */
  send(message: Message, again: number): Promise<Uint8Array>
  /** Told of each message that the device makes, whatever becomes of it on its way: a logger remembers. */
  made?(message: Message): void
  close(): Promise<void>
}

/** Brings the messages of one device to the gateway: kept in memory and sent until they are acknowledged, like a logger with a battery. */
export interface Courier {
  post(message: Message): void
  /** Resolves when nothing waits; held-back messages are let go. */
  drain(): Promise<void>
  /** Messages that wait for their acknowledgement. */
  readonly waiting: number
  close(): Promise<void>
}

export interface CourierOptions {
  readonly wire: Wire
  readonly faults: readonly Fault[]
  readonly random: Random
  readonly clock: PlantClock
  readonly fromMs: number
  /** Called for each message once, with the bytes that were acknowledged. */
  readonly onAcknowledged: (message: Message, bytes: Uint8Array) => void
  /** Messages under way at a time. */
  readonly window?: number
}

const RETRY_MS = 250
/** How far a delayed message falls behind, in plant time. */
const LATE_MS = 3_600_000

export function openCourier(options: CourierOptions): Courier {
  const { wire, faults, random, clock, fromMs, onAcknowledged, window = 8 } = options
  const queue: Message[] = []
  /** Let the next message pass. */
  const behind: Message[] = []
  const held: { readonly message: Message; readonly untilMs: number }[] = []
  const ending = new AbortController()
  const idle: (() => void)[] = []
  let under = 0
  let draining = false

  const strikes = (name: FaultName, message: Message) =>
    random.chance(faultAt(faults, name, message.device, undefined, (message.atMs - fromMs) / 1000) ?? 0)

  const release = () => {
    const now = clock.now()
    for (let at = held.length - 1; at >= 0; at--) {
      const item = held[at]
      if (item === undefined || (!draining && item.untilMs > now)) continue
      held.splice(at, 1)
      queue.push(item.message)
    }
  }

  /** Sends until there is an answer. Whatever the reason of a failure, the cure is the same: the gateway tells repeats from news. */
  const insist = async (message: Message, again: number, lost: boolean): Promise<Uint8Array | undefined> => {
    for (let first = lost; !ending.signal.aborted; first = false) {
      try {
        if (!first) return await wire.send(message, again)
      } catch {
        // It was cut off, or not answered in time.
      }
      await nap(RETRY_MS, ending.signal)
    }
    return undefined
  }

  const bring = async (message: Message) => {
    const bytes = await insist(message, 0, strikes('loss', message))
    if (bytes === undefined) return
    onAcknowledged(message, bytes)
    if (strikes('duplicate', message)) await insist(message, 0, false)
    if (strikes('resend', message)) await insist(message, 1, false)
  }

  const pump = () => {
    release()
    while (under < window && !ending.signal.aborted) {
      const message = queue.shift()
      if (message === undefined) break
      under++
      void bring(message).finally(() => {
        under--
        pump()
      })
    }
    if (under === 0 && queue.length === 0 && held.length === 0) for (const done of idle.splice(0)) done()
  }

  return {
    post(message) {
      wire.made?.(message)
      if (strikes('silence', message)) return
      if (strikes('delay', message)) held.push({ message, untilMs: message.atMs + LATE_MS })
      else if (strikes('reorder', message)) behind.push(message)
      else queue.push(message, ...behind.splice(0))
      pump()
    },
    drain() {
      draining = true
      queue.push(...behind.splice(0))
      return new Promise((resolve) => {
        idle.push(resolve)
        pump()
      })
    },
    get waiting() {
      return queue.length + behind.length + held.length + under
    },
    async close() {
      ending.abort()
      await wire.close()
    },
  }
}
