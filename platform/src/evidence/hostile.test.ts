import { cidOf, encodeBlock, signEntry, writeCar } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../../test/ask.ts'
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
