import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { ENTRY_DOCUMENT, encodeBlock, writeCar } from '@tanlian/evidence'
import { openSubmitter, platformGate } from '@tanlian/sdk'
import { openFileOutbox, readWanted } from '@tanlian/sdk/node'
import { type Connection, gateOptions } from '../connect.ts'

/** A file that an organization puts on record as it is. */
export interface FileDocument {
  readonly path: string
  readonly kind: string
  readonly title: string
  readonly media: string
}

/** Greatest unpacked file that goes into one document block; larger files belong into a block of their own. */
const UNPACKED_MAX = 1024 * 1024

/**
 * Logs a file as a document (文件存证): its bytes are in the block, so whoever has the CID has the file. Logged once, however often it is
 * called. @returns false where it was there already.
 */
export async function logFile(
  connection: Connection,
  home: string,
  organization: number,
  key: Uint8Array,
  document: FileDocument,
): Promise<boolean> {
  const { client, log } = connection
  const stored = await readWanted(document.path)
  const packed = document.path.endsWith('.gz')
  const bytes = packed ? new Uint8Array(gunzipSync(stored, { maxOutputLength: UNPACKED_MAX })) : stored
  const sha256 = new Uint8Array(createHash('sha256').update(bytes).digest())
  const note = `document/${Buffer.from(sha256).toString('hex')}`
  const outbox = await openFileOutbox(home, log, organization)
  try {
    const submitter = openSubmitter({
      gate: platformGate(client, gateOptions(connection)),
      outbox,
      log,
      organization,
      kind: ENTRY_DOCUMENT,
      key,
    })
    await submitter.resume()
    if ((await outbox.receipts(note)).length > 0) return false
    const content = { title: document.title, media: packed ? 'text/csv' : document.media, sha256, bytes }
    await submitter.submit((sequence, previous) => {
      const block = encodeBlock({
        format: 'tanlian/document/1',
        organization,
        sequence,
        previous,
        kind: document.kind,
        content,
      })
      return {
        entry: { kind: ENTRY_DOCUMENT, organization, sequence, digest: block.cid.multihash.digest },
        car: writeCar(block.cid, [block]),
      }
    }, note)
    return true
  } finally {
    await outbox.close()
  }
}
