import type { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Json } from '../../test/ask.ts'
import { log, state } from '../../test/document.ts'
import { newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

const HOUR = 3600

describe('samples through the platform', () => {
  let platform: TestPlatform
  let works: TestParty
  let laboratory: TestParty
  const now = () => Math.floor(Date.now() / 1000)
  const sample = (change: object = {}) => ({
    format: 'tanlian/sample/1',
    label: '2026-10 入炉煤',
    material: '烟煤',
    stream: null,
    period: [0, 31 * 86_400],
    taken: now() - 2 * HOUR,
    sealed: now() - HOUR,
    seal: '封-001',
    ...change,
  })
  const handover = (cid: CID, at = now() - 900) => ({
    format: 'tanlian/handover/1',
    sample: cid,
    laboratory: laboratory.id,
    at,
  })
  const receipt = (cid: CID, intact = true) => ({
    format: 'tanlian/sample-receipt/1',
    handover: cid,
    at: now() - 600,
    intact,
  })
  const analysis = (cid: CID, change: object = {}) => ({
    format: 'tanlian/analysis/1',
    receipt: cid,
    number: 'A-1',
    analysed: now() - 60,
    results: [{ name: 'ncv', value: '21.350', unit: 'GJ[LHV]/t[coal, as received]', method: 'GB/T 213' }],
    report: null,
    ...change,
  })
  const code = async (party: TestParty, kind: string, content: unknown) =>
    (await state(platform, party, kind, content)).answer.json.code
  const states = async (party: TestParty, query = '') => {
    const headers = await signInWithKey(platform, party.id, party.acts)
    const { json } = await ask(platform, 'GET', `/v1/organizations/${party.id}/samples${query}`, { headers })
    return json.items.map(({ state: one }: Json) => one)
  }

  beforeAll(async () => {
    platform = await startTestPlatform()
    works = await register(platform, newParty('enterprise', 'works'))
    laboratory = await register(platform, newParty('laboratory', 'laboratory'))
  }, 120_000)
  afterAll(() => platform?.close(), 60_000)

  test('each step is logged by who takes it, and both parties see how far the sample is', async () => {
    const taken = await log(platform, works, 'sample', sample())
    expect(await states(works)).toEqual(['sealed'])
    expect(await states(laboratory)).toEqual([])
    const handed = await log(platform, works, 'handover', handover(taken))
    expect(await states(laboratory)).toEqual(['handed'])
    expect(await code(works, 'receipt', receipt(handed))).toBe('E_REGISTER_PARTY')
    const received = await log(platform, laboratory, 'receipt', receipt(handed))
    const analysed = await log(platform, laboratory, 'analysis', analysis(received))
    expect(await states(laboratory, '?state=analysed')).toEqual(['analysed'])
    expect(await states(works, '?state=received')).toEqual([])
    for (const cid of [taken, handed, received, analysed]) {
      const { json } = await ask(platform, 'GET', `/v1/samples/${cid}`)
      expect(json).toMatchObject({ cid: taken.toString(), state: 'analysed', qr: `tanlian:${taken}` })
    }
  })

  test('a back-dated report is refused before it is logged', async () => {
    expect(await code(works, 'sample', sample({ taken: now() - 50 * HOUR }))).toBe('E_REGISTER_LATE')
    expect(await code(works, 'sample', sample({ sealed: now() + HOUR }))).toBe('E_REGISTER_EARLY')
    // Still within 48 hours on receipt, but no more by the time its block may come.
    expect(await code(works, 'sample', sample({ taken: now() - 48 * HOUR + 5 }))).toBe('E_REGISTER_LATE')
  })

  test('a sample is used once, a number too, and a broken seal ends it', async () => {
    const taken = await log(platform, works, 'sample', sample({ label: 'two' }))
    const handed = await log(platform, works, 'handover', handover(taken))
    expect(await code(works, 'handover', handover(taken))).toBe('E_REGISTER_TWICE')
    const received = await log(platform, laboratory, 'receipt', receipt(handed))
    expect(await code(laboratory, 'analysis', analysis(received))).toBe('E_REGISTER_NUMBER')
    expect(await code(laboratory, 'analysis', analysis(received, { number: 'A-2', analysed: now() - HOUR }))).toBe(
      'E_REGISTER_TIMES',
    )
    await log(platform, laboratory, 'analysis', analysis(received, { number: 'A-2' }))
    expect(await code(laboratory, 'analysis', analysis(received, { number: 'A-3' }))).toBe('E_REGISTER_TWICE')
    const broken = await log(platform, works, 'sample', sample({ label: 'three' }))
    const opened = await log(
      platform,
      laboratory,
      'receipt',
      receipt(await log(platform, works, 'handover', handover(broken)), false),
    )
    expect(await code(laboratory, 'analysis', analysis(opened, { number: 'A-4' }))).toBe('E_REGISTER_SEAL')
    expect(await states(works, '?state=broken')).toEqual(['broken'])
  })

  test('S32 others see no list of it', async () => {
    const stranger = await register(platform, newParty('enterprise', 'stranger'))
    const headers = await signInWithKey(platform, stranger.id, stranger.acts)
    const { json } = await ask(platform, 'GET', `/v1/organizations/${works.id}/samples`, { headers })
    expect(json.code).toBe('E_NOT_FOUND')
  })
})
