import { addressOf, signHash, toHex0x, typedDataHash } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../../test/ask.ts'
import { createAuthenticator } from '../../test/authenticator.ts'
import { newParty, newPerson, ORIGIN, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { addPerson } from './person.ts'
import { cookieName } from './session.ts'

let platform: TestPlatform
let works: TestParty
beforeAll(async () => {
  platform = await startTestPlatform({ limits: { signInsPerMinute: 1000 } })
  works = await register(platform, newParty('enterprise', '示范厂'))
}, 60_000)
afterAll(() => platform.close(), 30_000)

const PAGE = { origin: ORIGIN, host: 'localhost' }
const signIn = (login: string, password: string) =>
  ask(platform, 'POST', '/v1/sessions', { body: { with: 'password', login, password }, headers: PAGE })

test('a session lives in an HttpOnly SameSite cookie that carries the instance, and ends with signing out', async () => {
  const { headers } = await newPerson(platform, 'lili')
  const answer = await signIn('LiLi', 'lili a long one')
  expect(answer.status).toBe(201)
  const cookie = String(answer.headers['set-cookie'])
  expect(cookie).toContain(`${cookieName(platform.instance)}=`)
  expect(cookieName(platform.instance)).toContain(platform.instance.id)
  for (const part of ['HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=']) expect(cookie).toContain(part)
  expect((await ask(platform, 'GET', '/v1/session', { headers })).json.person).toMatchObject({ login: 'lili' })
  const out = await ask(platform, 'DELETE', '/v1/session', { headers })
  expect([out.status, String(out.headers['set-cookie'])]).toEqual([204, expect.stringContaining('Max-Age=0')])
  expect((await ask(platform, 'GET', '/v1/session', { headers })).json.person).toBeNull()
})

test('R11 neither token nor password is stored as it is', async () => {
  const { headers } = await newPerson(platform, 'sun')
  const token = headers.cookie.split('=')[1] ?? ''
  const { db } = platform.instance
  const rows = JSON.stringify([
    await db.selectFrom('session').selectAll().execute(),
    await db.selectFrom('person').selectAll().execute(),
    await db.selectFrom('idempotency').selectAll().execute(),
    await db.selectFrom('audit').selectAll().execute(),
  ])
  expect(rows).not.toContain(token)
  expect(rows).not.toContain('sun a long one')
  expect(rows).toContain('scrypt$32768$8$1$')
})

test('the same sign-in name in other capitals is taken', async () => {
  await newPerson(platform, 'Qian')
  const body = { login: 'qIAN', name: 'x', password: 'another long one' }
  const answer = await ask(platform, 'POST', '/v1/people', { body, headers: PAGE })
  expect([answer.status, answer.json.code]).toEqual([409, 'E_LOGIN_TAKEN'])
})

test('R16 nobody makes themselves an admin: a body has no such field', async () => {
  const body = { login: 'mallory', name: 'x', password: 'a long enough one', admin: true }
  const answer = await ask(platform, 'POST', '/v1/people', { body, headers: PAGE })
  expect([answer.status, answer.json.code]).toEqual([400, 'E_REQUEST_INVALID'])
  await addPerson(platform.instance, { login: 'root', name: 'Root', password: 'a long enough one', admin: true })
  const admin = await signIn('root', 'a long enough one')
  expect(admin.json.admin).toBe(true)
})

test('a wrong password and an unknown name get the same answer, and guessing has to wait', async () => {
  await newPerson(platform, 'zhou')
  const wrong = await signIn('zhou', 'not this one')
  const unknown = await signIn('nobody-here', 'not this one')
  const { instance: _a, ...first } = wrong.json
  const { instance: _b, ...second } = unknown.json
  expect(first).toEqual(second)
  expect([wrong.status, wrong.json.code]).toEqual([401, 'E_SIGN_IN_FAILED'])
  for (let at = 0; at < 12; at++) await signIn('wuwu', `guess ${at}`)
  const many = await signIn('wuwu', 'guess')
  expect([many.status, many.json.code]).toEqual([429, 'E_SIGN_IN_MANY'])
  expect(Number(many.headers['retry-after'])).toBeGreaterThan(0)
}, 30_000)

test('a program signs in with an organization’s key, once for each challenge', async () => {
  const body = { organization: works.id, key: addressOf(works.acts) }
  const { json } = await ask(platform, 'POST', '/v1/sessions/challenge', { body })
  expect(json.message).toMatchObject({ purpose: 'Sign in to Tanlian', instance: platform.instance.id })
  const hash = typedDataHash(json.domain, 'SignIn', json.types.SignIn, json.message)
  const answer = { with: 'key', nonce: json.message.nonce, signature: toHex0x(signHash(hash, works.acts)) }
  const first = await ask(platform, 'POST', '/v1/sessions', { body: answer })
  expect(first.status).toBe(201)
  const headers = { authorization: `Bearer ${first.json.token}` }
  expect((await ask(platform, 'GET', '/v1/session', { headers })).json).toMatchObject({
    person: null,
    key: { organization: works.id, address: addressOf(works.acts) },
    organizations: [{ id: works.id, role: 'owner' }],
  })
  const again = await ask(platform, 'POST', '/v1/sessions', { body: answer })
  expect([again.status, again.json.code]).toEqual([401, 'E_CHALLENGE'])
})

test('R9 a signature of another key, organization, instance or purpose signs nobody in', async () => {
  const stranger = newParty('other', 'x')
  const changes: [string, Uint8Array, Record<string, unknown>][] = [
    ['another key', stranger.acts, {}],
    ['another organization', works.acts, { organization: 1 }],
    ['another instance', works.acts, { instance: 'another' }],
    ['another purpose', works.acts, { purpose: 'Give everything away' }],
    ['a later expiry', works.acts, { expires: 9_999_999_999 }],
  ]
  for (const [what, key, change] of changes) {
    const body = { organization: works.id, key: addressOf(works.acts) }
    const { json } = await ask(platform, 'POST', '/v1/sessions/challenge', { body })
    const hash = typedDataHash(json.domain, 'SignIn', json.types.SignIn, { ...json.message, ...change })
    const answer = { with: 'key', nonce: json.message.nonce, signature: toHex0x(signHash(hash, key)) }
    expect((await ask(platform, 'POST', '/v1/sessions', { body: answer })).json.code, what).toBe('E_SIGN_IN_FAILED')
  }
  const unknown = await signInWithKey(platform, works.id, stranger.acts)
  expect(unknown.authorization).toBe('Bearer undefined')
})

test('R15 a passkey made to hurt is refused twice with the same code, and leaves nothing behind', async () => {
  const { headers } = await newPerson(platform, 'careful')
  const other = await newPerson(platform, 'copied')
  const add = async (who: Record<string, string>, make: (challenge: string) => unknown) => {
    const body = { for: 'addition' }
    const { challenge } = (await ask(platform, 'POST', '/v1/passkeys/options', { body, headers: who })).json
    return ask(platform, 'POST', '/v1/passkeys', { body: { name: 'x', passkey: make(challenge) }, headers: who })
  }
  const own = createAuthenticator('localhost', ORIGIN)
  expect((await add(headers, (challenge) => own.create(challenge))).status).toBe(201)
  const count = async () => (await platform.instance.db.selectFrom('passkey').select('id').execute()).length
  const before = await count()
  const fresh = () => createAuthenticator('localhost', ORIGIN)
  const changed = (challenge: string, change: object) => {
    const made = fresh().create(challenge)
    return { ...made, response: { ...made.response, ...change } }
  }
  const table: [string, Record<string, string>, (challenge: string) => unknown][] = [
    ['the same passkey again', headers, (challenge) => own.create(challenge)],
    ['another person’s passkey', other.headers, (challenge) => own.create(challenge)],
    ['an id of four bytes', headers, (c) => createAuthenticator('localhost', ORIGIN, new Uint8Array(4)).create(c)],
    ['no id', headers, (c) => createAuthenticator('localhost', ORIGIN, new Uint8Array(0)).create(c)],
    ['an attestation that is no CBOR', headers, (c) => changed(c, { attestationObject: 'AAAA' })],
    ['an attestation that is a number', headers, (c) => changed(c, { attestationObject: 7 })],
    ['no attestation', headers, (c) => changed(c, { attestationObject: undefined })],
    [
      'nested a thousand deep',
      headers,
      (c) => changed(c, { attestationObject: Buffer.alloc(1000, 0x81).toString('base64url') }),
    ],
    [
      'client data that is null',
      headers,
      (c) => changed(c, { clientDataJSON: Buffer.from('null').toString('base64url') }),
    ],
    [
      'a challenge that is a list',
      headers,
      (c) => changed(c, { clientDataJSON: Buffer.from(`{"challenge":["${c}"]}`).toString('base64url') }),
    ],
    ['a key that nobody was verified by', headers, (c) => fresh().create(c, false)],
    ['another origin', headers, (c) => createAuthenticator('localhost', 'http://localhost.evil').create(c)],
  ]
  for (const [name, who, make] of table)
    for (const time of [1, 2]) {
      const { status, json } = await add(who, make)
      expect([name, time, status, json.code]).toEqual([name, time, 401, 'E_PASSKEY'])
    }
  expect(await count()).toBe(before)
  for (const transports of ['usb', { join: 1 }, [['usb']], Array.from({ length: 1000 }, () => 'usb,ble')])
    expect((await add(headers, (challenge) => changed(challenge, { transports }))).status).toBe(201)
  const stored = await platform.instance.db.selectFrom('passkey').select('transports').execute()
  expect(new Set(stored.map(({ transports }) => transports))).toEqual(new Set(['internal', '']))
})

test('passkeys: an account with one, sign-in by it, a second one, and every wrong answer refused', async () => {
  const key = createAuthenticator('localhost', ORIGIN)
  const options = async (body: unknown, headers: Record<string, string> = PAGE) =>
    (await ask(platform, 'POST', '/v1/passkeys/options', { body, headers })).json
  const offered = await options({ for: 'new-person', login: 'chen', name: '陈工' })
  expect(offered.rp.id).toBe('localhost')

  // Made for another page, or for another name than the challenge's: refused, and the challenge is used up.
  const foreign = createAuthenticator('localhost', 'https://evil.example').create(offered.challenge)
  const evil = await ask(platform, 'POST', '/v1/people', {
    body: { login: 'chen', name: '陈工', passkey: foreign },
    headers: PAGE,
  })
  expect([evil.status, evil.json.code]).toEqual([401, 'E_PASSKEY'])
  const late = await ask(platform, 'POST', '/v1/people', {
    body: { login: 'chen', name: '陈工', passkey: key.create(offered.challenge) },
    headers: PAGE,
  })
  expect(late.json.code).toBe('E_CHALLENGE')
  const { challenge } = await options({ for: 'new-person', login: 'chen', name: '陈工' })
  const renamed = await ask(platform, 'POST', '/v1/people', {
    body: { login: 'chen2', name: '陈工', passkey: key.create(challenge) },
    headers: PAGE,
  })
  expect(renamed.json.code).toBe('E_CHALLENGE')

  const fresh = await options({ for: 'new-person', login: 'chen', name: '陈工' })
  const made = await ask(platform, 'POST', '/v1/people', {
    body: { login: 'chen', name: '陈工', passkey: key.create(fresh.challenge) },
    headers: PAGE,
  })
  expect(made.status).toBe(201)

  const asked = await options({ for: 'sign-in' })
  const answer = key.get(asked.challenge)
  const signed = await ask(platform, 'POST', '/v1/sessions', { body: { with: 'passkey', answer }, headers: PAGE })
  expect([signed.status, signed.json.person?.login]).toEqual([201, 'chen'])
  const replay = await ask(platform, 'POST', '/v1/sessions', { body: { with: 'passkey', answer }, headers: PAGE })
  expect(replay.json.code).toBe('E_CHALLENGE')
  const headers = { ...PAGE, cookie: String(signed.headers['set-cookie']).split(';', 1)[0] ?? '' }

  // Whoever finds the device cannot sign in by touching it.
  expect(asked.userVerification).toBe('required')
  const touch = await ask(platform, 'POST', '/v1/sessions', {
    body: { with: 'passkey', answer: key.get((await options({ for: 'sign-in' })).challenge, false) },
    headers: PAGE,
  })
  expect([touch.status, touch.json.code]).toEqual([401, 'E_PASSKEY'])

  const flipped = key.get((await options({ for: 'sign-in' })).challenge)
  const signature = Buffer.from(flipped.response.signature, 'base64url')
  signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  flipped.response.signature = signature.toString('base64url')
  const bent = await ask(platform, 'POST', '/v1/sessions', {
    body: { with: 'passkey', answer: flipped },
    headers: PAGE,
  })
  expect(bent.json.code).toBe('E_PASSKEY')

  const second = createAuthenticator('localhost', ORIGIN)
  const added = await ask(platform, 'POST', '/v1/passkeys', {
    body: { name: '笔记本', passkey: second.create((await options({ for: 'addition' }, headers)).challenge) },
    headers,
  })
  expect(added.status).toBe(201)
  const mine = (await ask(platform, 'GET', '/v1/passkeys', { headers })).json.items
  expect(mine).toHaveLength(2)
  expect((await ask(platform, 'DELETE', `/v1/passkeys/${mine[0].id}`, { headers })).status).toBe(204)
  // The last way in stays.
  expect((await ask(platform, 'DELETE', `/v1/passkeys/${mine[1].id}`, { headers })).json.code).toBe('E_PASSKEY_LAST')
}, 30_000)

test('invitations: one use, one organization, and the last owner stays', async () => {
  const owner = await newPerson(platform, 'owner')
  const party = await register(platform, newParty('enterprise', '丙厂'), owner.headers)
  const base = `/v1/organizations/${party.id}`
  const guest = await newPerson(platform, 'guest')
  const made = await ask(platform, 'POST', `${base}/invitations`, { body: { role: 'editor' }, headers: owner.headers })
  expect(made.status).toBe(201)
  const listed = await ask(platform, 'GET', `${base}/invitations`, { headers: owner.headers })
  expect(listed.json.items).toMatchObject([{ id: made.json.id, role: 'editor' }])
  expect(listed.text).not.toContain(made.json.token)

  const accept = (headers: Record<string, string>, token = made.json.token) =>
    ask(platform, 'POST', '/v1/invitations/accept', { body: { token }, headers })
  expect((await accept(guest.headers)).json).toEqual({ organization: party.id, role: 'editor' })
  expect((await accept(guest.headers)).json.code).toBe('E_INVITATION')
  const members = await ask(platform, 'GET', `${base}/members`, { headers: guest.headers })
  expect(members.json.items.map((one: { role: string }) => one.role).sort()).toEqual(['editor', 'owner'])

  const leave = await ask(platform, 'DELETE', `${base}/members/${owner.id}`, { headers: owner.headers })
  expect([leave.status, leave.json.code]).toEqual([409, 'E_LAST_OWNER'])
  const demoted = await ask(platform, 'POST', `${base}/invitations`, {
    body: { role: 'reader' },
    headers: owner.headers,
  })
  expect((await accept(owner.headers, demoted.json.token)).json.code).toBe('E_LAST_OWNER')
  // A refused invitation was not used up.
  expect((await accept(guest.headers, demoted.json.token)).json).toEqual({ organization: party.id, role: 'reader' })
  expect((await ask(platform, 'DELETE', `${base}/members/${guest.id}`, { headers: owner.headers })).status).toBe(204)
  expect((await ask(platform, 'GET', `${base}/members`, { headers: guest.headers })).status).toBe(404)
}, 30_000)
