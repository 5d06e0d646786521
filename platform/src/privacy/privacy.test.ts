import {
  auditBatch,
  buildTree,
  checkPackage,
  checkProof,
  decodeChunk,
  decodeKey,
  decodePackage,
  type Entry,
  emptyState,
  encodeKey,
  leavesOfChunks,
  openBatch,
  openCar,
  openReader,
  PRIVACY_DOCUMENT,
  privacyContent,
  readerPublicKey,
  summarize,
  toHex,
  writeCar,
} from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { giveGrant, logDocument, makeSealed, partsOf, publishReaderKeys, readerSecret } from '../../test/sealed.ts'
import { ANONYMOUS, type Caller, type Role } from '../identity/caller.ts'
import { publishReport, requireReport } from './publications.ts'
import { openRegister } from './register.ts'

const DAY = 86_400
/** Midnight in Shanghai. */
const START = 1_767_196_800
const WINDOW = `from=${START}&to=${START + DAY}`
const ALL = { types: [Uint8Array.of(2), Uint8Array.of(4)], streams: [], from: START, to: START + DAY }

let platform: TestPlatform
let works: TestParty
let mill: TestParty
let farm: TestParty
type Sealed = Awaited<ReturnType<typeof makeSealed>>
let shared: Sealed
let closed: Sealed
let open: ReturnType<typeof makeBatch>
const callers = new Map<string, Record<string, string>>()
const others = new Map<string, TestParty>()
const published = new Map<string, Entry>()
const party = (name: string) => others.get(name) as TestParty

const key = (name: string) => readerPublicKey(readerSecret(name))

beforeAll(async () => {
  platform = await startTestPlatform()
  const operator = await register(platform, newParty('platform', 'the platform'))
  works = await bindEnterprise(platform, 'the works', operator)
  mill = await bindEnterprise(platform, 'the mill', operator)
  farm = await bindEnterprise(platform, 'the farm', operator)
  for (const name of ['witness', 'part', 'summary', 'stranger'])
    others.set(name, await register(platform, newParty('verifier', name)))
  for (const [name, one] of [['works', works] as const, ['mill', mill] as const, ...others]) {
    const { answer, entry } = await publishReaderKeys(platform, one, [readerSecret(name)])
    expect(answer.status, answer.text).toBe(201)
    published.set(name, entry)
  }

  const own = platform.instance.privacy.publicKey
  shared = await makeSealed(platform, {
    party: works,
    sequence: 1,
    previous: null,
    from: START,
    quantities: [1000, 2000],
    readersOf: ({ lo }) => [key('works'), key('witness'), own, ...(decodeKey(lo).stream === 1 ? [key('part')] : [])],
  })
  closed = await makeSealed(platform, {
    party: mill,
    sequence: 1,
    previous: null,
    from: START,
    quantities: [3000, 4000],
    readersOf: ({ lo }) => [key('mill'), key('witness'), ...(decodeKey(lo).stream === 1 ? [key('part')] : [])],
  })
  open = makeBatch(platform, { party: farm, sequence: 1, previous: null, from: START })
  for (const batch of [shared, closed, open]) expect((await send(platform, batch)).status).toBe(201)

  callers.set('nobody', {})
  callers.set('regulator', await signInWithKey(platform, 1, platform.regulator.acts))
  for (const [name, one] of others) callers.set(name, await signInWithKey(platform, one.id, one.acts))
  callers.set('works', await signInWithKey(platform, works.id, works.acts))
  callers.set('mill', await signInWithKey(platform, mill.id, mill.batches))
  for (const owner of [works, mill]) {
    const headers = callers.get(owner === works ? 'works' : 'mill') ?? {}
    const given = await giveGrant(platform, owner, headers, {
      ...ALL,
      reader: party('summary').id,
      access: 'summary',
      step: DAY,
    })
    expect(given.status, given.text).toBe(201)
  }
  await until('three entries of batches', async () => {
    const marks = await platform.instance.db
      .selectFrom('projection_mark')
      .select('organization')
      .where('name', '=', 'series')
      .execute()
    const anchored = await platform.instance.db.selectFrom('entry').select('digest').where('kind', '=', 1).execute()
    return marks.length === 3 && anchored.length === 3
  })
}, 120_000)
afterAll(() => platform?.close(), 60_000)

const get = (caller: string, url: string) => ask(platform, 'GET', url, { headers: callers.get(caller) ?? {} })
const outcome = async (caller: string, url: string) => {
  const { status, json } = await get(caller, url)
  return status < 300 ? status : `${status} ${json?.code}`
}

/** The routes that give anything of a batch. */
function routesOf({ id }: TestParty, batch: Sealed) {
  const { index, chunks, frames } = partsOf(batch.draft)
  const whole = `interval=${toHex(encodeKey(0, 0, 0))}-${toHex(encodeKey(0xffffffff, 0, 0))}`
  return {
    proof: `/v1/batches/${batch.header.cid}/proof?${whole}`,
    finer: `/v1/batches/${batch.header.cid}/proof?interval=${toHex(encodeKey(0x02010100, 1, START))}-${toHex(encodeKey(0x02010100, 1, START + 3599))}`,
    readings: `/v1/batches/${batch.header.cid}/proof?${whole}&mode=readings`,
    trace: `/v1/organizations/${id}/trace?type=02&${WINDOW}`,
    headers: `/v1/organizations/${id}/headers`,
    series1: `/v1/organizations/${id}/streams/1/series?${WINDOW}`,
    series2: `/v1/organizations/${id}/streams/2/series?${WINDOW}`,
    header: `/ipfs/${batch.header.cid}?format=raw`,
    index: `/ipfs/${index}?format=raw`,
    chunk1: `/ipfs/${chunks[0]}?format=raw`,
    chunk2: `/ipfs/${chunks[1]}?format=car`,
    frame: `/ipfs/${frames[0]}?format=raw`,
    sealed: `/v1/batches/${batch.header.cid}/sealed`,
  }
}

const CONFIDENTIAL = '403 E_CONFIDENTIAL'
const CLOSED = '403 E_CONFIDENTIAL_CLOSED'
const COARSE = '422 E_SUMMARY_COARSE'
const MISSING = '404 E_NOT_FOUND'
type Row = Readonly<Record<keyof ReturnType<typeof routesOf>, number | string>>

const NOTHING: Row = {
  ...{ proof: CONFIDENTIAL, finer: CONFIDENTIAL, readings: CONFIDENTIAL, trace: CONFIDENTIAL, headers: CONFIDENTIAL },
  ...{ series1: CONFIDENTIAL, series2: CONFIDENTIAL, header: CONFIDENTIAL, index: CONFIDENTIAL },
  ...{ chunk1: MISSING, chunk2: MISSING, frame: MISSING, sealed: CONFIDENTIAL },
}
const EVERYTHING: Row = {
  ...{ proof: 200, finer: 200, readings: 200, trace: 200, headers: 200, series1: 200, series2: 200 },
  ...{ header: 200, index: 200, chunk1: 200, chunk2: 200, frame: 200, sealed: 200 },
}
const PART: Row = { ...NOTHING, headers: 200, header: 200, index: 200, chunk1: 200, sealed: 200 }
const SUMMARY: Row = {
  ...NOTHING,
  proof: 200,
  finer: COARSE,
  readings: COARSE,
  trace: 200,
  headers: 200,
  header: 200,
  sealed: 200,
}
/** The platform cannot read it: it gives the bytes, and the reader opens them. */
const BYTES: Row = { ...EVERYTHING, proof: CLOSED, finer: CLOSED, readings: CLOSED, trace: CLOSED }

describe('S32 who gets what of sealed batches', () => {
  const MATRIX: readonly [owner: 'shared' | 'closed', caller: string, expected: Row][] = [
    ['shared', 'nobody', NOTHING],
    ['shared', 'stranger', NOTHING],
    ['shared', 'mill', NOTHING],
    ['shared', 'works', EVERYTHING],
    ['shared', 'regulator', EVERYTHING],
    ['shared', 'witness', EVERYTHING],
    ['shared', 'part', { ...PART, series1: 200 }],
    ['shared', 'summary', SUMMARY],
    ['closed', 'nobody', NOTHING],
    ['closed', 'stranger', NOTHING],
    ['closed', 'works', NOTHING],
    ['closed', 'regulator', NOTHING],
    ['closed', 'mill', BYTES],
    ['closed', 'witness', BYTES],
    ['closed', 'part', { ...PART, series1: 200 }],
    // Its owner has not handed a summary in.
    ['closed', 'summary', { ...NOTHING, headers: 200, header: 200, sealed: 200 }],
  ]
  test.each(MATRIX)('%s: %s', async (which, caller, expected) => {
    const routes = which === 'shared' ? routesOf(works, shared) : routesOf(mill, closed)
    const found: Record<string, number | string> = {}
    for (const [name, url] of Object.entries(routes)) found[name] = await outcome(caller, url)
    expect(found).toEqual(expected)
  })

  test('lists leave out what is hidden, stream by stream', async () => {
    const streams = async (caller: string, url: string) =>
      ((await get(caller, url)).json.items as { stream: number }[]).map(({ stream }) => stream)
    for (const list of ['latest', 'coverage', 'collection']) {
      const url = `/v1/organizations/${works.id}/${list}`
      for (const caller of ['nobody', 'stranger', 'summary']) expect(await streams(caller, url), list).toEqual([])
      for (const caller of ['works', 'regulator', 'witness']) expect(await streams(caller, url), list).toEqual([1, 2])
      expect(await streams('part', url), list).toEqual([1])
    }
    const all = async (caller: string) =>
      (
        (await get(caller, '/v1/collection')).json.items as {
          organization: number
          readings: number
          withheld: number
        }[]
      ).map(({ organization, readings, withheld }) => [organization, readings, withheld])
    // How many streams are withheld is told: nothing of them is no zero.
    expect(await all('nobody')).toEqual([
      [works.id, 0, 2],
      [mill.id, 0, 2],
      [farm.id, 192, 0],
    ])
    expect(await all('regulator')).toEqual([
      [works.id, 192, 0],
      [mill.id, 0, 2],
      [farm.id, 192, 0],
    ])
    const withheld = async (caller: string) =>
      (await get(caller, `/v1/organizations/${works.id}/collection`)).json.withheld
    expect([await withheld('nobody'), await withheld('part'), await withheld('works')]).toEqual([2, 1, 0])
  })

  test('the entry is public, what it holds and when is not; a batch that the platform cannot read is marked', async () => {
    const entry = async (caller: string, { id }: TestParty) =>
      (await get(caller, `/v1/organizations/${id}/entries`)).json.items[0]
    const hidden = { sealed: true, readings: null, from: null, to: null, bytes: null }
    for (const party of [works, mill]) {
      const item = await entry('stranger', party)
      expect(item).toMatchObject({ ...hidden, sequence: 1, audited: party === works })
      expect(item.index).toBeTypeOf('number')
    }
    expect(await entry('works', works)).toMatchObject({ sealed: true, audited: true, readings: 192, from: START })
    expect(await entry('mill', mill)).toMatchObject({ sealed: true, audited: false, readings: 192 })
    expect(await entry('nobody', farm)).toMatchObject({ sealed: false, audited: true, readings: 192 })
  })

  test('what is open stays open, and is kept by caches; what is sealed by nobody on the way', async () => {
    for (const url of [
      `/v1/organizations/${farm.id}/trace?type=02&${WINDOW}`,
      `/v1/organizations/${farm.id}/headers`,
      `/ipfs/${open.header.cid}?format=car`,
    ])
      expect(await outcome('nobody', url)).toBe(200)
    const caching = async (caller: string, cid: unknown) =>
      (await get(caller, `/ipfs/${cid}?format=raw`)).headers['cache-control']
    expect(await caching('nobody', open.header.cid)).toMatch(/immutable/)
    expect(await caching('works', shared.header.cid)).toBe('private, no-store')
    expect(await caching('works', partsOf(shared.draft).chunks[0])).toBe('private, no-store')
  })

  test('a block that may not be had is not betrayed by what a cache asks either', async () => {
    const [chunk] = partsOf(shared.draft).chunks
    const ask304 = (caller: string, cid: unknown) =>
      ask(platform, 'GET', `/ipfs/${cid}?format=raw`, {
        headers: { ...callers.get(caller), 'if-none-match': `"${cid}.raw"` },
      })
    for (const [cid, status] of [
      [chunk, 404],
      [shared.header.cid, 403],
    ] as const)
      expect((await ask304('stranger', cid)).status).toBe(status)
    expect((await ask304('works', chunk)).status).toBe(304)
  })

  test('nor by the search box, which finds the entry alone', async () => {
    const { index, chunks, frames } = partsOf(shared.draft)
    const kinds = async (cid: unknown) =>
      ((await get('stranger', `/v1/search?q=${cid}`)).json.items as { kind: string }[]).map(({ kind }) => kind)
    for (const cid of [index, ...chunks, ...frames]) expect(await kinds(cid)).toEqual([])
    expect(await kinds(shared.header.cid)).toEqual(['batch'])
    expect(await kinds(open.draft.data)).toEqual(['block'])
  })

  test('after a restart the same batches are guarded, for the same readers', async () => {
    const fresh = openRegister(platform.instance.db)
    for (const { id } of [works, mill, farm])
      expect(await fresh.of(id)).toEqual(
        (await platform.instance.privacy.register.of(id)).map((batch) => ({
          ...batch,
          digest: Buffer.from(batch.digest),
          index: Buffer.from(batch.index),
        })),
      )
  })

  test('plain chunks and frames are nowhere, not even for their owner', async () => {
    for (const cid of [...partsOf(shared.plain).chunks, shared.frame.cid])
      for (const caller of ['works', 'regulator', 'nobody'])
        expect(await outcome(caller, `/ipfs/${cid}?format=raw`)).toBe(MISSING)
  })
})

describe('what a reader gets is evidence like any other', () => {
  test('a trace of a shared batch, with bodies and frames, holds on checking', async () => {
    const { body } = await get(
      'witness',
      `/v1/organizations/${works.id}/trace?type=02&${WINDOW}&mode=readings&frames=true`,
    )
    const pack = decodePackage(new Uint8Array(body))
    const verdict = checkPackage(pack)
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    expect(verdict.totals).toMatchObject([{ count: 96, quantity: 96_000n }])
    expect(pack.bodies).toHaveLength(96)
    expect(pack.frames.map(({ cid }) => cid.toString())).toEqual([shared.frame.cid.toString()])
  })

  test('a trace from a summary is byte for byte the one from the tree', async () => {
    const url = `/v1/organizations/${works.id}/trace?type=02&${WINDOW}`
    expect(Buffer.compare((await get('summary', url)).body, (await get('works', url)).body)).toBe(0)
    // Remembered answers open nothing that the asker may not see.
    const finer = `/v1/organizations/${works.id}/trace?type=02&from=${START}&to=${START + 3600}`
    expect(await outcome('works', finer)).toBe(200)
    expect(await outcome('summary', finer)).toBe(COARSE)
    expect(await outcome('stranger', url)).toBe(CONFIDENTIAL)
  })

  test('a CAR of the header holds what its asker may have, and no more', async () => {
    const car = async (caller: string) =>
      openCar(new Uint8Array((await get(caller, `/ipfs/${shared.header.cid}?format=car`)).body)).cids.map(String)
    const { index, chunks } = partsOf(shared.draft)
    expect(new Set(await car('works'))).toEqual(
      new Set([shared.header.cid, shared.draft.streams, index, ...chunks].map(String)),
    )
    expect(await car('part')).not.toContain(String(chunks[1]))
    expect(new Set(await car('summary'))).toEqual(new Set([shared.header.cid, shared.draft.streams].map(String)))
  })

  test('the sealed blocks of a batch come as one CAR, with which a witness audits the whole', async () => {
    const car = async (caller: string, batch: Sealed) =>
      openCar(new Uint8Array((await get(caller, `/v1/batches/${batch.header.cid}/sealed`)).body))
    for (const batch of [shared, closed]) {
      const { cids, require } = await car('witness', batch)
      const { chunks, frames } = partsOf(batch.draft)
      expect(new Set(cids.map(String))).toEqual(new Set([batch.header.cid, ...chunks, ...frames].map(String)))
      const open = batch.draft.blocks.filter(({ cid }) => !cids.some((one) => one.equals(cid)))
      const whole = openCar(writeCar(batch.header.cid, [...cids.map((cid) => ({ cid, bytes: require(cid) })), ...open]))
      const opened = await openBatch(whole, [openReader(readerSecret('witness'))])
      expect(auditBatch(emptyState(batch.entry.organization), whole, opened)).toMatchObject({ ok: true, missing: [] })
    }
    expect((await car('summary', shared)).cids.map(String)).toEqual([shared.header.cid.toString()])
    expect(await outcome('works', `/v1/batches/${open.header.cid}/sealed`)).toBe(MISSING)
  })

  test('an owner hands in the summary of a closed batch, and those granted are answered from it', async () => {
    const plain = closed.plain.blocks
    const chunks = partsOf(closed.plain).chunks.map((cid) =>
      decodeChunk((plain.find((block) => block.cid.equals(cid)) ?? closed.frame).bytes),
    )
    const tree = buildTree(leavesOfChunks(chunks))
    const hand = (caller: string, bytes: Uint8Array, step = DAY) =>
      ask(platform, 'POST', `/v1/organizations/${mill.id}/summaries`, {
        headers: callers.get(caller) ?? {},
        body: { batch: closed.header.cid.toString(), step, summary: Buffer.from(bytes).toString('base64') },
      })
    const summary = summarize(tree, DAY)
    expect((await hand('stranger', summary)).status).toBe(404)
    expect((await hand('mill', summary.with(40, (summary[40] ?? 0) ^ 1))).json.code).toMatch(/^E_/)
    expect((await hand('mill', summarize(tree, 3600))).json.code).toBe('E_PROOF_EXPANDED')
    expect((await hand('mill', summary)).json).toMatchObject({ step: DAY, cells: 2 })
    const handed = async (caller: string) => outcome(caller, `/v1/organizations/${mill.id}/summaries`)
    expect((await get('mill', `/v1/organizations/${mill.id}/summaries`)).json).toMatchObject({
      items: [{ batch: closed.header.cid.toString(), sequence: 1, step: DAY }],
      next: null,
    })
    expect([await handed('summary'), await handed('nobody')]).toEqual([MISSING, '401 E_SIGN_IN'])
    const { proof, finer } = routesOf(mill, closed)
    const answer = await get('summary', proof)
    const interval = { lo: encodeKey(0, 0, 0), hi: encodeKey(0xffffffff, 0, 0) }
    expect(
      checkProof(closed.plain.root, { intervals: [interval], mode: 'total' }, new Uint8Array(answer.body)),
    ).toMatchObject({
      ok: true,
      totals: [{ count: 192, quantity: 96 * 7000 }],
    })
    expect(await outcome('summary', finer)).toBe(COARSE)
    expect(await outcome('stranger', proof)).toBe(CONFIDENTIAL)
    // S35: every number of seconds is a step, and each would be kept.
    const more = await Promise.all(
      Array.from({ length: 14 }, (_, at) => hand('mill', summarize(tree, DAY * (at + 2)), DAY * (at + 2))),
    )
    expect(more.filter(({ status }) => status === 201)).toHaveLength(11)
    expect(more.filter(({ json }) => json.code === 'E_SUMMARY_MANY')).toHaveLength(3)
    expect((await hand('mill', summary)).status).toBe(201)
  })
})

describe('a grant of a part', () => {
  const year = `from=${START}&to=${START + 3 * DAY}`
  let forge: TestParty

  beforeAll(async () => {
    forge = await bindEnterprise(platform, 'the forge', await register(platform, newParty('platform', 'another')))
    const { entry } = await publishReaderKeys(platform, forge, [readerSecret('forge')])
    expect(entry.sequence).toBe(1)
    callers.set('forge', await signInWithKey(platform, forge.id, forge.acts))
    // Three days: the witness was granted all of the second, and of the third one stream alone.
    let previous: Uint8Array | null = null
    for (const [at, extra] of [[], ['witness'], ['part']].entries()) {
      const batch = await makeSealed(platform, {
        ...{ party: forge, sequence: at + 1, previous, from: START + at * DAY, quantities: [1000 + at, 2000] as const },
        readersOf: ({ lo }) => [
          ...[key('forge'), platform.instance.privacy.publicKey, ...extra.map((name) => key(name))],
          ...(at === 2 && decodeKey(lo).stream === 1 ? [key('witness')] : []),
        ],
      })
      expect((await send(platform, batch)).status).toBe(201)
      previous = batch.entry.digest
    }
    await until('three entries of the forge', async () => {
      const { db } = platform.instance
      const found = await db.selectFrom('entry').select('digest').where('organization', '=', forge.id).execute()
      return found.length === 4
    })
  }, 60_000)

  test('gives a package of the batches that are open whole to its reader, and says how many are not', async () => {
    const trace = (caller: string) => get(caller, `/v1/organizations/${forge.id}/trace?type=02&${year}`)
    const read = async (caller: string) => {
      const pack = decodePackage(new Uint8Array((await trace(caller)).body))
      const { lines, batches, totals } = checkPackage(pack)
      expect(lines.filter(({ ok }) => ok === false)).toEqual([])
      return { batches, totals: totals.map(({ count, quantity }) => [count, quantity]) }
    }
    expect(await read('forge')).toEqual({
      batches: { asked: [1, 2, 3], all: 3, hidden: 0 },
      totals: [[288, 96n * 3003n]],
    })
    // The grant began late, and ends before the third day is open whole: exactly the second day is left.
    expect(await read('witness')).toEqual({ batches: { asked: [2], all: 3, hidden: 2 }, totals: [[96, 96_096n]] })
    expect(await read('part')).toEqual({ batches: { asked: [3], all: 3, hidden: 2 }, totals: [[96, 96_192n]] })
    // Remembered answers are one asker's, and of what lies outside the grant there is none.
    expect((await read('forge')).batches.hidden).toBe(0)
    const before = `/v1/organizations/${forge.id}/trace?type=02&from=${START}&to=${START + DAY}`
    expect(await outcome('witness', before)).toBe(CONFIDENTIAL)
    expect(await outcome('stranger', `/v1/organizations/${forge.id}/trace?type=02&${year}`)).toBe(CONFIDENTIAL)
  })

  test('hides no header of another batch in its package, nor the streams that only these declare', async () => {
    const { body } = await get('witness', `/v1/organizations/${forge.id}/trace?type=02&${year}`)
    const pack = decodePackage(new Uint8Array(body))
    expect(pack.headers).toHaveLength(1)
    expect(pack.entries).toHaveLength(3)
    expect(openCar(new Uint8Array(body)).cids).toHaveLength(1 + pack.headers.length + pack.streams.length)
  })
})

describe('the choice of an organization', () => {
  test('is what its latest document says, for everybody to see; one of another form is refused', async () => {
    const url = `/v1/organizations/${farm.id}/privacy`
    expect((await get('nobody', url)).json).toEqual({ since: null, rules: [] })
    const rules = [
      { prefix: Uint8Array.of(4), mode: 'closed' },
      { prefix: new Uint8Array(0), mode: 'shared' },
    ] as const
    const first = await logDocument(platform, farm, PRIVACY_DOCUMENT, privacyContent(rules))
    expect(first.answer.status, first.answer.text).toBe(201)
    expect((await get('nobody', url)).json).toEqual({
      since: 1,
      rules: [
        { type: '', mode: 'shared' },
        { type: '04', mode: 'closed' },
      ],
    })
    const wrong = { ...privacyContent(rules), rules: [[Uint8Array.of(4), 'hidden']] }
    const refused = await logDocument(platform, farm, PRIVACY_DOCUMENT, wrong, first.entry)
    expect(refused.answer.json.code).toBe('E_PRIVACY_FORM')
    const second = await logDocument(platform, farm, PRIVACY_DOCUMENT, privacyContent([]), first.entry)
    expect(second.answer.status).toBe(201)
    expect((await get('nobody', url)).json).toEqual({ since: 2, rules: [] })
    published.set('farm', second.entry)
  })
})

describe('reports over sealed readings', () => {
  const caller = (roles: readonly (readonly [number, Role])[], regulator = false): Caller => ({
    ...ANONYMOUS,
    roles: new Map(roles),
    regulator,
  })
  const asks = (who: Caller, { id }: TestParty) =>
    requireReport(platform.instance, who, { cid: shared.header.cid, organization: id }).then(
      () => 'given',
      (error: { code: string }) => error.code,
    )

  test('are done again by those who may read every batch, until their owner lets everybody', async () => {
    expect(await asks(ANONYMOUS, farm)).toBe('given')
    expect(await asks(ANONYMOUS, works)).toBe('E_CONFIDENTIAL')
    expect(await asks(caller([[party('part').id, 'owner']]), works)).toBe('E_CONFIDENTIAL')
    expect(await asks(caller([[party('summary').id, 'owner']]), works)).toBe('E_CONFIDENTIAL')
    for (const who of [caller([[works.id, 'reader']]), caller([[party('witness').id, 'reader']]), caller([], true)])
      expect(await asks(who, works)).toBe('given')
    expect(await asks(caller([], true), mill)).toBe('E_CONFIDENTIAL')
    await publishReport(platform.instance, { cid: shared.header.cid, organization: works.id }, 'the owner')
    expect(await asks(ANONYMOUS, works)).toBe('given')
  })
})

describe('readers’ keys and grants', () => {
  test('keys are listed as the organization’s own documents say; what a later one leaves out is ended', async () => {
    const list = async () => (await get('nobody', `/v1/organizations/${farm.id}/reader-keys`)).json.items
    const before = published.get('farm') ?? null
    const first = await publishReaderKeys(platform, farm, [readerSecret('a'), readerSecret('b')], before)
    expect(first.answer.status, first.answer.text).toBe(201)
    expect((await list()).map(({ ended }: { ended: number | null }) => ended)).toEqual([null, null])
    const second = await publishReaderKeys(platform, farm, [readerSecret('b')], first.entry)
    expect(second.answer.status).toBe(201)
    const keys = await list()
    expect(keys).toHaveLength(2)
    expect(keys.find(({ key: text }: { key: string }) => text === toHex(key('a')))).toMatchObject({
      since: first.entry.sequence,
      ended: second.entry.sequence,
    })
    // R9: a key is one organization's for ever, ended or not; nothing of the document stays.
    const third = await publishReaderKeys(platform, works, [readerSecret('a')], published.get('works'))
    expect(third.answer.json.code).toBe('E_READER_KEY_TAKEN')
  })

  test('a grant needs a key of its owner, is shown to both parties, and ends', async () => {
    const headers = callers.get('works') ?? {}
    const grant = { ...ALL, reader: party('stranger').id, access: 'summary', step: DAY } as const
    expect((await giveGrant(platform, works, headers, grant, mill.documents)).json.code).toBe('E_GRANT_SIGNER')
    expect((await giveGrant(platform, works, headers, grant, works.batches)).json.code).toBe('E_GRANT_SIGNER')
    expect((await giveGrant(platform, works, callers.get('stranger') ?? {}, grant)).status).toBe(404)
    const given = await giveGrant(platform, works, headers, grant)
    expect(given.status).toBe(201)
    expect((await get('works', `/v1/organizations/${works.id}/grants`)).json.items.at(-1)).toMatchObject({
      grant: given.json.grant,
      step: DAY,
      ended: null,
    })
    expect((await get('stranger', `/v1/organizations/${party('stranger').id}/granted`)).json.items).toHaveLength(1)
    expect(await outcome('mill', `/v1/organizations/${works.id}/grants`)).toBe(MISSING)
    expect(await outcome('nobody', `/v1/organizations/${works.id}/grants`)).toBe('401 E_SIGN_IN')
    const { proof } = routesOf(works, shared)
    expect(await outcome('stranger', proof)).toBe(200)
    const end = await ask(platform, 'POST', `/v1/organizations/${works.id}/grants/${given.json.grant}/end`, { headers })
    expect(end.json.ended).toBeTypeOf('string')
    expect(await outcome('stranger', proof)).toBe(CONFIDENTIAL)
  })

  test.each([
    ['one of its types', { types: [Uint8Array.of(2)] }],
    ['one of its streams', { streams: [1] }],
    ['a part of its time', { to: START + DAY / 2 }],
  ])('a grant of a summary of %s answers nothing of a batch: its proofs would tell the rest', async (_, change) => {
    const grant = { ...ALL, ...change, reader: party('stranger').id, access: 'summary', step: DAY } as const
    expect((await giveGrant(platform, works, callers.get('works') ?? {}, grant)).status).toBe(201)
    expect(await outcome('stranger', routesOf(works, shared).proof)).toBe(CONFIDENTIAL)
    expect(await outcome('stranger', routesOf(works, shared).header)).toBe(CONFIDENTIAL)
  })
})
