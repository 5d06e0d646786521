import { createHash } from 'node:crypto'
import type { Found } from './block-index.ts'
import type { DiskFile } from './disk.ts'

/**
 * A segment file, version 1, is `TLBLOCK1 ‖ nonce(16)` and then groups. A group is records, each `u32 length ‖ digest(32) ‖ bytes`, closed
 * by a mark: `u32 FFFFFFFF ‖ nonce ‖ u64 own position ‖ u32 records ‖ H of the records' 36-byte heads`. A group is acknowledged after its
 * mark is synced; so bytes after the last mark were never acknowledged and may be cut, and anything odd before it is damage and may not
 * (F7, F9). The nonce is random and never shown, so that no uploaded content can pass for a mark.
 */
const MAGIC = Buffer.from('TLBLOCK1')
const NONCE_BYTES = 16
export const START_BYTES = MAGIC.length + NONCE_BYTES
export const HEAD_BYTES = 36
const MARK = 0xffff_ffff
const MARK_BYTES = 4 + NONCE_BYTES + 8 + 4 + 32

/** The first bytes of a new segment. */
export function segmentStart(nonce: Uint8Array): Uint8Array {
  return Buffer.concat([MAGIC, nonce])
}

/** The nonce of a segment, or undefined where its first bytes are not those of one. */
export async function readNonce(file: DiskFile): Promise<Uint8Array | undefined> {
  const start = Buffer.alloc(START_BYTES)
  const read = await file.read(start, 0)
  return read === START_BYTES && start.subarray(0, MAGIC.length).equals(MAGIC)
    ? start.subarray(MAGIC.length)
    : undefined
}

/** What a scan makes of a segment. */
export interface Scan {
  readonly found: readonly Found[]
  /** End of the last acknowledged group: what follows may be cut. */
  readonly end: number
  /** Positions of acknowledged records or groups that do not match their hashes. */
  readonly damaged: readonly number[]
}

/** One group as bytes, for a segment that ends at `position`, and where its records will lie. */
export function encodeGroup(
  blocks: readonly { readonly digest: Uint8Array; readonly bytes: Uint8Array }[],
  position: number,
  nonce: Uint8Array,
): { bytes: Uint8Array; found: Found[] } {
  const total = blocks.reduce((sum, block) => sum + HEAD_BYTES + block.bytes.length, MARK_BYTES)
  const bytes = Buffer.alloc(total)
  const heads = createHash('sha256')
  const found: Found[] = []
  let at = 0
  for (const block of blocks) {
    bytes.writeUInt32BE(block.bytes.length, at)
    bytes.set(block.digest, at + 4)
    heads.update(bytes.subarray(at, at + HEAD_BYTES))
    bytes.set(block.bytes, at + HEAD_BYTES)
    found.push({ digest: block.digest, position: position + at + HEAD_BYTES, length: block.bytes.length })
    at += HEAD_BYTES + block.bytes.length
  }
  bytes.writeUInt32BE(MARK, at)
  bytes.set(nonce, at + 4)
  bytes.writeBigUInt64BE(BigInt(position + at), at + 20)
  bytes.writeUInt32BE(blocks.length, at + 28)
  bytes.set(heads.digest(), at + 32)
  return { bytes, found }
}

/** Reads a whole segment and holds every record to its hash. */
export async function scanSegment(file: DiskFile, nonce: Uint8Array): Promise<Scan> {
  const bytes = Buffer.alloc(await file.size())
  const data = bytes.subarray(0, await file.read(bytes, 0))
  const found: Found[] = []
  const damaged: number[] = []
  let end = START_BYTES
  while (end < data.length) {
    const group = readGroup(data, end, nonce)
    if (group === undefined) {
      const next = findMark(data, end, nonce)
      if (next === undefined) break
      // A later group was acknowledged, so this one was too: it is damage, not a torn tail.
      damaged.push(end)
      end = next
      continue
    }
    for (const record of group.found) {
      const content = data.subarray(record.position, record.position + record.length)
      if (createHash('sha256').update(content).digest().equals(record.digest)) found.push(record)
      else damaged.push(record.position)
    }
    end = group.end
  }
  return { found, end, damaged }
}

function readGroup(data: Buffer, start: number, nonce: Uint8Array): { found: Found[]; end: number } | undefined {
  const heads = createHash('sha256')
  const found: Found[] = []
  let at = start
  while (at + HEAD_BYTES <= data.length) {
    const length = data.readUInt32BE(at)
    if (length === MARK) {
      const good = isMark(data, at, nonce) && data.readUInt32BE(at + 28) === found.length
      const end = at + MARK_BYTES
      return good && heads.digest().equals(data.subarray(at + 32, end)) ? { found, end } : undefined
    }
    if (at + HEAD_BYTES + length > data.length) return undefined
    heads.update(data.subarray(at, at + HEAD_BYTES))
    const digest = new Uint8Array(data.subarray(at + 4, at + HEAD_BYTES))
    found.push({ digest, position: at + HEAD_BYTES, length })
    at += HEAD_BYTES + length
  }
  return undefined
}

function isMark(data: Buffer, at: number, nonce: Uint8Array): boolean {
  return (
    at + MARK_BYTES <= data.length &&
    data.subarray(at + 4, at + 20).equals(nonce) &&
    data.readBigUInt64BE(at + 20) === BigInt(at)
  )
}

/** The end of the first mark at or after `from`. */
function findMark(data: Buffer, from: number, nonce: Uint8Array): number | undefined {
  for (let at = data.indexOf(nonce, from); at >= 0; at = data.indexOf(nonce, at + 1))
    if (isMark(data, at - 4, nonce)) return at - 4 + MARK_BYTES
  return undefined
}
