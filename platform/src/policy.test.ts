import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../test/ask.ts'
import { newParty, newPerson, register, signInWithKey } from '../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../test/platform.ts'
import { ANONYMOUS, type Caller, type Role } from './identity/caller.ts'
import { authorise, POLICIES, policyOf, type Who } from './policy.ts'

describe('the policy table', () => {
  const caller = (change: Partial<Caller>): Caller => ({ ...ANONYMOUS, name: 'person:x', person: 'x', ...change })
  const roleAt = (organization: number, role: Role) => caller({ roles: new Map([[organization, role]]) })
  const outcome = (policy: readonly Who[], who: Caller, organization?: string) => {
    try {
      authorise(policy, who, organization)
      return 'passes'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  test('a route without a line is refused when it is added, and one inherited from a prototype is none', () => {
    expect(() => policyOf('GET', '/v1/secret')).toThrow(expect.objectContaining({ code: 'E_POLICY_MISSING' }))
    expect(() => policyOf('GET', 'constructor')).toThrow(expect.objectContaining({ code: 'E_POLICY_MISSING' }))
    expect(policyOf('HEAD', '/health')).toEqual(['public'])
  })

  test('roles count for their own organization, with the rights of the lesser ones', () => {
    const rows: [Who, Role, string, string][] = [
      ['reader', 'reader', '7', 'passes'],
      ['editor', 'reader', '7', 'E_NOT_FOUND'],
      ['owner', 'editor', '7', 'E_NOT_FOUND'],
      ['reader', 'owner', '7', 'passes'],
      ['owner', 'owner', '7', 'passes'],
      ['reader', 'owner', '8', 'E_NOT_FOUND'],
      ['reader', 'owner', '07', 'E_NOT_FOUND'],
      ['reader', 'owner', '7.0', 'E_NOT_FOUND'],
      ['reader', 'owner', '7e0', 'E_NOT_FOUND'],
    ]
    for (const [who, role, organization, expected] of rows)
      expect(outcome([who], roleAt(7, role), organization), `${who} ${role} ${organization}`).toBe(expected)
    expect(outcome(['reader'], roleAt(7, 'owner'))).toBe('E_NOT_FOUND')
  })

  test('nobody signed in is asked to sign in, whatever the path names', () => {
    for (const who of ['person', 'owner', 'editor', 'reader', 'regulator', 'admin'] as const)
      expect(outcome([who], ANONYMOUS, '7'), who).toBe('E_SIGN_IN')
  })

  test('any line of a list is enough', () => {
    expect(outcome(['reader', 'regulator'], caller({ regulator: true }), '7')).toBe('passes')
    expect(outcome(['regulator', 'admin'], caller({ admin: true }))).toBe('passes')
    expect(outcome(['reader', 'regulator'], caller({ admin: true }), '7')).toBe('E_NOT_FOUND')
  })
})

describe('S32 the access matrix, over every route', () => {
  let platform: TestPlatform
  const callers = new Map<string, Record<string, string>>()
  let own = 0
  let foreign = 0

  beforeAll(async () => {
    platform = await startTestPlatform()
    const owner = await newPerson(platform, 'owner')
    const works = await register(platform, newParty('enterprise', '甲厂'), owner.headers)
    const others = await register(platform, newParty('enterprise', '乙厂'))
    own = works.id
    foreign = others.id
    callers.set('nobody', {})
    callers.set('owner', owner.headers)
    for (const role of ['editor', 'reader'] as const) {
      const person = await newPerson(platform, role)
      const invited = await ask(platform, 'POST', `/v1/organizations/${own}/invitations`, {
        body: { role },
        headers: owner.headers,
      })
      const { token } = invited.json
      await ask(platform, 'POST', '/v1/invitations/accept', { body: { token }, headers: person.headers })
      callers.set(role, person.headers)
    }
    callers.set('stranger', (await newPerson(platform, 'stranger')).headers)
    const admin = await newPerson(platform, 'admin')
    await platform.instance.db.updateTable('person').set({ admin: true }).where('id', '=', admin.id).execute()
    callers.set('admin', admin.headers)
    callers.set('regulator', await signInWithKey(platform, 1, platform.regulator.acts))
  }, 60_000)
  afterAll(() => platform.close(), 30_000)

  /** Whom each line lets in, of those above, on the owner's organization. */
  const ALLOWED: Record<Who, readonly string[]> = {
    public: ['nobody', 'owner', 'editor', 'reader', 'stranger', 'admin', 'regulator'],
    confidential: ['nobody', 'owner', 'editor', 'reader', 'stranger', 'admin', 'regulator'],
    signed: ['nobody', 'owner', 'editor', 'reader', 'stranger', 'admin', 'regulator'],
    self: ['nobody', 'owner', 'editor', 'reader', 'stranger', 'admin', 'regulator'],
    person: ['owner', 'editor', 'reader', 'stranger', 'admin'],
    owner: ['owner'],
    editor: ['owner', 'editor'],
    reader: ['owner', 'editor', 'reader'],
    regulator: ['regulator'],
    admin: ['admin'],
  }

  const address = (url: string, organization: number | string) =>
    url
      .replace(':id', String(organization))
      .replace(/:(person|import|invitation|upload|draft|attachment|finding|project)/, '0'.repeat(32))
      .replace(/:(job|grant)/, '0'.repeat(64))
      .replace(':application', `0x${'0'.repeat(64)}`)
      .replace(':address', `0x${'0'.repeat(40)}`)
      .replace(':passkey', 'none')
      .replace(':cid', 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
      .replace('/*', '/none')

  test('every route has its line and every line its route', () => {
    const routes = new Set(
      platform.app.routeTable.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`),
    )
    expect([...routes].sort()).toEqual(Object.keys(POLICIES).sort())
  })

  test('each caller passes exactly where the table says, and a refusal is the one for what does not exist', async () => {
    const lines = platform.app.routeTable.filter(({ method, url }) => method !== 'HEAD' && url !== '/v1/live')
    let refusals = 0
    for (const { method, url, policy } of lines)
      for (const [name, headers] of callers) {
        const send = (organization: number | string) =>
          ask(platform, method as 'GET', address(url, organization), {
            headers: { ...headers, origin: 'http://localhost', host: 'localhost' },
          })
        // Signing out would end the session that the next lines need.
        if (method === 'DELETE' && url === '/v1/session') continue
        const passes = policy.some((who) => ALLOWED[who].includes(name))
        const answer = await send(own)
        const label = `${name} ${method} ${url} → ${answer.status} ${answer.text.slice(0, 120)}`
        expect(answer.status, label).not.toBe(500)
        if (name === 'nobody') {
          expect(answer.json?.code === 'E_SIGN_IN', label).toBe(
            !passes || (policy.includes('self') && answer.status === 401),
          )
          continue
        }
        if (passes) continue
        refusals++
        const missing = await send(999_999)
        const { instance: _a, ...refused } = answer.json
        const { instance: _b, ...absent } = missing.json
        expect(answer.status, label).toBe(404)
        expect(refused, label).toEqual(absent)
      }
    expect(refusals).toBeGreaterThan(30)
  }, 60_000)

  test('a role in one organization opens nothing of another', async () => {
    const headers = callers.get('owner') ?? {}
    for (const { method, url, policy } of platform.app.routeTable) {
      if (method === 'HEAD' || !url.includes(':id') || policy.includes('public') || policy.includes('confidential'))
        continue
      const answer = await ask(platform, method as 'GET', address(url, foreign), { headers })
      expect(answer.json.code, `${method} ${url}`).toBe('E_NOT_FOUND')
    }
  })

  test('who passes is not stopped by the policy', async () => {
    const reading = [
      ['owner', `/v1/organizations/${own}/members`],
      ['editor', `/v1/organizations/${own}/members`],
      ['reader', `/v1/organizations/${own}/profile`],
      ['regulator', `/v1/organizations/${own}/profile`],
      ['regulator', '/v1/applications'],
      ['regulator', '/v1/audit'],
      ['admin', '/v1/audit'],
      ['stranger', '/v1/passkeys'],
    ]
    for (const [name = '', url = ''] of reading)
      expect((await ask(platform, 'GET', url, { headers: callers.get(name) ?? {} })).status, `${name} ${url}`).toBe(200)
  })
})
