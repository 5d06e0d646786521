import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { TanlianError } from '@tanlian/units'
import { type BlockIndex, createBlockIndex, type Place } from './block-index.ts'
import { type Disk, type DiskFile, full, isFull } from './disk.ts'
import { openIndex, type SealedIndex, writeIndex } from './sealed-index.ts'
import { encodeGroup, readNonce, type Scan, START_BYTES, scanSegment, segmentStart } from './segment.ts'

/** A block by its digest, H(bytes); the CID is made from it by @tanlian/evidence. */
export interface StoredBlock {
  readonly digest: Uint8Array
  readonly bytes: Uint8Array
}

/** Content-addressed blocks on disk (数据块). */
export interface Blocks {
  readonly count: number
  /** Bytes of all segments. */
  readonly bytes: number
  /** Acknowledged records that did not match their hashes when the store was opened. */
  readonly damaged: number
  has(digest: Uint8Array): Promise<boolean>
  /** A small number of its own, from 0, the same as long as the store is open. */
  ordinal(digest: Uint8Array): Promise<number | undefined>
  /** The bytes, or undefined if they are not here or do not match their hash any more: both are *unavailable* (S12). */
  get(digest: Uint8Array): Promise<Uint8Array | undefined>
  /**
   * Stores blocks. They and the directory entry are synced when this resolves (R25); what is there already costs nothing.
   * @throws TanlianError E_STORAGE_FULL: nothing of this call is kept (F6).
   */
  put(blocks: readonly StoredBlock[]): Promise<void>
  /** @throws TanlianError E_STORAGE_FULL where `bytes` more would not leave the reserve free. */
  requireRoom(bytes: number): Promise<void>
  close(): Promise<void>
}

/** How a block store is opened. */
export interface BlocksOptions {
  readonly directory: string
  readonly disk: Disk
  /** A new segment is begun when one has this many bytes. */
  readonly segmentBytes?: number
  readonly reserveBytes?: number
  /** Called once when a sync or a write fails so that nothing may be acknowledged any more (F8). */
  readonly fatal: (reason: string, cause: unknown) => void
}

interface Segment {
  readonly number: number
  readonly file: DiskFile
  readonly nonce: Uint8Array
  end: number
}

/** A segment that is finished; its blocks' ordinals begin at `base`. */
interface Sealed {
  readonly segment: Segment
  readonly index: SealedIndex
  readonly base: number
}

/** A block that is here. */
interface Stored extends Place {
  readonly segment: Segment
  readonly ordinal: number
}

interface Waiting {
  readonly blocks: readonly StoredBlock[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Puts gathered into one sync are bounded, so that one large upload does not hold the others back for long. */
const GROUP_BYTES = 32 * 1024 * 1024

/**
 * Opens or makes a block store. Finished segments come with an index file; only the last segment is scanned, and its torn tail, which
 * was never acknowledged, is cut.
 */
export async function openBlocks(options: BlocksOptions): Promise<Blocks> {
  const { directory, disk, fatal, segmentBytes = 256 * 1024 * 1024, reserveBytes = 0 } = options
  const segments = new Map<number, Segment>()
  const sealed: Sealed[] = []
  /** Of the segment that is written to: its blocks' ordinals begin where the sealed ones' end. */
  let index = createBlockIndex()
  let base = 0
  const ahead = readAhead()
  let damaged = 0

  const nameOf = (number: number, kind: 'seg' | 'idx') => `${String(number).padStart(8, '0')}.${kind}`
  const pathOf = (number: number, kind: 'seg' | 'idx') => join(directory, nameOf(number, kind))
  const find = async (digest: Uint8Array): Promise<Stored | undefined> => {
    const number = index.find(digest)
    if (number !== undefined) return { segment: writing, ordinal: base + number, ...index.place(number) }
    for (let at = sealed.length - 1; at >= 0; at--) {
      const one = sealed[at] as Sealed
      const found = await one.index.find(digest)
      if (found !== undefined) return { segment: one.segment, ordinal: one.base + found.number, ...found }
    }
    return undefined
  }
  /** The blocks of a segment go from memory to its index file. */
  const seal = async (segment: Segment, blocks: BlockIndex) => {
    await writeIndex(disk, directory, nameOf(segment.number, 'idx'), blocks.items)
    const written = await openIndex(disk, pathOf(segment.number, 'idx'))
    if (written === undefined) throw new Error(`the index of segment ${segment.number} is not what was written`)
    return written
  }
  const add = (segment: Segment, finished: SealedIndex) => {
    sealed.push({ segment, index: finished, base })
    base += finished.count
  }
  const begin = async (number: number): Promise<Segment> => {
    const nonce = randomBytes(16)
    const file = await disk.open(pathOf(number, 'seg'), 'create')
    await file.write(segmentStart(nonce), 0)
    await file.sync()
    await disk.syncDirectory(directory)
    const segment = { number, file, nonce, end: START_BYTES }
    segments.set(number, segment)
    return segment
  }

  await disk.makeDirectory(directory)
  await disk.syncDirectory(join(directory, '..'))
  const names = await disk.list(directory)
  for (const name of names.filter((name) => name.endsWith('.new'))) await disk.remove(join(directory, name))
  const numbers = names
    .filter((name) => /^\d{8}\.seg$/.test(name))
    .map((name) => Number(name.slice(0, 8)))
    .sort((a, b) => a - b)
  let current: Segment | undefined
  for (const [at, number] of numbers.entries()) {
    const last = at === numbers.length - 1
    const file = await disk.open(pathOf(number, 'seg'), 'existing')
    const nonce = await readNonce(file)
    if (nonce === undefined) {
      // Torn while it was begun: nothing in it was ever acknowledged.
      if (last && (await file.size()) <= START_BYTES) {
        await file.close()
        await disk.remove(pathOf(number, 'seg'))
        continue
      }
      throw new TanlianError(
        'E_STORAGE_DAMAGED',
        `The block segment ${number} has no readable beginning. Restore it from a backup.`,
        {
          values: { segment: number },
        },
      )
    }
    const segment: Segment = { number, file, nonce, end: await file.size() }
    segments.set(number, segment)
    const kept = last ? undefined : await openIndex(disk, pathOf(number, 'idx'))
    if (kept !== undefined) {
      add(segment, kept)
      continue
    }
    const scan: Scan = await scanSegment(file, nonce)
    damaged += scan.damaged.length
    const blocks = createBlockIndex()
    for (const found of scan.found) blocks.set(found)
    if (last) {
      if (scan.end < segment.end) await file.truncate(scan.end)
      // A process that was ended by a failed sync, or killed before it synced the name, leaves bytes that are seen and not safe: what is
      // sent again would be acknowledged because of them, and a power cut would take them (safety F8, R25).
      await file.sync()
      await disk.syncDirectory(directory)
      segment.end = scan.end
      current = segment
      index = blocks
    } else add(segment, await seal(segment, blocks))
  }
  let writing: Segment = current ?? (await begin((numbers.at(-1) ?? 0) + 1))

  const queue: Waiting[] = []
  let running: Promise<void> | undefined
  let broken: unknown
  let closed = false

  const rotate = async () => {
    const finished = await seal(writing, index)
    const next = await begin(writing.number + 1)
    add(writing, finished)
    index = createBlockIndex()
    writing = next
  }
  const store = async (group: readonly Waiting[]) => {
    const fresh: StoredBlock[] = []
    const seen = new Set<string>()
    for (const block of group.flatMap(({ blocks }) => blocks)) {
      const name = Buffer.from(block.digest).toString('latin1')
      if (seen.has(name) || (await find(block.digest)) !== undefined) continue
      seen.add(name)
      fresh.push(block)
    }
    if (fresh.length === 0) return
    const { bytes, found } = encodeGroup(fresh, writing.end, writing.nonce)
    try {
      await writing.file.write(bytes, writing.end)
    } catch (cause) {
      await writing.file.truncate(writing.end)
      if (isFull(cause)) throw full(bytes.length)
      throw cause
    }
    await writing.file.sync()
    writing.end += bytes.length
    for (const one of found) index.set(one)
    if (writing.end >= segmentBytes) await rotate()
  }
  const run = async () => {
    while (queue.length > 0) {
      const group: Waiting[] = []
      let size = 0
      while (queue.length > 0 && (group.length === 0 || size < GROUP_BYTES)) {
        const next = queue.shift() as Waiting
        group.push(next)
        size += next.blocks.reduce((sum, block) => sum + block.bytes.length, 0)
      }
      try {
        if (broken !== undefined) throw broken
        await store(group)
        for (const one of group) one.resolve()
      } catch (error) {
        // After a failed sync the kernel may have dropped the pages: what is on disk is not known any more, so nothing more is taken.
        if (!(error instanceof TanlianError) && broken === undefined) {
          broken = error
          fatal('A write or sync of the block store failed.', error)
        }
        for (const one of group) one.reject(error)
      }
    }
    running = undefined
  }

  return {
    get count() {
      return base + index.count
    },
    get bytes() {
      let sum = 0
      for (const segment of segments.values()) sum += segment.end
      return sum
    },
    damaged,
    has: async (digest) => (await find(digest)) !== undefined,
    ordinal: async (digest) => (await find(digest))?.ordinal,
    async get(digest) {
      const found = await find(digest)
      if (found === undefined) return undefined
      const bytes = await ahead.read(found.segment, found)
      return bytes !== undefined && createHash('sha256').update(bytes).digest().equals(digest) ? bytes : undefined
    },
    put: (blocks) =>
      new Promise<void>((resolve, reject) => {
        if (closed)
          return reject(
            new TanlianError('E_STORAGE_CLOSED', 'The platform is stopping. Send it again after the start.'),
          )
        queue.push({ blocks, resolve, reject })
        running ??= run()
      }),
    async requireRoom(bytes) {
      const free = await disk.freeBytes(directory)
      if (free - bytes < reserveBytes) throw full(bytes)
    },
    async close() {
      closed = true
      await running
      for (const { file } of segments.values()) await file.close()
      for (const { index } of sealed) await index.close()
    },
  }
}

/** How far one read goes where blocks of one batch are asked for one after another. */
const AHEAD_BYTES = 4 * 1024 * 1024

/** Reads blocks; what was stored soon after a block that was just read comes with it, since a batch is stored, and read back, as a whole. */
function readAhead() {
  let window: { readonly segment: Segment; readonly from: number; readonly bytes: Uint8Array } | undefined
  let last: { readonly segment: Segment; readonly position: number } | undefined
  return {
    async read(segment: Segment, { position, length }: Place): Promise<Uint8Array | undefined> {
      if (
        window?.segment === segment &&
        window.from <= position &&
        position + length <= window.from + window.bytes.length
      )
        return window.bytes.slice(position - window.from, position - window.from + length)
      const follows = last?.segment === segment && last.position < position && position < last.position + AHEAD_BYTES
      last = { segment, position }
      const bytes = new Uint8Array(follows ? Math.max(length, Math.min(AHEAD_BYTES, segment.end - position)) : length)
      const read = await segment.file.read(bytes, position)
      if (read < length) return undefined
      if (!follows) return bytes
      window = { segment, from: position, bytes: bytes.subarray(0, read) }
      return bytes.slice(0, length)
    },
  }
}
