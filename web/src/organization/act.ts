import {
  addressOf,
  encodePrivateProfile,
  encodeProfile,
  PARTIES,
  type Party,
  type PrivateProfile,
  type Profile,
  type Reason,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import {
  type ActMessage,
  type ActName,
  actHash,
  type Client,
  type Job,
  type RegistryDomain,
  signAct,
} from '@tanlian/sdk'

/** How long a signed act may be relayed, seconds: long enough for a slow chain, short enough to be forgotten. */
const EXPIRES_S = 3600
const NOBODY: `0x${string}` = `0x${'0'.repeat(40)}`

/** The fields of an act that the page knows; nonce and expiry are put on when it is signed. */
export type Intent<N extends ActName> = Omit<ActMessage<N>, 'nonce' | 'expires'>

/** Signs one registry act in this browser and has it relayed; resolves when its effect can be read. Codes: E_CLIENT_JOB_FAILED and the platform's. */
export async function doAct<N extends ActName>(
  client: Client,
  name: N,
  intent: Intent<N>,
  key: Uint8Array,
  reason?: Reason,
): Promise<Job> {
  const message = await complete<N>(client, intent, key)
  const signature = toHex0x(signAct(await registry(client), name, message, { acting: key }))
  const fields = message as Readonly<Record<string, unknown>>
  return client.settled(await client.act(name, fields, signature, { reason }))
}

/** Keys that an applicant makes: for acts, and for what it will sign (one purpose each, safety R9). */
export interface ApplicantKeys {
  readonly acts: Uint8Array
  readonly batches: Uint8Array
  readonly documents: Uint8Array
  readonly recovery: `0x${string}`
}

/** The public and the private part of an applicant's profile, without what is computed. */
export type ApplicantProfile = Omit<Profile, 'private'>

/** Signs and hands in an application. @returns its name on the chain (the act's digest) and the job. */
export async function applyFor(
  client: Client,
  profile: ApplicantProfile,
  hidden: Omit<PrivateProfile, 'salt'>,
  keys: ApplicantKeys,
): Promise<{ application: string; job: Job }> {
  const salted = { salt: crypto.getRandomValues(new Uint8Array(16)), ...hidden }
  const isEmpty = Object.values(hidden).every((value) => value === null)
  const named: Profile = { ...profile, private: isEmpty ? null : encodePrivateProfile(salted).cid.multihash.digest }
  const intent: Intent<'Apply'> = {
    kind: PARTIES.indexOf(profile.kind as Party) + 1,
    profile: toHex0x(encodeProfile(named).cid.multihash.digest),
    key: addressOf(keys.acts),
    recovery: keys.recovery,
    batchKey: profile.kind === 'enterprise' ? addressOf(keys.batches) : NOBODY,
    documentKey: addressOf(keys.documents),
  }
  const message = await complete<'Apply'>(client, intent, keys.acts)
  const domain = await registry(client)
  const signature = signAct(domain, 'Apply', message, { acting: keys.acts, newKeys: [keys.batches, keys.documents] })
  const job = await client.apply({
    profile: { ...named, private: named.private === null ? null : toHex(named.private) },
    private: isEmpty ? null : { ...salted, salt: toHex(salted.salt) },
    message,
    signature: toHex0x(signature),
  })
  return { application: toHex0x(actHash(domain, 'Apply', message)), job: await client.settled(job) }
}

async function complete<N extends ActName>(client: Client, intent: Intent<N>, key: Uint8Array): Promise<ActMessage<N>> {
  const { nonce } = await client.http.json<{ nonce: number }>(`/v1/keys/${addressOf(key)}`)
  return { ...intent, nonce, expires: Math.floor(Date.now() / 1000) + EXPIRES_S } as unknown as ActMessage<N>
}

async function registry(client: Client): Promise<RegistryDomain> {
  const { chainId, contracts } = await client.wellKnown()
  return { chainId, verifyingContract: contracts.OrganizationRegistry }
}
