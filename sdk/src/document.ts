import {
  type Block,
  DOCUMENT_FORMAT,
  decodeBlock,
  ENTRY_DOCUMENT,
  encodeBlock,
  openCar,
  writeCar,
} from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Client } from './client.ts'
import type { Receipt } from './outbox.ts'
import type { Submitter } from './submit.ts'

/** What a document is to say (`docs/spec/documents.md`), with the blocks that it links and that travel after it; nobody has signed it yet. */
export interface Statement {
  readonly kind: string
  readonly content: unknown
  readonly blocks: readonly Block[]
}

/** A statement that is logged: its document, and the receipt for it. */
export interface LoggedStatement {
  readonly cid: CID
  readonly receipt: Receipt
}

/** Reads a CAR whose first block is a document's content, as the platform hands it out to be signed. @throws TanlianError E_CAR_… */
export function readStatement(kind: string, car: Uint8Array): Statement {
  const opened = openCar(car)
  const blocks = opened.cids.slice(1).map((cid) => ({ cid, bytes: opened.require(cid) }))
  return { kind, content: decodeBlock(opened.header.bytes), blocks }
}

/** Asks the platform for a statement to sign, such as a draw, an opinion or a decision; with `json` by POST. Codes: the platform's, E_CAR_… */
export async function askStatement(client: Client, kind: string, path: string, json?: unknown): Promise<Statement> {
  const car = await client.http.bytes(path, json === undefined ? {} : { method: 'POST', json })
  return readStatement(kind, car)
}

/**
 * Logs a statement (存证): puts it into a document of the organization's sequence, signs its entry and sends both. The submitter is one for documents.
 * @param note what it is for, kept with the signed bytes
 */
export async function logStatement(
  submitter: Submitter,
  organization: number,
  { kind, content, blocks }: Statement,
  note: string,
): Promise<LoggedStatement> {
  let logged: CID | undefined
  const receipt = await submitter.submit((sequence, previous) => {
    const document = encodeBlock({ format: DOCUMENT_FORMAT, organization, sequence, previous, kind, content })
    logged = document.cid
    const distinct = new Map([document, ...blocks].map((block) => [block.cid.toString(), block]))
    return {
      entry: { kind: ENTRY_DOCUMENT, organization, sequence, digest: document.cid.multihash.digest },
      car: writeCar(document.cid, [...distinct.values()]),
    }
  }, note)
  return { cid: logged as CID, receipt }
}
