import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ENTRY_DOCUMENT, encodeBlock } from '@tanlian/evidence'
import { buildDataset, DATASET_KIND, type DatasetDescription, logStatement } from '@tanlian/sdk'
import { readWanted } from '@tanlian/sdk/node'
import type { Connection } from '../connect.ts'
import { openSending } from '../sending.ts'

/** Greatest unpacked table that the demo brings. */
const UNPACKED_MAX = 1024 * 1024

/**
 * Logs a table as a data set (文件存证): its description is the document, the file a block of its own, so whoever has the CID has both.
 * Logged once, however often it is called. @returns false where it was there already.
 */
export async function logDataset(
  connection: Connection,
  home: string,
  organization: number,
  key: Uint8Array,
  paths: { readonly file: string; readonly description: string },
): Promise<boolean> {
  const { content, block } = await readTable(paths)
  const note = `dataset/${encodeBlock(content).cid}`
  const { submitter, outbox } = await openSending(connection, { home, organization, kind: ENTRY_DOCUMENT, key })
  try {
    if ((await outbox.receipts(note)).length > 0) return false
    await logStatement(submitter, organization, { kind: DATASET_KIND, content, blocks: [block] }, note)
    return true
  } finally {
    await outbox.close()
  }
}

/** Reads a table, packed or not, with its description. @throws TanlianError E_DATASET_FORM */
async function readTable({ file, description }: { readonly file: string; readonly description: string }) {
  const packed = await readWanted(file)
  const isPacked = file.endsWith('.gz')
  const text = isPacked ? new Uint8Array(gunzipSync(packed, { maxOutputLength: UNPACKED_MAX })) : packed
  const told = JSON.parse(new TextDecoder().decode(await readWanted(description))) as DatasetDescription
  return buildDataset(told, { name: basename(file, '.gz'), packing: isPacked ? 'gzip' : 'none', packed, text })
}
