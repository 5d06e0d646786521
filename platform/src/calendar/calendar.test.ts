import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Json, until } from '../../test/ask.ts'
import { newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { isSigned, listenForHooks, listenForMail, wordsOf } from '../../test/receivers.ts'
import type { DeadlineView } from './deadline.ts'
import { icsOf } from './ics.ts'
import { remindOfDeadlines } from './remind.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00+08:00`)
const deadline: DeadlineView = {
  project: 'a'.repeat(32),
  subject: '一号机组; 甲, 乙\\丙\n丁',
  sector: 'power',
  calendar: 'cn.ets-2026',
  step: 'annualReport',
  zh: '年度排放报告',
  en: 'Annual report',
  period: '2025',
  day: '2026-03-31',
  due: day('2026-04-01') / 1000,
  state: 'open',
  report: null,
  source: { document: '环办气候函〔2026〕32号', confidence: 'V' },
}

test('RFC 5545: text is escaped, lines are folded at 75 bytes within no character, a UID stays', () => {
  const ics = icsOf([deadline], { language: 'zh', name: '甲厂', stampS: 0 })
  const lines = ics.split('\r\n')
  expect(lines.at(-1)).toBe('')
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  const unfolded = ics.replaceAll('\r\n ', '')
  expect(unfolded).toContain('SUMMARY:年度排放报告 2025 · 一号机组\\; 甲\\, 乙\\\\丙\\n丁 (待办)')
  expect(unfolded).toContain(`UID:cn.ets-2026-annualReport-2025-${'a'.repeat(32)}@tanlian`)
  expect(unfolded).toContain('DTSTART;VALUE=DATE:20260331')
  expect(icsOf([deadline], { language: 'en', name: 'x', stampS: 0 })).toContain('SUMMARY:Annual report 2025')
  expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
})

describe('deadlines of an organization', () => {
  let platform: TestPlatform
  let works: TestParty
  let headers: Record<string, string>
  const hook = listenForHooks()
  const post = listenForMail()
  const get = (tail: string) => ask(platform, 'GET', `/v1/organizations/${works.id}/${tail}`, { headers })
  const add = (body: object) => ask(platform, 'POST', `/v1/organizations/${works.id}/projects`, { body, headers })

  beforeAll(async () => {
    platform = await startTestPlatform({
      webhooks: { hosts: ['127.0.0.1'], networks: ['127.0.0.0/8'] },
      smtpUrl: `smtp://127.0.0.1:${await post.port}`,
    })
    works = await register(platform, newParty('enterprise', 'works'))
    headers = await signInWithKey(platform, works.id, works.acts)
  }, 120_000)
  afterAll(async () => {
    await platform?.close()
    hook.server.close()
    post.server.close()
  }, 60_000)

  test('come with a project, of its sector, with their source', async () => {
    expect((await get('deadlines')).json.items).toEqual([])
    expect((await add({ sector: 'poetry', subject: '一号机组' })).json.code).toBe('E_PROJECT_SECTOR')
    expect((await add({ sector: 'power', subject: '一号机组' })).status).toBe(201)
    expect((await add({ sector: 'steel', subject: '一号机组' })).json.code).toBe('E_PROJECT_TAKEN')
    const from = day('2026-01-01') / 1000
    const { json } = await get(`deadlines?from=${from}&to=${from + 366 * 86_400}`)
    const names = json.items.map(({ step, period }: Json) => `${step} ${period}`)
    expect(names).toContain('annualReport 2025')
    expect(names).toContain('monthlyEvidence 2026-02')
    const annual = json.items.find(({ step }: Json) => step === 'annualReport')
    expect(annual).toMatchObject({ day: '2026-03-31', state: 'late', report: null, source: { confidence: 'V' } })
    expect(json.items.find(({ step }: Json) => step === 'preAllocation').state).toBe('date')
    const ics = await get(`deadlines.ics?lang=en&from=${from}`)
    expect(ics.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(ics.text).toContain('SUMMARY:Annual report 2025')
  })

  test('are told of days ahead, once, and not again until the next', async () => {
    const at = (text: string) => remindOfDeadlines({ ...platform.instance, clock: () => day(text) })
    const alerts = async () => (await get('alerts')).json.items
    await at('2025-11-15')
    // 40 days after September: due at the end of 9 November; after October: 10 December.
    const [first] = await alerts()
    expect(first).toMatchObject({
      kind: 'deadline',
      stream: null,
      values: { step: 'monthlyEvidence', period: '2025-09', day: '2025-11-09' },
    })
    await at('2025-11-16')
    expect(await alerts()).toHaveLength(1)
    // A month later the old one is no longer told of: the next stands.
    await at('2025-12-15')
    const now = await alerts()
    expect(now.map(({ state, values }: Json) => [state, values.period])).toEqual([
      ['open', '2025-10'],
      ['resolved', '2025-09'],
    ])
  })

  test('are told by mail in plain words, and by a webhook that bears the platform’s signature, once each', async () => {
    const [rule] = (await get('alert-rules')).json.items.filter(({ kind }: Json) => kind === 'deadline')
    const { name, kind, severity, settings } = rule
    const body = { name, kind, severity, settings, mail: ['duty@example.com'] }
    const set = await ask(platform, 'PUT', `/v1/organizations/${works.id}/alert-rules/${rule.id}`, { body, headers })
    expect(set.status, set.text).toBe(200)
    const url = { url: `http://127.0.0.1:${await hook.port}/in` }
    const hooked = await ask(platform, 'POST', `/v1/organizations/${works.id}/webhooks`, { body: url, headers })
    expect(hooked.status, hooked.text).toBe(201)
    for (const today of ['2026-01-05', '2026-01-06'])
      await remindOfDeadlines({ ...platform.instance, clock: () => day(today) })
    // The queue goes by the platform's own clock, which is later than the days of this test.
    await until('the reminder arrives by both ways', () => hook.got.length > 0 && post.got.length > 0)
    const [{ headers: signed, body: told }] = hook.got as [(typeof hook.got)[number]]
    expect(JSON.parse(told)).toMatchObject({
      event: 'alert',
      alert: { kind: 'deadline', values: { en: 'Monthly evidence', period: '2025-11', day: '2026-01-09' } },
    })
    const { key } = (await ask(platform, 'GET', '/v1/webhook-key')).json
    expect(isSigned(key, signed, told)).toBe(true)
    expect(isSigned(key, signed, told.replace('2026-01-09', '2026-02-09'))).toBe(false)
    const letter = post.got[0] as string
    expect(letter).toContain('To: duty@example.com')
    expect(wordsOf(letter)).toContain('一号机组：月度信息化存证（2025-11）须在 2026-01-09 当日结束前完成。')
    expect(wordsOf(letter)).toContain('一号机组: Monthly evidence (2025-11) is due by the end of 2026-01-09.')
    expect([hook.got.length, post.got.length]).toEqual([1, 1])
  }, 30_000)

  test('end with the project', async () => {
    const [{ id }] = (await get('projects')).json.items
    const gone = await ask(platform, 'DELETE', `/v1/organizations/${works.id}/projects/${id}`, { headers })
    expect(gone.status).toBe(204)
    expect((await get('deadlines')).json.items).toEqual([])
  })
})
