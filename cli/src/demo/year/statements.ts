import { cidFromDigest, ENTRY_DOCUMENT, fromHex } from '@tanlian/evidence'
import { type Client, logStatement, type Statement, signIn } from '@tanlian/sdk'
import { below } from '@tanlian/sdk/node'
import { type Connection, connectTo } from '../../connect.ts'
import { openSending } from '../../sending.ts'
import type { Keyring } from '../keyring.ts'

/** A party at its desk: signed in with its own key, and able to log what it states. */
export interface Desk {
  readonly organization: number
  readonly client: Client
  /** CID of what was logged under a note before; undefined where nothing was. */
  logged(note: string): Promise<string | undefined>
  /** Logs a statement under a note, once however often it is called. @returns the CID of its document */
  log(note: string, statement: () => Promise<Statement>): Promise<string>
  close(): Promise<void>
}

/** Opens a party's desk on a platform. Its statements are kept in a folder of their own, beside the batches that its gateway sends. */
export async function openDesk(
  { client: outside, wellKnown, chain }: Connection,
  { url, home, keyring }: { readonly url: string; readonly home: string; readonly keyring: Keyring },
  party: string,
  organization: number,
): Promise<Desk> {
  const { token } = await signIn(outside, organization, await keyring.key(party, 'acts'))
  const connection = await connectTo(url, undefined, () => token)
  const { submitter, outbox } = await openSending(
    { ...connection, wellKnown, chain },
    {
      home: below(home, 'statements'),
      organization,
      kind: ENTRY_DOCUMENT,
      key: await keyring.key(party, 'documents'),
    },
  )
  const logged = async (note: string) => {
    const [kept] = (await outbox.receipts(note)).filter((one) => one.note === note)
    return kept === undefined ? undefined : cidFromDigest(fromHex(kept.receipt.digest, 32)).toString()
  }
  return {
    organization,
    client: connection.client,
    logged,
    async log(note, statement) {
      const before = await logged(note)
      if (before !== undefined) return before
      return (await logStatement(submitter, organization, await statement(), note)).cid.toString()
    },
    close: () => outbox.close(),
  }
}
