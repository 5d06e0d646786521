import { strict as assert } from 'node:assert'
import type { Disk, DiskFile } from './disk.ts'
import { type ClosedEntry, decodeEntry, type Entry, type MessageEntry, type SentEntry } from './entry.ts'
import { readFrame } from './frame.ts'
import { entriesOf, GROUP_HEAD, NO_GROUP, readGroups, sealGroup } from './group.ts'
import { createNames, MOST_ROWS, type Names, ROW_BYTES } from './names.ts'
import { encodeFooter, openSealed, type Sealed } from './sealed.ts'

/** A place in the journal whose bytes are not those that were acknowledged (safety F9). */
export interface Damage {
  readonly segment: string
  readonly at: number
  readonly why: 'group' | 'chain' | 'index' | 'missing'
}

/** The segment that is written. */
export interface OpenSegment {
  readonly file: DiskFile
  readonly first: number
  bytes: number
  readonly names: Names
  readonly ranks: Map<string, [least: number, greatest: number]>
}

/** The files of a journal: sealed segments with their indexes, and the one that is open. */
export interface Segments {
  readonly sealed: readonly Sealed[]
  readonly open: OpenSegment
  readonly damage: Damage[]
  /** The position after the last one. */
  readonly next: number
  /** Windows that wait for their receipt, oldest first, and the last one of all. */
  readonly closed: readonly ClosedEntry[]
  readonly sent: SentEntry | undefined
  /** The highest rank that each device ever had. */
  readonly highest: Map<string, number>
  /** Bytes that were cut at start because nobody had their acknowledgement. */
  readonly cutBytes: number
  /** Bytes on the disk, the index that is still to be written included. */
  bytes(): number
  /** Writes and syncs a group at the end. Where it throws E_… nothing of the group is kept. */
  write(group: Uint8Array, entries: readonly Indexed[]): Promise<number>
  /** Forgets the oldest sealed segment; its file goes with the next write. */
  drop(): void
  close(): Promise<void>
}

/** What the index needs of an entry: of a message its names, of the gateway's own notes all. */
export type Indexed = Exclude<Entry, MessageEntry> | IndexedMessage

export interface IndexedMessage extends Pick<MessageEntry, 'kind' | 'rank' | 'name' | 'content'> {
  readonly device: string
}

const ENDING = '.journal'

/**
 * Opens the segments of a directory, or begins the first. The last one is read as a whole; of the others only the footers, however much
 * they hold. A torn end was never acknowledged and is cut (safety F7); damage before it is reported and stays.
 */
export async function openSegments(disk: Disk, directory: string, segmentBytes: number): Promise<Segments> {
  const damage: Damage[] = []
  const sealed: Sealed[] = []
  let sealedBytes = 0
  const highest = new Map<string, number>()
  const gone: string[] = []
  let closed: readonly ClosedEntry[] = []
  let sent: SentEntry | undefined
  let chain: Uint8Array = NO_GROUP
  let next = 1
  let cutBytes = 0

  const waits = ({ window }: ClosedEntry) => window > (sent?.window ?? 0)
  const index = (segment: OpenSegment, entry: Indexed, position: number) => {
    if (entry.kind === 'closed') closed = [...closed.filter(waits), entry]
    if (entry.kind === 'sent') {
      sent = entry
      closed = closed.filter((one, at) => waits(one) || at === closed.length - 1)
    }
    if (!('name' in entry)) return
    const { kind, device, rank, name, content } = entry
    segment.names.add(name, { content, position, conflict: kind === 'conflict' })
    const ranks = segment.ranks.get(device)
    if (ranks === undefined) segment.ranks.set(device, [rank, rank])
    else if (rank < ranks[0]) ranks[0] = rank
    else if (rank > ranks[1]) ranks[1] = rank
    if (kind === 'frame' && rank > (highest.get(device) ?? -1)) highest.set(device, rank)
  }

  const create = async (): Promise<OpenSegment> => {
    const file = await disk.open(`${directory}/${String(next).padStart(16, '0')}${ENDING}`, 'create')
    const bytes = new Uint8Array(GROUP_HEAD)
    // An empty group: the segment's chain begins where the one before it ended.
    chain = sealGroup(bytes, 0, next, chain)
    await file.write(bytes, 0)
    await file.sync()
    await disk.syncDirectory(directory)
    return { file, first: next, bytes: bytes.length, names: createNames(), ranks: new Map() }
  }

  const seal = async (segment: OpenSegment, end = segment.bytes) => {
    const { first, file, bytes, names, ranks } = segment
    const footer = { first, next, groupBytes: bytes, chain, ranks, highest, closed, sent }
    await file.write(encodeFooter(footer, names.sorted()), end)
    await file.sync()
    const done = await openSealed(file)
    assert(done !== undefined, 'a footer that was just written reads')
    sealed.push(done)
    sealedBytes += done.bytes
    await file.close()
  }

  /** Reads a segment without a footer. What is torn at its end is not counted in `bytes`. */
  const scan = async (file: DiskFile): Promise<OpenSegment> => {
    const size = await file.size()
    const segment = { file, first: numberOf(file.path), bytes: 0, names: createNames(), ranks: new Map() }
    const groups = readGroups(file)
    for (;;) {
      const group = await groups.next(size)
      if (group === undefined) {
        const at = groups.at
        segment.bytes = at
        if (at >= size || !(await groups.skip(size))) return segment
        damage.push({ segment: nameOf(file.path), at, why: 'group' })
        continue
      }
      let position = group.first
      for (const bytes of entriesOf(group)) {
        const entry = decodeEntry(bytes)
        index(segment, 'name' in entry ? { ...entry, device: readFrame(entry.block).device } : entry, position++)
      }
      chain = group.hash.slice()
      next = position
    }
  }

  /** Takes a file in. @returns the segment to go on with, where the last file is one */
  const take = async (path: string, last: boolean): Promise<OpenSegment | undefined> => {
    const file = await disk.open(path, 'existing')
    const found = await openSealed(file)
    if (found !== undefined) {
      sealed.push(found)
      sealedBytes += found.bytes
      await file.close()
      for (const [device, rank] of found.highest) highest.set(device, rank)
      ;({ closed, sent, chain, next } = found)
      return undefined
    }
    next = numberOf(path)
    const segment = await scan(file)
    const size = await file.size()
    if (!last) {
      // Only damage takes a footer away from a segment that has a successor.
      damage.push({ segment: nameOf(path), at: segment.bytes, why: 'index' })
      await seal(segment, size)
      return undefined
    }
    if (segment.bytes === 0) {
      await file.close()
      await disk.remove(path)
      return undefined
    }
    if (size > segment.bytes) {
      cutBytes = size - segment.bytes
      await file.truncate(segment.bytes)
    }
    // Groups that another process wrote and did not live to sync count from here on.
    await file.sync()
    return segment
  }

  const start = async (): Promise<OpenSegment> => {
    await disk.makeDirectory(directory)
    const names = (await disk.list(directory)).filter((name) => name.endsWith(ENDING)).sort()
    let segment: OpenSegment | undefined
    for (const [at, name] of names.entries()) {
      if (at > 0 && numberOf(name) !== next) damage.push({ segment: name, at: 0, why: 'missing' })
      segment = await take(`${directory}/${name}`, at === names.length - 1)
    }
    // A process that was killed while it made the file may have left its name unsynced; what is acknowledged in it must not go with the name.
    await disk.syncDirectory(directory)
    return segment ?? create()
  }
  let open = await start()

  return {
    sealed,
    damage,
    highest,
    cutBytes,
    get open() {
      return open
    },
    get next() {
      return next
    },
    get closed() {
      return closed
    },
    get sent() {
      return sent
    },
    bytes: () => sealedBytes + open.bytes + open.names.count * ROW_BYTES,
    async write(group, entries) {
      for (const path of gone.splice(0)) await disk.remove(path)
      const full = open.bytes + group.length > segmentBytes || open.names.count + entries.length > MOST_ROWS
      if (full && open.bytes > GROUP_HEAD) {
        await seal(open)
        open = await create()
      }
      const digest = sealGroup(group, entries.length, next, chain)
      try {
        await open.file.write(group, open.bytes)
      } catch (error) {
        // Nothing of the group was acknowledged: what stands of it is taken back (safety F6).
        await open.file.truncate(open.bytes)
        throw error
      }
      await open.file.sync()
      chain = digest
      open.bytes += group.length
      const first = next
      for (const one of entries) index(open, one, next++)
      return first
    },
    drop() {
      const oldest = sealed.shift()
      if (oldest === undefined) return
      sealedBytes -= oldest.bytes
      gone.push(oldest.path)
    },
    close: () => open.file.close(),
  }
}

/** A segment's file name; it is the position of its first entry. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function numberOf(path: string): number {
  return Number.parseInt(nameOf(path), 10)
}
