import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { pino } from 'pino'
import { configure, type Limits } from '../src/config.ts'
import { erasePostgres } from '../src/postgres.ts'
import { type Platform, startPlatform } from '../src/start.ts'

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

/** A whole platform on an embedded database and chain, with a first regulator. */
export interface TestPlatform extends Platform {
  readonly regulator: TestParty
  close(): Promise<void>
}

/** JSON that a test looks into without saying its form first; what is not there is undefined and fails the comparison. */
export type Json = ReturnType<typeof JSON.parse>

/** An answer of the platform, its JSON read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  readonly json: Json
  readonly text: string
}

/** Starts one; a test file shares it. */
export async function startTestPlatform(limits: Partial<Limits> = {}): Promise<TestPlatform> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tanlian-test-'))
  const regulator = newParty('regulator', '示范监管局')
  regulator.id = 1
  const platform = await startPlatform(
    configure({
      dataDir,
      port: 0,
      rpcPort: await freePort(),
      founder: {
        address: addressOf(regulator.acts),
        recovery: addressOf(regulator.recovery),
        profile: toHex0x(digestOf(encodeProfile(profileOf(regulator)).cid)),
      },
      limits: { reserveBytes: 0, ...limits },
    }),
    { logger: pino({ level: 'silent' }) },
  )
  return {
    ...platform,
    regulator,
    close: async () => {
      await platform.stop()
      await erasePostgres(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Keys for a party; test keys only. */
export function newParty(kind: Party, name: string): TestParty {
  const key = () => new Uint8Array(randomBytes(32))
  return { kind, name, acts: key(), batches: key(), documents: key(), recovery: key(), id: 0 }
}

/** What a request needs. */
export type Served = Pick<Platform, 'app' | 'instance'>

/** Sends a request without a port. A POST gets an Idempotency-Key unless one is given. */
export async function ask(
  platform: Served,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
  url: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const key = method === 'POST' ? { 'idempotency-key': randomBytes(16).toString('hex') } : {}
  const raw = typeof options.body === 'string' || options.body instanceof Uint8Array
  const json = options.body !== undefined && !raw
  const response = await platform.app.inject({
    method,
    url,
    headers: { ...key, ...(json ? { 'content-type': 'application/json' } : {}), ...options.headers },
    ...(options.body === undefined
      ? {}
      : { payload: raw ? (options.body as string | Buffer) : JSON.stringify(options.body) }),
  })
  let body: Json
  try {
    body = JSON.parse(response.body)
  } catch {
    body = undefined
  }
  return { status: response.statusCode, headers: response.headers, json: body, text: response.body }
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
  for (let tries = 0; tries < 200; tries++) {
    const { json } = await ask(platform, 'GET', String(answer.headers.location))
    if (json.state === 'done') return json
    if (json.state === 'failed') throw new Error(`${json.code} ${json.message}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
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

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
