import { toHex } from '@tanlian/evidence'
import type { Client } from '@tanlian/sdk'
import { below, readIfThere, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type { DemoParty } from './parties.ts'

/** The person of a party: sign-in name and password, kept beside the keys. */
interface Person {
  readonly login: string
  readonly password: string
}

/**
 * A session of a party's person: makes the account through the same route as anybody's, or signs in to it. Its password is random and
 * stands in `people.json` of the demo's folder, readable by its owner only. @returns the cookie.
 */
export async function personCookie(client: Client, home: string, party: DemoParty): Promise<string> {
  const path = below(home, 'people', `${party.name}.json`)
  const kept = await readIfThere(path)
  if (kept === undefined) {
    const person: Person = { login: `demo-${party.name}`, password: toHex(crypto.getRandomValues(new Uint8Array(16))) }
    await writeDurably(path, `${JSON.stringify(person, null, 2)}\n`)
    return openPerson(client, party, person)
  }
  return openPerson(client, party, JSON.parse(new TextDecoder().decode(kept)) as Person)
}

async function openPerson(client: Client, party: DemoParty, { login, password }: Person): Promise<string> {
  try {
    return await cookieOf(client, '/v1/people', { login, name: party.person, password })
  } catch (error) {
    if (!(error instanceof TanlianError) || error.code !== 'E_LOGIN_TAKEN') throw error
    return cookieOf(client, '/v1/sessions', { with: 'password', login, password })
  }
}

async function cookieOf(client: Client, path: string, json: unknown): Promise<string> {
  const response = await client.http.send(path, { method: 'POST', json })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
  await response.body?.cancel()
  if (cookie === undefined) throw new TanlianError('E_CLIENT_ANSWER', `The platform gave no session for ${path}.`)
  return cookie
}
