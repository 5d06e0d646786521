import type { Device } from '../device.ts'
import { limitOf, type Question, questionOf } from './rules.ts'

/**
 * How a device's clock stands to the gateway's (C8). The newest stamp of each message is compared with its time of arrival; what comes late
 * comes unevenly, but a clock that is off is off by the same each time, and one that was put off has another habit than before.
 */
export interface Drift {
  /** The latest offsets in seconds, newest stamp minus arrival; a ring. */
  readonly offsets: number[]
  at: number
  /** The device's habit: by how much its stamps differ from their arrival. */
  usual: number | undefined
  /** The offset that was asked about, until it changes. */
  asked: number | undefined
}

/** No message seen yet. */
export function createDrift(): Drift {
  return { offsets: [], at: 0, usual: undefined, asked: undefined }
}

/** Protocols whose stamps are the device's own and sent as they happen: a file's are history, a polled register has the gateway's. */
const LIVE: ReadonlySet<Device['protocol']> = new Set(['hj212', 'mqtt', 'sparkplug-b', 'http'])

/**
 * Looks at one message.
 * @param offset its newest stamp less its arrival, in seconds; @param behind the newest end of an interval, likewise; @param at its arrival
 */
export function watchDrift(
  drift: Drift,
  device: Device,
  { offset, behind, at }: { readonly offset: number; readonly behind: number; readonly at: number },
  ask: (question: Question) => void,
): void {
  if (!LIVE.has(device.protocol)) return
  const [messages, spread, most] = ['messages', 'spread', 'seconds'].map((name) => limitOf('clock', name)) as [
    number,
    number,
    number,
  ]
  drift.offsets[drift.at] = offset
  drift.at = (drift.at + 1) % messages
  if (drift.offsets.length < messages) return
  const least = Math.min(...drift.offsets)
  if (Math.max(...drift.offsets) - least > spread) {
    drift.asked = undefined
    return
  }
  drift.usual ??= least
  const shift = least - drift.usual
  const seconds = offset > most ? offset : behind < -most ? behind : Math.abs(shift) > most ? shift : undefined
  if (seconds === undefined) {
    drift.asked = undefined
    return
  }
  if (drift.asked !== undefined && Math.abs(drift.asked - least) <= spread) return
  drift.asked = least
  ask(questionOf('clock', { device: device.id, stream: 0, from: at, to: at }, { seconds }))
}
