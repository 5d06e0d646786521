import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestOutbox, createTestPlatform, KEY, LOG } from '../test/plant.ts'
import type { Arrival, Intake, Sample } from './arrival.ts'
import type { Device } from './device.ts'
import { machineDisk } from './disk.ts'
import { type Gateway, type Protocols, startGateway } from './gateway.ts'
import { type DeviceModel, readModel } from './model.ts'
import { openPage, type Page } from './page.ts'
import { createPageApi } from './page-api.ts'
import { readPlant } from './plant.ts'

const MODEL = `format: tanlian/device-model/1
en: A meter
zh: 电表
protocol: http
definition: made up for tests
points:
  - name: energy
    en: Energy
    zh: 电量
    kind: "020100"
    unit: Wh
    value: delta
    rounding: exact
    interval: 60
    stamp: start
    source: { field: energy }
`
const PLANT = `# the plant of the tests
format: tanlian/plant/1
organization: 7
platform: http://127.0.0.1:1
zone: Asia/Shanghai
listen:
  http: { port: 0 }
devices:
  - { id: a, model: meter, points: { energy: 1 } }
`

/** A protocol whose devices speak when the test says so. */
function createTestProtocol() {
  let opened: { readonly devices: readonly Device[]; readonly intake: Intake } | undefined
  const samples = (bytes: Uint8Array): Sample[] => [
    { point: 'energy', stamp: 1_780_000_000, value: new TextDecoder().decode(bytes), flag: undefined },
  ]
  const protocol = {
    name: 'http',
    async open(_: unknown, devices: readonly Device[], intake: Intake) {
      opened = { devices, intake }
      const close = async () => {
        opened = undefined
      }
      return { address: 'http://127.0.0.1:1', devices: new Map(), close }
    },
    samples,
  } as const
  const say = (device: string, value: string, receivedMs = Date.now()) => {
    if (!opened?.devices.some(({ id }) => id === device)) return undefined
    const arrival: Arrival = {
      device,
      protocol: 'http',
      bytes: new TextEncoder().encode(value),
      receivedMs,
      name: value,
      rank: Number(value),
    }
    return opened.intake.keep(arrival)
  }
  return { protocols: { http: protocol } as unknown as Protocols, say }
}

const clock = {
  now: Date.now,
  after(ms: number, call: () => void) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

describe('the page of a gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tanlian-page-'))
  const { protocols, say } = createTestProtocol()
  const models: ReadonlyMap<string, DeviceModel> = new Map([['meter', readModel(MODEL, 'meter')]])
  let gateway: Gateway
  let page: Page
  let text = PLANT

  const start = () =>
    startGateway({
      plant: readPlant(text, models),
      protocols,
      disk: machineDisk,
      directory: join(folder, 'data'),
      clock,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      chance: () => 1,
      reach: async () => ({
        gate: createTestPlatform(),
        log: LOG,
        outbox: createTestOutbox(),
        key: KEY,
        keyChanges: async () => [],
      }),
      onStopped: () => {},
    })
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(page.address + path, { headers })
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
  }
  const post = async (path: string, value: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(page.address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(value),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  beforeAll(async () => {
    writeFileSync(join(folder, 'index.html'), '<title>Tanlian</title>')
    gateway = await start()
    const file = {
      get gateway() {
        return gateway
      },
      models,
      folder,
      text: () => text,
      async replace(changed: string) {
        await gateway.stop()
        text = changed
        gateway = await start()
      },
    }
    page = await openPage(0, createPageApi(file, Date.now), folder)
  })
  afterAll(async () => {
    await page.close()
    await gateway.stop()
    rmSync(folder, { recursive: true })
  })

  test('says how plant, journal and uplink are', async () => {
    await say('a', '41')
    const { status, body } = await get('/api/state')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      plant: { organization: 7, zone: 'Asia/Shanghai', signs: false },
      journal: { next: 2, stopped: false, damage: [] },
      uplink: { waiting: 0 },
      devices: [
        { id: 'a', model: 'meter', signs: false, counts: { kept: 1 }, points: [{ name: 'energy', stream: 1 }] },
      ],
      scores: [{ stream: 1, device: 'a' }],
    })
  })

  test('pushes live values with their time', async () => {
    await say('a', '42')
    const response = await fetch(`${page.address}/api/live`)
    const reader = response.body?.getReader()
    // Events of earlier values may come first, and a chunk may hold half of one.
    const eventOf42 = /^event: live\ndata: (.*"value":"42".*)\n\n/m
    let seen = ''
    while (!eventOf42.test(seen)) seen += new TextDecoder().decode((await reader?.read())?.value)
    await reader?.cancel()
    const { values, nowMs } = JSON.parse(eventOf42.exec(seen)?.[1] ?? '') as {
      values: Record<string, unknown>[]
      nowMs: number
    }
    expect(values).toMatchObject([{ device: 'a', point: 'energy', stream: 1, unit: 'Wh', value: '42' }])
    expect(nowMs - Number(values[0]?.receivedMs)).toBeLessThan(5000)
  })

  test('the wizard: choose a driver, try the device, see its values, and it is in the plant', async () => {
    const drivers = JSON.parse((await get('/api/drivers')).body)
    expect(drivers.models).toMatchObject([
      { name: 'meter', protocol: 'http', points: [{ name: 'energy', unit: 'Wh' }] },
    ])
    const device = { id: 'b', model: 'meter', points: { energy: 2 } }
    const trying = post('/api/test-connection', { device })
    const tries = setInterval(() => say('b', '7')?.catch(() => {}), 20)
    const tried = await trying
    clearInterval(tries)
    expect(tried.body).toMatchObject({ ok: true, samples: [{ point: 'energy', value: '7' }] })
    // Nothing of the trial was kept or acknowledged.
    expect(say('b', '8')).toBe(undefined)
    expect(gateway.core.intake.counts.get('b')).toBe(undefined)
    expect((await post('/api/devices', { device })).body).toEqual({ device: 'b' })
    expect(await say('b', '8')).toMatchObject({ state: 'kept' })
    expect(text).toContain('# the plant of the tests')
    expect(readPlant(text, models).devices.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('a device that the plant file would refuse is refused, and nothing changes', async () => {
    const before = text
    for (const device of [
      { id: 'a', model: 'meter', points: { energy: 3 } },
      { id: 'c', model: 'meter', points: { energy: 1 } },
      { id: 'c', model: 'none', points: { energy: 3 } },
      { id: 'c', model: 'meter', points: {}, more: 1 },
    ])
      expect(await post('/api/devices', { device })).toMatchObject({ status: 400, body: { code: 'E_PLANT' } })
    for (const body of [null, 1, [], { device: 'c' }, { device: {}, listen: [] }])
      expect((await post('/api/test-connection', body)).body.code).toBe('E_PAGE_BODY')
    expect(text).toBe(before)
  })

  test('kept messages are found from a position on, and a position that is none is refused', async () => {
    const { items, next } = JSON.parse((await get('/api/messages?device=a')).body)
    expect([items[0], next]).toMatchObject([{ kind: 'frame', device: 'a', protocol: 'http', bytes: '3431' }, null])
    const rest = await get(`/api/messages?device=a&from=${items[0].position + 1}`)
    expect(JSON.parse(rest.body).items).toEqual(items.slice(1))
    for (const from of ['-1', 'x', '1.5']) {
      const answer = await get(`/api/messages?from=${from}`)
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'E_PAGE_QUERY'])
    }
  })

  test('a page of another site can neither read nor write', async () => {
    const status = await new Promise((resolve) => {
      request(`${page.address}/api/state`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      ).end()
    })
    expect(status).toBe(403)
    const device = { id: 'd', model: 'meter', points: { energy: 9 } }
    expect((await post('/api/devices', { device }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post('/api/devices', { device }, { 'content-type': 'text/plain' })).status).toBe(403)
    expect((await get('/api/none')).status).toBe(404)
    expect((await get('/../package.json')).body).not.toContain('@tanlian')
  })

  test('the web app is served, and its addresses lead to it', async () => {
    expect((await get('/')).body).toBe(readFileSync(join(folder, 'index.html'), 'utf8'))
    expect(await get('/gateway')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' })
  })
})
