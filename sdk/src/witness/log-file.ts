import { type FileHandle, open } from 'node:fs/promises'
import {
  createLog,
  decodeEntry,
  encodeEntry,
  equalBytes,
  type Log,
  type LogDomain,
  leafHash,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, readIfThere, writeDurably } from '../node/files.ts'
import type { SignedEntry } from './source.ts'

/** A block that was read, and the log's size after it. */
export interface Mark {
  readonly number: number
  readonly hash: string
  readonly size: number
}

/** The log as a witness keeps it on its disk: what `append` and `cut` resolve for survives a power cut (safety R25). */
export interface LogFile {
  readonly size: number
  /** Blocks that the chain may go back to, ascending; the last is the cursor. */
  readonly marks: readonly Mark[]
  /** Every subtree's hash. */
  readonly log: Log
  /** Indexes of an organization's entries of one kind, in sequence. */
  places(organization: number, kind: number): readonly number[]
  /** Organizations that have entries of kind 1. */
  organizations(): readonly number[]
  entry(index: number): Promise<SignedEntry>
  /** @param check looks at the tree with the new entries before anything is written, and may throw: then nothing has changed */
  append(entries: readonly SignedEntry[], marks: readonly Mark[], check: (log: Log) => void): Promise<void>
  /** The chain went back: forgets what came after a mark, which becomes the cursor. */
  cut(mark: Mark): Promise<void>
  close(): Promise<void>
}

/** Entry, signature, block number. */
const RECORD_BYTES = 52 + 65 + 8
const RECORDS_READ = 8192

/**
 * Opens the log of a folder and rebuilds its tree. A tail that a crash left is cut; anything else that does not fit is refused.
 * Codes: E_WITNESS_FOLDER, E_WITNESS_DAMAGED.
 */
export async function openLogFile(folder: string, domain: LogDomain): Promise<LogFile> {
  const cursorPath = below(folder, 'cursor.json')
  const kept = await readCursor(cursorPath, domain)
  const file = await openRecords(below(folder, 'entries'))
  const log = createLog()
  const byPlace = new Map<string, number[]>()
  let { marks } = kept

  const add = (entry: SignedEntry) => {
    const name = `${entry.organization}/${entry.kind}`
    const places = byPlace.get(name) ?? []
    byPlace.set(name, places)
    if (entry.sequence !== places.length + 1 || entry.index !== log.size)
      throw new TanlianError(
        'E_WITNESS_CONSISTENCY',
        `Entry ${entry.index} of the log is number ${entry.sequence} of organization ${entry.organization}, kind ${entry.kind}; next are entry ${log.size} and number ${places.length + 1}. Compare with another node.`,
        { values: { index: entry.index, organization: entry.organization, sequence: entry.sequence } },
      )
    places.push(log.append(leafHash(encodeEntry(entry))))
  }
  const forget = (size: number) => {
    for (const [name, places] of byPlace) {
      while (places.length > 0 && (places.at(-1) as number) >= size) places.pop()
      if (places.length === 0) byPlace.delete(name)
    }
    log.truncate(size)
  }
  const writeCursor = (size: number) =>
    writeDurably(
      cursorPath,
      JSON.stringify({
        format: FORMAT,
        chain: domain.chainId,
        log: domain.verifyingContract,
        size,
        root: toHex(log.root(size)),
        marks,
      }),
    )

  await readRecords(file, kept.size, add)
  if (toHex(log.root()) !== kept.root) throw damaged(folder, 'its entries do not give the root that was kept')

  return {
    get size() {
      return log.size
    },
    get marks() {
      return marks
    },
    log,
    places: (organization, kind) => byPlace.get(`${organization}/${kind}`) ?? [],
    organizations: () =>
      [...byPlace.keys()].filter((name) => name.endsWith('/1')).map((name) => Number(name.split('/', 1)[0])),
    async entry(index) {
      const bytes = new Uint8Array(RECORD_BYTES)
      const { bytesRead } = await file.read(bytes, 0, RECORD_BYTES, index * RECORD_BYTES)
      if (bytesRead !== RECORD_BYTES) throw damaged(folder, `entry ${index} cannot be read`)
      const entry = readRecord(bytes, index)
      if (!equalBytes(leafHash(encodeEntry(entry)), log.leaf(index)))
        throw damaged(folder, `entry ${index} has changed`)
      return entry
    },
    async append(entries, next, check) {
      const before = log.size
      try {
        for (const entry of entries) add(entry)
        check(log)
        if (entries.length > 0) {
          const bytes = new Uint8Array(entries.length * RECORD_BYTES)
          for (const [at, entry] of entries.entries()) bytes.set(recordOf(entry), at * RECORD_BYTES)
          await writeAll(file, bytes, before * RECORD_BYTES)
          await file.datasync()
        }
      } catch (error) {
        forget(before)
        throw error
      }
      marks = next
      await writeCursor(log.size)
    },
    async cut(mark) {
      forget(mark.size)
      marks = marks.filter(({ number }) => number <= mark.number)
      await writeCursor(mark.size)
      await file.truncate(mark.size * RECORD_BYTES)
    },
    close: () => file.close(),
  }
}

const FORMAT = 'tanlian/witness-cursor/1'

interface Cursor {
  readonly size: number
  readonly root: string
  readonly marks: readonly Mark[]
}

async function readCursor(path: string, domain: LogDomain): Promise<Cursor> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return { size: 0, root: toHex(createLog().root()), marks: [] }
  let cursor: Partial<Cursor> & { format?: string; chain?: number; log?: string }
  try {
    cursor = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw damaged(path, cause instanceof Error ? cause.message : String(cause))
  }
  const { size, root, marks } = cursor
  if (cursor.format !== FORMAT || size === undefined || root === undefined || marks === undefined)
    throw damaged(path, `it is not of format ${FORMAT}`)
  if (cursor.chain !== domain.chainId || cursor.log !== domain.verifyingContract)
    throw new TanlianError(
      'E_WITNESS_FOLDER',
      `The folder follows the log ${cursor.log} on chain ${cursor.chain}, not ${domain.verifyingContract} on chain ${domain.chainId}. Name another folder with --data.`,
      { values: { log: cursor.log ?? '', chain: cursor.chain ?? 0 } },
    )
  return { size, root, marks }
}

function openRecords(path: string): Promise<FileHandle> {
  return open(path, 'r+', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return open(path, 'wx+', 0o600)
    throw error
  })
}

async function readRecords(file: FileHandle, size: number, add: (entry: SignedEntry) => void): Promise<void> {
  const bytes = new Uint8Array(RECORDS_READ * RECORD_BYTES)
  for (let at = 0; at < size; ) {
    const count = Math.min(RECORDS_READ, size - at)
    const { bytesRead } = await file.read(bytes, 0, count * RECORD_BYTES, at * RECORD_BYTES)
    if (bytesRead !== count * RECORD_BYTES) throw damaged('entries', `it ends before entry ${size}`)
    for (let i = 0; i < count; i++) add(readRecord(bytes.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES), at + i))
    at += count
  }
  await file.truncate(size * RECORD_BYTES)
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}

function recordOf(entry: SignedEntry): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES)
  bytes.set(encodeEntry(entry))
  bytes.set(entry.signature, 52)
  new DataView(bytes.buffer).setBigUint64(117, BigInt(entry.block))
  return bytes
}

function readRecord(bytes: Uint8Array, index: number): SignedEntry {
  const block = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(117))
  return { ...decodeEntry(bytes.subarray(0, 52)), index, block, signature: bytes.slice(52, 117) }
}

function damaged(path: string, why: string): TanlianError {
  return new TanlianError(
    'E_WITNESS_DAMAGED',
    `The witness's folder is damaged (${path}): ${why}. Restore it from a copy, or begin anew in an empty one.`,
    {
      values: { path, why },
    },
  )
}
