import { encodeGrant, type Grant, type LogDomain, signGrant, toHex, toHex0x } from '@tanlian/evidence'
import type { Client, GrantItem } from '@tanlian/sdk'

/** Signs a grant of an organization and hands it to the platform (授权). @param client signed in as the owner */
export async function giveGrant(
  client: Client,
  log: LogDomain,
  documents: Uint8Array,
  grant: Omit<Grant, 'salt'>,
): Promise<GrantItem> {
  const { organization } = grant
  const block = encodeGrant({ ...grant, salt: crypto.getRandomValues(new Uint8Array(16)) })
  return client.http.json<GrantItem>(`/v1/organizations/${organization}/grants`, {
    method: 'POST',
    json: { block: toHex(block.bytes), signature: toHex0x(signGrant(block, organization, log, documents)) },
  })
}
