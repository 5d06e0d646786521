import { decodeBlock, encodeBlock, equalBytes } from '@tanlian/evidence'
import { type Digest, sha256 } from './digest.ts'
import type { Disk, DiskFile } from './disk.ts'
import type { ClosedEntry, SentEntry } from './entry.ts'
import { findSorted, type Named, ROW_BYTES } from './names.ts'

/** Least and greatest rank of a device's messages in a segment. */
export type Ranks = ReadonlyMap<string, readonly [least: number, greatest: number]>

/** What the journal must know at start of all that came before: the footer of the last sealed segment says it. */
export interface Memory {
  /** The highest rank that each device ever had. */
  readonly highest: ReadonlyMap<string, number>
  /** Windows that wait for their receipt, oldest first, and the last one of all. */
  readonly closed: readonly ClosedEntry[]
  readonly sent: SentEntry | undefined
}

/** A segment that is written no more. */
export interface Sealed extends Memory {
  readonly path: string
  /** Positions `[first, next)`. */
  readonly first: number
  readonly next: number
  /** Where its groups end. */
  readonly groupBytes: number
  readonly bytes: number
  /** Where the index begins, and how many rows it has. */
  readonly rowsAt: number
  readonly rows: number
  readonly rowsHash: Uint8Array
  /** Hash of its last group. */
  readonly chain: Uint8Array
  readonly ranks: Ranks
}

/**
 * The index that ends a sealed segment, so that it can be looked up without being read:
 *
 *     footer = rows (names.ts, sorted) ‖ table (DAG-CBOR) ‖ trailer
 *     trailer = "TLJF" ‖ u32 rows ‖ u32 length of table ‖ u64 first ‖ u64 next ‖ u64 bytes of groups ‖ chain(32) ‖ H(rows) ‖ H(table ‖ trailer so far)
 */
const TRAILER_BYTES = 4 + 4 + 4 + 8 + 8 + 8 + 32 + 32 + 32
const MAGIC = 0x544c4a46

export type Footer = Omit<Sealed, 'path' | 'bytes' | 'rows' | 'rowsAt' | 'rowsHash'>

/** The footer of a segment as bytes. */
export function encodeFooter(footer: Footer, rows: Uint8Array): Uint8Array {
  const table = encodeBlock({
    ranks: [...footer.ranks].map(([device, [least, greatest]]) => [device, least, greatest]),
    highest: [...footer.highest],
    closed: footer.closed,
    sent: footer.sent ?? null,
  }).bytes
  const out = Buffer.alloc(rows.length + table.length + TRAILER_BYTES)
  out.set(rows)
  out.set(table, rows.length)
  const at = rows.length + table.length
  out.writeUInt32BE(MAGIC, at)
  out.writeUInt32BE(rows.length / ROW_BYTES, at + 4)
  out.writeUInt32BE(table.length, at + 8)
  out.writeBigUInt64BE(BigInt(footer.first), at + 12)
  out.writeBigUInt64BE(BigInt(footer.next), at + 20)
  out.writeBigUInt64BE(BigInt(footer.groupBytes), at + 28)
  out.set(footer.chain, at + 36)
  out.set(sha256(rows), at + 68)
  out.set(sha256(out.subarray(rows.length, at + 100)), at + 100)
  return out
}

/** Reads a segment's footer; undefined where the segment has none, or a damaged one. */
export async function openSealed(file: DiskFile): Promise<Sealed | undefined> {
  const bytes = await file.size()
  if (bytes < TRAILER_BYTES) return undefined
  const trailer = Buffer.alloc(TRAILER_BYTES)
  await file.read(trailer, bytes - TRAILER_BYTES)
  const length = trailer.readUInt32BE(8)
  if (trailer.readUInt32BE(0) !== MAGIC || length > bytes) return undefined
  const checked = Buffer.alloc(length + 100)
  await file.read(checked, bytes - TRAILER_BYTES - length)
  if (!equalBytes(sha256(checked), trailer.subarray(100))) return undefined
  const table = decodeBlock(new Uint8Array(checked.subarray(0, length))) as {
    ranks: [string, number, number][]
    highest: [string, number][]
    closed: ClosedEntry[]
    sent: SentEntry | null
  }
  return {
    path: file.path,
    first: Number(trailer.readBigUInt64BE(12)),
    next: Number(trailer.readBigUInt64BE(20)),
    groupBytes: Number(trailer.readBigUInt64BE(28)),
    bytes,
    rowsAt: bytes - TRAILER_BYTES - length - trailer.readUInt32BE(4) * ROW_BYTES,
    rows: trailer.readUInt32BE(4),
    chain: new Uint8Array(trailer.subarray(36, 68)),
    rowsHash: new Uint8Array(trailer.subarray(68, 100)),
    ranks: new Map(table.ranks.map(([device, least, greatest]) => [device, [least, greatest]])),
    highest: new Map(table.highest),
    closed: table.closed,
    sent: table.sent ?? undefined,
  }
}

/** Finds the messages that a sealed segment has under a name, with a few small reads. */
export async function findInSealed(disk: Disk, sealed: Sealed, name: Digest): Promise<readonly Named[]> {
  const file = await disk.open(sealed.path, 'existing')
  try {
    return await findSorted(name, sealed.rows, async (from, to) => {
      const rows = new Uint8Array((to - from) * ROW_BYTES)
      await file.read(rows, sealed.rowsAt + from * ROW_BYTES)
      return rows
    })
  } finally {
    await file.close()
  }
}
