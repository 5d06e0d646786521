import { LIBRARY } from '@tanlian/accounting/library'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Json, until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { MEDIA, mediaOf } from '../attachment/media.ts'
import { closeRows, type DraftInput } from './input.ts'

/** 2018-03-01 00:00 in Shanghai. */
const MARCH = 1_519_833_600
const PURCHASED = LIBRARY.find(({ id }) => id === 'energy.purchased')?.cid

describe('rows of a draft', () => {
  const input = (group: string | null, row: number, name: string): DraftInput => ({
    name,
    group,
    row,
    value: '1',
    origin: { kind: 'manual', reason: 'read off' },
  })

  test('close up where one was taken out, each group on its own', () => {
    const closed = closeRows([
      input('coals', 5, 'used'),
      input(null, 0, 'made'),
      input('coals', 2, 'used'),
      input('gases', 1, 'gas'),
    ])
    expect(closed.map(({ group, row }) => [group, row])).toEqual([
      ['coals', 1],
      [null, 0],
      ['coals', 0],
      ['gases', 0],
    ])
  })
})

describe('a draft', () => {
  let platform: TestPlatform
  let plant: TestParty
  let editor: Record<string, string>
  let draft: Json
  let first: ReturnType<typeof makeBatch>
  const summed = (sequence: number) =>
    until('the sums have taken the batch in', async () => {
      const mark = await platform.instance.db
        .selectFrom('projection_mark')
        .select('sequence')
        .where('name', '=', 'series')
        .where('organization', '=', plant.id)
        .executeTakeFirst()
      return mark?.sequence === sequence
    })
  const post = (url: string, body: unknown, headers = editor) => ask(platform, 'POST', url, { body, headers })
  const put = (body: unknown) =>
    ask(platform, 'PUT', `/v1/organizations/${plant.id}/reports/${draft.id}/inputs`, { body, headers: editor })

  beforeAll(async () => {
    platform = await startTestPlatform()
    plant = await bindEnterprise(platform, 'works', await register(platform, newParty('platform', 'the platform')))
    editor = await signInWithKey(platform, plant.id, plant.acts)
    // March 2018 begins in the middle of these readings.
    first = makeBatch(platform, {
      party: plant,
      sequence: 1,
      previous: null,
      from: MARCH - 4 * 900,
      readings: 96,
    })
    expect((await send(platform, first)).status).toBe(201)
    await summed(1)
  }, 120_000)
  afterAll(() => platform?.close(), 60_000)

  const new_ = (change: object = {}) =>
    post(`/v1/organizations/${plant.id}/reports`, {
      type: 'month',
      subject: '一号厂区',
      period: '2018-03',
      methodology: PURCHASED,
      ...change,
    })

  test('fills itself with the exact total of what started in the period, in the unit of the input', async () => {
    const answer = await new_()
    expect(answer.status, answer.text).toBe(201)
    draft = answer.json
    // 92 of 96 quarter hours of the test’s batch, 1000 + at Wh each.
    const wh = Array.from({ length: 92 }, (_, at) => 1004 + at).reduce((sum, one) => sum + one, 0)
    expect(draft.inputs).toEqual([
      {
        name: 'electricity',
        group: null,
        row: 0,
        value: String(wh / 1e6),
        origin: {
          kind: 'total',
          type: '0201',
          streams: null,
          from: MARCH,
          to: MARCH + 31 * 86_400,
          quantity: String(wh),
          seconds: 92 * 900,
        },
      },
    ])
    expect(draft.missing.map(({ name }: { name: string }) => name)).toEqual(['region', 'year', 'certified', 'heat'])
    expect(draft.outputs).toBeNull()
    expect(draft.collection.map(({ stream }: { stream: number }) => stream)).toEqual([1])
  })

  test('computes once nothing is missing, and counts what is somebody’s word', async () => {
    const choice = (name: string, value: string) => ({ name, group: null, row: 0, value, origin: { kind: 'choice' } })
    const manual = (name: string, value: string) => ({
      name,
      group: null,
      row: 0,
      value,
      origin: { kind: 'manual', reason: '抄表' },
    })
    const answer = await put({
      version: 1,
      inputs: [
        ...draft.inputs,
        choice('region', 'national'),
        choice('year', '2023'),
        manual('certified', '0'),
        manual('heat', '12.5'),
      ],
    })
    expect(answer.status, answer.text).toBe(200)
    draft = answer.json
    expect(draft.problem, JSON.stringify(draft.problem)).toBeNull()
    expect(draft.manual).toBe(2)
    expect(draft.outputs.map(({ name, value, unit }: Json) => [name, value, unit])).toContainEqual([
      'heatLine',
      '1.38',
      'tCO2',
    ])
    expect(draft.checks).toEqual([])
  })

  test('shows the checks of the methodology that do not hold', async () => {
    const inputs = draft.inputs.map((input: Json) => (input.name === 'certified' ? { ...input, value: '9' } : input))
    const answer = await put({ version: 2, inputs })
    expect(answer.json.checks).toMatchObject([{ name: 'certificates', severity: 'error', rows: [0] }])
  })

  test('is not written over by somebody who saw an older version', async () => {
    expect((await put({ version: 1, inputs: [] })).json).toMatchObject({ code: 'E_DRAFT_VERSION', status: 409 })
  })

  test('refuses totals without readings, inputs that are not asked for and quantities that are chosen', async () => {
    const total = draft.inputs.find((one: Json) => one.origin.kind === 'total')
    const rows = [
      { ...total, origin: { ...total.origin, from: 0, to: 3600 } },
      { ...total, name: 'coal' },
      { ...total, row: 1 },
      { ...total, origin: { kind: 'choice' } },
    ]
    for (const row of rows)
      expect((await put({ version: 3, inputs: [row] })).json.code, JSON.stringify(row)).toBe('E_DRAFT_INPUT')
    expect((await put({ version: 3, inputs: [total, total] })).json.code).toBe('E_DRAFT_INPUT')
  })

  test('never takes a total’s quantity from the request', async () => {
    const total = draft.inputs.find((one: Json) => one.origin.kind === 'total')
    const { json } = await put({
      version: 3,
      inputs: [{ ...total, value: '7', origin: { ...total.origin, quantity: '7' } }],
    })
    expect(json.inputs[0]).toEqual(total)
  })

  test('is filled anew without losing what people entered', async () => {
    const heat = { name: 'heat', group: null, row: 0, value: '3', origin: { kind: 'manual', reason: '抄表' } }
    await put({ version: 4, inputs: [heat] })
    const filled = await post(`/v1/organizations/${plant.id}/reports/${draft.id}/filling`, {
      version: 5,
      split: 'period',
    })
    expect(filled.json.inputs.map(({ name }: Json) => name).sort()).toEqual(['electricity', 'heat'])
  })

  test('is stale once other readings came for its period, and is filled anew before it is submitted', async () => {
    const url = `/v1/organizations/${plant.id}/reports/${draft.id}`
    const submission = () => ask(platform, 'GET', `${url}/submission`, { headers: editor })
    const previous = first.entry.digest
    const second = makeBatch(platform, { party: plant, sequence: 2, previous, from: MARCH + 2 * 86_400, readings: 4 })
    expect((await send(platform, second)).status).toBe(201)
    await summed(2)
    expect((await submission()).json.code).toBe('E_DRAFT_STALE')
    await post(`${url}/filling`, { version: 6, split: 'period' })
    await until('the batch is in the log', async () => (await submission()).json.code !== 'E_DRAFT_BEHIND')
    expect((await submission()).json.code).toBe('E_INPUT_MISSING')
  })

  test('goes out as a sheet and comes back with what was changed in it', async () => {
    const url = `/v1/organizations/${plant.id}/reports/${draft.id}`
    const sheet = await ask(platform, 'GET', `${url}/sheet?format=csv`, { headers: editor })
    const { version, inputs } = (await ask(platform, 'GET', url, { headers: editor })).json
    const csv = { ...editor, 'content-type': 'text/csv' }
    const back = (body: string) => ask(platform, 'POST', `${url}/sheet?version=${version}`, { body, headers: csv })
    const broken = await back(sheet.text.replace('heat,', 'heating,'))
    expect(broken.json).toMatchObject({ applied: false, errors: [{ column: 'name' }] })
    const taken = await back(sheet.text.replace(',3,GJ', ',4,GJ'))
    expect(taken.json, taken.text).toEqual({ applied: true, version: version + 1, errors: [] })
    const after = (await ask(platform, 'GET', url, { headers: editor })).json.inputs
    expect(after).toEqual(inputs.map((input: Json) => (input.name === 'heat' ? { ...input, value: '4' } : input)))
    const book = await platform.app.inject({ method: 'GET', url: `${url}/sheet`, headers: editor })
    expect(mediaOf(book.rawPayload)).toBe(MEDIA.xlsx)
  })

  test.each([
    [{ period: '2018' }, 'E_DRAFT_PERIOD'],
    [{ period: '2018-13' }, 'E_PERIOD_FORM'],
    [{ zone: '+05:30' }, 'E_DRAFT_ZONE'],
    [{ zone: 'Mars/Olympus' }, 'E_ZONE_UNKNOWN'],
    [{ methodology: 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi' }, 'E_METHODOLOGY_UNKNOWN'],
  ])('is not begun with %o', async (change, code) => {
    expect((await new_(change)).json.code).toBe(code)
  })

  test('of a year has a row for each month with readings', async () => {
    const year = await new_({
      type: 'year',
      period: '2018',
      methodology: LIBRARY.find(({ id }) => id === 'road-freight')?.cid,
    })
    expect(year.status, year.text).toBe(201)
    expect(year.json.inputs).toEqual([])
  })

  test('is gone once it was thrown away', async () => {
    const url = `/v1/organizations/${plant.id}/reports/${draft.id}`
    expect((await ask(platform, 'DELETE', url, { headers: editor })).status).toBe(204)
    expect((await ask(platform, 'GET', url, { headers: editor })).status).toBe(404)
    const list = await ask(platform, 'GET', `/v1/organizations/${plant.id}/reports`, { headers: editor })
    expect(list.json.items.map(({ type }: Json) => type)).toEqual(['year'])
  })
})
