import { checkPackage, decodePackage, digestOf, toHex } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  bindEnterprise,
  enroll,
  makeBatch,
  send,
  startTestPlatform,
  type TestPlatform,
  until,
} from '../../test/platform.ts'

let platform: TestPlatform
let steel: number
const DAY = 86_400
const MARCH = 1_519_833_600

beforeAll(async () => {
  platform = await startTestPlatform()
  const platformId = await enroll(platform, 'the platform', 'platform')
  steel = await bindEnterprise(platform, 'steel', platformId)
}, 120_000)
afterAll(() => platform?.erase(), 60_000)

let previous: Uint8Array | null = null

test('a batch is accepted, receipted, anchored, traced and checked', async () => {
  for (let sequence = 1; sequence <= 3; sequence++) {
    const batch = makeBatch(platform, {
      name: 'steel',
      organization: steel,
      sequence,
      previous,
      from: MARCH + (sequence - 1) * DAY,
    })
    const answer = await send(platform, batch)
    expect(answer.statusCode, answer.body).toBe(201)
    expect(answer.json()).toMatchObject({
      kind: 1,
      organization: steel,
      sequence,
      digest: toHex(digestOf(batch.header.cid)),
    })
    previous = batch.entry.digest
  }
  await until('three entries in the log', () => platform.instance.log.size === 3)
  const entries = await platform.app.inject(`/v1/organizations/${steel}/entries?kind=1`)
  expect(entries.json().items).toMatchObject([
    { sequence: 1, index: 0, status: 'anchored' },
    { sequence: 2, index: 1 },
    { sequence: 3, index: 2 },
  ])
  const answer = await platform.app.inject(
    `/v1/organizations/${steel}/trace?type=02&from=${MARCH}&to=${MARCH + 2 * DAY}`,
  )
  expect(answer.statusCode, answer.body).toBe(200)
  const verdict = checkPackage(decodePackage(new Uint8Array(answer.rawPayload)))
  expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
  expect(verdict.totals).toMatchObject([{ count: 192, quantity: BigInt(2 * (96 * 1000 + (95 * 96) / 2)) }])
  expect(verdict.batches).toMatchObject({ asked: [1, 2], all: 3 })
}, 60_000)
