import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ITEM_BYTES, type Place, placeOf, sameAt } from './block-index.ts'
import type { Disk, DiskFile } from './disk.ts'

/**
 * The blocks of a finished segment. Their items stay in the index file; memory keeps six bytes a block, which tell that a digest is not here, or
 * which item to look at: what a platform holds in memory does not grow with what it has stored, but for these.
 */
export interface SealedIndex {
  readonly count: number
  /** The block's number in its segment, and its place. */
  find(digest: Uint8Array): Promise<(Place & { readonly number: number }) | undefined>
  close(): Promise<void>
}

const MAGIC = Buffer.from('TLINDEX1')
/** One bucket for each two bytes that a digest may begin with; the two after them are the tag. */
const BUCKETS = 1 << 16
/** Items that are read at a time: blocks of one batch stand together, and are asked for together. */
const WINDOW = 128

/** Writes an index file: `TLINDEX1`, the items, and the hash of all before. */
export async function writeIndex(disk: Disk, directory: string, name: string, items: Uint8Array): Promise<void> {
  const path = join(directory, name)
  const hash = createHash('sha256').update(MAGIC).update(items).digest()
  const file = await disk.open(`${path}.new`, 'create')
  await file.write(Buffer.concat([MAGIC, items, hash]), 0)
  await file.sync()
  await file.close()
  await disk.rename(`${path}.new`, path)
  await disk.syncDirectory(directory)
}

/** Opens an index file; undefined where it is missing or damaged: then the segment is scanned. */
export async function openIndex(disk: Disk, path: string): Promise<SealedIndex | undefined> {
  let file: DiskFile
  try {
    file = await disk.open(path, 'existing')
  } catch {
    return undefined
  }
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  const end = bytes.length - 32
  if (
    end >= MAGIC.length &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))
  )
    return indexOf(file, bytes.subarray(MAGIC.length, end))
  await file.close()
  return undefined
}

function indexOf(file: DiskFile, items: Buffer): SealedIndex {
  const count = items.length / ITEM_BYTES
  // Sorted by bucket: bucket b has the places `starts[b]` to `starts[b + 1]`.
  const starts = new Uint32Array(BUCKETS + 1)
  const add = (bucket: number, more: number) => {
    starts[bucket] = (starts[bucket] as number) + more
  }
  for (let at = 0; at < items.length; at += ITEM_BYTES) add(items.readUInt16BE(at) + 1, 1)
  for (let bucket = 0; bucket < BUCKETS; bucket++) add(bucket + 1, starts[bucket] as number)
  const filled = starts.slice()
  const tags = new Uint16Array(count)
  const numbers = new Uint32Array(count)
  for (let number = 0; number < count; number++) {
    const at = number * ITEM_BYTES
    const bucket = items.readUInt16BE(at)
    const place = filled[bucket] as number
    filled[bucket] = place + 1
    tags[place] = items.readUInt16BE(at + 2)
    numbers[place] = number
  }

  let window: { readonly from: number; readonly bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) }
  /** The window that an item is in. */
  const load = async (number: number) => {
    const from = number - (number % WINDOW)
    if (window.bytes.length > 0 && window.from === from) return window
    const bytes = Buffer.alloc(Math.min(WINDOW, count - from) * ITEM_BYTES)
    if ((await file.read(bytes, MAGIC.length + from * ITEM_BYTES)) < bytes.length)
      throw new Error(`${file.path} has become shorter`)
    window = { from, bytes }
    return window
  }

  return {
    count,
    async find(digest) {
      const bucket = ((digest[0] as number) << 8) | (digest[1] as number)
      const tag = ((digest[2] as number) << 8) | (digest[3] as number)
      for (let place = starts[bucket] as number; place < (starts[bucket + 1] as number); place++) {
        if (tags[place] !== tag) continue
        const number = numbers[place] as number
        const { from, bytes } = await load(number)
        const at = (number - from) * ITEM_BYTES
        if (sameAt(bytes, at, digest)) return { number, ...placeOf(bytes, at) }
      }
      return undefined
    },
    close: () => file.close(),
  }
}
