import type { Place } from './committer.ts'
import type { Digest } from './digest.ts'
import type { MessageEntry } from './entry.ts'
import type { IndexedMessage } from './segments.ts'

/** A message whose group is not on disk yet. */
export class WaitingMessage implements IndexedMessage {
  readonly kind: MessageEntry['kind']
  readonly device: string
  readonly rank: number
  readonly name: Digest
  readonly content: Digest
  /** Set as soon as it is taken in. */
  place: Place | undefined

  constructor(device: string, { kind, rank, name, content }: MessageEntry) {
    this.kind = kind
    this.device = device
    this.rank = rank
    this.name = name
    this.content = content
    this.place = undefined
  }

  get conflict(): boolean {
    return this.kind === 'conflict'
  }

  /** Comes when it is on disk. */
  get position(): Promise<number> | number {
    const { group, at } = this.place as Place
    return group.then((first) => first + at)
  }
}

/** Messages that are not durable yet, in the order in which they came, and in which they leave. */
export interface Waiting {
  add(message: WaitingMessage): void
  /** Those of a name, oldest first. */
  find(name: Digest): readonly WaitingMessage[]
  /** So many of the oldest are on disk, or failed. */
  leave(count: number): void
}

/** Names are indexed when one is asked for: of a device whose ranks only rise, none ever is. */
export function createWaiting(): Waiting {
  let all: WaitingMessage[] = []
  let indexed = 0
  const byName = new Map<Digest, WaitingMessage[]>()
  return {
    add(message) {
      all.push(message)
    },
    find(name) {
      for (; indexed < all.length; indexed++) {
        const message = all[indexed] as WaitingMessage
        const same = byName.get(message.name)
        if (same === undefined) byName.set(message.name, [message])
        else same.push(message)
      }
      return [...(byName.get(name) ?? [])]
    },
    leave(count) {
      for (const { name } of all.slice(0, Math.min(count, indexed))) {
        const same = byName.get(name)
        same?.shift()
        if (same?.length === 0) byName.delete(name)
      }
      indexed = Math.max(0, indexed - count)
      all = all.slice(count)
    },
  }
}
