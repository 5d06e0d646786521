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
  const book = new Map<string, Mutable>(devices.map(({ id }) => [id, { ...UNHEARD }]))
  const connections = new Map<string, number>()
  return {
    devices: book,
    heard(device, atMs) {
      const presence = book.get(device)
      if (presence === undefined) return
      presence.messages++
      presence.lastMs = atMs
    },
    troubled(device, code) {
      const presence = device === undefined ? undefined : book.get(device)
      if (presence === undefined) return
      presence.refused++
      presence.problem = code
    },
    connected(device, by) {
      const presence = book.get(device)
      const count = (connections.get(device) ?? 0) + by
      connections.set(device, count)
      if (presence !== undefined) presence.connected = count > 0
    },
  }
}

/** Changed in place: it is touched with every message. */
type Mutable = { -readonly [K in keyof Presence]: Presence[K] }

const UNHEARD: Presence = { connected: false, lastMs: undefined, messages: 0, refused: 0, problem: undefined }
