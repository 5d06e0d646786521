import { createHash } from 'node:crypto'
import { checkReportPackage, type Report, reopeningOf, retirementOf } from '@tanlian/accounting'
import { loadLibrary } from '@tanlian/accounting/library'
import {
  addressOf,
  type Block,
  decodeBlock,
  decodeReportPackage,
  encodeBlock,
  encodeKey,
  type Interval,
  openCar,
  toHex,
} from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Json, until } from '../../test/ask.ts'
import { makeBatch, STREAMS, send } from '../../test/batch.ts'
import { anchored, appendDirectly, log, makeDocument, state } from '../../test/document.ts'
import { act, bindEnterprise, newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

/** 2018-03-01 00:00 in Shanghai. */
const MARCH = 1_519_833_600
const MONTH = 31 * 86_400

type Headers = Record<string, string>

/** All readings of both streams that start on a day. */
function wholeDay(from: number): Interval[] {
  return STREAMS.map(({ stream, type }) => ({
    lo: encodeKey(type * 256, stream, from),
    hi: encodeKey(type * 256 + 255, stream, from + 86_399),
  }))
}

describe('a report’s life, by every party’s own key', () => {
  let platform: TestPlatform
  let hub: TestParty
  let plant: TestParty
  let laboratory: TestParty
  let verifiers: TestParty[]
  const headers = new Map<TestParty, Headers>()
  let sequence = 0
  let batchDigest: Uint8Array | undefined
  let methodology: CID
  let draft: Json
  let report: CID
  let verifier: TestParty
  let other: TestParty

  const as = (party: TestParty) => ({ headers: headers.get(party) ?? {} })
  const get = (party: TestParty, url: string) => ask(platform, 'GET', url, as(party))
  const post = (party: TestParty, url: string, body: unknown) => ask(platform, 'POST', url, { body, ...as(party) })
  const at = (party: TestParty) => `/v1/organizations/${party.id}`
  /** What a party is given to sign: content and blocks. */
  const unsigned = async (party: TestParty, method: 'GET' | 'POST', url: string, body?: unknown) => {
    const response = await platform.app.inject({
      method,
      url,
      headers: { ...headers.get(party), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
    const car = openCar(new Uint8Array(response.rawPayload))
    const [, ...rest] = car.cids
    const blocks: Block[] = rest.map((cid) => ({ cid, bytes: car.require(cid) }))
    return { content: decodeBlock(car.header.bytes) as Json, blocks }
  }
  const refusal = async (party: TestParty, kind: string, content: unknown, blocks: readonly Block[] = []) =>
    (await state(platform, party, kind, content, blocks)).answer.json?.code
  const shown = async (cid: CID) => (await ask(platform, 'GET', `/v1/reports/${cid}`)).json
  const path = (party: TestParty, tail = '') => `${at(party)}/verifications/${report}${tail}`
  /** A day's batch of the plant, once it is in the log and in the sums; its digest. */
  const addBatch = async (from: number, before: { previous?: Uint8Array; restates?: readonly Interval[] } = {}) => {
    const given = { party: plant, sequence: ++sequence, previous: before.previous ?? batchDigest ?? null, from }
    const batch = makeBatch(platform, { ...given, restates: before.restates ?? [] })
    expect((await send(platform, batch)).status).toBe(201)
    const { db } = platform.instance
    await until('the batch is in the log and in the sums', async () => {
      const marks = await db
        .selectFrom('projection_mark')
        .innerJoin('entry', (join) =>
          join
            .onRef('entry.organization', '=', 'projection_mark.organization')
            .onRef('entry.sequence', '=', 'projection_mark.sequence'),
        )
        .select('entry.digest')
        .where('projection_mark.name', '=', 'series')
        .where('entry.kind', '=', 1)
        .execute()
      return marks.some(({ digest }) => toHex(new Uint8Array(digest)) === toHex(batch.entry.digest))
    })
    return batch.entry.digest
  }

  beforeAll(async () => {
    platform = await startTestPlatform()
    hub = await register(platform, newParty('platform', 'hub'))
    plant = await bindEnterprise(platform, 'works', hub)
    laboratory = await register(platform, newParty('laboratory', 'laboratory'))
    verifiers = [
      await register(platform, newParty('verifier', 'one')),
      await register(platform, newParty('verifier', 'two')),
    ]
    const { regulator } = platform
    await act(
      platform,
      'AddKey',
      { organization: 1, key: addressOf(regulator.documents), purpose: 2, from: 1, to: Number.MAX_SAFE_INTEGER },
      regulator.acts,
      [regulator.documents],
    )
    for (const party of [regulator, plant, laboratory, ...verifiers])
      headers.set(party, await signInWithKey(platform, party.id, party.acts))
    batchDigest = await addBatch(MARCH)
    const { item } = await loadLibrary('energy.purchased')
    for (const id of [...item.sets, item.id]) {
      const block = encodeBlock((await loadLibrary(id)).document)
      const kind = id === item.id ? 'methodology' : 'factors'
      const content = { format: 'tanlian/publication/1', subject: block.cid, state: 'published', reason: null }
      if (kind === 'methodology') methodology = block.cid
      await log(platform, hub, kind, content, [block])
    }
  }, 180_000)
  afterAll(() => platform?.close(), 60_000)

  test('a methodology without its block, or by a party that publishes none, is refused', async () => {
    const content = {
      format: 'tanlian/publication/1',
      subject: encodeBlock({ no: 1 }).cid,
      state: 'published',
      reason: null,
    }
    expect(await refusal(hub, 'methodology', content)).toBe('E_DOCUMENT_BLOCKS')
    expect(await refusal(plant, 'methodology', content)).toBe('E_REGISTER_PARTY')
    expect(await refusal(hub, 'methodology', { ...content, more: 1 })).toBe('E_DOCUMENT_FORM')
    const block = encodeBlock({ format: 'tanlian/methodology/1' })
    expect(await refusal(hub, 'methodology', { ...content, subject: block.cid }, [block])).toBe('E_DOCUMENT_FORM')
  })

  test('what is published is told from what only comes with the platform', async () => {
    const { json } = await ask(platform, 'GET', '/v1/methodologies?kind=methodology')
    const state = (id: string) => json.items.find((item: Json) => item.id === id)
    expect(state('energy.purchased')).toMatchObject({ state: 'published', by: hub.id, cid: methodology.toString() })
    const [published, ...more] = state('energy.purchased').publications
    expect(published).toMatchObject({ state: 'published', organization: hub.id, reason: null })
    expect(more).toEqual([])
    expect(state('energy.purchased').from).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(state('cn.power')).toMatchObject({ state: 'library', by: null, since: null, publications: [], reports: 0 })
  })

  test('a draft becomes a report that the organization signs itself', async () => {
    const begun = await post(plant, `${at(plant)}/reports`, {
      type: 'month',
      subject: '一号厂区',
      period: '2018-03',
      methodology: methodology.toString(),
    })
    expect(begun.status, begun.text).toBe(201)
    const choice = (name: string, value: string) => ({ name, group: null, row: 0, value, origin: { kind: 'choice' } })
    const manual = (name: string) => ({ ...choice(name, '0'), origin: { kind: 'manual', reason: '无' } })
    const inputs = [
      ...begun.json.inputs,
      choice('region', 'national'),
      choice('year', '2023'),
      manual('certified'),
      manual('heat'),
    ]
    const url = `${at(plant)}/reports/${begun.json.id}`
    const { json } = await ask(platform, 'PUT', `${url}/inputs`, { body: { version: 1, inputs }, ...as(plant) })
    draft = json
    expect(draft).toMatchObject({ problem: null, latest: null, comparison: null, witnesses: { batches: 1, short: 0 } })
    const { content, blocks } = await unsigned(plant, 'GET', `${url}/submission`)
    expect(content.methodology.equals(methodology)).toBe(true)
    expect(await refusal(plant, 'report', content)).toBe('E_DOCUMENT_BLOCKS')
    report = await log(platform, plant, 'report', content, blocks)
    const found = await shown(report)
    expect(found).toMatchObject({
      organization: plant.id,
      stage: 'submitted',
      locked: false,
      period: '2018-03',
      witnesses: { required: 1, batches: 1, short: 0, platform: 1, least: 0 },
      manual: 2,
      comparison: null,
    })
    expect(found.lines.map(({ name, value }: Json) => [name, value])).toEqual(
      draft.outputs.map(({ name, value }: Json) => [name, value]),
    )
  })

  test('S14 anybody does it again without a difference', async () => {
    const { json } = await ask(platform, 'GET', `/v1/reports/${report}/recomputation`)
    expect(json).toMatchObject({ differences: [], later: 0 })
    const list = await ask(platform, 'GET', `/v1/reports?organization=${plant.id}&stage=submitted`)
    expect(list.json.items.map(({ cid }: Json) => cid)).toEqual([report.toString()])
  })

  test('cross-checks ask the parties and the regulator, nobody else', async () => {
    const url = `/v1/reports/${report}/findings`
    const asked = await get(plant, url)
    expect(asked.status, asked.text).toBe(200)
    expect((await get(platform.regulator, url)).json).toEqual(asked.json)
    expect((await get(plant, `${at(plant)}/reports/${draft.id}/findings`)).json).toEqual(asked.json)
    expect((await get(laboratory, url)).json.code).toBe('E_NOT_FOUND')
    expect((await ask(platform, 'GET', url)).json.code).toBe('E_SIGN_IN')
  })

  test('a second report of the period is refused before it is stored, and a number in it that was changed is seen', async () => {
    const { content, blocks } = await readReport(report)
    expect(await refusal(plant, 'report', content, blocks)).toBe('E_REGISTER_CORRECTS')
    await expect(unsigned(plant, 'GET', `${at(plant)}/reports/${draft.id}/submission`)).rejects.toThrow(
      'E_REGISTER_CORRECTS',
    )
  })

  test('a verifier is drawn by a block that was announced before it was there', async () => {
    const due = Math.floor(Date.now() / 1000) + 30 * 86_400
    const url = `${at(platform.regulator)}/draw-content?from=${MARCH}&to=${MARCH + MONTH}&due=${due}&blocks=3`
    await post(verifiers[0] as TestParty, `${at(verifiers[0] as TestParty)}/conflicts`, {
      other: 999_999,
      reason: 'x',
    }).then(({ status }) => expect(status).toBe(404))
    // One that came into the log with the very block that it names was not announced beforehand.
    const early = await unsigned(platform.regulator, 'GET', url)
    const { chain } = platform.instance
    await log(platform, platform.regulator, 'draw', { ...early.content, block: chain.block + 1 })
    expect((await ask(platform, 'GET', '/v1/draws')).json.items).toEqual([])

    const { content } = await unsigned(platform.regulator, 'GET', url)
    expect(content).toMatchObject({
      enterprises: [plant.id],
      candidates: verifiers.map(({ id }) => id),
      excluded: [],
      previous: [],
    })
    expect(await refusal(plant, 'draw', content)).toBe('E_REGISTER_PARTY')
    const draw = await log(platform, platform.regulator, 'draw', content)
    expect((await ask(platform, 'GET', `/v1/draws/${draw}/assignment-content`)).json.code).toBe('E_DRAW_EARLY')
    const file = { digest: new Uint8Array(32).fill(1), bytes: 9, media: 'text/csv' }
    const voucher = { format: 'tanlian/voucher/1', title: '库存', period: [MARCH, MARCH + MONTH], file }
    for (let block = 0; platform.instance.chain.block < content.block && block < 10; block++)
      await log(platform, plant, 'voucher', voucher)
    const drawn = await unsigned(platform.regulator, 'GET', `/v1/draws/${draw}/assignment-content`)
    const [, chosen] = drawn.content.assigned[0] as [number, number]
    const wrong = { ...drawn.content, assigned: [[plant.id, verifiers.find(({ id }) => id !== chosen)?.id]] }
    expect(await refusal(platform.regulator, 'assignment', wrong)).toBe('E_REGISTER_DRAW')
    await log(platform, platform.regulator, 'assignment', drawn.content)
    verifier = verifiers.find(({ id }) => id === chosen) as TestParty
    other = verifiers.find(({ id }) => id !== chosen) as TestParty
    const { json, text } = await ask(platform, 'GET', '/v1/draws')
    expect(json.items, text).toHaveLength(1)
    const pair = { enterprise: plant.id, verifier: chosen }
    expect(json.items[0]).toMatchObject({ drawn: [pair], assignment: { assigned: [pair] } })
    expect((await shown(report)).verifier).toBe(chosen)
  })

  test('expected allowances are for the organization, its drawn verifier and regulators', async () => {
    const url = `${at(plant)}/allowances`
    for (const party of [plant, verifier, platform.regulator]) expect((await get(party, url)).status).toBe(200)
    for (const party of [other, laboratory]) expect((await get(party, url)).json.code).toBe('E_NOT_FOUND')
  })

  test('S32 the work is there for the drawn verifier and the preparer, and for nobody else', async () => {
    const list = await get(verifier, `${at(verifier)}/verifications`)
    expect(list.json.items).toMatchObject([{ report: { cid: report.toString() }, planned: false, manual: 2 }])
    expect((await get(other, `${at(other)}/verifications`)).json.items).toEqual([])
    expect((await get(verifier, path(verifier))).json).toMatchObject({
      as: 'verifier',
      audits: { batches: 1, held: 0 },
    })
    expect((await get(plant, path(plant))).json.as).toBe('enterprise')
    for (const [party, where] of [
      [other, other],
      [other, verifier],
      [plant, verifier],
      [laboratory, laboratory],
    ] as const)
      expect((await get(party, path(where))).json.code).toBe('E_NOT_FOUND')
    expect((await get(plant, path(plant, '/plan-content'))).json.code).toBe('E_NOT_FOUND')
  })

  test('the sample is drawn by the log, and each reading of it leads to its batch and frame', async () => {
    const { content } = await unsigned(verifier, 'GET', path(verifier, '/plan-content?size=5'))
    expect(content.items).toHaveLength(5)
    const otherSeed = { ...content, seed: new Uint8Array(createHash('sha256').update('mine').digest()) }
    expect(await refusal(verifier, 'sampling-plan', otherSeed)).toBe('E_REGISTER_SEED')
    expect(await refusal(other, 'sampling-plan', content)).toBe('E_REGISTER_ASSIGNMENT')
    // S16: a verifier looks at what the log drew, not at what it would rather see, or at nothing.
    const chosen = [encodeKey(0x02010100, 1, MARCH), encodeKey(0x02010100, 1, MARCH + 900)]
    for (const items of [content.items.slice(1), chosen, []])
      expect(await refusal(verifier, 'sampling-plan', { ...content, items })).toBe('E_PLAN_SAMPLE')
    await log(platform, verifier, 'sampling-plan', content)
    const { json } = await get(verifier, path(verifier))
    expect(json.items.map(({ key }: Json) => key)).toEqual(content.items.map(toHex))
    for (const item of json.items) {
      expect(item).toMatchObject({ type: '02010100', stream: 1, sequence: 1 })
      expect((await ask(platform, 'GET', item.trace)).status).toBe(200)
    }
  })

  test('findings are asked and answered on the row, each side in its own part', async () => {
    const raised = await post(verifier, path(verifier, '/findings'), {
      subject: 'input//0/heat',
      severity: 'question',
      words: '为何没有购入热力？',
    })
    expect(raised.status, raised.text).toBe(201)
    const [{ id }] = raised.json.items
    const message = (party: TestParty, kind: string) =>
      post(party, path(party, `/findings/${id}/messages`), { kind, words: '见附件' })
    expect((await message(plant, 'closing')).json.code).toBe('E_FINDING_MESSAGE')
    expect((await message(verifier, 'answer')).json.code).toBe('E_FINDING_MESSAGE')
    expect((await message(plant, 'answer')).json.items[0].state).toBe('answered')
    const early = await post(verifier, path(verifier, '/opinion-content'), { outcome: 'unqualified', statement: '可' })
    expect(early.json.code).toBe('E_OPINION_AUDITS')
    expect((await message(verifier, 'closing')).json.items[0].state).toBe('closed')
    expect((await message(plant, 'note')).json.code).toBe('E_FINDING_CLOSED')
    expect((await post(other, path(verifier, '/findings'), {})).json.code).toBe('E_NOT_FOUND')
  })

  test('a visit’s photos are files of the verifier’s own, and the preparer sees them', async () => {
    const upload = (party: TestParty) =>
      ask(platform, 'POST', `${at(party)}/attachments?name=site.png`, {
        body: Buffer.from('89504e470d0a1a0a00', 'hex'),
        headers: { ...headers.get(party), 'content-type': 'application/octet-stream' },
      })
    const visit = (files: string[]) =>
      post(verifier, path(verifier, '/visits'), { at: MARCH, place: '厂区', people: '王工', words: '已查看', files })
    const foreign = await upload(other)
    expect((await visit([foreign.json.digest])).json.code).toBe('E_ATTACHMENT_UNKNOWN')
    const photo = (await upload(verifier)).json
    const tomorrow = { at: Math.floor(Date.now() / 1000) + 86_400, place: '厂区', people: '王工', words: '将查看' }
    expect((await post(verifier, path(verifier, '/visits'), tomorrow)).json.code).toBe('E_VISIT_EARLY')
    expect((await visit([photo.digest])).status).toBe(201)
    const url = (digest: string) => path(plant, `/files/${digest}`)
    expect((await get(plant, url(photo.digest))).status).toBe(200)
    expect((await get(plant, url(foreign.json.digest))).json.code).toBe('E_NOT_FOUND')
  })

  test('S7 an opinion needs the verifier’s own audit of every batch', async () => {
    const body = { outcome: 'unqualified', statement: '报告在各重要方面公允。' }
    const audit = { log: platform.instance.log.size, held: [batchDigest], failed: [], unavailable: [] }
    await log(platform, verifier, 'audit', audit)
    const { content } = await unsigned(verifier, 'POST', path(verifier, '/opinion-content'), body)
    expect(content.findings).toEqual([[null, 'input//0/heat', 'question', 'closed']])
    expect(content.visits).toHaveLength(1)
    expect(await refusal(verifier, 'opinion', { ...content, audits: [] })).toBe('E_REGISTER_AUDITS')
    expect(await refusal(verifier, 'opinion', { ...content, outputs: [] })).toBe('E_REGISTER_OUTPUTS')
    expect(await refusal(other, 'opinion', content)).toBe('E_REGISTER_ASSIGNMENT')
    const thread = (await get(verifier, path(verifier))).json.thread
    expect(toHex(content.thread)).toBe(thread.digest)
    await log(platform, verifier, 'opinion', content)
    expect((await shown(report)).stage).toBe('verified')

    // What the opinion's digest is of stays as it was, whoever would like another word in it.
    const [{ id }] = (await get(verifier, path(verifier))).json.findings
    const finding = { subject: 'output/total', severity: 'info', words: '补记' }
    const visit = { at: MARCH, place: '厂区', people: '王工', words: '补记' }
    for (const late of [
      post(verifier, path(verifier, '/findings'), finding),
      post(verifier, path(verifier, '/visits'), visit),
      post(verifier, path(verifier, `/findings/${id}/messages`), { kind: 'note', words: '补记' }),
      post(plant, path(plant, `/findings/${id}/messages`), { kind: 'note', words: '补记' }),
    ])
      expect((await late).json.code).toBe('E_VERIFICATION_ENDED')
    expect((await get(verifier, path(verifier))).json.thread.digest).toBe(thread.digest)
  })

  test('S16 the regulator decides on what the platform did again, and an accepted period is locked', async () => {
    const { regulator } = platform
    const queue = await get(regulator, '/v1/reviews')
    expect(queue.json.items).toMatchObject([
      { report: { cid: report.toString() }, differences: 0, opinion: 'unqualified' },
    ])
    expect((await get(verifier, '/v1/reviews')).json.code).toBe('E_NOT_FOUND')
    const url = `${at(regulator)}/reviews/${report}/decision-content`

    // What comes later for the same month shows, in the queue too, which keeps what it did again; once it is void, nothing differs.
    const second = await addBatch(MARCH + 86_400)
    const [changed] = (await get(regulator, '/v1/reviews')).json.items
    expect(changed.differences).toBeGreaterThan(0)
    expect(changed.later).toBe(1)
    const early = await post(regulator, url, { outcome: 'accepted', reason: null })
    expect(early.json.code).toBe('E_DECISION_DIFFERENCES')
    await addBatch(MARCH + MONTH, { previous: second, restates: wholeDay(MARCH + 86_400) })
    expect((await get(regulator, '/v1/reviews')).json.items).toMatchObject([{ differences: 0, later: 1 }])

    const { content } = await unsigned(regulator, 'POST', url, { outcome: 'accepted', reason: null })
    expect(await refusal(verifier, 'decision', content)).toBe('E_REGISTER_PARTY')
    await log(platform, regulator, 'decision', content)
    expect(await shown(report)).toMatchObject({
      stage: 'accepted',
      locked: true,
      public: true,
      decision: { outcome: 'accepted' },
    })
    expect((await get(regulator, '/v1/reviews')).json.items).toEqual([])
    const stale = await get(plant, `${at(plant)}/reports/${draft.id}`)
    expect(stale.json.latest).toEqual({ cid: report.toString(), stage: 'accepted', locked: true })
  })

  test('a locked period is corrected only once it was reopened; the history keeps both', async () => {
    const { content, blocks } = await readReport(report)
    const correction = { ...content, corrects: report, reason: '表计更换' }
    expect(await refusal(plant, 'report', correction, blocks)).toBe('E_REGISTER_LOCKED')
    const reopening = reopeningOf(report, '表计更换')
    await log(platform, platform.regulator, reopening.kind, reopening.content)
    expect(await shown(report)).toMatchObject({ stage: 'accepted', locked: false })
    const corrected = await log(platform, plant, 'report', correction, blocks)
    const found = await shown(corrected)
    expect(found).toMatchObject({ stage: 'submitted', corrects: report.toString(), verifier: verifier.id })
    expect(found.history.map(({ cid }: Json) => cid)).toEqual([corrected.toString(), report.toString()])
    expect((await shown(report)).correctedBy).toBe(corrected.toString())
  })

  test('the package of a report is done again by whoever has it, with the whole life in it', async () => {
    const { rawPayload } = await platform.app.inject({ method: 'GET', url: `/v1/reports/${report}/package` })
    const verdict = checkReportPackage(decodeReportPackage(new Uint8Array(rawPayload)))
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    expect(verdict).toMatchObject({ status: 'unchecked', organization: plant.id, witnesses: [verifier.id] })
    expect(verdict.documents.map(({ document }) => document.kind)).toEqual(
      expect.arrayContaining([
        'methodology',
        'factors',
        'draw',
        'assignment',
        'sampling-plan',
        'audit',
        'opinion',
        'decision',
      ]),
    )
  })

  test('a report is printed in both languages, with its address and its evidence package in it', async () => {
    for (const lang of ['zh', 'en']) {
      const url = `/v1/reports/${report}/pdf?lang=${lang}`
      const { statusCode, headers: head, rawPayload } = await platform.app.inject({ method: 'GET', url })
      expect(statusCode).toBe(200)
      expect(head['content-type']).toBe('application/pdf')
      expect(rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
      const bytes = rawPayload.toString('latin1')
      expect(bytes).toContain(`/reports/${report}`)
      expect(bytes).toContain('/EmbeddedFile')
    }
  })

  test('two that cannot both count: the second is refused though the first is not in the log yet', async () => {
    const sample = {
      format: 'tanlian/sample/1',
      label: 'A',
      material: 'coal',
      stream: null,
      period: [MARCH, MARCH + MONTH],
      taken: Math.floor(Date.now() / 1000) - 600,
      sealed: Math.floor(Date.now() / 1000) - 500,
      seal: 'S-1',
    }
    const taken = await state(platform, plant, 'sample', sample)
    expect(taken.answer.status, taken.answer.text).toBe(201)
    const handover = { format: 'tanlian/handover/1', sample: taken.cid, laboratory: laboratory.id, at: sample.sealed }
    expect((await state(platform, plant, 'handover', handover)).answer.status).toBe(201)
    expect(await refusal(plant, 'handover', handover)).toBe('E_REGISTER_TWICE')
    await anchored(platform, taken.cid)
    // Its owner may send the same to the contract itself: there it is void, and handed in here it is so for everybody.
    const second = await makeDocument(platform, plant, 'handover', handover)
    await appendDirectly(platform, second)
    expect((await send(platform, second)).status).toBe(201)
    await platform.instance.documents.settled()
    const { json } = await ask(platform, 'GET', `/v1/documents?kind=handover&organization=${plant.id}`)
    expect(json.items.map(({ state: of, void: why }: Json) => [of, why])).toEqual([
      ['counts', null],
      ['void', 'E_REGISTER_TWICE'],
    ])
  })

  test('lists of documents say what counts', async () => {
    const { json } = await ask(platform, 'GET', `/v1/documents?kind=report&organization=${plant.id}`)
    expect(json.items.map(({ state, void: why }: Json) => [state, why])).toEqual([
      ['accepted', null],
      ['submitted', null],
    ])
    const none = await ask(platform, 'GET', `/v1/documents?kind=report&organization=${hub.id}`)
    expect(none.json.items).toEqual([])
  })

  test('the same fold comes back after a restart', async () => {
    const before = platform.instance.documents.register
      .reports()
      .map(({ cid, stage, index }) => [cid.toString(), stage, index])
    const { openDocuments } = await import('../document/documents.ts')
    const again = await openDocuments(platform.instance)
    expect(again.register.reports().map(({ cid, stage, index }) => [cid.toString(), stage, index])).toEqual(before)
    again.stop()
  })

  test('a document of a number that is taken changes nothing', async () => {
    const { entry } = await makeDocument(platform, plant, 'voucher', {})
    expect(entry.sequence).toBeGreaterThan(1)
    expect(platform.instance.documents.list('report')).toHaveLength(2)
  })

  test('a retired methodology takes no new report; those that rest on it keep it and are done again all the same', async () => {
    const begun = await post(plant, `${at(plant)}/reports`, {
      type: 'month',
      subject: '二号厂区',
      period: '2018-03',
      methodology: methodology.toString(),
    })
    const choice = (name: string, value: string) => ({ name, group: null, row: 0, value, origin: { kind: 'choice' } })
    const manual = (name: string) => ({ ...choice(name, '0'), origin: { kind: 'manual', reason: '无' } })
    const beside = [choice('region', 'national'), choice('year', '2023'), manual('certified'), manual('heat')]
    const url = `${at(plant)}/reports/${begun.json.id}`
    const body = { version: 1, inputs: [...begun.json.inputs, ...beside] }
    expect((await ask(platform, 'PUT', `${url}/inputs`, { body, ...as(plant) })).json.problem).toBeNull()
    await unsigned(plant, 'GET', `${url}/submission`)

    const { content } = retirementOf('methodology', methodology, '新版本已生效')
    const weigh = (party: TestParty) =>
      get(party, `${at(party)}/publication-content?kind=methodology&subject=${methodology}&state=retired`)
    expect((await weigh(plant)).json.code).toBe('E_REGISTER_PARTY')
    expect((await weigh(platform.regulator)).json.code).toBe('E_REGISTER_OWNER')
    expect(await refusal(platform.regulator, 'methodology', content)).toBe('E_REGISTER_OWNER')
    await log(platform, hub, 'methodology', content)
    const { json } = await ask(platform, 'GET', '/v1/methodologies')
    const found = json.items.find(({ cid }: Json) => cid === methodology.toString())
    expect(found).toMatchObject({ state: 'retired', by: hub.id, reports: 2 })
    expect(found.publications.map(({ state: to, reason }: Json) => [to, reason])).toEqual([
      ['published', null],
      ['retired', '新版本已生效'],
    ])
    await expect(unsigned(plant, 'GET', `${url}/submission`)).rejects.toThrow('E_REGISTER_METHODOLOGY')

    const uses = async (cid: string) =>
      (await ask(platform, 'GET', `/v1/reports?uses=${cid}`)).json.items.map((item: Json) => item.cid)
    expect(await uses(methodology.toString())).toContain(report.toString())
    expect(await uses((await shown(report)).factors[0])).toContain(report.toString())
    expect(await uses(report.toString())).toEqual([])
    expect((await ask(platform, 'GET', `/v1/reports/${report}/recomputation`)).json.differences).toEqual([])
    const { rawPayload } = await platform.app.inject({ method: 'GET', url: `/v1/reports/${report}/package` })
    const verdict = checkReportPackage(decodeReportPackage(new Uint8Array(rawPayload)))
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    expect(verdict.recomputed?.outcome.program.methodology.cid.toString()).toBe(methodology.toString())
  })

  async function readReport(cid: CID): Promise<{ content: Report; blocks: Block[] }> {
    const { blocks } = platform.instance
    const bytes = (await blocks.get(cid.multihash.digest)) as Uint8Array
    const { content } = decodeBlock(bytes) as { content: Report }
    const linked = [content.methodology, ...content.factors, content.trace]
    const found = await Promise.all(
      linked.map(
        async (one): Promise<Block> => ({ cid: one, bytes: (await blocks.get(one.multihash.digest)) as Uint8Array }),
      ),
    )
    return { content, blocks: found }
  }
})
