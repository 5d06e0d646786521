import { randomBytes } from 'node:crypto'
import { ed25519PublicKey, signEd25519, toHex } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { keyStatementBytes } from './statement.ts'

const MARCH = 1_519_833_600

let platform: TestPlatform
let plant: TestParty
let headers: Record<string, string>
let others: Record<string, string>

beforeAll(async () => {
  platform = await startTestPlatform()
  const market = await register(platform, newParty('platform', 'the platform'))
  plant = await bindEnterprise(platform, 'steel', market)
  const park = await register(platform, newParty('enterprise', 'park'))
  headers = await signInWithKey(platform, plant.id, plant.acts)
  others = await signInWithKey(platform, park.id, park.acts)
}, 120_000)
afterAll(() => platform?.close(), 60_000)

interface Given {
  readonly seed?: Uint8Array
  readonly organization?: number
  readonly device?: string
  readonly firstCounter?: number
  readonly expires?: number
  readonly chainId?: number
}

/** An enrolment as a device would sign it. */
function enrolment(given: Given = {}) {
  const seed = given.seed ?? new Uint8Array(randomBytes(32))
  const { domain } = platform.instance.chain
  const statement = {
    organization: given.organization ?? plant.id,
    device: given.device ?? 'meter 1',
    key: toHex(ed25519PublicKey(seed)),
    firstCounter: given.firstCounter ?? 0,
    expires: given.expires ?? Math.floor(Date.now() / 1000) + 600,
  }
  const bytes = keyStatementBytes({ ...domain, chainId: given.chainId ?? domain.chainId }, statement)
  const { key, firstCounter, expires } = statement
  return { kind: 'ed25519', key, firstCounter, expires, signature: toHex(signEd25519(bytes, seed)) }
}

const path = (device: string, rest = '') => `/v1/organizations/${plant.id}/devices/${encodeURIComponent(device)}${rest}`
const enrol = (body: unknown, device = 'meter 1', who = headers) =>
  ask(platform, 'POST', path(device, '/keys'), { body, headers: who })
const revoke = (key: string, body: unknown, device = 'meter 1') =>
  ask(platform, 'POST', path(device, `/keys/${key}/revocation`), { body, headers })

test('devices and their streams are what the batches declare, with the batch that declared them', async () => {
  expect((await ask(platform, 'GET', path('meter 1'))).status).toBe(404)
  const batch = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: MARCH, readings: 4 })
  expect((await send(platform, batch)).status).toBe(201)
  await until('the devices are known', async () => (await ask(platform, 'GET', path('meter 1'))).status === 200)
  const { json } = await ask(platform, 'GET', `/v1/organizations/${plant.id}/devices`)
  expect(json.items).toMatchObject([
    { device: 'meter 1', streams: [{ stream: 1, type: '020101', interval: 900, since: 1, key: null }], keys: [] },
    { device: 'stack', streams: [{ stream: 2, type: '040101' }] },
  ])
  const paged = await ask(platform, 'GET', `/v1/organizations/${plant.id}/devices?limit=1`)
  expect(paged.json.next).toBe('meter 1')
})

test('R7 R12 S13 a key is enrolled with proof of possession, rotated and revoked with its last good counter', async () => {
  const first = enrolment()
  const enrolled = await enrol(first)
  expect([enrolled.status, enrolled.json]).toMatchObject([201, { key: first.key, firstCounter: 0, lastCounter: null }])

  const second = enrolment({ firstCounter: 101 })
  expect((await enrol(second)).json.code).toBe('E_DEVICE_KEY_ACTIVE')
  const early = { ...enrolment({ firstCounter: 100 }), replaces: { key: first.key, lastCounter: 100 } }
  expect((await enrol(early)).json.code).toBe('E_DEVICE_KEY_COUNTER')
  expect((await enrol({ ...second, replaces: { key: first.key, lastCounter: 100 } })).status).toBe(201)

  expect((await revoke(first.key, { lastCounter: 5, reason: 'again' })).status).toBe(404)
  expect((await revoke(second.key, { lastCounter: 99, reason: 'stolen' })).json.code).toBe('E_DEVICE_KEY_COUNTER')
  const revoked = await revoke(second.key, { lastCounter: 240, reason: 'stolen' })
  expect([revoked.status, revoked.json]).toMatchObject([200, { lastCounter: 240, reason: 'stolen' }])

  expect((await enrol(first)).json.code).toBe('E_DEVICE_KEY_TAKEN')
  const { json } = await ask(platform, 'GET', path('meter 1'))
  expect(json.keys).toMatchObject([
    { key: first.key, firstCounter: 0, lastCounter: 100, reason: 'rotation' },
    { key: second.key, firstCounter: 101, lastCounter: 240, reason: 'stolen' },
  ])
})

test('a device that cannot sign is enrolled by its certificate, one at a time', async () => {
  const certificate = { kind: 'certificate', key: 'ab'.repeat(32) }
  expect((await enrol(certificate, 'stack')).status).toBe(201)
  expect((await enrol({ kind: 'certificate', key: 'cd'.repeat(32) }, 'stack')).json.code).toBe('E_DEVICE_KEY_ACTIVE')
  expect((await enrol(certificate, 'another')).json.code).toBe('E_DEVICE_KEY_TAKEN')
})

test('R9 a proof for another organization, device, chain, counter or time is refused, and leaves nothing', async () => {
  const good = enrolment({ device: 'bad' })
  const rows: [what: string, body: unknown, status: number, code: string][] = [
    ['another organization', enrolment({ device: 'bad', organization: 99 }), 422, 'E_DEVICE_KEY_PROOF'],
    ['another device', enrolment({ device: 'good' }), 422, 'E_DEVICE_KEY_PROOF'],
    ['another chain', enrolment({ device: 'bad', chainId: 1 }), 422, 'E_DEVICE_KEY_PROOF'],
    ['another counter', { ...good, firstCounter: 7 }, 422, 'E_DEVICE_KEY_PROOF'],
    ['a past time', enrolment({ device: 'bad', expires: 1 }), 422, 'E_DEVICE_KEY_PROOF'],
    ['a far time', enrolment({ device: 'bad', expires: 4_000_000_000 }), 422, 'E_DEVICE_KEY_PROOF'],
    [
      'a flipped bit',
      { ...good, signature: good.signature.replace(/^./, (c) => (c === '0' ? '1' : '0')) },
      422,
      'E_DEVICE_KEY_PROOF',
    ],
    ['a key of small order', { ...good, key: `01${'00'.repeat(31)}` }, 422, 'E_KEY_ED25519'],
    ['the key zero', { ...good, key: '00'.repeat(32) }, 422, 'E_KEY_ED25519'],
    ['a key that is no point', { ...good, key: 'ff'.repeat(32) }, 422, 'E_KEY_ED25519'],
    [
      'an unknown key to replace',
      { ...enrolment({ device: 'bad', firstCounter: 5 }), replaces: { key: 'ee'.repeat(32), lastCounter: 4 } },
      404,
      'E_NOT_FOUND',
    ],
    ['upper case', { ...good, key: good.key.toUpperCase() }, 400, 'E_REQUEST_INVALID'],
    ['a short signature', { ...good, signature: '00' }, 400, 'E_REQUEST_INVALID'],
    ['a negative counter', { ...good, firstCounter: -1 }, 400, 'E_REQUEST_INVALID'],
    ['half a counter', { ...good, firstCounter: 0.5 }, 400, 'E_REQUEST_INVALID'],
    ['an unknown field', { ...good, role: 'owner' }, 400, 'E_REQUEST_INVALID'],
    ['an unknown kind', { ...good, kind: 'rsa' }, 400, 'E_REQUEST_INVALID'],
    ['nothing', {}, 400, 'E_REQUEST_INVALID'],
  ]
  for (const [what, body, status, code] of rows) {
    const answer = await enrol(body, 'bad')
    expect([answer.status, answer.json.code], what).toEqual([status, code])
  }
  expect((await ask(platform, 'GET', path('bad'))).status).toBe(404)
})

test('S32 only who may write for the organization enrols its devices', async () => {
  expect((await enrol(enrolment(), 'meter 1', others)).status).toBe(404)
  expect((await enrol(enrolment(), 'meter 1', {})).status).toBe(401)
})
