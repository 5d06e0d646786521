import { equalBytes } from '@tanlian/evidence'
import { sha256 } from './digest.ts'
import type { DiskFile } from './disk.ts'

/**
 * A group of entries: what is written and synced at once. It names the group before it by its hash, so the journal is one chain; and it
 * can be checked alone, so that what follows damage is still found.
 *
 *     group = "TLJ1" ‖ u32 length ‖ u32 count ‖ u64 first ‖ previous(32) ‖ hash(32) ‖ entries        entry = u32 length ‖ bytes
 *     hash  = SHA-256 of all but itself;   first = position of its first entry, from 1;   length = that of the entries
 */
export interface Group {
  readonly first: number
  readonly count: number
  readonly previous: Uint8Array
  readonly hash: Uint8Array
  readonly entries: Uint8Array
}

/** Bytes before the entries. */
export const GROUP_HEAD = 4 + 4 + 4 + 8 + 32 + 32
/** No group is longer; one that says so is damaged. */
export const GROUP_LIMIT = 16 * 1024 * 1024
/** What the first group of a journal names. */
export const NO_GROUP = new Uint8Array(32)

const MAGIC = Uint8Array.of(0x54, 0x4c, 0x4a, 0x31)
const HASH_AT = 4 + 4 + 4 + 8 + 32
const READ_BYTES = 1024 * 1024

/** Writes the head of a group before its entries, which stand from {@link GROUP_HEAD} on. @returns its hash */
export function sealGroup(bytes: Uint8Array, count: number, first: number, previous: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  bytes.set(MAGIC)
  view.setUint32(4, bytes.length - GROUP_HEAD)
  view.setUint32(8, count)
  view.setBigUint64(12, BigInt(first))
  bytes.set(previous, 20)
  bytes.fill(0, HASH_AT, GROUP_HEAD)
  const digest = sha256(bytes)
  bytes.set(digest, HASH_AT)
  return digest
}

/** The group at a place, checked; undefined where there is none. */
export function groupAt(bytes: Uint8Array, at: number): Group | undefined {
  const length = lengthAt(bytes, at)
  if (length === undefined || at + length > bytes.length) return undefined
  const group = bytes.subarray(at, at + length)
  const view = new DataView(group.buffer, group.byteOffset, group.byteLength)
  const stated = group.slice(HASH_AT, GROUP_HEAD)
  group.fill(0, HASH_AT, GROUP_HEAD)
  const digest = sha256(group)
  group.set(stated, HASH_AT)
  if (!equalBytes(digest, stated)) return undefined
  return {
    first: Number(view.getBigUint64(12)),
    count: view.getUint32(8),
    previous: group.subarray(20, HASH_AT),
    hash: stated,
    entries: group.subarray(GROUP_HEAD),
  }
}

/** The entries of a group one by one, as views. */
export function* entriesOf({ entries }: Group): Generator<Uint8Array> {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength)
  for (let at = 0; at < entries.length; ) {
    const length = view.getUint32(at)
    yield entries.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
}

/** Reads groups one after another through a window of a megabyte. */
export interface GroupReader {
  /** Where the next group begins. */
  readonly at: number
  /** The next group, a view that holds until the next call; undefined where none stands before `end`: the end, or damage. */
  next(end: number): Promise<Group | undefined>
  /** Goes to the next group that is whole, beyond what is damaged. @returns false where there is none before `end`. */
  skip(end: number): Promise<boolean>
}

/** Reads the groups of a file from a place on. */
export function readGroups(file: DiskFile, from = 0): GroupReader {
  let at = from
  // One buffer for all: a new one for each read would be garbage faster than it is collected.
  let buffer = new Uint8Array(0)
  let window = buffer
  let windowAt = 0
  /** Bytes `[at, at + length)` as far as the file has them, as a place in the window. */
  const have = async (length: number, end: number): Promise<number> => {
    const wanted = Math.min(length, end - at)
    if (at < windowAt || at + wanted > windowAt + window.length) {
      const useful = Math.max(wanted, Math.min(READ_BYTES, end - at))
      if (useful > buffer.length) buffer = new Uint8Array(useful)
      window = buffer.subarray(0, await file.read(buffer.subarray(0, Math.min(buffer.length, end - at)), at))
      windowAt = at
    }
    return at - windowAt
  }
  return {
    get at() {
      return at
    },
    async next(end) {
      let place = await have(GROUP_HEAD, end)
      const length = lengthAt(window, place)
      if (length === undefined || at + length > end) return undefined
      place = await have(length, end)
      const group = groupAt(window, place)
      if (group !== undefined) at += length
      return group
    },
    async skip(end) {
      const before = at
      for (at++; at + GROUP_HEAD <= end; ) {
        const place = await have(READ_BYTES, end)
        const found = indexOfMagic(window, place)
        // The window's last bytes may hold the beginning of what is looked for.
        at = found < 0 ? Math.max(at + 1, windowAt + window.length - MAGIC.length + 1) : windowAt + found
        if (found < 0) continue
        const start = at
        if ((await this.next(end)) !== undefined) {
          at = start
          return true
        }
        at = start + 1
      }
      at = before
      return false
    },
  }
}

function indexOfMagic(bytes: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(MAGIC, from)
}

/** Length of the whole group whose head stands at a place; undefined where no head does. */
function lengthAt(bytes: Uint8Array, at: number): number | undefined {
  if (at + GROUP_HEAD > bytes.length || MAGIC.some((byte, i) => bytes[at + i] !== byte)) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at + 4)
  return length > GROUP_LIMIT ? undefined : GROUP_HEAD + length
}
