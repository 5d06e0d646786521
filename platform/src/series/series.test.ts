import { createHash } from 'node:crypto'
import { encodeKey, type Interval, windowInterval } from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { ELECTRICITY, makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { addRows, bucketStart, DAY, HOUR, type Sum } from './bucket.ts'
import { gapsOf } from './figures.ts'
import { openFollower } from './follow.ts'
import { seriesProjection } from './project.ts'

/** 2018-03-01 00:00 in Shanghai. */
const MARCH = 1_519_833_600
const TYPE = ELECTRICITY * 256

describe('buckets', () => {
  test('days are those of Asia/Shanghai, hours those of the clock', () => {
    expect(bucketStart(MARCH, DAY)).toBe(MARCH)
    expect(bucketStart(MARCH - 1, DAY)).toBe(MARCH - DAY)
    expect(bucketStart(MARCH + DAY - 1, DAY)).toBe(MARCH)
    expect(bucketStart(MARCH + 3599, HOUR)).toBe(MARCH)
    expect(bucketStart(0, DAY)).toBe(-8 * HOUR)
  })

  test('what is added and taken out again leaves zero', () => {
    const sums = new Map<string, Sum>()
    const rows = { type: TYPE, stream: 1, starts: [MARCH, MARCH + 900, MARCH + 3600], seconds: [900, 900, 900] }
    const quantities = [Number.MAX_SAFE_INTEGER, 1, 2]
    addRows(sums, { ...rows, quantities }, HOUR)
    expect([...sums.values()].map(({ readings, quantity }) => [readings, quantity])).toEqual([
      [2, 9_007_199_254_740_992n],
      [1, 2n],
    ])
    addRows(sums, { ...rows, quantities }, HOUR, -1)
    expect(
      [...sums.values()].every(({ readings, seconds, quantity }) => readings + seconds === 0 && quantity === 0n),
    ).toBe(true)
  })
})

test('gaps are the time between a stream’s first and last reading that no reading covers, cut to the window', () => {
  const runs = [
    { start: 1000, seconds: 100, count: 10 },
    { start: 2500, seconds: 100, count: 5 },
  ]
  const rows: [from: number, to: number, expected: ReturnType<typeof gapsOf>][] = [
    [0, 10_000, { expected: 2000, gaps: 1, missing: 500 }],
    [0, 2000, { expected: 1000, gaps: 0, missing: 0 }],
    [2200, 2600, { expected: 400, gaps: 1, missing: 300 }],
    [1500, 2200, { expected: 700, gaps: 1, missing: 200 }],
    [5000, 6000, { expected: 0, gaps: 0, missing: 0 }],
  ]
  for (const [from, to, expected] of rows) expect(gapsOf(runs, from, to), `${from}–${to}`).toMatchObject(expected)
  expect(gapsOf([], 0, 100)).toEqual({ expected: 0, gaps: 0, missing: 0 })
})

describe('the projection', () => {
  let platform: TestPlatform
  let plant: TestParty
  let steel = 0
  let previous: Uint8Array | null = null
  let sequence = 0

  beforeAll(async () => {
    platform = await startTestPlatform()
    plant = await bindEnterprise(platform, 'steel', await register(platform, newParty('platform', 'the platform')))
    steel = plant.id
  }, 120_000)
  afterAll(() => platform?.close(), 60_000)

  async function batch(from: number, restates: readonly Interval[] = []) {
    const next = makeBatch(platform, {
      party: plant,
      sequence: sequence + 1,
      previous,
      from,
      restates,
    })
    const answer = await send(platform, next)
    expect(answer.status, answer.text).toBe(201)
    previous = next.entry.digest
    sequence++
    await until('the batch is folded', async () => (await series('?step=86400')).json.sequence === sequence)
  }
  const series = (query: string, stream = 1) =>
    ask(platform, 'GET', `/v1/organizations/${steel}/streams/${stream}/series${query}`)
  const rowsHash = async () => {
    const { db } = platform.instance
    const tables = ['series_sum', 'series_void', 'device_stream', 'collection_day', 'device_counter'] as const
    const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()))
    const lines = rows.map((of) => of.map((row) => JSON.stringify(row)).sort())
    return createHash('sha256').update(JSON.stringify(lines)).digest('hex')
  }
  /** The sum of 96 quarter hours of stream 1 as `makeBatch` writes them. */
  const DAY_SUM = 96 * 1000 + (95 * 96) / 2

  test('a stream is charted from single readings to months, every step with the same total', async () => {
    await batch(MARCH)
    await batch(MARCH + DAY)
    await batch(MARCH + 31 * DAY)
    for (const [step, points] of [
      ['reading', 288],
      ['900', 288],
      ['3600', 72],
      ['86400', 3],
      ['month', 2],
    ] as const) {
      // Readings one by one are bounded, so a window that names every quarter hour of a month is asked in two.
      const windows =
        step === 'reading' || step === '900'
          ? [`&from=${MARCH}&to=${MARCH + 2 * DAY}`, `&from=${MARCH + 31 * DAY}&to=${MARCH + 32 * DAY}`]
          : ['']
      const found = []
      for (const window of windows) found.push(...(await series(`?step=${step}${window}`)).json.points)
      expect(found.length, step).toBe(points)
      const total = found.reduce((sum: bigint, point: { quantity: string }) => sum + BigInt(point.quantity), 0n)
      expect(total, step).toBe(BigInt(3 * DAY_SUM))
    }
    const { json } = await series('?step=month')
    expect(json).toMatchObject({ type: '020101', device: 'meter 1', interval: 900 })
    expect(json.points[0]).toEqual({
      start: MARCH,
      end: MARCH + 31 * DAY,
      validity: 0,
      readings: 192,
      seconds: 2 * DAY,
      quantity: String(2 * DAY_SUM),
      cid: null,
    })
  }, 60_000)

  test('without a step the finest that shows well is chosen, and a point of a reading names its batch', async () => {
    const day = await series(`?from=${MARCH}&to=${MARCH + DAY}`)
    expect(day.json.step).toBe('reading')
    expect(day.json.points[5]).toMatchObject({
      start: MARCH + 4500,
      quantity: '1005',
      cid: expect.stringMatching(/^bafy/),
    })
    expect((await series('')).json.step).toBe('86400')
    expect((await series(`?from=${MARCH}&to=${MARCH + 10 * DAY}`)).json.step).toBe('3600')
  })

  test('S29 a restatement takes out just what it voids, also twice, and a fold from nothing gives the same rows', async () => {
    // Hours 2 to 4 of stream 1 on the first day are voided, and the batch has a day of its own.
    const hours = windowInterval(TYPE, 1, MARCH + 2 * HOUR, MARCH + 5 * HOUR)
    await batch(MARCH + 2 * DAY, [hours])
    // Overlaps the first void and goes on an hour; a void never takes the same reading out twice.
    await batch(MARCH + 3 * DAY, [windowInterval(TYPE, 1, MARCH + 4 * HOUR, MARCH + 6 * HOUR)])
    const voided = Array.from({ length: 16 }, (_, at) => 1000 + 8 + at)
    const left = DAY_SUM - voided.reduce((sum, quantity) => sum + quantity, 0)
    for (const step of ['reading', '900', '3600', '86400']) {
      const { json } = await series(`?step=${step}&from=${MARCH}&to=${MARCH + DAY}`)
      const total = json.points.reduce((sum: bigint, point: { quantity: string }) => sum + BigInt(point.quantity), 0n)
      expect(total, step).toBe(BigInt(left))
    }
    expect((await series(`?step=3600&from=${MARCH}&to=${MARCH + DAY}`)).json.points).toHaveLength(20)
    const figures = await ask(platform, 'GET', `/v1/organizations/${steel}/collection?from=${MARCH}&to=${MARCH + DAY}`)
    expect(figures.json.items[0]).toMatchObject({
      stream: 1,
      restated: 16,
      gaps: 1,
      missingSeconds: 4 * HOUR,
      missingReadings: 16,
      frames: 1,
      signed: 0,
      readings: 96,
    })
    expect(figures.json.items[1]).toMatchObject({ stream: 2, restated: 0, gaps: 0, missingSeconds: 0 })

    const before = await rowsHash()
    const { db } = platform.instance
    for (const table of [
      'series_sum',
      'series_void',
      'device_stream',
      'collection_day',
      'device_counter',
      'projection_mark',
    ] as const)
      await db.deleteFrom(table).execute()
    expect(await rowsHash()).not.toBe(before)
    await openFollower(platform.instance, [seriesProjection(platform.instance)]).follow()
    expect(await rowsHash()).toBe(before)
  }, 60_000)

  test('the last reading of every stream is known, and organizations are listed with their figures', async () => {
    const latest = await ask(platform, 'GET', `/v1/organizations/${steel}/latest`)
    expect(latest.json.items[0]).toMatchObject({
      stream: 1,
      start: MARCH + 32 * DAY - 900,
      quantity: '1095',
      validity: 0,
    })
    expect((await ask(platform, 'GET', '/v1/collection')).json.items).toMatchObject([
      { organization: steel, streams: 2, readings: 2 * 5 * 96, repeated: 0 },
    ])
  })

  test('R14 bad windows, steps and streams are refused with a code', async () => {
    const rows: [query: string, stream: number | string, status: number, code: string][] = [
      ['?step=5', 1, 400, 'E_REQUEST_INVALID'],
      ['?from=-1', 1, 400, 'E_REQUEST_INVALID'],
      ['?from=1e3', 1, 400, 'E_REQUEST_INVALID'],
      ['?from=9007199254740992', 1, 400, 'E_REQUEST_INVALID'],
      ['?unknown=1', 1, 400, 'E_REQUEST_INVALID'],
      [`?from=${MARCH}&to=${MARCH}`, 1, 400, 'E_SERIES_WINDOW'],
      [`?from=${MARCH + 1}&to=${MARCH}`, 1, 400, 'E_SERIES_WINDOW'],
      ['?from=0&to=9007199254740991&step=month', 1, 400, 'E_SERIES_WINDOW'],
      [`?from=${MARCH}&to=${MARCH + 40 * DAY}&step=reading`, 1, 400, 'E_SERIES_WINDOW'],
      ['', 99, 404, 'E_NOT_FOUND'],
      ['', 0, 400, 'E_REQUEST_INVALID'],
      ['', 'one', 400, 'E_REQUEST_INVALID'],
      ['', 4294967296, 400, 'E_REQUEST_INVALID'],
    ]
    for (const [query, stream, status, code] of rows) {
      const path = `/v1/organizations/${steel}/streams/${stream}/series${query}`
      const answer = await ask(platform, 'GET', path)
      expect([answer.status, answer.json.code], path).toEqual([status, code])
    }
    expect((await ask(platform, 'GET', '/v1/organizations/999/streams/1/series')).status).toBe(404)
    expect(encodeKey(TYPE, 1, 0).length).toBe(16)
  })
})
