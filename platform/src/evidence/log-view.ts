import {
  createLog,
  ed25519PublicKey,
  encodeEntry,
  hashTile,
  type Log,
  leafHash,
  makeVkey,
  nodeHash,
  signCheckpoint,
  type Tile,
} from '@tanlian/evidence'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** The contract's log as it was read from the chain, with every subtree's hash at hand. */
export interface LogView {
  readonly size: number
  /** The block of the last entry, 0 before the first. */
  readonly block: number
  root(size?: number): Uint8Array
  inclusion(index: number, size: number): Uint8Array[]
  consistency(from: number, to: number): Uint8Array[]
  /** Hash of the subtree over entries `[from, to)`. */
  rangeHash(from: number, to: number): Uint8Array
  tile(tile: Tile): Uint8Array | undefined
  /** The signed checkpoint of the log as it is now (C2SP tlog-checkpoint), with the cosignatures that came for it. */
  checkpoint(): string
  /** The checkpoint of an earlier size with the log's own signature alone. */
  note(size: number): string
  /** Takes in a witness's line that was checked; it shows while this size is the newest. */
  cosigned(size: number, line: string): void
  /** The checkpoint's key, as in signed-note. */
  readonly vkey: string
  /** Goes on to what the table of entries holds now; called after each step of the indexer. */
  follow(): Promise<void>
  /** A step of the indexer may or may not have been kept: the next `follow` reads everything anew. */
  unsure(): void
}

/** Entries read from the database at a time. */
const PORTION = 10_000

/** Reads the log's entries once and follows from then on. */
export async function openLogView(
  db: Kysely<Schema>,
  note: { readonly origin: string; readonly privateKey: Uint8Array },
): Promise<LogView> {
  const log: Log = createLog()
  let block = 0
  let doubtful = false
  let signed: { size: number; text: string } | undefined
  let lines: { size: number; texts: readonly string[] } = { size: 0, texts: [] }

  const cut = (size: number) => {
    if (size >= log.size) return
    log.truncate(size)
    signed = undefined
    lines = { size: 0, texts: [] }
  }
  const follow = async () => {
    const last = await db
      .selectFrom('entry')
      .select(['index', 'block'])
      .orderBy('index', 'desc')
      .limit(1)
      .executeTakeFirst()
    cut(doubtful ? 0 : last === undefined ? 0 : last.index + 1)
    doubtful = false
    while (last !== undefined && log.size <= last.index) {
      const rows = await db
        .selectFrom('entry')
        .select(['kind', 'organization', 'sequence', 'digest'])
        .where('index', '>=', log.size)
        .where('index', '<=', last.index)
        .orderBy('index')
        .limit(PORTION)
        .execute()
      for (const { kind, organization, sequence, digest } of rows)
        log.append(leafHash(encodeEntry({ kind: kind as 1 | 2, organization, sequence, digest })))
      // A rollback came in between: the next call follows it.
      if (rows.length === 0) break
    }
    block = last?.block ?? 0
  }
  const noteOf = (size: number) => signCheckpoint({ origin: note.origin, size, root: log.root(size) }, note.privateKey)
  await follow()

  return {
    get size() {
      return log.size
    },
    get block() {
      return block
    },
    root: (size) => log.root(size),
    inclusion: (index, size) => log.inclusion(index, size),
    consistency: (from, to) => log.consistency(from, to),
    rangeHash: (from, to) => rangeHash(log, from, to),
    tile: ({ level, index, width }) => (level === 'entries' ? undefined : hashTile(log, level, index, width)),
    checkpoint() {
      if (signed?.size !== log.size) signed = { size: log.size, text: noteOf(log.size) }
      return signed.text + (lines.size === log.size ? lines.texts.join('') : '')
    },
    note: noteOf,
    cosigned(size, line) {
      if (size < log.size) return
      const others = lines.size === size ? lines.texts.filter((text) => nameIn(text) !== nameIn(line)) : []
      lines = { size, texts: [...others, line].sort() }
    },
    vkey: makeVkey(note.origin, ed25519PublicKey(note.privateKey)),
    follow,
    unsure() {
      doubtful = true
    },
  }
}

/** The name in a signature line. */
function nameIn(line: string): string {
  return line.split(' ', 2)[1] ?? ''
}

/** The hash of the subtree over `[from, to)` as RFC 9162 2.1.1 has it. */
function rangeHash(log: Log, from: number, to: number): Uint8Array {
  const count = to - from
  let half = 1
  while (half * 2 < count) half *= 2
  if (count === 1 || half * 2 === count) return log.node(Math.log2(count), from / count)
  return nodeHash(rangeHash(log, from, from + half), rangeHash(log, from + half, to))
}
