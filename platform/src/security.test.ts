import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../test/ask.ts'
import { startTestPlatform, type TestPlatform } from '../test/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({ limits: { requestsPerMinute: 25, signInsPerMinute: 3, actsPerMinute: 2 } })
}, 60_000)
afterAll(() => platform.close(), 30_000)

test('S35 one address is slowed down: sign-ins first, then everything, with the time to wait', async () => {
  const challenge = { body: { organization: 1, key: `0x${'1'.repeat(40)}` } }
  for (let at = 0; at < 3; at++)
    expect((await ask(platform, 'POST', '/v1/sessions/challenge', challenge)).status).toBe(200)
  const fourth = await ask(platform, 'POST', '/v1/sessions/challenge', challenge)
  expect([fourth.status, fourth.json.code]).toEqual([429, 'E_RATE'])
  // Acts cost the platform gas; what is refused for its form counts too.
  for (let at = 0; at < 2; at++) expect((await ask(platform, 'POST', '/v1/acts', { body: {} })).status).toBe(400)
  expect((await ask(platform, 'POST', '/v1/acts', { body: {} })).json.code).toBe('E_RATE')
  expect((await ask(platform, 'GET', '/v1/organizations')).status).toBe(200)

  // An address that does not exist counts as well.
  for (let at = 0; at < 25; at++) await ask(platform, 'GET', `/v1/nothing/${at}`)
  const last = await ask(platform, 'GET', '/v1/organizations')
  expect([last.status, last.json.code]).toEqual([429, 'E_RATE'])
  const wait = Number(last.headers['retry-after'])
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60)
  expect(last.json.values.retryAfterS).toBe(wait)
})
