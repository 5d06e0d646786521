import { addressOf, signHash, toHex0x, typedDataHash } from '@tanlian/evidence'
import type { Window } from './browser.ts'
import type { Party, Service } from './service.ts'

/** Signs a new person in who is a member of the steel plant, or of another party. */
export async function signInAs(
  page: Window['page'],
  service: Service,
  role: 'owner' | 'editor' | 'reader',
  party: Party = service.steel,
) {
  const invitation = await invite(service, party, role)
  await page.goto('/sign-in')
  await page.evaluate(acceptAsNewPerson, { invitation, login: `${role}-${crypto.randomUUID().slice(0, 8)}` })
}

/** An invitation to a party, given by its own key. */
async function invite({ url }: Service, party: Party, role: 'owner' | 'editor' | 'reader'): Promise<string> {
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const key = crypto.randomUUID().replaceAll('-', '')
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as Record<string, string> & { message: { nonce: string }; types: never; domain: never }
  }
  const key = addressOf(party.keys.acts)
  const asked = await post('/v1/sessions/challenge', { organization: party.id, key })
  const types = (asked.types as Record<string, Parameters<typeof typedDataHash>[2]>).SignIn
  if (types === undefined) throw new Error('The challenge has no SignIn.')
  const hash = typedDataHash(asked.domain, 'SignIn', types, asked.message as never)
  const signature = toHex0x(signHash(hash, party.keys.acts))
  const { token } = await post('/v1/sessions', { with: 'key', nonce: asked.message.nonce, signature })
  const path = `/v1/organizations/${party.id}/invitations`
  const { token: invitation = '' } = await post(path, { role }, { authorization: `Bearer ${token}` })
  return invitation
}

/** In the page: a new person who accepts an invitation. */
async function acceptAsNewPerson({ invitation, login }: { invitation: string; login: string }): Promise<void> {
  const post = (path: string, body: unknown) =>
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID().replaceAll('-', '') },
      body: JSON.stringify(body),
    })
  await post('/v1/people', { login, name: '值班员', password: 'a long enough one' })
  await post('/v1/invitations/accept', { token: invitation })
}
