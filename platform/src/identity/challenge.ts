import { randomBytes } from 'node:crypto'
import {
  type Address,
  fromHex0x,
  recoverHash,
  type TypedDataDomain,
  type TypedField,
  toHex0x,
  typedDataHash,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import type { ChallengePurpose } from './schema.ts'
import { roleOfKey } from './session.ts'

const LIFE_MS = 5 * 60 * 1000

/** The fields of the EIP-712 struct that a program signs to sign in (R9: purpose, instance, expiry, nonce). */
export const SIGN_IN_FIELDS: readonly TypedField[] = [
  { name: 'purpose', type: 'string' },
  { name: 'instance', type: 'string' },
  { name: 'organization', type: 'uint64' },
  { name: 'key', type: 'address' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'expires', type: 'uint64' },
]

/** What a program signs to sign in. */
export interface SignInMessage {
  readonly purpose: 'Sign in to Tanlian'
  readonly instance: string
  readonly organization: number
  readonly key: Address
  readonly nonce: `0x${string}`
  /** Unix seconds. */
  readonly expires: number
}

/** The domain of sign-in messages: another name than an act's or an entry's, so that none passes for the other. */
export function signInDomain(chainId: number, registry: Address): TypedDataDomain {
  return { name: 'Tanlian Sign-in', version: '1', chainId, verifyingContract: registry }
}

/** Keeps a challenge until it is answered or over. Expired ones are cleared on the way, so the table stays small. */
export async function newChallenge(
  instance: Instance,
  purpose: ChallengePurpose,
  subject: string,
  nonce: string = randomBytes(32).toString('base64url'),
): Promise<{ nonce: string; expiresMs: number }> {
  const now = instance.clock()
  const expiresMs = Math.floor((now + LIFE_MS) / 1000) * 1000
  await instance.db.deleteFrom('challenge').where('expires_ms', '<=', now).execute()
  await instance.db.insertInto('challenge').values({ nonce, purpose, subject, expires_ms: expiresMs }).execute()
  return { nonce, expiresMs }
}

/** Uses a challenge up: it is gone whether or not the answer holds. @throws TanlianError E_CHALLENGE */
export async function useChallenge(
  instance: Instance,
  purpose: ChallengePurpose,
  nonce: string,
): Promise<{ subject: string; expiresMs: number }> {
  const row = await instance.db
    .deleteFrom('challenge')
    .where('nonce', '=', nonce)
    .where('purpose', '=', purpose)
    .returning(['subject', 'expires_ms'])
    .executeTakeFirst()
  if (row === undefined || row.expires_ms <= instance.clock())
    throw new TanlianError('E_CHALLENGE', 'The challenge is unknown, used or expired.')
  return { subject: row.subject, expiresMs: row.expires_ms }
}

/** A message for a program to sign. It is given for any organization and key, so it tells nothing. */
export async function keyChallenge(instance: Instance, organization: number, key: Address): Promise<SignInMessage> {
  const nonce = toHex0x(randomBytes(32))
  const { expiresMs } = await newChallenge(instance, 'key', `${organization} ${key}`, nonce)
  return {
    purpose: 'Sign in to Tanlian',
    instance: instance.id,
    organization,
    key,
    nonce,
    expires: expiresMs / 1000,
  }
}

/**
 * Checks the answer to a key challenge.
 * @returns the organization and key that signed in.
 * @throws TanlianError E_CHALLENGE, E_SIGN_IN_FAILED, E_SIGNATURE_FORM
 */
export async function checkKeyAnswer(
  instance: Instance,
  domain: TypedDataDomain,
  nonce: string,
  signature: string,
): Promise<{ organization: number; address: Address }> {
  const { subject, expiresMs } = await useChallenge(instance, 'key', nonce)
  const [organizationText, key] = subject.split(' ')
  const organization = Number(organizationText)
  const hash = typedDataHash(domain, 'SignIn', SIGN_IN_FIELDS, {
    purpose: 'Sign in to Tanlian',
    instance: instance.id,
    organization,
    key: key ?? '',
    nonce,
    expires: expiresMs / 1000,
  })
  const signer = recoverHash(hash, fromHex0x(signature, 65))
  if (signer !== key || (await roleOfKey(instance, organization, signer)) === undefined)
    throw new TanlianError('E_SIGN_IN_FAILED', 'The key is not an active key of that organization.')
  return { organization, address: signer }
}
