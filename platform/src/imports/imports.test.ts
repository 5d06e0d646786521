import { encodeKey, type Interval } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { ELECTRICITY, makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

let platform: TestPlatform
let steel: TestParty
let park: TestParty
let headers: Record<string, string> = {}
let previous: Uint8Array | null = null
let sequence = 0
const DAY = 86_400
const MARCH = 1_519_833_600

beforeAll(async () => {
  platform = await startTestPlatform()
  const market = await register(platform, newParty('platform', 'the platform'))
  steel = await bindEnterprise(platform, 'steel', market)
  park = await bindEnterprise(platform, 'park', market)
  headers = await signInWithKey(platform, steel.id, steel.batches)
}, 120_000)
afterAll(() => platform?.close(), 60_000)

async function batch(given: { readonly from?: number; readonly restates?: readonly Interval[] } = {}) {
  const next = makeBatch(platform, {
    party: steel,
    sequence: sequence + 1,
    previous,
    from: given.from ?? MARCH + sequence * DAY,
    restates: given.restates ?? [],
  })
  const answer = await send(platform, next)
  expect(answer.status, answer.text).toBe(201)
  previous = next.entry.digest
  sequence++
  return sequence
}

const plan = (batches: number) => ({
  name: 'steel.csv',
  sha256: '1'.repeat(64),
  mapping: '2'.repeat(64),
  readings: 192 * batches,
  batches,
})
const post = (path: string, body: unknown, who = headers) =>
  ask(platform, 'POST', `/v1/organizations/${steel.id}/imports${path}`, { body, headers: who })

test('an import shows k of n batches as they become visible, and is complete with the last', async () => {
  const made = await post('', plan(2))
  expect([made.status, made.json.state, made.json.sequences]).toEqual([201, 'open', []])
  const { id } = made.json
  const first = await batch()
  const one = await post(`/${id}/batches`, { sequences: [first] })
  expect(one.json).toMatchObject({ state: 'open', sequences: [first], batches: 2 })
  // Said twice, counted once.
  expect((await post(`/${id}/batches`, { sequences: [first] })).json.sequences).toEqual([first])
  const second = await batch()
  expect((await post(`/${id}/batches`, { sequences: [second] })).json).toMatchObject({
    state: 'complete',
    sequences: [first, second],
  })
  await until(
    'both are anchored',
    async () => (await ask(platform, 'GET', `/v1/organizations/${steel.id}/imports/${id}`)).json.anchored === 2,
  )
  const listed = await ask(platform, 'GET', `/v1/organizations/${steel.id}/imports`)
  expect(listed.json.items.map((item: { id: string }) => item.id)).toEqual([id])
}, 60_000)

test('a batch that is not there, of another import or one too many does not join', async () => {
  const { id } = (await post('', plan(1))).json
  const count = async () =>
    (await ask(platform, 'GET', `/v1/organizations/${steel.id}/imports/${id}`)).json.sequences.length
  expect((await post(`/${id}/batches`, { sequences: [sequence + 1] })).json.code).toBe('E_IMPORT_BATCHES')
  expect((await post(`/${id}/batches`, { sequences: [1] })).json.code).toBe('E_IMPORT_BATCHES')
  const two = [await batch(), await batch()]
  expect((await post(`/${id}/batches`, { sequences: two })).json.code).toBe('E_IMPORT_BATCHES')
  expect(await count()).toBe(0)
  expect((await post(`/${id}/batches`, { sequences: two.slice(0, 1) })).json.state).toBe('complete')
}, 60_000)

test('R16 an import of another organization is not there, whoever asks', async () => {
  const { id } = (await post('', plan(1))).json
  const other = await signInWithKey(platform, park.id, park.batches)
  const through = await ask(platform, 'POST', `/v1/organizations/${park.id}/imports/${id}/batches`, {
    body: { sequences: [1] },
    headers: other,
  })
  expect(through.json.code).toBe('E_NOT_FOUND')
  expect((await ask(platform, 'GET', `/v1/organizations/${park.id}/imports/${id}`)).status).toBe(404)
  expect((await post(`/${id}/batches`, { sequences: [1] }, other)).json.code).toBe('E_NOT_FOUND')
})

test('it is withdrawn only once later batches have restated every reading of it, and stays readable', async () => {
  const from = MARCH + 100 * DAY
  const { id } = (await post('', plan(1))).json
  const wrong = await batch({ from })
  await post(`/${id}/batches`, { sequences: [wrong] })
  const voids = (stream: number, type: number, until: number): Interval => ({
    lo: encodeKey(type * 256, stream, from),
    hi: encodeKey(type * 256, stream, until - 1),
  })
  const half = await batch({ from: from + 10 * DAY, restates: [voids(1, ELECTRICITY, from + DAY)] })
  const early = await post(`/${id}/withdrawal`, { sequence: half, reason: '时区填错' })
  expect([early.status, early.json.code, early.json.values?.left]).toEqual([422, 'E_IMPORT_RESTATED', 96])
  const rest = await batch({ from: from + 20 * DAY, restates: [voids(2, 0x040101, from + DAY)] })
  expect((await post(`/${id}/withdrawal`, { sequence: rest + 1, reason: 'x' })).json.code).toBe('E_IMPORT_RESTATED')
  const done = await post(`/${id}/withdrawal`, { sequence: rest, reason: '时区填错' })
  expect(done.json).toMatchObject({
    state: 'withdrawn',
    withdrawn: { sequence: rest, reason: '时区填错' },
    sequences: [wrong],
  })
}, 60_000)

test('meters are found by device, name and number once their first batch is there', async () => {
  await until('the index follows', async () => {
    const { json } = await ask(platform, 'GET', '/v1/search?q=METER%201')
    return json.items.some(
      (item: { kind: string; organization: number }) => item.kind === 'stream' && item.organization === steel.id,
    )
  })
  const digest = Buffer.from(previous ?? []).toString('hex')
  const found = await ask(platform, 'GET', `/v1/search?q=${digest}`)
  expect(found.json.items).toMatchObject([{ kind: 'batch', organization: steel.id }])
  const byCid = await ask(platform, 'GET', `/v1/search?q=${found.json.items[0].id}`)
  expect(byCid.json.items).toEqual(found.json.items)
  const { transaction } = (await ask(platform, 'GET', `/v1/organizations/${steel.id}/entries?kind=1&limit=1`)).json
    .items[0]
  const byTransaction = await ask(platform, 'GET', `/v1/search?q=${transaction}`)
  expect(byTransaction.json.items[0]).toMatchObject({ kind: 'transaction', organization: steel.id })
  for (const nothing of ['%25', '_', '\\', "' or 1=1", 'nothing here'])
    expect((await ask(platform, 'GET', `/v1/search?q=${encodeURIComponent(nothing)}`)).json.items, nothing).toEqual([])
}, 30_000)
