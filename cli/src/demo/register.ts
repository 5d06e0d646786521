import { addressOf } from '@tanlian/evidence'
import {
  applyForRegistration,
  newReason,
  type Organization,
  openClient,
  reasonDigest,
  relayAct,
  signIn,
} from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Connection } from '../connect.ts'
import { type Keyring, profileOf } from './keyring.ts'
import type { DemoParty } from './parties.ts'
import { personCookie } from './people.ts'

/** Acts of one key are made one after another: each takes the next nonce of its signer. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** Runs work in the order in which it comes, one at a time. */
export function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const now = last.then(work, work)
    last = now.catch(() => undefined)
    return now
  }
}

/** What the registration of a party needs. */
export interface Registrar {
  readonly connection: Connection
  readonly home: string
  readonly keyring: Keyring
  /** Id of the regulator that approves. */
  readonly regulator: number
  readonly regulatorName: string
  readonly approvals: Turn
}

/** Id of the organization whose key for acts a party holds; undefined before it is registered. */
export async function registered({ client }: Connection, keyring: Keyring, party: string): Promise<number | undefined> {
  const { key } = await client.key(await keyring.address(party, 'acts'))
  return key?.organization
}

/** Hands in the profile that the deployment named, so that the first regulator has a name. */
export async function nameFounder({ client }: Connection, party: DemoParty): Promise<void> {
  await client.http.json('/v1/profiles', { method: 'POST', json: { profile: profileOf(party) } })
}

/**
 * Registers a party through the same doors as anybody: its person signs in and applies with its own keys, the regulator approves.
 * Taken up where an earlier run was cut off. @returns the organization's id.
 */
export async function register(registrar: Registrar, party: DemoParty): Promise<number> {
  const { connection, keyring, home } = registrar
  const { client, registry } = connection
  const application = applied(registrar, home, party)
  // Approvals queue in the order of the parties, whatever application comes first: so ids are the same in every demo.
  await registrar.approvals(async () => {
    const digest = await application
    if (digest === undefined) return
    const acting = await keyring.key(registrar.regulatorName, 'acts')
    const fields = { organization: registrar.regulator, application: digest, reason: reasonDigest(newReason('demo')) }
    const job = await relayAct(client, registry, 'Approve', fields, { acting })
    await client.settled(job)
  })
  const id = await registered(connection, keyring, party.name)
  if (id !== undefined) return id
  throw new TanlianError(
    'E_CLIENT_ANSWER',
    `The application of ${party.name} was approved, but the platform names no organization for it.`,
  )
}

/** Binds an organization to the platform: asked by one side, confirmed by the other, both on the chain. */
export async function bind(
  registrar: Registrar,
  party: DemoParty,
  id: number,
  platform: number,
  confirmations: Turn,
): Promise<void> {
  const { connection, keyring } = registrar
  const { client, registry } = connection
  let organization: Organization = await client.organization(id)
  if (organization.platform === platform) return
  if (organization.requested !== platform) {
    const acting = await keyring.key(party.name, 'acts')
    await client.settled(await relayAct(client, registry, 'RequestBinding', { organization: id, platform }, { acting }))
    organization = await client.organization(id)
  }
  await confirmations(async () => {
    const acting = await keyring.key('platform', 'acts')
    await client.settled(
      await relayAct(client, registry, 'ConfirmBinding', { organization: platform, enterprise: id }, { acting }),
    )
  })
}

/**
 * Adds the key for documents to the first regulator: the deployment of the contracts names only its key for acts.
 */
export async function addDocumentKey(registrar: Registrar, party: DemoParty, id: number): Promise<void> {
  const { connection, keyring, approvals } = registrar
  const { client, registry } = connection
  const fresh = await keyring.key(party.name, 'documents')
  if ((await client.key(addressOf(fresh))).key !== null) return
  await approvals(async () => {
    const acting = await keyring.key(party.name, 'acts')
    const fields = { organization: id, key: addressOf(fresh), purpose: 2, from: 1, to: Number.MAX_SAFE_INTEGER }
    await client.settled(await relayAct(client, registry, 'AddKey', fields, { acting, newKeys: [fresh] }))
  })
}

/**
 * Makes a person of the first regulator: it never applied, so nobody became its owner. Its key for acts invites, and the person accepts, as anybody
 * joins an organization.
 */
export async function addFounderPerson(registrar: Registrar, party: DemoParty, id: number): Promise<void> {
  const { connection, keyring, home } = registrar
  const { base } = connection.client.http
  const cookie = await personCookie(connection.client, home, party)
  const person = openClient({ base, headers: () => ({ cookie, origin: base }) })
  const { organizations } = await person.http.json<{ organizations: readonly { id: number }[] }>('/v1/session')
  if (organizations.some((own) => own.id === id)) return
  const session = await regulatorSession(connection, id, await keyring.key(party.name, 'acts'))
  const desk = openClient({ base, headers: () => ({ authorization: `Bearer ${session}` }) })
  const { token } = await desk.http.json<{ token: string }>(`/v1/organizations/${id}/invitations`, {
    method: 'POST',
    json: { role: 'owner' },
  })
  await person.http.json('/v1/invitations/accept', { method: 'POST', json: { token } })
}

/** The party's application; undefined where it is registered already. */
async function applied(registrar: Registrar, home: string, party: DemoParty): Promise<`0x${string}` | undefined> {
  if ((await registered(registrar.connection, registrar.keyring, party.name)) !== undefined) return undefined
  return (await openApplication(registrar, party)) ?? (await apply(registrar, home, party))
}

async function apply(registrar: Registrar, home: string, party: DemoParty): Promise<`0x${string}`> {
  const { connection, keyring } = registrar
  const { base } = connection.client.http
  const cookie = await personCookie(connection.client, home, party)
  const person = openClient({ base, headers: () => ({ cookie, origin: base }) })
  const { private: _, ...profile } = profileOf(party)
  const keys = {
    acts: await keyring.key(party.name, 'acts'),
    batches: await keyring.key(party.name, 'batches'),
    documents: await keyring.key(party.name, 'documents'),
    recovery: await keyring.address(party.name, 'recovery'),
  }
  const { job, application } = await applyForRegistration(person, connection.registry, profile, undefined, keys)
  await connection.client.settled(job)
  return application
}

/** An application that an earlier run made and nobody decided yet. */
async function openApplication(
  { connection, keyring, regulator, regulatorName }: Registrar,
  party: DemoParty,
): Promise<`0x${string}` | undefined> {
  const acting = await keyring.key(regulatorName, 'acts')
  const { base } = connection.client.http
  const address = addressOf(await keyring.key(party.name, 'acts'))
  const session = await regulatorSession(connection, regulator, acting)
  const signedIn = openClient({ base, headers: () => ({ authorization: `Bearer ${session}` }) })
  for await (const item of signedIn.applications('open'))
    if (String(item.key).toLowerCase() === address) return item.application
  return undefined
}

const sessions = new WeakMap<Connection, Promise<string>>()

/** One session of the regulator for the whole run. */
function regulatorSession(connection: Connection, regulator: number, acting: Uint8Array): Promise<string> {
  const known = sessions.get(connection) ?? signIn(connection.client, regulator, acting).then(({ token }) => token)
  sessions.set(connection, known)
  return known
}
