import { windowInterval } from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { ELECTRICITY, makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, newPerson, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { isSigned, listenForHooks, listenForMail } from '../../test/receivers.ts'
import { checkReceipt } from '../evidence/receipt.ts'
import { complain } from './complaint.ts'
import { requireWebhookUrl, sendWebhook } from './webhook.ts'

const MARCH = 1_519_833_600
const DAY = 86_400

let platform: TestPlatform
let plant: TestParty
let enterprise: Record<string, string>
let regulator: Record<string, string>
let stranger: Record<string, string>
let previous: Uint8Array | null = null
let sequence = 0
const hook = listenForHooks()
const post = listenForMail()

beforeAll(async () => {
  platform = await startTestPlatform({
    webhooks: { hosts: ['127.0.0.1', 'localhost'], networks: ['127.0.0.0/8'] },
    smtpUrl: `smtp://127.0.0.1:${await post.port}`,
  })
  const market = await register(platform, newParty('platform', 'the platform'))
  plant = await bindEnterprise(platform, 'steel', market)
  enterprise = await signInWithKey(platform, plant.id, plant.acts)
  regulator = await signInWithKey(platform, platform.regulator.id, platform.regulator.acts)
  stranger = (await newPerson(platform, 'stranger')).headers
}, 120_000)
afterAll(async () => {
  await platform?.close()
  hook.server.close()
  post.server.close()
}, 60_000)

async function batch(from: number, readings = 96, restates: Parameters<typeof makeBatch>[1]['restates'] = []) {
  const next = makeBatch(platform, { party: plant, sequence: sequence + 1, previous, from, readings, restates })
  const answer = await send(platform, next)
  expect(answer.status, answer.text).toBe(201)
  previous = next.entry.digest
  sequence++
  await until('the batch is looked at', async () => {
    const { json } = await ask(platform, 'GET', `/v1/organizations/${plant.id}/streams/1/series?step=86400`)
    return json.sequence === sequence
  })
}

const path = (rest: string) => `/v1/organizations/${plant.id}${rest}`
const alerts = async (query = '') =>
  (await ask(platform, 'GET', path(`/alerts${query}`), { headers: enterprise })).json.items
const draft = (more: object) => ({
  name: '负荷过高',
  kind: 'threshold',
  severity: 'critical',
  settings: { most: 3000 },
  ...more,
})

describe('alerts', () => {
  test('an organization starts with rules of its own, and a quiet batch raises none', async () => {
    await batch(MARCH)
    const { json } = await ask(platform, 'GET', path('/alert-rules'), { headers: enterprise })
    expect(json.items.map(({ kind }: { kind: string }) => kind).sort()).toEqual(
      ['capture', 'counter', 'drift', 'gap', 'quality', 'signature'].sort(),
    )
    // The frame of the test batches is dated at its first reading, so each later one is ahead of it.
    expect((await alerts()).map(({ kind }: { kind: string }) => kind)).toEqual(['drift', 'drift'])
  })

  test('a rule counts from the next batch on; what breaks it again is counted, not doubled', async () => {
    const rule = await ask(platform, 'POST', path('/alert-rules'), {
      body: draft({ stream: 1, settings: { most: 4376 }, mail: ['duty@example.com'] }),
      headers: enterprise,
    })
    expect(rule.status, rule.text).toBe(201)
    const webhook = await ask(platform, 'POST', path('/webhooks'), {
      body: { url: `http://127.0.0.1:${await hook.port}/in` },
      headers: enterprise,
    })
    expect(webhook.status, webhook.text).toBe(201)
    await batch(MARCH + DAY)
    const [alert] = await alerts('?severity=critical&state=open').then((all: { id: string; rule: string }[]) =>
      all.filter((one) => one.rule === rule.json.id),
    )
    // 1095 Wh in the last quarter hour are 4,380 W.
    expect(alert).toMatchObject({
      stream: 1,
      device: 'meter 1',
      times: 1,
      sequence: 2,
      values: { value: 4380, most: 4376 },
    })
    await batch(MARCH + 2 * DAY)
    const [again] = (await alerts()).filter((one: { rule: string }) => one.rule === rule.json.id)
    expect(again).toMatchObject({ id: alert?.id, times: 2, sequence: 3 })

    const off = await ask(platform, 'PUT', path(`/alert-rules/${rule.json.id}`), {
      body: draft({ stream: 1, enabled: false }),
      headers: enterprise,
    })
    expect(off.json.enabled).toBe(false)
  })

  test('a gap between batches and a gap filled late are told by the figures', async () => {
    await batch(MARCH + 4 * DAY)
    const gaps = (await alerts()).filter(({ kind }: { kind: string }) => kind === 'gap')
    expect(gaps).toMatchObject([{ values: { missingSeconds: DAY } }, { values: { missingSeconds: DAY } }])
    const figures = async () => (await ask(platform, 'GET', path('/collection'))).json.items[0]
    expect(await figures()).toMatchObject({ gaps: 1, missingReadings: 96, refused: 0 })
    await batch(MARCH + 3 * DAY)
    expect(await figures()).toMatchObject({ gaps: 0, missingReadings: 0 })
    // 重复采集: the same day once more is refused, and counted.
    const twice = makeBatch(platform, { party: plant, sequence: sequence + 1, previous, from: MARCH + 3 * DAY })
    expect((await send(platform, twice)).json.code).toBe('E_AUDIT_OVERLAP')
    await until('the refusal is counted', async () => (await figures()).refused === 1)
    await batch(MARCH + 5 * DAY, 96, [windowInterval(ELECTRICITY * 256, 1, MARCH, MARCH + DAY)])
    expect(await figures()).toMatchObject({ restated: 96, gaps: 0 })
  })

  test('the mail and the signed webhook arrive, and a webhook can be sent again', async () => {
    await until('the hook arrives', () => hook.got.some(({ body }) => body.includes('负荷过高')))
    await until('the mail arrives', () => post.got.some((letter) => letter.includes('duty@example.com')))
    const { headers, body } = hook.got.find((one) => one.body.includes('负荷过高')) as (typeof hook.got)[number]
    const { json } = await ask(platform, 'GET', '/v1/webhook-key')
    expect((await ask(platform, 'GET', path('/channels'), { headers: enterprise })).json).toEqual({
      webhook: { hosts: ['127.0.0.1', 'localhost'], key: json.key },
      mail: { from: platform.instance.config.mailFrom },
    })
    expect(isSigned(json.key, headers, body)).toBe(true)
    expect(isSigned(json.key, headers, body.replace('alert', 'alarm'))).toBe(false)

    const list = await ask(platform, 'GET', path('/deliveries'), { headers: enterprise })
    const sent = list.json.items.find(
      (one: { channel: string; state: string }) => one.channel === 'webhook' && one.state === 'sent',
    )
    expect(sent).toMatchObject({ state: 'sent', failure: null, nextTry: null })
    const before = hook.got.length
    const replay = await ask(platform, 'POST', path(`/deliveries/${sent.id}/replay`), { headers: enterprise })
    expect(replay.status, replay.text).toBe(202)
    expect(Date.parse(replay.json.nextTry)).toBeLessThanOrEqual(Date.now())
    await until('it arrives again', () => hook.got.length > before)
  }, 60_000)

  test('an alert is acknowledged, assigned, commented, muted and resolved, by enterprise and regulator, and says who', async () => {
    const [alert] = await alerts('?state=open')
    const act = (body: unknown, headers = enterprise) =>
      ask(platform, 'POST', path(`/alerts/${alert.id}/acts`), { body, headers })
    expect((await act({ act: 'acknowledge' })).json.state).toBe('acknowledged')
    expect((await act({ act: 'assign', to: '王工' })).json.assignee).toBe('王工')
    expect((await act({ act: 'comment', words: '请说明原因' }, regulator)).status).toBe(200)
    expect((await act({ act: 'mute', until: '2099-01-01T00:00:00Z' })).json.mutedUntil).toBe('2099-01-01T00:00:00.000Z')
    const resolved = await act({ act: 'resolve', words: '已校时' })
    expect(resolved.json.state).toBe('resolved')
    expect(resolved.json.notes.map(({ what }: { what: string }) => what)).toEqual([
      'opened',
      'acknowledged',
      'assigned',
      'commented',
      'muted',
      'resolved',
    ])
    expect(resolved.json.notes[3].who).toBe(`key:${resolved.json.notes[3].who.slice(4)}`)
    expect(resolved.json.notes[3].who).not.toBe(resolved.json.notes[2].who)
    // Resolved stays resolved.
    expect((await act({ act: 'acknowledge' })).json.state).toBe('resolved')
    const all = await ask(platform, 'GET', '/v1/alerts?limit=1', { headers: regulator })
    expect([all.status, all.json.items.length, typeof all.json.next]).toEqual([200, 1, 'string'])
    const next = await ask(platform, 'GET', `/v1/alerts?limit=1&after=${all.json.next}`, { headers: regulator })
    expect(next.json.items[0].id).not.toBe(all.json.items[0].id)
  })

  test('a regulator’s rule is for everybody; silence is found by the clock', async () => {
    const body = { name: '静默', kind: 'silence', severity: 'warning', settings: { seconds: 10 }, stream: 2 }
    expect((await ask(platform, 'POST', '/v1/alert-rules', { body, headers: enterprise })).status).toBe(404)
    const rule = await ask(platform, 'POST', '/v1/alert-rules', { body, headers: regulator })
    expect([rule.status, rule.json.organization]).toEqual([201, null])
    await until(
      'the silence is heard',
      async () => (await alerts()).some(({ kind }: { kind: string }) => kind === 'silence'),
      30_000,
    )
  }, 60_000)

  test('S32 others see neither alerts nor rules; R14 bad input is refused and changes nothing', async () => {
    for (const [route, who, status] of [
      ['/alerts', stranger, 404],
      ['/alerts', {}, 401],
      ['/alert-rules', stranger, 404],
      ['/channels', stranger, 404],
      ['/webhooks', stranger, 404],
      ['/webhooks', regulator, 404],
    ] as const)
      expect((await ask(platform, 'GET', path(route), { headers: who })).status, route).toBe(status)
    const rules = async () =>
      (await ask(platform, 'GET', path('/alert-rules'), { headers: enterprise })).json.items.length
    const before = await rules()
    const rows: [body: unknown, status: number, code: string][] = [
      [draft({ settings: {} }), 422, 'E_ALERT_SETTINGS'],
      [draft({ settings: { most: 1.5 } }), 422, 'E_ALERT_SETTINGS'],
      [draft({ kind: 'gap' }), 422, 'E_ALERT_SETTINGS'],
      [draft({ kind: 'magic' }), 400, 'E_REQUEST_INVALID'],
      [draft({ severity: 'fatal' }), 400, 'E_REQUEST_INVALID'],
      [draft({ type: '2' }), 400, 'E_REQUEST_INVALID'],
      [draft({ stream: 0 }), 400, 'E_REQUEST_INVALID'],
      [draft({ mail: ['a@b\r\nBcc: x@y'] }), 400, 'E_REQUEST_INVALID'],
      [draft({ mail: ['nobody'] }), 400, 'E_REQUEST_INVALID'],
      [draft({ name: '' }), 400, 'E_REQUEST_INVALID'],
      [draft({ organization: 1 }), 400, 'E_REQUEST_INVALID'],
    ]
    for (const [body, status, code] of rows) {
      const answer = await ask(platform, 'POST', path('/alert-rules'), { body, headers: enterprise })
      expect([answer.status, answer.json.code], JSON.stringify(body)).toEqual([status, code])
    }
    expect(await rules()).toBe(before)
    const [alert] = await alerts()
    for (const body of [
      { act: 'erase' },
      { act: 'resolve' },
      { act: 'mute', until: 'tomorrow' },
      { act: 'assign', to: '' },
    ])
      expect(
        (await ask(platform, 'POST', path(`/alerts/${alert.id}/acts`), { body, headers: enterprise })).status,
      ).toBe(400)
    const foreign = `/v1/organizations/${platform.regulator.id}/alerts/${alert.id}/acts`
    const body = { act: 'comment', words: 'x' }
    expect((await ask(platform, 'POST', foreign, { body, headers: regulator })).status).toBe(404)
  })
})

describe('S8 a promise that is not kept', () => {
  test('the receipt stands beside the missing entry, listed in public, and stays when the entry comes late', async () => {
    const { instance } = platform
    expect((await ask(platform, 'GET', '/v1/complaints')).json.items).toEqual([])
    // The receipt of the last batch, as though the log had not taken it: the head stands one before.
    await until('the log has all', () => instance.log.size === sequence)
    const head = instance.db.updateTable('head').where('organization', '=', plant.id).where('kind', '=', 1)
    const entry = await instance.db
      .deleteFrom('entry')
      .where('organization', '=', plant.id)
      .where('kind', '=', 1)
      .where('sequence', '=', sequence)
      .returningAll()
      .executeTakeFirstOrThrow()
    await head.set({ sequence: sequence - 1 }).execute()
    const later = (seconds: number) => complain({ ...instance, clock: () => Date.now() + seconds * 1000 })
    expect(await later(0)).toBe(0)
    expect(await later(instance.config.promiseSeconds + 60)).toBe(1)
    expect(await later(instance.config.promiseSeconds + 120)).toBe(0)
    const [complaint] = (await ask(platform, 'GET', '/v1/complaints')).json.items
    expect(complaint).toMatchObject({ organization: plant.id, sequence, chain: { head: sequence - 1 }, settled: null })
    expect(checkReceipt(complaint.receipt, instance.receipts.publicKey)).toBe(true)
    expect(complaint.receipt.digest).toBe(complaint.digest)
    expect(Date.parse(complaint.due)).toBe((complaint.receipt.received + complaint.receipt.promise) * 1000)

    await instance.db.insertInto('entry').values(entry).execute()
    await head.set({ sequence }).execute()
    await later(instance.config.promiseSeconds + 180)
    expect((await ask(platform, 'GET', '/v1/complaints')).json.items).toMatchObject([
      { sequence, settled: { index: sequence - 1 } },
    ])
  })
})

describe('R19 the webhook client', () => {
  const closed = {
    hosts: ['example.com', 'localhost', '127.0.0.1', '10.0.0.1', '::1', '::ffff:127.0.0.1'],
    networks: [],
  }
  const open = { ...closed, networks: ['127.0.0.0/8'] }

  test('only listed hosts, over HTTPS, without credentials', () => {
    for (const url of [
      'ftp://example.com/',
      'file:///etc/passwd',
      'not an address',
      '',
      'https://evil.example/',
      'https://example.com.evil.example/',
      'https://user:secret@example.com/',
      'https://example.com/#x',
      'http://example.com/',
      'https://169.254.169.254/latest/meta-data',
    ])
      expect(() => requireWebhookUrl(url, closed), url).toThrow(expect.objectContaining({ code: 'E_WEBHOOK_URL' }))
    expect(requireWebhookUrl('https://example.com/in?x=1', closed).href).toBe('https://example.com/in?x=1')
  })

  test('no address of this machine or its networks, by number or by name, unless the network is listed', async () => {
    const message = (url: string) => ({ url, headers: {}, body: '{}' })
    for (const url of [
      'https://127.0.0.1/',
      'https://localhost/',
      'https://10.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://0x7f000001/',
    ])
      await expect(sendWebhook(message(url), closed), url).rejects.toMatchObject({ code: 'E_WEBHOOK_URL' })
    const port = await hook.port
    expect(await sendWebhook(message(`http://localhost:${port}/in`), open)).toBe(200)
    await expect(sendWebhook(message('http://10.0.0.1/'), open)).rejects.toMatchObject({ code: 'E_WEBHOOK_URL' })
  })

  test('a redirect is not followed, and a failing receiver is a failure', async () => {
    const port = await hook.port
    const before = hook.got.length
    const to = (path: string) => sendWebhook({ url: `http://127.0.0.1:${port}${path}`, headers: {}, body: '{}' }, open)
    await expect(to('/redirect')).rejects.toMatchObject({ code: 'E_WEBHOOK_FAILED' })
    await expect(to('/broken')).rejects.toMatchObject({ code: 'E_WEBHOOK_FAILED' })
    expect(hook.got.length).toBe(before)
  })
})
