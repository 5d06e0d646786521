import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { encodeValue, readerPublicKey, toHex } from '@tanlian/evidence'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { bindEnterprise, newParty, newPerson, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { giveGrant, makeSealed, partsOf, publishReaderKeys, readerSecret } from '../../test/sealed.ts'
import { backUp } from '../backup.ts'
import { POLICIES } from '../policy.ts'

/*
 * S33: marked private values. Every reading of one stream has the first, of the other the second; their sums are marked too, since whoever
 * learns a sum of equal readings learns the reading.
 */
const CANARIES = [7_654_321_987, 3_141_592_654] as const
const READINGS = 96
const START = 1_767_196_800
const DAY = 86_400
const FRAME = `device says ${CANARIES.join(' and ')}`

const lines: string[] = []
let platform: TestPlatform
let works: TestParty
let mill: TestParty
let shared: Awaited<ReturnType<typeof makeSealed>>
let closed: Awaited<ReturnType<typeof makeSealed>>
const callers = new Map<string, Record<string, string>>()
const key = (name: string) => readerPublicKey(readerSecret(name))

beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  platform = await startTestPlatform({}, pino({ level: 'trace' }, sink))
  const operator = await register(platform, newParty('platform', 'the platform'))
  works = await bindEnterprise(platform, 'the works', operator)
  mill = await bindEnterprise(platform, 'the mill', operator)
  const stranger = await register(platform, newParty('other', 'the trader'))
  for (const [name, party] of [
    ['works', works],
    ['mill', mill],
    ['stranger', stranger],
  ] as const)
    expect((await publishReaderKeys(platform, party, [readerSecret(name)])).answer.status).toBe(201)
  const given = { sequence: 1, previous: null, from: START, quantities: CANARIES, readings: READINGS }
  const own = platform.instance.privacy.publicKey
  shared = await makeSealed(platform, { ...given, party: works, readersOf: () => [key('works'), own] })
  closed = await makeSealed(platform, { ...given, party: mill, readersOf: () => [key('mill')] })
  callers.set('nobody', {})
  callers.set('person', (await newPerson(platform, 'somebody')).headers)
  callers.set('stranger', await signInWithKey(platform, stranger.id, stranger.acts))
  callers.set('the other owner', await signInWithKey(platform, mill.id, mill.acts))
  callers.set('owner', await signInWithKey(platform, works.id, works.acts))
  for (const batch of [shared, closed]) {
    const body = Buffer.from(batch.car)
    const headers = { 'content-type': 'application/vnd.ipld.car', 'tanlian-signature': `0x${toHex(batch.signature)}` }
    // What is refused on the way says nothing of the readings either.
    const wrong = await ask(platform, 'POST', '/v1/batches', {
      body: body.subarray(0, body.length - 9),
      headers,
    })
    expect(wrong.status).toBeGreaterThanOrEqual(400)
    expect(found(wrong.body)).toEqual([])
    expect((await ask(platform, 'POST', '/v1/batches', { body, headers })).status).toBe(201)
  }
  await until('both batches in the log and in the charts', async () => {
    const { db, log } = platform.instance
    const marks = await db.selectFrom('projection_mark').select('name').execute()
    return marks.length === 4 && log.size === 5
  })
}, 120_000)
afterAll(() => platform?.close(), 60_000)

test('the marks are found where they are given: the owner sees them', async () => {
  const owner = { headers: callers.get('owner') ?? {} }
  const base = `/v1/organizations/${works.id}`
  const latest = await ask(platform, 'GET', `${base}/latest`, owner)
  expect(found(latest.body)).toContain(`${CANARIES[0]} as text`)
  const trace = await ask(
    platform,
    'GET',
    `${base}/trace?type=02&from=${START}&to=${START + DAY}&mode=readings&frames=true`,
    owner,
  )
  expect(found(trace.body)).toEqual(expect.arrayContaining([`${CANARIES[0]} as CBOR`, 'the frame']))
  expect(found(Buffer.concat(shared.plain.blocks.map(({ bytes }) => bytes)))).toContain(`${CANARIES[1]} as CBOR`)
})

test('S33 no route gives a mark, or a sum of them, to anyone but the readers', async () => {
  const routes = platform.app.routeTable.filter(({ method, url }) => method === 'GET' && url !== '/v1/live')
  const covered = new Set(routes.map(({ url }) => `GET ${url}`))
  expect(Object.keys(POLICIES).filter((line) => line.startsWith('GET ') && line !== 'GET /v1/live')).toEqual(
    expect.arrayContaining([...covered]),
  )
  let asked = 0
  for (const [batch, party] of [
    [shared, works],
    [closed, mill],
  ] as const)
    for (const [name, headers] of callers) {
      if (name === (party === works ? 'owner' : 'the other owner')) continue
      for (const { url } of routes)
        for (const address of addressesOf(url, party, batch)) {
          const { body, status } = await ask(platform, 'GET', address, { headers })
          asked++
          expect(found(body), `${name} ${address} → ${status}`).toEqual([])
        }
    }
  expect(asked).toBeGreaterThan(8 * routes.length)
}, 120_000)

test('S33 nor does a grant of a summary: it gives sums, and no reading', async () => {
  const owner = callers.get('owner') ?? {}
  const grant = await giveGrant(platform, works, owner, {
    ...{ types: [Uint8Array.of(2), Uint8Array.of(4)], streams: [], from: START, to: START + DAY },
    reader: mill.id,
    access: 'summary',
    step: DAY,
  })
  expect(grant.status).toBe(201)
  const headers = callers.get('the other owner') ?? {}
  const { status, body } = await ask(
    platform,
    'GET',
    `/v1/organizations/${works.id}/trace?type=02&from=${START}&to=${START + DAY}`,
    { headers },
  )
  expect(status).toBe(200)
  expect(found(body).filter((mark) => !mark.includes('sum'))).toEqual([])
})

test('S33 live events tell of the entry alone', async () => {
  const events: unknown[] = []
  const listen = (event: unknown) => events.push(event)
  platform.instance.events.on('accepted', listen)
  const next = await makeSealed(platform, {
    ...{ party: works, sequence: 2, previous: shared.entry.digest, from: START + DAY, quantities: CANARIES },
    readings: READINGS,
    readersOf: () => [key('works'), platform.instance.privacy.publicKey],
  })
  await ask(platform, 'POST', '/v1/batches', {
    body: Buffer.from(next.car),
    headers: { 'content-type': 'application/vnd.ipld.car', 'tanlian-signature': `0x${toHex(next.signature)}` },
  })
  platform.instance.events.off('accepted', listen)
  expect(events).toMatchObject([{ organization: works.id, sequence: 2, count: null }])
})

test('S33 no mark in logs, in the blocks, in the trees on disk, on the chain, or in a backup', async () => {
  // The trees are used, so that their files are there.
  const url = `/v1/batches/${shared.header.cid}/proof?interval=${'0'.repeat(32)}-${'f'.repeat(16)}${'0'.repeat(16)}`
  expect((await ask(platform, 'GET', url, { headers: callers.get('owner') ?? {} })).status).toBe(200)
  expect(found(Buffer.from(lines.join('')))).toEqual([])
  const { dataDir } = platform.config
  const backup = `${dataDir}-backup`
  await backUp(dataDir, backup)
  let files = 0
  for (const folder of [...['blocks', 'trees', 'chain', 'secrets'].map((name) => join(dataDir, name)), backup])
    for (const path of await filesBelow(folder)) {
      files++
      // The header holds the sum of its batch (spec section 4), in the store as on its way; the route that gives it is guarded.
      const marks = found(await readFile(path)).filter((mark) => !mark.includes('sum'))
      expect(marks, path).toEqual([])
    }
  expect(files).toBeGreaterThan(5)
  expect((await filesBelow(join(dataDir, 'trees'))).some((path) => path.endsWith('.locked'))).toBe(true)
}, 60_000)

/** The marks that bytes hold, in any form in which a number is written here. */
function found(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes)
  const marks: [name: string, value: number][] = [
    ...CANARIES.map((value): [string, number] => [String(value), value]),
    ...CANARIES.map((value): [string, number] => [`sum of ${value}`, value * READINGS]),
    ['sum of both', (CANARIES[0] + CANARIES[1]) * READINGS],
  ]
  const names = marks.flatMap(([name, value]) => {
    const u64 = Buffer.alloc(8)
    u64.writeBigUInt64BE(BigInt(value))
    const float = Buffer.alloc(8)
    float.writeDoubleLE(value)
    const forms: [string, Buffer][] = [
      ['text', Buffer.from(String(value))],
      ['CBOR', Buffer.from(encodeValue(value))],
      ['u64', u64],
      ['float', float],
    ]
    return forms.filter(([, form]) => text.includes(form)).map(([form]) => `${name} as ${form}`)
  })
  return text.includes(FRAME) ? [...names, 'the frame'] : names
}

/** Every way to ask a route about a batch of an organization. */
function addressesOf(url: string, party: TestParty, batch: typeof shared): string[] {
  const { index, chunks, frames } = partsOf(batch.draft)
  const plain = partsOf(batch.plain)
  const window = `from=${START}&to=${START + DAY}`
  const whole = `${'0'.repeat(32)}-${'f'.repeat(16)}${'0'.repeat(16)}`
  const queries: Readonly<Record<string, readonly string[]>> = {
    '/v1/organizations/:id/entries': ['', '?kind=2', '?limit=500'],
    '/v1/documents': ['?kind=reader-key'],
    '/v1/organizations/:id/trace': ['total', 'readings'].flatMap((mode) => [
      `?type=02&${window}&mode=${mode}`,
      `?type=04&stream=2&${window}&mode=${mode}&frames=true`,
    ]),
    '/v1/organizations/:id/streams/:stream/series': [
      '',
      `?${window}&step=3600`,
      `?${window}&step=reading`,
      '?step=month',
    ],
    '/v1/organizations/:id/collection': ['', `?${window}`],
    '/v1/batches/:cid/proof': [`?interval=${whole}`, `?interval=${whole}&mode=readings`],
    '/ipfs/:cid': ['?format=raw', '?format=car', '?format=car&dag-scope=block'],
    '/v1/search': [`?q=${batch.header.cid}`, '?q=meter', `?q=${CANARIES[0]}`],
    '/v1/log/proof': ['?index=0&size=1'],
  }
  const cids = [
    ...[batch.header.cid, batch.draft.streams, index, ...chunks, ...frames],
    ...[plain.index, ...plain.chunks, batch.frame.cid],
  ]
  const paths = (url.includes(':cid') ? cids : ['']).flatMap((cid) =>
    (url.includes(':stream') ? ['1', '2'] : ['']).map((stream) =>
      url
        .replace(':id', String(party.id))
        .replace(':cid', String(cid))
        .replace(':stream', stream)
        .replace(':device', 'meter 1')
        .replace(/:(import|upload|draft|attachment|job|alert|application|address|passkey)/, '0'.repeat(32))
        .replace('/*', '/none'),
    ),
  )
  return paths.flatMap((path) => (queries[url] ?? ['']).map((query) => path + query))
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
