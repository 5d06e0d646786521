import { addressOf } from '@tanlian/evidence'
import { type Client, signIn } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'
import { type Connection, connect } from './connect.ts'
import { openKey, type Purpose } from './keys.ts'

/** An organization at work by one of its keys, opened. */
export interface Owner {
  readonly connection: Connection
  readonly organization: number
  readonly key: Uint8Array
}

/** Opens a key of a set, finds whose it is, and signs in with it. Codes: E_KEY_MISSING, E_CLI_NOT_FOUND. */
export async function openOwner(context: Context, name: string, purpose: Purpose): Promise<Owner> {
  const key = await openKey(context, name, purpose)
  let token: string | undefined
  const connection = await connect(context, () => token)
  const organization = await ownerOf(connection.client, key)
  token = (await signIn(connection.client, organization, key)).token
  return { connection, organization, key }
}

/** The organization that a key is of. Codes: E_CLI_NOT_FOUND. */
export async function ownerOf(client: Client, key: Uint8Array): Promise<number> {
  const found = await client.key(addressOf(key))
  if (found.key !== null) return found.key.organization
  throw new TanlianError(
    'E_CLI_NOT_FOUND',
    `The key ${found.address} belongs to no organization yet. Apply with \`tanlian org apply\`, and wait for approval.`,
    { values: { address: found.address } },
  )
}
