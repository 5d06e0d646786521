import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { cidOf, encodeBlock, signEntry, toHex, toHex0x, writeCar } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, type Json, until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

let platform: TestPlatform
let plant: TestParty
const MARCH = 1_519_833_600

beforeAll(async () => {
  platform = await startTestPlatform()
  plant = await bindEnterprise(platform, 'plant', await register(platform, newParty('platform', 'the platform')))
}, 120_000)
afterAll(() => platform?.close(), 60_000)

/** Everything that a statement or an upload could leave behind. */
async function traces() {
  const { db, blocks } = platform.instance
  const counts = await Promise.all(
    (['accepted', 'intent', 'upload', 'idempotency', 'organization_state'] as const).map(async (table) => {
      const row = await db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return [table, row.n]
    }),
  )
  return { ...Object.fromEntries(counts), blocks: blocks.count, bytes: blocks.bytes }
}

const varint = (value: bigint): Uint8Array => {
  const bytes: number[] = []
  for (; value >= 0x80n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(value)])
}
const section = (block: { readonly cid: { readonly bytes: Uint8Array }; readonly bytes: Uint8Array }) =>
  Buffer.concat([varint(BigInt(36 + block.bytes.length)), block.cid.bytes, block.bytes])
/** A CAR with one root of any bytes, whatever they are. */
const carOf = (bytes: Uint8Array, ...more: Uint8Array[]) => {
  const cid = cidOf(bytes)
  const head = Buffer.concat([
    Buffer.from('a265726f6f747381d82a582500', 'hex'),
    cid.bytes,
    Buffer.from('6776657273696f6e01', 'hex'),
  ])
  return Buffer.concat([varint(BigInt(head.length)), head, section({ cid, bytes }), ...more])
}
const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)])

test('R14 R15 a CAR made to hurt is refused twice with the same code, at once, and leaves nothing behind', async () => {
  const batch = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: MARCH })
  const { header, draft } = batch
  const whole = [header, ...draft.blocks]
  const { domain } = platform.instance.chain
  const signed = (fields: object, ...more: Uint8Array[]) => {
    const block = encodeBlock({
      format: 'tanlian/document/1',
      organization: plant.id,
      sequence: 1,
      previous: null,
      kind: 'report',
      ...fields,
    })
    const entry = { kind: 2 as const, organization: plant.id, sequence: 1, digest: block.cid.multihash.digest }
    return { entry, signature: signEntry(entry, domain, plant.documents), car: carOf(block.bytes, ...more) }
  }
  const given = (car: Uint8Array) => ({ ...batch, car })
  const start = (value: bigint) => given(Buffer.concat([varint(value), batch.car.subarray(1)]))
  const after = (...more: Uint8Array[]) => given(Buffer.concat([batch.car, ...more]))
  const raw = (hex: string) => given(carOf(Buffer.from(hex, 'hex')))
  const stranger = encodeBlock('a stranger')
  const table: [string, Parameters<typeof send>[1], string][] = [
    ['a length beyond 2^64', start(2n ** 70n), 'E_CAR_FORM'],
    ['a length of 2^53', start(2n ** 53n), 'E_CAR_FORM'],
    ['a length of 2^32', start(2n ** 32n), 'E_CAR_FORM'],
    ['a length that never ends', given(Buffer.alloc(5000, 0xff)), 'E_CAR_FORM'],
    ['a length of zero', start(0n), 'E_CAR_FORM'],
    [
      'a length written with a needless byte',
      given(Buffer.concat([Buffer.of(batch.car[0] as number | 0x80, 0), batch.car.subarray(1)])),
      'E_CAR_FORM',
    ],
    ['a second block of 2^60 bytes', after(varint(2n ** 60n)), 'E_CAR_FORM'],
    ['a second block that is cut', after(section(stranger).subarray(0, -2)), 'E_CAR_FORM'],
    ['an empty section', after(varint(0n)), 'E_CAR_FORM'],
    ['half a CID', after(varint(18n), Buffer.alloc(18, 1)), 'E_CAR_CID'],
    ['a block twice', after(section(header)), 'E_CAR_TWICE'],
    ['a block of no codec', after(varint(5n), Buffer.of(1, 0x55, 0, 0, 0)), 'E_CAR_CID'],
    ['a root nested a million deep', given(carOf(nested(1_000_000))), 'E_BLOCK_NOT_CANONICAL'],
    ['a root nested 60 deep', given(carOf(nested(60))), 'E_FORM'],
    ['a root that announces 2^63 items', raw('9b7fffffffffffffff'), 'E_BLOCK_NOT_CANONICAL'],
    ['a root that announces 2^32 bytes', raw('5b0000000100000000'), 'E_BLOCK_NOT_CANONICAL'],
    ['a root of indefinite length', raw('9fff'), 'E_BLOCK_NOT_CANONICAL'],
    ['a root with a key twice', raw('a2616100616101'), 'E_BLOCK_NOT_CANONICAL'],
    [
      'a root with __proto__',
      given(carOf(encodeBlock(JSON.parse('{"__proto__":{"format":"tanlian/batch/1"}}')).bytes)),
      'E_FORM',
    ],
    ['a float', raw('fb3ff0000000000000'), 'E_BLOCK_NOT_CANONICAL'],
    ['another tag', raw('c100'), 'E_BLOCK_NOT_CANONICAL'],
    ['undefined', raw('f7'), 'E_BLOCK_NOT_CANONICAL'],
    ['a document with a stranger', signed({ content: null }, section(stranger)), 'E_AUDIT_EXTRA'],
    ['a document sent as a batch', { ...signed({ content: null }), entry: batch.entry }, 'E_FORM'],
    ['a batch sent as a document', { ...batch, entry: { ...batch.entry, kind: 2 } }, 'E_FORM'],
    ['a document nested 100,000 deep', given(carOf(nested(100_000))), 'E_BLOCK_NOT_CANONICAL'],
    [
      'a document whose content is a long list with a stranger',
      signed({ content: Array.from({ length: 3_000_000 }, () => 0) }, section(stranger)),
      'E_AUDIT_EXTRA',
    ],
    ['an audit that is none', signed({ kind: 'audit', content: { log: 1 } }), 'E_FORM'],
    [
      'a crowd of tiny blocks',
      after(Buffer.concat(Array.from({ length: 300_000 }, (_, at) => section(encodeBlock(at))))),
      'E_CAR_SIZE',
    ],
    ['blocks that nobody names', given(writeCar(header.cid, [...whole, stranger])), 'E_AUDIT_EXTRA'],
  ]
  const before = await traces()
  for (const [name, statement, code] of table)
    for (const time of [1, 2]) {
      const begun = performance.now()
      const answer = await send(platform, statement)
      expect([name, time, answer.status, answer.json?.code]).toEqual([name, time, 422, code])
      expect(performance.now() - begun, name).toBeLessThan(20_000)
    }
  expect(await traces()).toEqual(before)
  expect((await ask(platform, 'GET', '/health')).status).toBe(200)
}, 240_000)

const announcement = ({ entry, signature, car }: ReturnType<typeof makeBatch>) => ({
  kind: 1,
  organization: entry.organization,
  sequence: entry.sequence,
  digest: toHex(entry.digest),
  signature: toHex0x(signature),
  length: car.length,
  sha256: createHash('sha256').update(car).digest('hex'),
})
const begin = (body: unknown) => ask(platform, 'POST', '/v1/uploads', { body })
const part = (url: string, offset: string | undefined, body: Uint8Array, headers: Record<string, string> = {}) =>
  ask(platform, 'PATCH', url, {
    body: Buffer.from(body),
    headers: {
      'content-type': 'application/offset+octet-stream',
      ...(offset === undefined ? {} : { 'upload-offset': offset }),
      ...headers,
    },
  })

test('S35 what an upload refuses, it refuses twice, and its offset stays where it was', async () => {
  const batch = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: MARCH })
  const whole = announcement(batch)
  const beginnings: [string, object, number, string][] = [
    ['no length', { length: 0 }, 400, 'E_REQUEST_INVALID'],
    ['a length beyond the limit', { length: 2 ** 40 }, 413, 'E_UPLOAD_LENGTH'],
    ['a length beyond 2^53', { length: 2 ** 60 }, 400, 'E_REQUEST_INVALID'],
    ['another kind', { kind: 3 }, 400, 'E_REQUEST_INVALID'],
    ['the other kind', { kind: 2 }, 422, 'E_KEY_REFUSED'],
    ['another organization', { organization: plant.id + 1 }, 422, 'E_ORGANIZATION_UNKNOWN'],
    ['a signature with high s', { signature: `0x${'f'.repeat(128)}1b` }, 422, 'E_SIGNATURE'],
    ['a field more', { role: 'owner' }, 400, 'E_REQUEST_INVALID'],
  ]
  const before = await traces()
  for (const [name, change, status, code] of beginnings)
    for (const time of [1, 2]) {
      const answer = await begin({ ...whole, ...change })
      expect([name, time, answer.status]).toEqual([name, time, status])
      expect(answer.json.code, name).toContain(code)
    }
  expect(await traces()).toEqual(before)
  const url = String((await begin(whole)).headers.location)
  const parts: [string, string | undefined, Uint8Array, Record<string, string>, number, string][] = [
    ['no offset', undefined, batch.car, {}, 400, 'E_RANGE'],
    ['an empty offset', '', batch.car, {}, 400, 'E_RANGE'],
    ['a hexadecimal offset', '0x0', batch.car, {}, 400, 'E_RANGE'],
    ['an offset with an exponent', '0e0', batch.car, {}, 400, 'E_RANGE'],
    ['an offset below zero', '-1', batch.car, {}, 400, 'E_RANGE'],
    ['an offset beyond 2^53', '9007199254740993', batch.car, {}, 400, 'E_RANGE'],
    ['an offset ahead', '5', batch.car, {}, 409, 'E_UPLOAD_OFFSET'],
    ['another type', '0', batch.car, { 'content-type': 'application/octet-stream' }, 415, 'E_REQUEST_TYPE'],
    ['more bytes than announced', '0', Buffer.alloc(batch.car.length + 1), {}, 413, 'E_UPLOAD_LENGTH'],
  ]
  for (const [name, offset, body, headers, status, code] of parts)
    for (const time of [1, 2]) {
      const answer = await part(url, offset, body, headers)
      expect([name, time, answer.status, answer.json.code]).toEqual([name, time, status, code])
      expect((await ask(platform, 'HEAD', url)).headers['upload-offset'], name).toBe('0')
    }
  expect((await ask(platform, 'DELETE', url)).status).toBe(204)
  expect((await part(url, '0', batch.car)).json.code).toBe('E_NOT_FOUND')
})

test('S35 slow senders of large bodies are told to wait before the memory is full, and leave no room taken', async () => {
  const { bodyBytes, batchBytes } = platform.config.limits
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: slow-sender\r\nContent-Type: application/vnd.ipld.car\r\nContent-Length: ${batchBytes}\r\n\r\n`
  const slow = Array.from({ length: bodyBytes / 2 / batchBytes }, () => {
    const socket = connect(platform.config.port, '127.0.0.1')
    socket.write(head('/v1/batches'))
    return socket
  })
  const one = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: MARCH })
  const direct = (key: string) =>
    fetch(`http://127.0.0.1:${platform.config.port}/v1/batches`, {
      method: 'POST',
      headers: {
        'content-type': 'application/vnd.ipld.car',
        'idempotency-key': key,
        'tanlian-signature': `0x${'1'.repeat(130)}`,
      },
      body: Buffer.from(one.car),
    })
  let tries = 0
  await until('the room is taken', async () => (await direct(`taken-room-${tries++}`)).status === 503)
  const refused = await direct('taken-room-again')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
  expect(((await refused.json()) as Json).code).toBe('E_BUSY')
  for (const socket of slow) socket.destroy()
  await until('the room is free', async () => (await direct(`free-room-${tries++}`)).status === 422)
})

test('a connection that breaks keeps what arrived, and the upload goes on from there', async () => {
  const batch = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: MARCH })
  const url = String((await begin(announcement(batch))).headers.location)
  const half = Math.floor(batch.car.length / 2)
  const socket = connect(platform.config.port, '127.0.0.1')
  socket.write(
    `PATCH ${url} HTTP/1.1\r\nHost: localhost\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${batch.car.length}\r\n\r\n`,
  )
  socket.write(batch.car.subarray(0, half))
  const offset = async () => (await ask(platform, 'HEAD', url)).headers['upload-offset']
  setTimeout(() => socket.destroy(), 300)
  await until('the first half', async () => (await offset()) === String(half))
  const { text } = await ask(platform, 'GET', '/metrics')
  expect(text).not.toMatch(/route="\/v1\/uploads\/:upload",status="5/)
  expect((await part(url, String(half), batch.car.subarray(half))).status).toBe(204)
  const receipt = await ask(platform, 'POST', `${url}/commit`)
  expect(receipt.status, receipt.text).toBe(201)
})

test('S35 the signature of an accepted entry is public, and takes up no room of its organization', async () => {
  const { json } = await ask(platform, 'GET', `/v1/organizations/${plant.id}/entries?kind=1`)
  const [{ digest, signature, sequence }] = json.items
  const stolen = { organization: plant.id, sequence, digest, signature, length: 1000, sha256: '0'.repeat(64) }
  const urls = new Set<string>()
  for (let at = 0; at < 70; at++) {
    const answer = await begin({ ...stolen, length: 1000 + at })
    expect([answer.status, answer.json.state]).toEqual([201, 'committed'])
    urls.add(String(answer.headers.location))
  }
  expect(urls.size).toBe(1)
  const [url = ''] = urls
  expect((await part(url, '0', new Uint8Array(10))).json.code).toBe('E_UPLOAD_CLOSED')
  expect((await ask(platform, 'POST', `${url}/commit`)).json).toMatchObject({ sequence, digest })
  const other = makeBatch(platform, { party: plant, sequence, previous: null, from: MARCH + 86_400 })
  expect((await begin(announcement(other))).json.code).toBe('E_SEQUENCE_HEAD')
})

test('S35 uploads begun all at once stay within the quota', async () => {
  const { sequence, digest } = (await ask(platform, 'GET', `/v1/organizations/${plant.id}/head?kind=1`)).json
  const next = { sequence: sequence + 1, previous: new Uint8Array(Buffer.from(digest, 'hex')), from: MARCH + 86_400 }
  const batch = makeBatch(platform, { party: plant, ...next })
  const { uploadsOpen } = platform.config.limits
  const answers = await Promise.all(Array.from({ length: uploadsOpen - 4 }, () => begin(announcement(batch))))
  answers.push(...(await Promise.all(Array.from({ length: 12 }, () => begin(announcement(batch))))))
  const begun = answers.filter(({ status }) => status === 201)
  expect(begun).toHaveLength(uploadsOpen)
  for (const { json } of answers.filter(({ status }) => status !== 201))
    expect(json.code).toMatch(/^E_UPLOAD_QUOTA$|^E_BUSY$/)
  for (const { headers } of begun) await ask(platform, 'DELETE', String(headers.location))
})
