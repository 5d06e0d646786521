import { TanlianError } from '@tanlian/units'
import { createCommitter } from './committer.ts'
import type { Digest } from './digest.ts'
import type { Disk } from './disk.ts'
import {
  type ClosedEntry,
  type Entry,
  encodeNote,
  type MessageEntry,
  messageBytes,
  putMessage,
  type SentEntry,
} from './entry.ts'
import { GROUP_HEAD, GROUP_LIMIT } from './group.ts'
import { checkSealed } from './journal-check.ts'
import { type JournalReader, openReader } from './journal-reader.ts'
import type { Named } from './names.ts'
import { findInSealed } from './sealed.ts'
import { type Damage, type Indexed, openSegments } from './segments.ts'
import { createWaiting, WaitingMessage } from './waiting.ts'

/** The gateway's memory (帧日志): append-only, synced a group at a time, one chain of hashes. */
export interface Journal {
  readonly state: JournalState
  /** Windows whose drafts wait for their receipts, oldest first, and the last one of all; the last one that has its receipt. */
  readonly closed: readonly ClosedEntry[]
  readonly sent: SentEntry | undefined
  /** The highest rank of a device so far; undefined before its first message. */
  highest(device: string): number | undefined
  /** What is kept under a name in the segment that is open, or waits to be. */
  recent(name: Digest): readonly Recent[]
  /** What sealed segments have under a name and rank of a device. */
  older(device: string, rank: number, name: Digest): Promise<readonly Named[]>
  /** Changes when a segment is sealed: what was recent is older then. */
  readonly generation: number
  /** Keeps a message; its bytes are taken before this returns. @returns its position once it survives a power cut. @throws TanlianError E_JOURNAL_FULL, E_JOURNAL_BUSY, E_JOURNAL_STOPPED */
  keep(device: string, message: MessageEntry): Promise<number>
  /** The same, for what `as` makes of the position. */
  keepAs<As>(device: string, message: MessageEntry, as: (position: number) => As): Promise<As>
  /** Keeps what the gateway itself must remember, whatever the budget says. */
  note(entry: Exclude<Entry, MessageEntry>): Promise<number>
  /** Reads from a position on. */
  read(from: number): JournalReader
  /** Reads every sealed segment again and reports what does not match; `pause` is waited for between parts. */
  check(pause: () => Promise<void>): Promise<void>
  /** Writes what waits, then closes the file. */
  close(): Promise<void>
}

/** A message of the open segment; its position comes when it is on disk. */
export interface Recent extends Omit<Named, 'position'> {
  readonly position: number | Promise<number>
}

/** What the journal holds and how it fares, for the page. */
export interface JournalState {
  readonly bytes: number
  readonly budgetBytes: number
  readonly segments: number
  /** Positions that are kept: `[first, next)`. */
  readonly first: number
  readonly next: number
  readonly waitingBytes: number
  /** Bytes that were cut at start because nobody had their acknowledgement. */
  readonly cutBytes: number
  readonly damage: readonly Damage[]
  /** True once every segment that was sealed at start has been read again. */
  readonly checked: boolean
  readonly stopped: boolean
}

export interface JournalOptions {
  readonly disk: Disk
  readonly directory: string
  /** Most bytes on disk. */
  readonly budgetBytes: number
  /** Bytes that other files take of the same budget. */
  readonly besideBytes?: () => number
  /** A segment is sealed when it has grown to this. */
  readonly segmentBytes?: number
  /** Called once when a write or a sync failed: nothing is acknowledged from then on (safety F8, R25). */
  readonly onStopped?: (error: unknown) => void
  /** Called after each group. */
  readonly onDurable?: () => void
}

const SEGMENT_BYTES = 64 * 1024 * 1024

/** Opens a journal, or begins one; see {@link openSegments} for what is read. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { disk, budgetBytes, besideBytes = () => 0, onStopped = () => {}, onDurable = () => {} } = options
  // Only a sealed segment can be let go: there must be some, however small the budget is.
  const segmentBytes = options.segmentBytes ?? Math.min(SEGMENT_BYTES, Math.floor(budgetBytes / 8))
  const segments = await openSegments(disk, options.directory, segmentBytes)
  const waiting = createWaiting()
  let stopped: { readonly cause: unknown } | undefined
  let checked = segments.sealed.length === 0

  const committer = createCommitter<Indexed | WaitingMessage>(async ({ bytes, items }) => {
    if (stopped !== undefined) throw stoppedError()
    try {
      return await segments.write(bytes, items)
    } catch (cause) {
      if (isFull(cause)) {
        dropSent()
        throw fullError(cause)
      }
      stopped = { cause }
      onStopped(cause)
      throw stoppedError()
    } finally {
      let messages = 0
      for (const item of items) if (item instanceof WaitingMessage) messages++
      waiting.leave(messages)
      onDurable()
    }
  })

  function busyError(): TanlianError {
    const bytes = committer.waitingBytes
    return new TanlianError('E_JOURNAL_BUSY', `${bytes} bytes wait for the disk already. Send it again.`, {
      values: { bytes },
    })
  }
  function stoppedError(): TanlianError {
    return new TanlianError(
      'E_JOURNAL_STOPPED',
      'A write to the journal failed, so nothing more is acknowledged. Check the disk and start the gateway again.',
      { cause: stopped?.cause },
    )
  }
  function fullError(cause?: unknown): TanlianError {
    const bytes = segments.bytes() + besideBytes()
    return new TanlianError(
      'E_JOURNAL_FULL',
      `The journal holds ${bytes} of ${budgetBytes} bytes, and what it holds is not uploaded yet. Restore the uplink or raise the budget.`,
      { values: { bytes, budgetBytes }, cause },
    )
  }
  /** Lets the oldest segment go, where all of it was sent. */
  function dropSent(): boolean {
    const oldest = segments.sealed[0]
    if (oldest === undefined || oldest.next - 1 > (segments.sent?.through ?? 0)) return false
    segments.drop()
    return true
  }
  const hasRoom = (bytes: number): boolean => {
    while (segments.bytes() + besideBytes() + committer.waitingBytes + bytes > budgetBytes)
      if (!dropSent()) return false
    return true
  }

  const journal: Journal = {
    get state() {
      return {
        bytes: segments.bytes(),
        budgetBytes,
        segments: segments.sealed.length + 1,
        first: segments.sealed[0]?.first ?? segments.open.first,
        next: segments.next,
        waitingBytes: committer.waitingBytes,
        cutBytes: segments.cutBytes,
        damage: segments.damage,
        checked,
        stopped: stopped !== undefined,
      }
    },
    get closed() {
      return segments.closed
    },
    get sent() {
      return segments.sent
    },
    get generation() {
      return segments.open.first
    },
    highest: (device) => segments.highest.get(device),
    recent: (name) => [...segments.open.names.find(name), ...waiting.find(name)],
    async older(device, rank, name) {
      const found: Named[] = []
      for (const one of [...segments.sealed]) {
        const [least = 1, greatest = 0] = one.ranks.get(device) ?? []
        if (least <= rank && rank <= greatest) found.push(...(await findInSealed(disk, one, name)))
      }
      return found
    },
    keep: (device, message) => journal.keepAs(device, message, (position) => position),
    keepAs(device, message, as) {
      const length = messageBytes(message)
      if (stopped !== undefined) return Promise.reject(stoppedError())
      if (!hasRoom(GROUP_HEAD + 4 + length)) return Promise.reject(fullError())
      if (!committer.hasRoom(length)) return Promise.reject(busyError())
      const { kind, rank } = message
      const item = new WaitingMessage(device, message)
      const place = committer.append(item, length, (into, to) => putMessage(into, to, message))
      item.place = place
      waiting.add(item)
      // Should the group fail, the rank stays too high: then a name is looked up in vain, no more.
      if (kind === 'frame' && rank > (segments.highest.get(device) ?? -1)) segments.highest.set(device, rank)
      return place.group.then((first) => as(first + place.at))
    },
    async note(entry) {
      if (stopped !== undefined) throw stoppedError()
      const bytes = encodeNote(entry)
      if (!committer.hasRoom(bytes.length, GROUP_LIMIT)) throw busyError()
      const { group, at } = committer.append(entry, bytes.length, (into, to) => into.set(bytes, to))
      return (await group) + at
    },
    read: (from) => openReader(disk, segments, from),
    async check(pause) {
      await checkSealed(disk, segments, pause)
      checked = true
    },
    async close() {
      await committer.idle()
      await segments.close()
    },
  }
  return journal
}

/** True where there is no room left: a refusal that passes, no failure. */
export function isFull(error: unknown): boolean {
  const code = error instanceof Error ? (error as Error & { readonly code?: unknown }).code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'E_JOURNAL_FULL'
}
