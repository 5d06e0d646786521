import { type Address, addressOf, signHash, type TypedField, toHex0x, typedDataHash } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from './client.ts'

/** What a platform gives to be signed for sign-in. */
interface Challenge {
  readonly domain: {
    readonly name: string
    readonly version: string
    readonly chainId: number
    readonly verifyingContract: Address
  }
  readonly message: {
    readonly purpose: string
    readonly instance: string
    readonly organization: number
    readonly key: string
    readonly nonce: string
    readonly expires: number
  }
}

/** A session of a program: the token goes into `Authorization: Bearer`. */
export interface KeySession {
  readonly token: string
  /** RFC 3339. */
  readonly expires: string
}

const FIELDS: readonly TypedField[] = [
  { name: 'purpose', type: 'string' },
  { name: 'instance', type: 'string' },
  { name: 'organization', type: 'uint64' },
  { name: 'key', type: 'address' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'expires', type: 'uint64' },
]

/**
 * Signs a program in with a key of an organization. What is signed is built here, field by field: a platform cannot slip in an act or an
 * entry under the name of a sign-in (safety R9). Codes: the platform's, E_CLIENT_ANSWER.
 */
export async function signIn(client: Client, organization: number, key: Uint8Array): Promise<KeySession> {
  const address = addressOf(key)
  const { domain, message } = await client.http.json<Challenge>('/v1/sessions/challenge', {
    method: 'POST',
    json: { organization, key: address },
  })
  if (
    domain.name !== 'Tanlian Sign-in' ||
    message.organization !== organization ||
    message.key.toLowerCase() !== address
  ) {
    throw new TanlianError(
      'E_CLIENT_ANSWER',
      'The platform asked to sign something else than a sign-in. Nothing was signed.',
    )
  }
  const hash = typedDataHash({ ...domain, name: 'Tanlian Sign-in' }, 'SignIn', FIELDS, {
    purpose: 'Sign in to Tanlian',
    instance: message.instance,
    organization,
    key: address,
    nonce: message.nonce,
    expires: message.expires,
  })
  return client.http.json('/v1/sessions', {
    method: 'POST',
    json: { with: 'key', nonce: message.nonce, signature: toHex0x(signHash(hash, key)) },
  })
}
