import {
  ENTRY_DOCUMENT,
  fromHex,
  READER_KEY_DOCUMENT,
  readerKeyContent,
  readerPublicKey,
  toHex,
} from '@tanlian/evidence'
import { logStatement, type ReaderKeyItem } from '@tanlian/sdk'
import type { Connection } from '../connect.ts'
import { openSending } from '../sending.ts'

/**
 * Logs the reader's key of an organization beside those that it has (读者密钥上链), once however often it is called.
 * @param secret the reader's private key; only its public part leaves this machine
 * @param documents signs the document
 * @returns the public key and the document's sequence
 */
export async function publishReaderKey(
  connection: Connection,
  home: string,
  organization: number,
  { secret, documents }: { readonly secret: Uint8Array; readonly documents: Uint8Array },
): Promise<{ readonly key: string; readonly sequence: number }> {
  const own = readerPublicKey(secret)
  const key = toHex(own)
  const keys = [own]
  for await (const item of connection.client.all<ReaderKeyItem>(`/v1/organizations/${organization}/reader-keys`)) {
    if (item.ended !== null) continue
    if (item.key === key) return { key, sequence: item.since }
    keys.push(fromHex(item.key, 32))
  }
  const to = { home, organization, kind: ENTRY_DOCUMENT, key: documents } as const
  const { submitter, outbox } = await openSending(connection, to)
  try {
    const statement = { kind: READER_KEY_DOCUMENT, content: readerKeyContent(keys), blocks: [] }
    const { receipt } = await logStatement(submitter, organization, statement, `reader-key/${key}`)
    return { key, sequence: receipt.sequence }
  } finally {
    await outbox.close()
  }
}
