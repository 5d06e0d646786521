import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryIntake, testClock } from '../../../test/memory-intake.ts'
import type { Device, Point } from '../../device.ts'
import type { Channel } from '../protocol.ts'
import { MAX_BODY } from './bodies.ts'
import { http } from './http.ts'

const NOW = '2026-01-05T08:00:00+08:00'
const TS = Date.parse(NOW) - 3_600_000
const TOKEN = 'a-token-of-feeder-1'

const point: Point = {
  name: 'power',
  stream: 1,
  type: 0x020100,
  unit: 'kW',
  value: 'mean',
  scale: '1',
  offset: '0',
  rounding: 'half-even',
  interval: 600,
  stamp: 'end',
  source: { field: 'power' },
  limits: {},
  definition: 'test',
}
const feeder = (id: string, token: string): Device => ({
  id,
  model: 'meter',
  protocol: 'http',
  address: { token },
  points: [point],
  zone: 'Asia/Shanghai',
})

const open: Channel[] = []
afterEach(async () => {
  for (const channel of open.splice(0)) await channel.close()
})

async function serve() {
  const intake = memoryIntake()
  const devices = [feeder('feeder-1', TOKEN), feeder('feeder-2', 'another-token-of-feeder-2')]
  const channel = await http.open({ host: '127.0.0.1', port: 0 }, devices, intake, testClock(NOW))
  open.push(channel)
  const post = async (
    body: string | Uint8Array,
    more: { id?: string; headers?: object; method?: string; path?: string } = {},
  ) => {
    const { id = 'feeder-1', headers = {}, method = 'POST', path = `/v1/devices/${id}/readings` } = more
    const response = await fetch(`http://${channel.address}${path}`, {
      method,
      headers: {
        'content-type': 'application/x-ndjson',
        authorization: `Bearer ${TOKEN}`,
        connection: 'close',
        ...headers,
      },
      ...(method === 'POST' ? { body: body as string } : {}),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { intake, channel, post }
}

const row = (seq: number, value: string | number = '10.50') =>
  `{"ts":${TS + seq * 1000},"seq":${seq},"metrics":{"power":${value}}}`
const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i)).join('\n')

describe('NDJSON over HTTP', () => {
  test('a thousand rows are one message, kept before the answer; the same request again has the same answer', async () => {
    const { intake, channel, post } = await serve()
    const first = await post(`${rows(1, 1000)}\n`)
    expect(first).toEqual({ status: 200, body: { name: 'seq 1 to 1000' } })
    expect(await post(`${rows(1, 1000)}\n`)).toEqual(first)
    expect(intake.kept).toHaveLength(1)
    const [arrival] = intake.kept
    expect(arrival).toMatchObject({ device: 'feeder-1', protocol: 'http', rank: 1 })
    expect(arrival?.samples?.[999]).toEqual({
      point: 'power',
      stamp: TS / 1000 + 1000,
      value: '10.50',
      flag: undefined,
    })
    expect(http.samples(arrival?.bytes ?? new Uint8Array(), feeder('feeder-1', TOKEN))).toEqual(arrival?.samples)
    expect(channel.devices.get('feeder-1')).toMatchObject({ messages: 2, refused: 0 })
  })

  test('rows without counters are named by their times, lines may end in CR LF, and empty ones are passed over', async () => {
    const { intake, post } = await serve()
    const body = `\r\n{"ts":${TS},"metrics":{"power":1}}\r\n\r\n{"ts":${TS + 1000},"metrics":{"power":2}}\r\n`
    expect(await post(body)).toMatchObject({ status: 200 })
    expect(intake.kept[0]).toMatchObject({
      name: `ts ${TS} to ${TS + 1000}`,
      rank: TS,
      samples: [{ value: '1' }, { value: '2' }],
    })
  })

  test('the same rows with another value are a conflict: the first stay (S2)', async () => {
    const { intake, post } = await serve()
    await post(row(1))
    expect(await post(row(1, 11))).toMatchObject({ status: 409, body: { code: 'E_DEVICE_CONFLICT' } })
    expect([intake.kept.length, intake.conflicts.length]).toEqual([1, 1])
  })

  test('a table of wrong rows, all or nothing', async () => {
    const { intake, post } = await serve()
    const body = [row(1), 'x', row(3, '"7"'), row(4), row(5, '1,"power":2')].join('\n')
    const expected = {
      status: 422,
      body: {
        code: 'E_HTTP_ROWS',
        errors: [
          { row: 2, code: 'E_MESSAGE_FORM' },
          { row: 3, code: 'E_MESSAGE_NUMBER' },
          { row: 5, code: 'E_MESSAGE_TWICE' },
        ],
      },
    }
    for (const _ of [1, 2]) expect(await post(body)).toMatchObject(expected)
    expect(intake.kept).toEqual([])
    expect(intake.refused).toHaveLength(2)
    expect((await post(row(1))).status).toBe(200)
  })

  test('a full journal is 503, and the device may try again', async () => {
    const { intake, post } = await serve()
    intake.full = true
    expect(await post(row(1))).toMatchObject({ status: 503, body: { code: 'E_JOURNAL_FULL' } })
    intake.full = false
    expect((await post(row(1))).status).toBe(200)
  })

  test('requests that wait are bounded in bytes: one too many is told to come again, and nothing of it is read', async () => {
    const { intake, post } = await serve()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const line = `{"ts":${TS},"seq":1,"metrics":{"power":1}}`
    const body = `${line.padEnd(MAX_BODY - 1)}\n`
    const waiting = Array.from({ length: 32 }, () => post(body))
    const refused = await Promise.race([...waiting, ...Array.from({ length: 2 }, () => post(body))])
    expect(refused).toMatchObject({ status: 503, body: { code: 'E_JOURNAL_BUSY' } })
    release()
    expect((await Promise.all(waiting)).filter(({ status }) => status === 200).length).toBeGreaterThan(29)
    intake.gate = undefined
    expect((await post(row(2))).status).toBe(200)
  })

  test('requests at once have their own bytes each, and those that follow write over none that wait', async () => {
    const { intake, post } = await serve()
    for (const turn of [0, 1, 2]) {
      let release = () => {}
      intake.gate = new Promise((resolve) => {
        release = resolve
      })
      const at = (i: number) => 1000 + turn * 1000 + i * 100
      const posts = Array.from({ length: 8 }, (_, i) => post(rows(at(i), 50)))
      setTimeout(release, 50)
      expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(posts.map(() => 200))
      const kept = intake.kept.slice(-8).map(({ bytes }) => Buffer.from(bytes).toString())
      expect(kept.sort()).toEqual(posts.map((_, i) => rows(at(i), 50)).sort())
    }
  })

  const bad: [string, string | Uint8Array, object, number, string][] = [
    ['no rows', '\n', {}, 422, 'E_HTTP_ROWS'],
    ['1,001 rows', rows(1, 1001), {}, 422, 'E_HTTP_ROWS'],
    ['bytes that are no text', Uint8Array.of(0xff), {}, 422, 'E_HTTP_ROWS'],
    ['the future', row(4000), {}, 422, 'E_HTTP_ROWS'],
    ['a body too long', 'x'.repeat(MAX_BODY + 1), {}, 413, 'E_HTTP_SIZE'],
    ['another device’s path', row(1), { id: 'feeder-2' }, 401, 'E_HTTP_TOKEN'],
    ['a device that is not there', row(1), { id: 'feeder-3' }, 401, 'E_HTTP_TOKEN'],
    ['no token', row(1), { headers: { authorization: '' } }, 401, 'E_HTTP_TOKEN'],
    ['another type', row(1), { headers: { 'content-type': 'application/json' } }, 415, 'E_HTTP_TYPE'],
    ['another method', '', { method: 'GET' }, 405, 'E_HTTP_METHOD'],
    ['another path', row(1), { path: '/v1/devices/../readings' }, 404, 'E_HTTP_PATH'],
  ]
  test.each(bad)(
    '%s is refused twice alike, nothing of it is kept, and others go on',
    async (_, body, more, status, code) => {
      const { intake, post } = await serve()
      const first = await post(body, more)
      expect(first).toMatchObject({ status, body: { code } })
      expect(await post(body, more)).toEqual(first)
      expect(intake.kept).toEqual([])
      expect(JSON.stringify(first)).not.toContain(TOKEN)
      const headers = { authorization: 'Bearer another-token-of-feeder-2' }
      expect((await post(row(1), { id: 'feeder-2', headers })).status).toBe(200)
    },
  )

  test('a body without a stated length is cut off at the limit', async () => {
    const { intake, channel } = await serve()
    const [host, port] = (channel.address ?? '').split(':')
    const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${TOKEN}` }
    const status = await new Promise((resolve) => {
      const sent = request(
        { host, port, method: 'POST', path: '/v1/devices/feeder-1/readings', headers },
        (response) => {
          resolve(response.statusCode)
          sent.destroy()
        },
      )
      sent.on('error', () => {})
      for (let i = 0; i < 20; i++) sent.write('x'.repeat(100_000))
    })
    expect(status).toBe(413)
    expect(intake.kept).toEqual([])
  })

  test('a signed message goes alone', async () => {
    const { intake, post } = await serve()
    const signed = `{"ts":${TS},"seq":1,"metrics":{"power":1},"salt":"${'0a'.repeat(16)}","sig":"${'00'.repeat(64)}"}`
    expect((await post(`${signed}\n`)).status).toBe(200)
    expect(intake.kept[0]).toMatchObject({ counter: 1, signed: { received: TS / 1000 } })
    expect(await post(`${signed}\n${row(2)}`)).toMatchObject({
      status: 422,
      body: { errors: [{ row: 1, code: 'E_MESSAGE_SIGNATURE' }] },
    })
  })
})

test('a device without a token of its own is refused before anything is opened', async () => {
  for (const token of ['', 'short'])
    await expect(
      http.open({ host: '127.0.0.1', port: 0 }, [feeder('x', token)], memoryIntake(), testClock(NOW)),
    ).rejects.toMatchObject({ code: 'E_PLANT' })
})
