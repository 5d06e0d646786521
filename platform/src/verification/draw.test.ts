import { decodeBlock, openCar } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, type Json } from '../../test/ask.ts'
import { newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

let platform: TestPlatform
let plant: TestParty
let friend: TestParty
let strict: TestParty
const headers = new Map<TestParty, Record<string, string>>()

beforeAll(async () => {
  platform = await startTestPlatform()
  plant = await register(platform, newParty('enterprise', 'works'))
  friend = await register(platform, newParty('verifier', 'friend'))
  strict = await register(platform, newParty('verifier', 'strict'))
  for (const party of [platform.regulator, plant, friend, strict])
    headers.set(party, await signInWithKey(platform, party.id, party.acts))
}, 120_000)
afterAll(() => platform?.close(), 60_000)

const as = (party: TestParty) => ({ headers: headers.get(party) ?? {} })
const declare = (by: TestParty, other: TestParty, from = by) =>
  ask(platform, 'POST', `/v1/organizations/${from.id}/conflicts`, {
    body: { other: other.id, reason: 'kin' },
    ...as(by),
  })
/** Who is barred for the plant in a draw that is to be announced. */
async function excluded(more = ''): Promise<Json> {
  const query = `from=1519833600&to=1522512000&due=1600000000&enterprise=${plant.id}${more}`
  const url = `/v1/organizations/${platform.regulator.id}/draw-content?${query}`
  const { statusCode, rawPayload, body } = await platform.app.inject({ method: 'GET', url, ...as(platform.regulator) })
  if (statusCode !== 200) return JSON.parse(body).code
  return (decodeBlock(openCar(new Uint8Array(rawPayload)).header.bytes) as Json).excluded
}

test('S16 an enterprise cannot draw its own verifier by declaring conflicts with all others; the regulator grants them', async () => {
  expect((await declare(plant, strict)).status).toBe(201)
  expect(await excluded()).toEqual([])
  expect(await excluded(`&granted=${plant.id}-${strict.id}`)).toEqual([[plant.id, strict.id, 'kin']])
  // What nobody declared is not made true by granting it.
  expect(await excluded(`&granted=${plant.id}-${friend.id}`)).toEqual([])
  expect(await excluded('&granted=1-02')).toBe('E_REQUEST_INVALID')
  const declared = await ask(platform, 'GET', `/v1/organizations/${plant.id}/conflicts`, as(platform.regulator))
  expect(declared.json.items).toMatchObject([{ other: strict.id, reason: 'kin' }])
})

test('a verifier bars itself', async () => {
  expect((await declare(friend, plant)).status).toBe(201)
  expect(await excluded()).toEqual([[plant.id, friend.id, 'kin']])
})

test('S32 nobody declares for another', async () => {
  expect((await declare(plant, plant, strict)).json.code).toBe('E_NOT_FOUND')
  expect((await declare(friend, plant, strict)).json.code).toBe('E_NOT_FOUND')
})
