import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { TanlianError } from '@tanlian/units'
import type { FastifyRequest } from 'fastify'
import type { Instance } from '../instance.ts'
import { newChallenge, useChallenge } from './challenge.ts'
import './schema.ts'

/** COSE numbers of Ed25519, ES256 and RS256: what every authenticator has one of. */
const ALGORITHMS = [-8, -7, -257]

/** How a browser may reach an authenticator (WebAuthn section 5.8.4). */
const TRANSPORTS: ReadonlySet<unknown> = new Set(['usb', 'nfc', 'ble', 'smart-card', 'cable', 'hybrid', 'internal'])

/** A checked new passkey, ready to be stored. */
export interface NewPasskey {
  readonly id: string
  readonly public_key: Uint8Array
  readonly counter: number
  readonly transports: string
  readonly name: string
}

/** The page's own host and origin: a passkey made on one does not work on another. */
interface Site {
  readonly rpId: string
  readonly origin: string
}

/**
 * Options for making a passkey, for a person who is signed in or one who is about to be. A passkey is the only factor of a sign-in, so its device
 * must check who holds it, by finger, face or PIN (flag UV, WebAuthn section 6.1): here, and each time that it is used.
 */
export async function registrationOptions(
  instance: Instance,
  request: FastifyRequest,
  holder: {
    readonly purpose: 'passkey-add' | 'passkey-new'
    readonly subject: string
    readonly login: string
    readonly name: string
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { rpId } = siteOf(request)
  const { nonce } = await newChallenge(instance, holder.purpose, holder.subject)
  const known =
    holder.purpose === 'passkey-add'
      ? await instance.db.selectFrom('passkey').select('id').where('person', '=', holder.subject).execute()
      : []
  return generateRegistrationOptions({
    rpName: 'Tanlian 碳链',
    rpID: rpId,
    userName: holder.login,
    userDisplayName: holder.name,
    challenge: Buffer.from(nonce, 'base64url'),
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known,
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  })
}

/** Options for signing in; which passkeys a name has is not told. */
export async function signInOptions(
  instance: Instance,
  request: FastifyRequest,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { nonce } = await newChallenge(instance, 'passkey-sign-in', '')
  return generateAuthenticationOptions({
    rpID: siteOf(request).rpId,
    challenge: Buffer.from(nonce, 'base64url'),
    userVerification: 'required',
  })
}

/**
 * Checks a browser's new passkey against the challenge it was made for.
 * @throws TanlianError E_CHALLENGE, E_PASSKEY
 */
export async function checkRegistration(
  instance: Instance,
  request: FastifyRequest,
  purpose: 'passkey-add' | 'passkey-new',
  answer: RegistrationResponseJSON,
  name: string,
): Promise<{ readonly subject: string; readonly passkey: NewPasskey }> {
  const { rpId, origin } = siteOf(request)
  const challenge = challengeIn(answer.response.clientDataJSON)
  const { subject } = await useChallenge(instance, purpose, challenge)
  const result = await verifyRegistrationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(refused)
  if (!result.verified) throw passkeyError('the signature does not hold')
  const { credential } = result.registrationInfo
  // What the library hands on unread: WebAuthn wants ids of 16 to 1,023 bytes, and transports are words.
  if (!/^[A-Za-z0-9_-]{22,1364}$/.test(credential.id)) throw passkeyError('its id has not 16 to 1,023 bytes')
  const transports: unknown = credential.transports ?? []
  const words = Array.isArray(transports) ? transports.filter((word) => TRANSPORTS.has(word)) : []
  return {
    subject,
    passkey: {
      id: credential.id,
      public_key: credential.publicKey,
      counter: credential.counter,
      transports: words.join(','),
      name,
    },
  }
}

/** Keeps a passkey. One that is known already opens one account only, whoever shows it. @throws TanlianError E_PASSKEY */
export async function addPasskey(db: Instance['db'], nowMs: number, person: string, passkey: NewPasskey) {
  const added = await db
    .insertInto('passkey')
    .values({ ...passkey, person, created_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (added.numInsertedOrUpdatedRows !== 1n) throw passkeyError('it is in use already')
}

/**
 * Checks a browser's sign-in.
 * @returns the person whose passkey it is.
 * @throws TanlianError E_CHALLENGE, E_PASSKEY
 */
export async function checkSignIn(
  instance: Instance,
  request: FastifyRequest,
  answer: AuthenticationResponseJSON,
): Promise<string> {
  const { rpId, origin } = siteOf(request)
  const challenge = challengeIn(answer.response.clientDataJSON)
  await useChallenge(instance, 'passkey-sign-in', challenge)
  const known = await instance.db.selectFrom('passkey').selectAll().where('id', '=', answer.id).executeTakeFirst()
  if (known === undefined) throw passkeyError('it is not known here')
  const result = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    credential: { id: known.id, publicKey: new Uint8Array(known.public_key), counter: known.counter },
    requireUserVerification: true,
  }).catch(refused)
  if (!result.verified) throw passkeyError('the signature does not hold')
  await instance.db
    .updateTable('passkey')
    .set({ counter: result.authenticationInfo.newCounter })
    .where('id', '=', known.id)
    .execute()
  return known.person
}

function siteOf(request: FastifyRequest): Site {
  return { rpId: request.hostname, origin: request.headers.origin ?? `${request.protocol}://${request.host}` }
}

/** The challenge that a browser says it answers; whether it is one of ours is looked up next. */
function challengeIn(clientDataJSON: string): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))
    const challenge = typeof data === 'object' && data !== null && 'challenge' in data ? data.challenge : undefined
    if (typeof challenge === 'string' && /^[A-Za-z0-9_-]{16,100}$/.test(challenge)) return challenge
  } catch {
    // Falls through: whatever was sent, it names no challenge.
  }
  throw passkeyError('it names no challenge')
}

/** The library says in words why an answer does not hold; those words are about the request alone. */
function refused(cause: unknown): never {
  throw passkeyError(cause instanceof Error ? cause.message.slice(0, 200) : 'it cannot be read', cause)
}

function passkeyError(why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_PASSKEY', `The passkey’s answer does not check out: ${why}.`, { values: { why }, cause })
}
