import { addressOf, digestOf, encodeReason, toHex, toHex0x } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../../test/ask.ts'
import {
  act,
  applicationOf,
  bind,
  newParty,
  newPerson,
  profileOf,
  register,
  settle,
  signedAct,
  signInWithKey,
} from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
}, 60_000)
afterAll(() => platform.close(), 30_000)

const NO_REASON = toHex0x(new Uint8Array(32))

test('a person applies, a regulator approves, and the person owns the organization', async () => {
  const person = await newPerson(platform, 'wang')
  const works = newParty('enterprise', '示范钢铁厂')
  const body = await applicationOf(platform, works)
  const sent = await ask(platform, 'POST', '/v1/applications', { body, headers: person.headers })
  expect(sent.status).toBe(202)
  const applied = await settle(platform, sent)
  expect(applied.result.organization).toBeNull()

  const regulator = await signInWithKey(platform, 1, platform.regulator.acts)
  const open = await ask(platform, 'GET', '/v1/applications?state=open', { headers: regulator })
  expect(open.json.items).toHaveLength(1)
  expect(open.json.items[0]).toMatchObject({
    application: applied.result.application,
    kind: 'enterprise',
    name: '示范钢铁厂',
    state: 'open',
    private: { email: 'canary@example.com' },
  })

  const approved = await act(
    platform,
    'Approve',
    { organization: 1, application: applied.result.application, reason: NO_REASON },
    platform.regulator.acts,
  )
  const id = approved.result.organization
  expect(id).toBe(2)
  expect((await ask(platform, 'GET', `/v1/organizations/${id}`)).json).toMatchObject({
    id,
    kind: 'enterprise',
    name: '示范钢铁厂',
  })
  const session = await ask(platform, 'GET', '/v1/session', { headers: person.headers })
  expect(session.json.organizations).toEqual([{ id, kind: 'enterprise', name: '示范钢铁厂', role: 'owner' }])
  const profile = await ask(platform, 'GET', `/v1/organizations/${id}/profile`, { headers: person.headers })
  expect(profile.json).toMatchObject({ contact: '王工', email: 'canary@example.com' })

  // The same application again is the same job; a second organization does not come of it.
  const again = await ask(platform, 'POST', '/v1/applications', { body, headers: person.headers })
  expect(again.json).toMatchObject({ id: applied.id, state: 'done' })
  expect((await ask(platform, 'GET', '/v1/organizations')).json.items).toHaveLength(2)
}, 30_000)

test('S33 a private profile is shown to the organization and the regulator, and to nobody else', async () => {
  const seen = async (headers: Readonly<Record<string, string>>) =>
    (
      await Promise.all(
        [
          '/v1/organizations',
          '/v1/organizations/2',
          '/v1/organizations/2/profile',
          '/v1/applications',
          '/v1/search?q=%E7%A4%BA%E8%8C%83',
          '/metrics',
          '/health',
        ].map(async (url) => (await ask(platform, 'GET', url, { headers })).text),
      )
    ).join('\n')
  const other = await newPerson(platform, 'zhao')
  expect(await seen({})).not.toContain('canary')
  expect(await seen(other.headers)).not.toContain('canary')
  expect(await seen(await signInWithKey(platform, 1, platform.regulator.acts))).toContain('canary')
  const { application } = (
    await ask(platform, 'GET', '/v1/applications', {
      headers: await signInWithKey(platform, 1, platform.regulator.acts),
    })
  ).json.items[0]
  const byName = await ask(platform, 'GET', `/v1/applications/${application}`, { headers: other.headers })
  expect(byName.json).toMatchObject({ name: '示范钢铁厂', private: null })
})

test('the first regulator hands its profile in, and only the one that the chain names', async () => {
  const profile = { ...profileOf(platform.regulator), private: null }
  const other = await ask(platform, 'POST', '/v1/profiles', { body: { profile: { ...profile, name: '别的局' } } })
  expect([other.status, other.json.code]).toEqual([422, 'E_PROFILE_UNKNOWN'])
  expect((await ask(platform, 'POST', '/v1/profiles', { body: { profile } })).status).toBe(201)
  expect((await ask(platform, 'GET', '/v1/organizations/1')).json.name).toBe('示范监管局')
  const found = await ask(platform, 'GET', `/v1/search?q=${encodeURIComponent('监管')}`)
  expect(found.json.items).toEqual([{ kind: 'organization', id: '1', label: '示范监管局' }])
})

test('S33 the reason of a decision is for the applicant and the regulator, and must be the one that was signed', async () => {
  const person = await newPerson(platform, 'refused')
  const stranger = await newPerson(platform, 'curious')
  const works = newParty('enterprise', '材料不全厂')
  const body = await applicationOf(platform, works)
  const { result } = await settle(
    platform,
    await ask(platform, 'POST', '/v1/applications', { body, headers: person.headers }),
  )
  const text = 'canary: the monitoring plan is missing'
  const salt = new Uint8Array(16).fill(5)
  const { application } = result
  const digest = toHex0x(digestOf(encodeReason({ text, salt }).cid))
  const signed = await signedAct(
    platform,
    'Refuse',
    { organization: 1, application, reason: digest },
    platform.regulator.acts,
  )
  const refuse = (reason: object) => ask(platform, 'POST', '/v1/acts', { body: { act: 'Refuse', ...signed, reason } })
  for (const wrong of [
    { text: 'another', salt: toHex(salt) },
    { text, salt: '0'.repeat(32) },
  ])
    for (let time = 0; time < 2; time++) expect((await refuse(wrong)).json.code).toBe('E_REASON_DIGEST')
  expect((await refuse({ text: '', salt: toHex(salt) })).json.code).toBe('E_REQUEST_INVALID')
  expect(await platform.instance.db.selectFrom('reason').selectAll().execute()).toEqual([])
  await settle(platform, await refuse({ text, salt: toHex(salt) }))
  const regulator = await signInWithKey(platform, 1, platform.regulator.acts)
  const seen = async (headers: Record<string, string>) =>
    (await ask(platform, 'GET', `/v1/applications/${application}`, { headers })).json
  expect(await seen(person.headers)).toMatchObject({ state: 'refused', reason: digest.slice(2), reasonText: text })
  expect(await seen(regulator)).toMatchObject({ reasonText: text })
  for (const headers of [{}, stranger.headers])
    expect(await seen(headers)).toMatchObject({ state: 'refused', reason: digest.slice(2), reasonText: null })
})

test('what the registry refuses leaves no block behind', async () => {
  const { blocks } = platform.instance
  const works = newParty('enterprise', '重复申请厂')
  const body = await applicationOf(platform, works)
  const late = { ...body, message: { ...body.message, nonce: 99 } }
  const before = blocks.count
  const answer = await ask(platform, 'POST', '/v1/applications', { body: late })
  expect(answer.status).toBe(422)
  expect(blocks.count).toBe(before)
})

test('an enterprise is bound by both sides and unbound by either', async () => {
  const works = await register(platform, newParty('enterprise', '燃机电站'))
  const market = await register(platform, newParty('platform', '碳交易平台'))
  await bind(platform, works, market)
  expect((await ask(platform, 'GET', `/v1/organizations/${works.id}`)).json.platform).toBe(market.id)
  const listed = await ask(platform, 'GET', `/v1/bindings?organization=${market.id}`)
  expect(listed.json.items).toMatchObject([{ enterprise: works.id, platform: market.id, state: 'bound' }])
  await act(
    platform,
    'Unbind',
    { organization: works.id, enterprise: works.id, platform: market.id, reason: NO_REASON },
    works.acts,
  )
  expect((await ask(platform, 'GET', `/v1/organizations/${works.id}/bindings`)).json.items[0].state).toBe('unbound')
  const keys = await ask(platform, 'GET', `/v1/organizations/${works.id}/keys`)
  expect(keys.json.items.map((key: { purpose: string }) => key.purpose).sort()).toEqual([
    'acts',
    'batches',
    'documents',
  ])
}, 30_000)

test('what the registry refuses is answered at once, with its reason, the same twice and without a trace', async () => {
  const stranger = newParty('other', '路人')
  const message = { organization: 1, application: NO_REASON, reason: NO_REASON }
  const jobs = async () => (await platform.instance.db.selectFrom('intent').select('id').execute()).length
  const before = await jobs()
  const body = { act: 'Approve', ...(await signedAct(platform, 'Approve', message, stranger.acts)) }
  const first = await ask(platform, 'POST', '/v1/acts', { body })
  const second = await ask(platform, 'POST', '/v1/acts', { body })
  expect([first.status, first.json.code]).toEqual([422, 'E_ACT_KEY_REFUSED'])
  expect(second.json.code).toBe(first.json.code)
  expect(await jobs()).toBe(before)
})

test('an act of another form is refused before the chain is asked', async () => {
  const { message, signature } = await signedAct(
    platform,
    'RequestBinding',
    { organization: 2, platform: 1 },
    platform.regulator.acts,
  )
  const cases: [string, Record<string, unknown>, string][] = [
    ['unknown act', { act: 'Mint' }, 'E_ACT_UNKNOWN'],
    ['prototype as act', { act: 'toString' }, 'E_ACT_UNKNOWN'],
    ['a field too many', { message: { ...message, owner: 1 } }, 'E_ACT_FORM'],
    ['a field missing', { message: { organization: 2 } }, 'E_ACT_FORM'],
    ['a negative number', { message: { ...message, platform: -1 } }, 'E_ACT_FORM'],
    ['a fraction', { message: { ...message, platform: 1.5 } }, 'E_ACT_FORM'],
    ['beyond 2^53', { message: { ...message, platform: '9007199254740993' } }, 'E_ACT_FORM'],
    ['a signature too many', { signature: signature + signature.slice(2) }, 'E_ACT_FORM'],
    ['a signature with a high v', { signature: `${signature.slice(0, -2)}00` }, 'E_SIGNATURE_FORM'],
    ['expired', { message: { ...message, expires: 1 } }, 'E_ACT_EXPIRED'],
    ['an Apply without its profile', { act: 'Apply' }, 'E_ACT_FORM'],
    ['half a signature', { signature: signature.slice(0, 100) }, 'E_REQUEST_INVALID'],
  ]
  for (const [what, change, code] of cases) {
    const body = { act: 'RequestBinding', message, signature, ...change }
    const answers = [
      await ask(platform, 'POST', '/v1/acts', { body }),
      await ask(platform, 'POST', '/v1/acts', { body }),
    ]
    expect(
      answers.map((answer) => answer.json.code),
      what,
    ).toEqual([code, code])
    expect(answers[0]?.status, what).toBeLessThan(500)
  }
})

test('an application whose profile is not the signed one is refused', async () => {
  const body = await applicationOf(platform, newParty('verifier', '核查机构'))
  const answers = await Promise.all([
    ask(platform, 'POST', '/v1/applications', { body: { ...body, profile: { ...body.profile, name: '别名' } } }),
    ask(platform, 'POST', '/v1/applications', {
      body: { ...body, private: { salt: '00'.repeat(16), contact: 'x' } },
    }),
  ])
  expect(answers.map((answer) => answer.json.code)).toEqual(['E_APPLICATION_DIGEST', 'E_APPLICATION_DIGEST'])
})

test('S13 a key that was revoked signs nobody in', async () => {
  const party = await register(platform, newParty('laboratory', '检测机构'))
  expect(
    (await ask(platform, 'GET', '/v1/session', { headers: await signInWithKey(platform, party.id, party.batches) }))
      .json.organizations,
  ).toMatchObject([{ id: party.id, role: 'editor' }])
  const headers = await signInWithKey(platform, party.id, party.batches)
  await act(platform, 'RevokeKey', { organization: party.id, key: addressOf(party.batches), last: 0 }, party.acts)
  expect((await ask(platform, 'GET', '/v1/session', { headers })).json.key).toBeNull()
  const refused = await signInWithKey(platform, party.id, party.batches)
  expect(refused.authorization).toBe('Bearer undefined')
}, 30_000)
