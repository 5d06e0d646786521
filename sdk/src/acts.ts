import {
  type Address,
  addressOf,
  digestOf,
  encodePrivateProfile,
  encodeProfile,
  PARTIES,
  type PrivateProfile,
  type Profile,
  type Reason,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import { type ActMessage, type ActName, actHash, type RegistryDomain, signAct } from './acts.generated.ts'
import type { Client } from './client.ts'
import type { Job } from './job.ts'

/** How long a signed act may be relayed, seconds: long enough for a slow chain, short enough that a forgotten one lapses. */
const ACT_LIFE_S = 3600
const NOBODY: Address = '0x0000000000000000000000000000000000000000'

/** The fields of an act that its signer decides; nonce and expiry are put on when it is signed. */
export type ActFields<N extends ActName> = Omit<ActMessage<N>, 'nonce' | 'expires'>

/** The keys of an applicant. `recovery` is only named: its private key need not be at hand. */
export interface ApplicantKeys {
  readonly acts: Uint8Array
  readonly recovery: Address
  readonly batches?: Uint8Array
  readonly documents?: Uint8Array
}

/**
 * Puts nonce and expiry on an act, signs it and hands it to the platform to relay, with the reason whose digest it names. Codes: the platform's.
 */
export async function relayAct<N extends ActName>(
  client: Client,
  registry: RegistryDomain,
  name: N,
  fields: ActFields<N>,
  keys: { readonly acting: Uint8Array; readonly newKeys?: readonly Uint8Array[] },
  reason?: Reason,
): Promise<Job> {
  const message = { ...fields, ...(await nonceAndExpiry(client, keys.acting)) } as unknown as ActMessage<N>
  const signature = toHex0x(signAct(registry, name, message, keys))
  const idempotency = toHex(actHash(registry, name, message)).slice(0, 40)
  return client.act(name, message, signature, { idempotency, reason })
}

/**
 * Applies for registration (申请): the profile in two parts, the private one under a fresh salt, and the signed Apply that names both.
 * @param hidden undefined: there is no private part. @returns the job; its result names the application, and later the organization.
 */
export async function applyForRegistration(
  client: Client,
  registry: RegistryDomain,
  profile: Omit<Profile, 'private'>,
  hidden: Omit<PrivateProfile, 'salt'> | undefined,
  keys: ApplicantKeys,
): Promise<{ readonly job: Job; readonly application: `0x${string}` }> {
  const secret = hidden === undefined ? undefined : { ...hidden, salt: crypto.getRandomValues(new Uint8Array(16)) }
  const named = secret === undefined ? null : digestOf(encodePrivateProfile(secret).cid)
  const open: Profile = { ...profile, private: named }
  const message: ActMessage<'Apply'> = {
    kind: PARTIES.indexOf(profile.kind) + 1,
    profile: toHex0x(digestOf(encodeProfile(open).cid)),
    key: addressOf(keys.acts),
    recovery: keys.recovery,
    batchKey: keys.batches === undefined ? NOBODY : addressOf(keys.batches),
    documentKey: keys.documents === undefined ? NOBODY : addressOf(keys.documents),
    ...(await nonceAndExpiry(client, keys.acts)),
  }
  const newKeys = [keys.batches, keys.documents].filter((key) => key !== undefined)
  const signature = toHex0x(signAct(registry, 'Apply', message, { acting: keys.acts, newKeys }))
  const digest = toHex(actHash(registry, 'Apply', message))
  const job = await client.apply(
    {
      profile: { ...open, private: named === null ? null : toHex(named) },
      private: secret === undefined ? null : { ...secret, salt: toHex(secret.salt) },
      message,
      signature,
    },
    digest.slice(0, 40),
  )
  return { job, application: `0x${digest}` }
}

async function nonceAndExpiry(client: Client, key: Uint8Array): Promise<{ nonce: number; expires: number }> {
  const { nonce } = await client.key(addressOf(key))
  return { nonce, expires: Math.floor(Date.now() / 1000) + ACT_LIFE_S }
}
