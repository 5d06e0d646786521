import {
  decodeBlock,
  decodeEntry,
  digestOf,
  encodeBlock,
  encodeEntry,
  equalBytes,
  openCar,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Outbox, Receipt, SignedStatement } from '../outbox.ts'
import {
  appendLineDurably,
  below,
  lockFile,
  makeFolder,
  namesIn,
  readIfThere,
  readWanted,
  removeFile,
  writeDurably,
} from './files.ts'

/** A receipt as it is kept here, with what the statement was for. */
export interface KeptReceipt {
  readonly note: string
  readonly receipt: Receipt
}

/** An outbox in a folder: a file for each signed statement until its receipt stands in `receipts.jsonl`. */
export interface FileOutbox extends Outbox {
  /** Receipts whose note begins with these words, in the order in which they came. */
  receipts(prefix: string): Promise<KeptReceipt[]>
  /** Gives the folder back to other processes. */
  close(): Promise<void>
}

/** A witness of the same organization, say, logs a document in less. */
const LOCK_WAIT_MS = 10_000

/**
 * Opens the outbox of one organization in one log. One process at a time: two senders with one key would race each other to a second
 * digest for a sequence (safety R27). Codes: E_FILE_LOCKED, E_OUTBOX_DAMAGED.
 */
export async function openFileOutbox(
  home: string,
  log: { chainId: number; verifyingContract: string },
  organization: number,
): Promise<FileOutbox> {
  const folder = below(home, 'outbox', `${log.chainId}-${log.verifyingContract.slice(2, 14)}`, String(organization))
  await makeFolder(folder)
  const unlock = await lockFile(below(folder, 'lock'), LOCK_WAIT_MS)
  const pathOf = ({ entry }: SignedStatement) =>
    below(folder, `${entry.kind}-${String(entry.sequence).padStart(16, '0')}.signed`)
  const receiptsPath = below(folder, 'receipts.jsonl')
  return {
    close: unlock,
    async save(statement) {
      const { bytes } = encodeBlock({
        entry: encodeEntry(statement.entry),
        signature: statement.signature,
        note: statement.note,
        car: statement.car,
      })
      await writeDurably(pathOf(statement), bytes)
    },
    async unsettled(of, kind) {
      if (of !== organization) return []
      const found: SignedStatement[] = []
      for (const name of await namesIn(folder)) {
        if (!name.startsWith(`${kind}-`) || !name.endsWith('.signed')) continue
        const path = below(folder, name)
        found.push(readStatement(await readWanted(path), path))
      }
      return found.sort((a, b) => a.entry.sequence - b.entry.sequence)
    },
    async settle(statement, receipt) {
      await appendLineDurably(receiptsPath, JSON.stringify({ note: statement.note, receipt } satisfies KeptReceipt))
      await removeFile(pathOf(statement))
    },
    async abandon(statement, winner) {
      const { sequence, digest, kind } = statement.entry
      const line = { kind, sequence, digest: toHex(digest), winner: toHex(winner), note: statement.note }
      await appendLineDurably(below(folder, 'abandoned.jsonl'), JSON.stringify(line))
      await removeFile(pathOf(statement))
    },
    receipts: (prefix) => readReceipts(receiptsPath, prefix),
  }
}

/** Receipts of a folder's file; a last line torn by a crash is passed over, since its statement is still there and is sent again. */
async function readReceipts(path: string, prefix: string): Promise<KeptReceipt[]> {
  const bytes = (await readIfThere(path)) ?? new Uint8Array()
  const kept: KeptReceipt[] = []
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '') continue
    try {
      const value = JSON.parse(line) as KeptReceipt
      if (value.note.startsWith(prefix)) kept.push(value)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return kept
}

function readStatement(bytes: Uint8Array, path: string): SignedStatement {
  try {
    const value = decodeBlock(bytes) as { entry: Uint8Array; signature: Uint8Array; note: string; car: Uint8Array }
    const entry = decodeEntry(value.entry)
    // A bit that flipped on the disk must not be sent as if it had been signed (safety F9).
    if (!equalBytes(digestOf(openCar(value.car).header.cid), entry.digest))
      throw new Error('its blocks are of another digest')
    return { entry, signature: value.signature, note: value.note, car: value.car }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TanlianError(
      'E_OUTBOX_DAMAGED',
      `The saved statement ${path} cannot be sent: ${why}. Restore it from a copy.`,
      {
        values: { path, why },
        cause,
      },
    )
  }
}
