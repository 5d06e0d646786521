import { createHash } from 'node:crypto'
import {
  checkConsistency,
  checkInclusion,
  checkPackage,
  checkProof,
  cidFromDigest,
  decodeBundle,
  decodeHeader,
  decodePackage,
  encodeEntry,
  encodeKey,
  equalBytes,
  fromHex,
  leafHash,
  openCar,
  openCheckpoint,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { organizationState } from './organization-state.ts'

let platform: TestPlatform
let farm: TestParty
const made: ReturnType<typeof makeBatch>[] = []
const DAY = 86_400
const MAY = 1_525_104_000

beforeAll(async () => {
  platform = await startTestPlatform()
  farm = await bindEnterprise(platform, 'farm', await register(platform, newParty('platform', 'the platform')))
  for (let sequence = 1; sequence <= 5; sequence++) {
    const previous = made.at(-1)?.entry.digest ?? null
    const batch = makeBatch(platform, {
      party: farm,
      sequence,
      previous,
      from: MAY + sequence * DAY,
    })
    expect((await send(platform, batch)).status).toBe(201)
    made.push(batch)
  }
  await until('five entries', () => platform.instance.log.size === 5)
}, 120_000)
afterAll(() => platform?.close(), 60_000)

const get = (url: string, headers: Record<string, string> = {}) => platform.app.inject({ url, headers })
const batch = (at: number) => made[at] as (typeof made)[number]

test('the beginning names chain, contracts and the checkpoint’s key', async () => {
  const known = (await get('/.well-known/tanlian.json')).json()
  expect(known).toMatchObject({
    spec: 'tanlian/evidence/1',
    chainId: 31337,
    contracts: platform.instance.chain.contracts,
  })
  const checkpoint = openCheckpoint((await get('/log/checkpoint')).body, [known.vkey])
  expect(checkpoint).toMatchObject({ ok: true, size: 5 })
})

test('a block comes raw or as a CAR of all below, by query before Accept, with what the trustless gateway asks for', async () => {
  const { cid, bytes } = batch(1).header
  const raw = await get(`/ipfs/${cid}?format=raw`)
  expect(raw.headers).toMatchObject({
    'content-type': 'application/vnd.ipld.raw',
    etag: `"${cid}.raw"`,
    'cache-control': 'public, max-age=29030400, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect(equalBytes(raw.rawPayload, bytes)).toBe(true)
  expect((await get(`/ipfs/${cid}`, { accept: 'application/vnd.ipld.raw' })).rawPayload).toEqual(raw.rawPayload)
  expect((await get(`/ipfs/${cid}?format=raw`, { 'if-none-match': `"${cid}.raw"` })).statusCode).toBe(304)
  const head = await platform.app.inject({ method: 'HEAD', url: `/ipfs/${cid}?format=raw` })
  expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, String(bytes.length), ''])
  const one = await get(`/ipfs/${cid}?format=raw`, { accept: 'application/vnd.ipld.car' })
  expect(one.headers['content-type']).toBe('application/vnd.ipld.raw')

  const car = await get(`/ipfs/${cid}`, { accept: 'application/vnd.ipld.car; version=1; order=dfs' })
  expect(car.headers['content-type']).toMatch(/^application\/vnd\.ipld\.car; version=1/)
  const opened = openCar(new Uint8Array(car.rawPayload))
  const expected = [...batch(0).draft.blocks, batch(0).header, ...batch(1).draft.blocks, batch(1).header]
  expect(new Set(opened.cids.map(String))).toEqual(new Set(expected.map((block) => block.cid.toString())))
  const block = openCar(new Uint8Array((await get(`/ipfs/${cid}?format=car&dag-scope=block`)).rawPayload))
  expect(block.cids).toHaveLength(1)
})

test('S12 what is not here is missing, and never remembered as if it were', async () => {
  const absent = cidFromDigest(createHash('sha256').update('absent').digest())
  for (const url of [
    `/ipfs/${absent}?format=raw`,
    `/ipfs/${absent}?format=car`,
    `/v1/batches/${absent}/proof?interval=${'0'.repeat(32)}-${'f'.repeat(32)}`,
  ]) {
    const answer = await get(url)
    expect([answer.statusCode, answer.json().code, answer.headers.etag]).toEqual([404, 'E_NOT_FOUND', undefined])
    expect(answer.headers['cache-control']).toBe('no-store')
  }
  expect((await get('/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKQM6B')).json().code).toBe('E_CID_FORM')
  expect((await get(`/ipfs/${absent}?format=tar`)).statusCode).toBe(406)
})

test('a batch answers any question with its proof', async () => {
  const { cid, bytes } = batch(0).header
  const tree = bytes.length > 0 ? batch(0).draft.root : new Uint8Array()
  const from = MAY + DAY
  const intervals = [
    { lo: encodeKey(0x02010100, 1, from), hi: encodeKey(0x02010100, 1, from + 3599) },
    { lo: encodeKey(0x04010100, 2, from), hi: encodeKey(0x04010100, 2, from + DAY) },
  ]
  const query = intervals.map(({ lo, hi }) => `interval=${toHex(lo)}-${toHex(hi)}`).join('&')
  for (const mode of ['total', 'readings'] as const) {
    const answer = await get(`/v1/batches/${cid}/proof?${query}&mode=${mode}`)
    expect(answer.headers['content-type']).toBe('application/vnd.ipld.dag-cbor')
    const checked = checkProof(tree, { intervals, mode }, new Uint8Array(answer.rawPayload))
    expect(checked).toMatchObject({ ok: true, totals: [{ count: 4, quantity: 4006 }, { count: 96 }] })
  }
  const upsideDown = `interval=${'f'.repeat(32)}-${'0'.repeat(32)}`
  expect((await get(`/v1/batches/${cid}/proof?${upsideDown}`)).json().code).toBe('E_RANGE')
  expect((await get(`/v1/batches/${cid}/proof?interval=12-34`)).json().code).toBe('E_RANGE')
  const streams = batch(0).draft.streams
  expect((await get(`/v1/batches/${streams}/proof?${query}`)).statusCode).toBe(422)
})

test('a question may have 256 intervals over HTTP, and 257 are refused as no question', async () => {
  const { cid } = batch(0).header
  const url = (count: number) => {
    const intervals = Array.from({ length: count }, (_, at) => {
      const start = MAY + DAY + at * 300
      return `interval=${toHex(encodeKey(0x02010100, 1, start))}-${toHex(encodeKey(0x02010100, 1, start + 299))}`
    })
    return `${platform.url}/v1/batches/${cid}/proof?${intervals.join('&')}`
  }
  expect((await fetch(url(256))).status).toBe(200)
  const refused = await fetch(url(257))
  expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'E_QUESTION_FORM' }])
})

test('a CID has one text', async () => {
  const cid = batch(0).header.cid.toString()
  const others = [`b${cid.slice(1).toUpperCase()}`, cid.toUpperCase(), `${cid}=`, `${cid}%3D%3D`, `${cid}a`, `z${cid}`]
  for (const text of others)
    for (const path of [`/ipfs/${text}`, `/v1/batches/${text}/proof?interval=${'0'.repeat(32)}-${'f'.repeat(32)}`]) {
      const answer = await get(path)
      expect([path, answer.statusCode, answer.json().code]).toEqual([path, 400, 'E_CID_FORM'])
    }
})

test('the gateway refuses what it does not make, and takes what clients of the trustless gateway send', async () => {
  const { cid } = batch(1).header
  const car = 'application/vnd.ipld.car'
  const table: [string, string | undefined, number, string][] = [
    ['?format=car&car-version=x', undefined, 400, 'E_REQUEST_INVALID'],
    ['?format=car&car-version=2', undefined, 406, 'E_REQUEST_ACCEPT'],
    ['?format=car&car-dups=y', undefined, 406, 'E_REQUEST_ACCEPT'],
    ['?format=car&car-dups=perhaps', undefined, 400, 'E_REQUEST_INVALID'],
    ['?format=car&car-order=bfs', undefined, 400, 'E_REQUEST_INVALID'],
    ['?format=car&entity-bytes=abc', undefined, 400, 'E_REQUEST_INVALID'],
    ['?format=car&entity-bytes=0:5&dag-scope=all', undefined, 400, 'E_RANGE'],
    ['?format=car&dag-scope=some', undefined, 400, 'E_REQUEST_INVALID'],
    ['?format=tar', undefined, 406, 'E_REQUEST_ACCEPT'],
    ['?more=1', undefined, 400, 'E_REQUEST_INVALID'],
    ['', 'text/html', 406, 'E_REQUEST_ACCEPT'],
    ['', `${car}; version=2`, 406, 'E_REQUEST_ACCEPT'],
    ['', `${car}; dups=y`, 406, 'E_REQUEST_ACCEPT'],
    ['', `${car};q=0`, 406, 'E_REQUEST_ACCEPT'],
  ]
  for (const [query, accept, status, code] of table) {
    const answer = await get(`/ipfs/${cid}${query}`, accept === undefined ? {} : { accept })
    expect([query, accept, answer.statusCode, answer.json().code]).toEqual([query, accept, status, code])
  }
  const whole = (await get(`/ipfs/${cid}?format=car`)).rawPayload
  for (const query of ['&car-version=1&car-order=dfs&car-dups=n&dag-scope=all', '&car-order=unk'])
    expect((await get(`/ipfs/${cid}?format=car${query}`)).rawPayload).toEqual(whole)
  const accepted = await get(`/ipfs/${cid}`, { accept: `text/html;q=0.5, ${car};version=1;order=dfs;dups=n` })
  expect(accepted.rawPayload).toEqual(whole)
  const block = await get(`/ipfs/${cid}?format=car&dag-scope=block`)
  for (const query of ['dag-scope=entity', 'entity-bytes=0:*', 'entity-bytes=-10:5&dag-scope=entity'])
    expect((await get(`/ipfs/${cid}?format=car&${query}`)).rawPayload).toEqual(block.rawPayload)
  const raw = await get(`/ipfs/${cid}`, { accept: `${car};q=0.1, application/vnd.ipld.raw` })
  expect(raw.headers['content-type']).toBe('application/vnd.ipld.raw')
})

test('the CAR of a header is its whole history, that of its index and streams this batch alone', async () => {
  const { cid, bytes } = batch(4).header
  const cids = async (root: unknown) =>
    openCar(new Uint8Array((await get(`/ipfs/${root}?format=car`)).rawPayload)).cids.map(String)
  const all = await cids(cid)
  expect(new Set(all)).toEqual(
    new Set(made.flatMap(({ header, draft }) => [header, ...draft.blocks]).map((block) => block.cid.toString())),
  )
  expect(all).toHaveLength(new Set(all).size)
  const { data, streams } = decodeHeader(bytes)
  const own = new Set([...(await cids(data)), ...(await cids(streams))])
  expect(own).toEqual(new Set(batch(4).draft.blocks.map((block) => block.cid.toString())))
})

test('log proofs, tiles and bundles are those of the entries', async () => {
  const leaves = made.map(({ entry }) => leafHash(encodeEntry(entry)))
  const proof = (await get('/v1/log/proof?index=3&size=5')).json()
  const path = proof.path.map((hash: string) => fromHex(hash))
  const root = fromHex(proof.root)
  expect(checkInclusion({ leaf: leaves[3] as Uint8Array, index: 3, size: 5, root, path })).toEqual({ ok: true })
  const consistency = (await get('/v1/log/consistency?from=2&to=5')).json()
  const early = (await get('/v1/log/proof?index=0&size=2')).json()
  expect(
    checkConsistency({
      from: 2,
      to: 5,
      fromRoot: fromHex(early.root),
      toRoot: root,
      path: consistency.path.map((hash: string) => fromHex(hash)),
    }),
  ).toEqual({ ok: true })
  const tile = await get('/log/tile/0/000.p/5')
  expect(Buffer.concat(leaves).equals(tile.rawPayload)).toBe(true)
  const bundle = await get('/log/tile/entries/000.p/5')
  expect(decodeBundle(new Uint8Array(bundle.rawPayload))).toEqual(made.map(({ entry }) => encodeEntry(entry)))
  for (const url of [
    '/log/tile/0/000.p/6',
    '/log/tile/entries/000',
    '/log/tile/9/001',
    '/log/tile/0/0',
    '/v1/log/proof?index=5',
    '/v1/log/proof?index=0&size=6',
  ])
    expect((await get(url)).statusCode, url).toBe(404)
  expect((await get('/v1/log')).json()).toMatchObject({ size: 5, root: proof.root, waiting: 0, final: false })
})

test('entries, head, streams and headers of an organization', async () => {
  const first = (await get(`/v1/organizations/${farm.id}/entries?kind=1&limit=2`)).json()
  expect(first.items).toHaveLength(2)
  const second = (await get(`/v1/organizations/${farm.id}/entries?kind=1&limit=2&after=${first.next}`)).json()
  const sequences = ({ items }: { items: { sequence: number }[] }) => items.map(({ sequence }) => sequence)
  expect(sequences(second)).toEqual([3, 4])
  const newest = (await get(`/v1/organizations/${farm.id}/entries?kind=1&order=newest&limit=3`)).json()
  expect([sequences(newest), newest.next]).toEqual([[5, 4, 3], '3'])
  const rest = (await get(`/v1/organizations/${farm.id}/entries?kind=1&order=newest&limit=3&after=3`)).json()
  expect([sequences(rest), rest.next]).toEqual([[2, 1], null])
  const item = second.items[0]
  expect(item).toMatchObject({
    cid: batch(2).header.cid.toString(),
    signature: toHex0x(batch(2).signature),
    index: 2,
    readings: 192,
    status: 'anchored',
  })
  const head = (await get(`/v1/organizations/${farm.id}/head?kind=1`)).json()
  expect(head).toMatchObject({ sequence: 5, digest: toHex(batch(4).entry.digest), log: { sequence: 5 } })
  expect((await get(`/v1/organizations/${farm.id}/head?kind=2`)).json()).toMatchObject({ sequence: 0, digest: null })
  // Decoded once a head, not once a request.
  const state = await organizationState(platform.instance, farm.id)
  expect(state?.sequence).toBe(5)
  expect(await organizationState(platform.instance, farm.id)).toBe(state)
  const streams = (await get(`/v1/organizations/${farm.id}/streams`)).json()
  expect(streams.items).toMatchObject([
    { stream: 1, type: '020101', device: 'meter 1' },
    { stream: 2, type: '040101' },
  ])
  const headers = openCar(new Uint8Array((await get(`/v1/organizations/${farm.id}/headers?after=3`)).rawPayload))
  expect(headers.cids.map(String).sort()).toEqual(
    [batch(3), batch(4)].map(({ header }) => header.cid.toString()).sort(),
  )
  expect((await get(`/v1/organizations/${farm.id}/headers?limit=2`)).headers.link).toBe(
    `</v1/organizations/${farm.id}/headers?limit=2&after=2>; rel="next"`,
  )
  expect((await get(`/v1/organizations/${farm.id}/headers?after=5`)).statusCode).toBe(204)
})

test('a trace brings the raw frames of the readings that it opens, when asked', async () => {
  const url = `/v1/organizations/${farm.id}/trace?type=02&from=${MAY + DAY}&to=${MAY + 3 * DAY}`
  const framesOf = async (query: string) => {
    const pack = decodePackage(new Uint8Array((await get(`${url}${query}`)).rawPayload))
    const verdict = checkPackage(pack)
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    return verdict.frames
  }
  expect(await framesOf('&mode=readings')).toEqual({ signed: 0, unsigned: 0, absent: 2 })
  expect(await framesOf('&mode=readings&frames=true')).toEqual({ signed: 0, unsigned: 2, absent: 0 })
  expect(await framesOf('&mode=total&frames=true')).toEqual({ signed: 0, unsigned: 0, absent: 0 })
  expect((await get(`${url}&mode=readings&frames=1`)).json().code).toBe('E_REQUEST_INVALID')
})

test('a trace is refused where its question is none', async () => {
  const base = `/v1/organizations/${farm.id}/trace`
  const table: [string, number, string][] = [
    [`${base}?type=02&from=5&to=5`, 400, 'E_FILTER_FORM'],
    [`${base}?type=0201010001&from=0&to=5`, 400, 'E_FILTER_FORM'],
    [`${base}?type=02&type=0201&from=0&to=5`, 400, 'E_FILTER_FORM'],
    [`${base}?type=xx&from=0&to=5`, 400, 'E_FILTER_FORM'],
    [`${base}?type=02&stream=0&from=0&to=5`, 400, 'E_FILTER_FORM'],
    [`${base}?type=02&from=0`, 400, 'E_REQUEST_INVALID'],
    [`${base}?type=02&from=0&to=5&more=1`, 400, 'E_REQUEST_INVALID'],
    ['/v1/organizations/999/trace?type=02&from=0&to=5', 404, 'E_NOT_FOUND'],
  ]
  for (const [url, status, code] of table)
    for (let time = 0; time < 2; time++) {
      const answer = await get(url)
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, status, code])
    }
})

test('an upload goes on where it stopped and ends in the same receipt, however often it is committed', async () => {
  const next = makeBatch(platform, {
    party: farm,
    sequence: 6,
    previous: batch(4).entry.digest,
    from: MAY + 9 * DAY,
  })
  const announced = {
    organization: farm.id,
    sequence: 6,
    digest: toHex(next.entry.digest),
    signature: toHex0x(next.signature),
    length: next.car.length,
    sha256: createHash('sha256').update(next.car).digest('hex'),
  }
  const begin = (body: object, key: string) =>
    platform.app.inject({ method: 'POST', url: '/v1/uploads', headers: { 'idempotency-key': key }, payload: body })
  const patch = (url: string, offset: number, bytes: Uint8Array) =>
    platform.app.inject({
      method: 'PATCH',
      url,
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
      payload: Buffer.from(bytes),
    })
  const commit = (url: string, key: string) =>
    platform.app.inject({ method: 'POST', url: `${url}/commit`, headers: { 'idempotency-key': key } })

  expect((await begin({ ...announced, length: 10 ** 12 }, 'upload-key-1')).json().code).toBe('E_UPLOAD_LENGTH')
  expect((await begin({ ...announced, sequence: 7 }, 'upload-key-2')).json().code).toBe('E_KEY_REFUSED')
  const answer = await begin(announced, 'upload-key-3')
  expect(answer.statusCode, answer.body).toBe(201)
  const url = String(answer.headers.location)
  const half = Math.floor(next.car.length / 2)
  expect((await patch(url, 0, next.car.subarray(0, half))).headers['upload-offset']).toBe(String(half))
  expect((await patch(url, 0, next.car)).json()).toMatchObject({ code: 'E_UPLOAD_OFFSET', values: { offset: half } })
  expect((await commit(url, 'commit-key-1')).json().code).toBe('E_UPLOAD_INCOMPLETE')
  const head = await platform.app.inject({ method: 'HEAD', url })
  expect(head.headers['upload-offset']).toBe(String(half))
  expect((await patch(url, half, next.car.subarray(half))).statusCode).toBe(204)
  const receipt = await commit(url, 'commit-key-2')
  expect(receipt.statusCode, receipt.body).toBe(201)
  expect((await commit(url, 'commit-key-3')).json()).toEqual(receipt.json())
  expect((await patch(url, next.car.length, new Uint8Array(1))).json().code).toBe('E_UPLOAD_CLOSED')

  const seventh = makeBatch(platform, { party: farm, sequence: 7, previous: next.entry.digest, from: MAY + 10 * DAY })
  const { car, entry } = seventh
  const wrong = { sequence: 7, digest: toHex(entry.digest), signature: toHex0x(seventh.signature), length: car.length }
  const again = await begin({ ...announced, ...wrong, sha256: '00'.repeat(32) }, 'upload-key-4')
  const other = String(again.headers.location)
  await patch(other, 0, car)
  expect((await commit(other, 'commit-key-4')).json().code).toBe('E_UPLOAD_HASH')
  expect((await platform.app.inject({ url: other })).statusCode).toBe(404)
})
