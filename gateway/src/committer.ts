import { GROUP_HEAD, GROUP_LIMIT } from './group.ts'

/** Entries that become durable together. */
export interface Batch<Item> {
  /** Room for the group's head, then the entries. */
  readonly bytes: Uint8Array
  readonly count: number
  readonly items: readonly Item[]
}

/** Where an entry stands: its group's first position, once that is durable, and its place among the group's entries. */
export interface Place {
  readonly group: Promise<number>
  readonly at: number
}

/** Gathers entries while the one before is being written: many share one write and one sync (group commit, 成组提交). */
export interface Committer<Item> {
  /** Bytes that wait or are being written. */
  readonly waitingBytes: number
  /** Whether so many bytes more may wait; only the gateway's own notes, with `most`, are let in beyond what messages are. */
  hasRoom(length: number, most?: number): boolean
  /**
   * Takes an entry of `length` bytes in; `put` is called at once to write them where they are to stand.
   * @returns the entry's place; what `write` threw is thrown by its group
   */
  append(item: Item, length: number, put: (into: Buffer, at: number) => void): Place
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

/** Most that waits of messages: beyond it the disk is too slow, and more is refused before it is acknowledged (safety S35, F26). */
const WAITING_LIMIT = GROUP_LIMIT / 2
const FIRST_BYTES = 64 * 1024
/** A longer buffer, from a moment when much came at once, is not kept. */
const SPARE_BYTES = 2 * 1024 * 1024

interface Filling<Item> {
  bytes: Buffer
  length: number
  readonly items: Item[]
  readonly done: PromiseWithResolvers<number>
}

/** @param write makes a batch durable and gives the position of its first entry; what it throws is thrown to all who wait for it. */
export function createCommitter<Item>(write: (batch: Batch<Item>) => Promise<number>): Committer<Item> {
  let filling = empty<Item>(Buffer.allocUnsafeSlow(FIRST_BYTES))
  /** The buffer that was written last: two take turns, a new one for each group would be garbage faster than it is collected. */
  let spare: Buffer | undefined
  let writingBytes = 0
  let running: Promise<void> | undefined

  const run = async () => {
    // One turn of the loop gathers what a socket brought at once.
    await undefined
    while (filling.items.length > 0) {
      const { bytes, length, items, done } = filling
      filling = empty(spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES))
      spare = undefined
      writingBytes = length
      try {
        done.resolve(await write({ bytes: bytes.subarray(0, length), count: items.length, items }))
      } catch (error) {
        done.reject(error)
      }
      writingBytes = 0
      if (bytes.length <= SPARE_BYTES) spare = bytes
    }
    running = undefined
  }

  return {
    get waitingBytes() {
      return writingBytes + filling.length - GROUP_HEAD
    },
    hasRoom: (length, most = WAITING_LIMIT) => filling.length + 4 + length <= most,
    append(item, length, put) {
      const end = filling.length + 4 + length
      if (end > filling.bytes.length)
        filling.bytes = Buffer.concat(
          [filling.bytes.subarray(0, filling.length)],
          Math.max(2 * filling.bytes.length, end),
        )
      filling.bytes.writeUInt32BE(length, filling.length)
      put(filling.bytes, filling.length + 4)
      filling.length = end
      const at = filling.items.push(item) - 1
      running ??= run()
      return { group: filling.done.promise, at }
    },
    async idle() {
      while (running !== undefined) await running
    },
  }
}

function empty<Item>(bytes: Buffer): Filling<Item> {
  const done = Promise.withResolvers<number>()
  // Whoever appended hears of a failure through a promise of their own.
  done.promise.catch(() => {})
  return { bytes, length: GROUP_HEAD, items: [], done }
}
