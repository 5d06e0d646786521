import { ENTRY_DOCUMENT, type PrivacyRule } from '@tanlian/evidence'
import {
  type GrantItem,
  giveGrant,
  logStatement,
  openClient,
  type PrivacyChoiceItem,
  privacyStatement,
  signIn,
} from '@tanlian/sdk'
import type { Connection } from '../connect.ts'
import { publishReaderKey } from '../privacy/reader-key.ts'
import { readFilter } from '../question.ts'
import { readPrivacy } from '../seal.ts'
import { openSending } from '../sending.ts'
import type { Keyring } from './keyring.ts'
import { DEMO_WITNESSES, type DemoParty } from './parties.ts'

/** How an enterprise keeps each type; none where all of it is open. */
export function rulesOf({ privacy }: DemoParty): readonly PrivacyRule[] {
  return readPrivacy(privacy)
}

/** Whether others seal for a party, or it seals for itself: then it needs a reader's key of its own. */
export function isReader(party: DemoParty): boolean {
  return party.privacy !== undefined || (DEMO_WITNESSES as readonly string[]).includes(party.name)
}

/** Logs what a party says before anything is sealed, each once: its reader's key, and how it keeps each type. */
export async function logPrivacy(
  connection: Connection,
  home: string,
  keyring: Keyring,
  party: DemoParty,
  organization: number,
): Promise<void> {
  const documents = await keyring.key(party.name, 'documents')
  await publishReaderKey(connection, home, organization, { secret: await keyring.key(party.name, 'reader'), documents })
  if (party.privacy === undefined) return
  const { since } = await connection.client.http.json<PrivacyChoiceItem>(`/v1/organizations/${organization}/privacy`)
  if (since !== null) return
  const { submitter, outbox } = await openSending(connection, {
    ...{ home, organization, kind: ENTRY_DOCUMENT, key: documents },
  })
  try {
    await logStatement(submitter, organization, privacyStatement(rulesOf(party)), 'privacy')
  } finally {
    await outbox.close()
  }
}

/** Lets other organizations read everything that an enterprise seals from now on, each once (授权). */
export async function grantAll(
  { client: outside, log }: Connection,
  keyring: Keyring,
  { name }: DemoParty,
  organization: number,
  readers: readonly number[],
): Promise<void> {
  const documents = await keyring.key(name, 'documents')
  const { token } = await signIn(outside, organization, documents)
  const client = openClient({ base: outside.http.base, headers: () => ({ authorization: `Bearer ${token}` }) })
  const granted = new Set<number>()
  for await (const { reader, ended } of client.all<GrantItem>(`/v1/organizations/${organization}/grants`))
    if (ended === null) granted.add(reader)
  const { types, from, to } = readFilter({})
  for (const reader of readers)
    if (!granted.has(reader))
      await giveGrant(client, log, documents, {
        ...{ organization, reader, access: 'read', step: 0, types, streams: [], from, to },
      })
}
