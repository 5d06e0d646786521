import type { CID } from 'multiformats/cid'
import type { Client } from './client.ts'
import { askStatement, type Statement } from './document.ts'

/** What publishes or retires a methodology or factor set, as `@tanlian/accounting` makes it. */
export interface PublicationToSign extends Statement {
  readonly content: {
    readonly subject: CID
    readonly state: 'published' | 'retired'
    readonly reason: string | null
  }
}

/**
 * Has a publication weighed by the platform's rules before anybody signs it: what is signed and then refused would stand in the way of the next
 * statement. Codes: the platform's, such as E_REGISTER_STATE, E_REGISTER_OWNER, E_REGISTER_PARTY.
 */
export async function weighPublication(
  client: Client,
  organization: number,
  statement: PublicationToSign,
): Promise<Statement> {
  const { subject, state, reason } = statement.content
  const query = new URLSearchParams({
    ...{ kind: statement.kind, subject: subject.toString(), state },
    ...(reason === null ? {} : { reason }),
  })
  await askStatement(client, statement.kind, `/v1/organizations/${organization}/publication-content?${query}`)
  // The platform weighs; what is signed is the caller's own.
  return statement
}
