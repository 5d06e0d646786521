import type { Entry } from '@tanlian/evidence'
import { type Gate, openSubmitter, platformGate, type Submitter } from '@tanlian/sdk'
import { type FileOutbox, openFileOutbox } from '@tanlian/sdk/node'
import { type Connection, gateOptions } from './connect.ts'

/** What an organization sends goes through here, one after another. Whoever opens it closes the outbox. */
export interface Sending {
  readonly gate: Gate
  readonly submitter: Submitter
  /** Keeps what was signed until there is a receipt for it, and the receipts. */
  readonly outbox: FileOutbox
}

/** Opens an organization's outbox in a home folder, and first sends what an earlier command signed and could not send. */
export async function openSending(
  connection: Connection,
  {
    home,
    organization,
    kind,
    key,
  }: {
    readonly home: string
    readonly organization: number
    readonly kind: Entry['kind']
    /** The organization's key for this kind. */
    readonly key: Uint8Array
  },
): Promise<Sending> {
  const { client, log } = connection
  const outbox = await openFileOutbox(home, log, organization)
  try {
    const gate = platformGate(client, gateOptions(connection))
    const submitter = openSubmitter({ gate, outbox, log, organization, kind, key })
    await submitter.resume()
    return { gate, submitter, outbox }
  } catch (error) {
    await outbox.close()
    throw error
  }
}
