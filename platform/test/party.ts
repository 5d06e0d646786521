import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  addressOf,
  digestOf,
  encodePrivateProfile,
  encodeProfile,
  PARTIES,
  type Party,
  type PrivateProfile,
  type Profile,
  signHash,
  toHex,
  toHex0x,
  typedDataHash,
} from '@tanlian/evidence'
import { type ActMessage, type ActName, signAct } from '@tanlian/registry'
import type { Founder } from '../src/config.ts'
import { type Answer, ask, type Served } from './ask.ts'
import type { TestPlatform } from './platform.ts'

/** The keys of one organization in a test, made from its name, and its number once it has one. */
export interface TestParty {
  readonly kind: Party
  readonly name: string
  readonly acts: Uint8Array
  readonly batches: Uint8Array
  readonly documents: Uint8Array
  readonly recovery: Uint8Array
  id: number
}

/** A private key for tests, different for each name. */
export function testKey(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`platform test key ${name}`).digest())
}

/** A party and its keys, the same for the same name. */
export function newParty(kind: Party, name: string): TestParty {
  const key = (purpose: string) => testKey(`${name} ${purpose}`)
  return {
    kind,
    name,
    acts: key('acts'),
    batches: key('batches'),
    documents: key('documents'),
    recovery: key('recovery'),
    id: 0,
  }
}

/** The first regulator, as the contract's deployment names it. */
export function founderOf(regulator: TestParty): Founder {
  return {
    address: addressOf(regulator.acts),
    recovery: addressOf(regulator.recovery),
    profile: toHex0x(digestOf(encodeProfile(profileOf(regulator)).cid)),
  }
}

/** Signs and relays one act, and waits until it can be read. */
export async function act<N extends ActName>(
  platform: TestPlatform,
  name: N,
  message: Omit<ActMessage<N>, 'nonce' | 'expires'>,
  acting: Uint8Array,
  newKeys: readonly Uint8Array[] = [],
) {
  const body = await signedAct(platform, name, message, acting, newKeys)
  return settle(platform, await ask(platform, 'POST', '/v1/acts', { body: { act: name, ...body } }))
}

/** The message and signature of an act, as the API takes them. */
export async function signedAct<N extends ActName>(
  platform: Served,
  name: N,
  given: Omit<ActMessage<N>, 'nonce' | 'expires'>,
  acting: Uint8Array,
  newKeys: readonly Uint8Array[] = [],
) {
  const { chain } = platform.instance
  const nonce = await chain.nonceOf(addressOf(acting))
  const expires = Math.floor(platform.instance.clock() / 1000) + 3600
  const message = { ...given, nonce, expires } as unknown as ActMessage<N>
  const domain = { chainId: chain.chainId, verifyingContract: chain.contracts.OrganizationRegistry }
  return { message, signature: toHex0x(signAct(domain, name, message, { acting, newKeys })) }
}

/** Waits for a job; throws where it failed. */
export async function settle(platform: Served, answer: Answer) {
  if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
  for (let tries = 0; tries < 1000; tries++) {
    const { json } = await ask(platform, 'GET', String(answer.headers.location))
    if (json.state === 'done') return json
    if (json.state === 'failed') throw new Error(`${json.code} ${json.message}`)
    await pause(20)
  }
  throw new Error(`the job of ${String(answer.headers.location)} did not end`)
}

const hidden: PrivateProfile = {
  salt: new Uint8Array(16).fill(9),
  contact: '王工',
  phone: null,
  email: 'canary@example.com',
  address: null,
  creditCode: null,
}

/** The public profile of a party; an enterprise has a private part too. */
export function profileOf({ kind, name }: TestParty): Profile {
  const named = kind === 'enterprise' ? digestOf(encodePrivateProfile(hidden).cid) : null
  return { kind, name, nameEn: null, region: 'CN-HE', industry: null, website: null, private: named }
}

/** The body of an application. */
export async function applicationOf(platform: TestPlatform, party: TestParty) {
  const profile = profileOf(party)
  const body = await signedAct(
    platform,
    'Apply',
    {
      kind: PARTIES.indexOf(party.kind) + 1,
      profile: toHex0x(digestOf(encodeProfile(profile).cid)),
      key: addressOf(party.acts),
      recovery: addressOf(party.recovery),
      batchKey: addressOf(party.batches),
      documentKey: addressOf(party.documents),
    },
    party.acts,
    [party.batches, party.documents],
  )
  return {
    ...body,
    profile: { ...profile, private: profile.private === null ? null : toHex(profile.private) },
    private: profile.private === null ? null : { ...hidden, salt: toHex(hidden.salt) },
  }
}

/** Applies for a party and has the regulator approve it: afterwards it has a number. */
export async function register(
  platform: TestPlatform,
  party: TestParty,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestParty> {
  const body = await applicationOf(platform, party)
  const job = await settle(platform, await ask(platform, 'POST', '/v1/applications', { body, headers }))
  const approved = await act(
    platform,
    'Approve',
    { organization: 1, application: job.result.application, reason: toHex0x(new Uint8Array(32)) },
    platform.regulator.acts,
  )
  party.id = approved.result.organization
  return party
}

/** Binds an enterprise to a platform, both sides on the chain. */
export async function bind(platform: TestPlatform, enterprise: TestParty, to: TestParty) {
  await act(platform, 'RequestBinding', { organization: enterprise.id, platform: to.id }, enterprise.acts)
  await act(platform, 'ConfirmBinding', { organization: to.id, enterprise: enterprise.id }, to.acts)
}

/** An enterprise that is registered and bound to a platform. */
export async function bindEnterprise(platform: TestPlatform, name: string, to: TestParty): Promise<TestParty> {
  const enterprise = await register(platform, newParty('enterprise', name))
  await bind(platform, enterprise, to)
  return enterprise
}

/** Signs a program in; the headers of its further requests. */
export async function signInWithKey(platform: Served, organization: number, key: Uint8Array) {
  const body = { organization, key: addressOf(key) }
  const { json } = await ask(platform, 'POST', '/v1/sessions/challenge', { body })
  const hash = typedDataHash(json.domain, json.primaryType, json.types.SignIn, json.message)
  const signature = toHex0x(signHash(hash, key))
  const answer = await ask(platform, 'POST', '/v1/sessions', {
    body: { with: 'key', nonce: json.message.nonce, signature },
  })
  return { authorization: `Bearer ${answer.json?.token}` }
}

/** Origin of the pages in these tests. */
export const ORIGIN = 'http://localhost'

/** Makes a person; the headers of their further requests, as their browser sends them. */
export async function newPerson(platform: Served, login: string) {
  const body = { login, name: login, password: `${login} a long one` }
  const answer = await ask(platform, 'POST', '/v1/people', { body, headers: { origin: ORIGIN, host: 'localhost' } })
  if (answer.status !== 201) throw new Error(answer.text)
  const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
  return { id: answer.json.person.id as string, headers: { cookie, origin: ORIGIN, host: 'localhost' } }
}
