import type { Device } from '../device.ts'
import type { Presence } from './protocol.ts'

/** How each device of a protocol was last heard; what a channel shows of it. */
export interface PresenceBook {
  readonly devices: ReadonlyMap<string, Presence>
  /** A message was taken. */
  heard(device: string, atMs: number): void
  /** Something was refused or failed; one of no device of ours is nobody's. */
  troubled(device: string | undefined, code: string): void
  /** One connection more or less. */
  connected(device: string, by: 1 | -1): void
}

export function openPresences(devices: readonly Device[]): PresenceBook {
  const book = new Map<string, Presence>(devices.map(({ id }) => [id, UNHEARD]))
  const connections = new Map<string, number>()
  const change = (device: string, to: (before: Presence) => Partial<Presence>) => {
    const before = book.get(device)
    if (before !== undefined) book.set(device, { ...before, ...to(before) })
  }
  return {
    devices: book,
    heard: (device, lastMs) => change(device, ({ messages }) => ({ messages: messages + 1, lastMs })),
    troubled(device, problem) {
      if (device !== undefined) change(device, ({ refused }) => ({ refused: refused + 1, problem }))
    },
    connected(device, by) {
      const count = (connections.get(device) ?? 0) + by
      connections.set(device, count)
      change(device, () => ({ connected: count > 0 }))
    },
  }
}

const UNHEARD: Presence = { connected: false, lastMs: undefined, messages: 0, refused: 0, problem: undefined }
