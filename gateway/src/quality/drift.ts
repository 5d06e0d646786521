import type { Device } from '../device.ts'
import { type Ask, limitOf, questionOf } from './rules.ts'

/**
 * How a device's clock stands to the gateway's (C8). The newest stamp of each message is compared with its time of arrival; what comes late
 * comes unevenly, but a clock that is off is off by the same each time.
 */
export interface Drift {
  /** The latest offsets in seconds, device minus gateway; a ring. */
  readonly offsets: number[]
  at: number
  /** The offset that was asked about, until it changes. */
  asked: number | undefined
}

/** No message seen yet. */
export function createDrift(): Drift {
  return { offsets: [], at: 0, asked: undefined }
}

/** Protocols whose stamps are the device's own and sent as they happen: a file's are history, a polled register has the gateway's. */
const LIVE: ReadonlySet<Device['protocol']> = new Set(['hj212', 'mqtt', 'sparkplug-b', 'http'])

/**
 * Looks at one message.
 * @param ahead its newest stamp, in seconds after its arrival; @param behind the newest end of an interval, likewise
 */
export function watchDrift(
  drift: Drift,
  device: Device,
  { ahead, behind, at }: { readonly ahead: number; readonly behind: number; readonly at: number },
  ask: Ask,
): void {
  if (!LIVE.has(device.protocol)) return
  const messages = limitOf('clock', 'messages')
  drift.offsets[drift.at] = ahead > 0 ? ahead : Math.min(0, behind)
  drift.at = (drift.at + 1) % messages
  if (drift.offsets.length < messages) return
  const least = Math.min(...drift.offsets)
  const most = Math.max(...drift.offsets)
  const spread = limitOf('clock', 'spread')
  const off = most - least <= spread && (least > limitOf('clock', 'seconds') || most < -limitOf('clock', 'seconds'))
  if (!off) {
    drift.asked = undefined
    return
  }
  if (drift.asked !== undefined && Math.abs(drift.asked - least) <= spread) return
  drift.asked = least
  ask(questionOf('clock', { device: device.id, stream: 0, from: at, to: at }, { seconds: least }))
}
