import { join } from 'node:path'
import {
  addressOf,
  checkPackage,
  cidFromDigest,
  decodeBlock,
  decodePackage,
  digestOf,
  encodeBlock,
  encodeKey,
  signEntry,
  toHex,
  toHex0x,
  writeCar,
} from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { act, bindEnterprise, newParty, register, type TestParty, testKey } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { openBlocks } from '../blocks.ts'
import { machineDisk } from '../disk.ts'
import { acceptStatement } from './accept.ts'
import { checkReceipt } from './receipt.ts'

let platform: TestPlatform
let steel: TestParty
let verifier: TestParty
let previous: Uint8Array | null = null
let sequence = 0
const DAY = 86_400
/** The key that replaces the first one for batches. */
const SECOND = testKey('steel batches 2')
const NO_REASON = toHex0x(new Uint8Array(32))
const MARCH = 1_519_833_600

beforeAll(async () => {
  platform = await startTestPlatform()
  steel = await bindEnterprise(platform, 'steel', await register(platform, newParty('platform', 'the platform')))
  verifier = await register(platform, newParty('verifier', 'verifier'))
}, 120_000)
afterAll(() => platform?.close(), 60_000)

type Given = Partial<Parameters<typeof makeBatch>[1]>

/** The next batch of the steel plant, a day after the one before. */
const next = (given: Given = {}) =>
  makeBatch(platform, {
    party: steel,
    sequence: sequence + 1,
    previous,
    from: MARCH + sequence * DAY,
    ...given,
  })

async function accept(batch = next()) {
  const answer = await send(platform, batch)
  expect(answer.status, answer.text).toBe(201)
  previous = batch.entry.digest
  sequence = batch.entry.sequence
  return { batch, receipt: answer.json }
}

/** Everything that acceptance could leave behind. */
async function traces() {
  const { db, blocks } = platform.instance
  const count = async (table: 'accepted' | 'intent' | 'upload') =>
    (
      await db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
    ).n
  return {
    blocks: blocks.count,
    bytes: blocks.bytes,
    accepted: await count('accepted'),
    intents: await count('intent'),
    uploads: await count('upload'),
  }
}

test('a batch is accepted, receipted, anchored, traced and checked', async () => {
  for (let day = 0; day < 3; day++) {
    const { batch, receipt } = await accept()
    expect(receipt).toMatchObject({
      kind: 1,
      organization: steel.id,
      sequence,
      digest: toHex(digestOf(batch.header.cid)),
      size: batch.car.length,
    })
    expect(checkReceipt(receipt, platform.instance.receipts.publicKey)).toBe(true)
    expect(checkReceipt({ ...receipt, size: receipt.size + 1 }, platform.instance.receipts.publicKey)).toBe(false)
  }
  await until('three entries in the log', () => platform.instance.log.size === 3)
  const entries = await platform.app.inject(`/v1/organizations/${steel.id}/entries?kind=1`)
  expect(entries.json().items).toMatchObject([
    { sequence: 1, index: 0, status: 'anchored' },
    { sequence: 2, index: 1 },
    { sequence: 3, index: 2 },
  ])
  const answer = await platform.app.inject(
    `/v1/organizations/${steel.id}/trace?type=02&from=${MARCH}&to=${MARCH + 2 * DAY}`,
  )
  expect(answer.statusCode, answer.body).toBe(200)
  const verdict = checkPackage(decodePackage(new Uint8Array(answer.rawPayload)))
  expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
  expect(verdict.totals).toMatchObject([{ count: 192, quantity: BigInt(2 * (96 * 1000 + (95 * 96) / 2)) }])
  expect(verdict.batches).toMatchObject({ asked: [1, 2], all: 3 })
}, 60_000)

test('S2 the same bytes again give the same receipt, at any later time', async () => {
  const { batch, receipt } = await accept()
  await accept()
  const before = await traces()
  expect((await send(platform, batch)).json).toEqual(receipt)
  expect(await traces()).toEqual(before)
})

test('S3 R27 a sequence that is not the next is a conflict that names the head', async () => {
  const other = next({ sequence, from: MARCH + 900 * DAY })
  const answer = await send(platform, other)
  expect(answer.status).toBe(409)
  expect(answer.json).toMatchObject({
    code: 'E_SEQUENCE_HEAD',
    values: { headSequence: sequence, headDigest: toHex(previous as Uint8Array) },
  })
  const far = await send(platform, next({ sequence: sequence + 2 }))
  expect(far.json.code).toBe('E_SEQUENCE_HEAD')
})

test('R27 of many that race for one sequence exactly one wins', async () => {
  const rivals = Array.from({ length: 6 }, (_, i) => next({ from: MARCH + (1000 + i) * DAY }))
  const answers = await Promise.all(rivals.map((rival) => send(platform, rival)))
  const codes = answers.map(({ status }) => status).sort()
  expect(codes).toEqual([201, 409, 409, 409, 409, 409])
  const winner = rivals[answers.findIndex(({ status }) => status === 201)]
  previous = winner?.entry.digest ?? null
  sequence++
})

test('what is refused is refused twice with the same code and leaves no trace (R14, R15, S4, S6, S13)', async () => {
  const good = next()
  const header = good.header
  const flipped = (at: number) => {
    const car = good.car.slice()
    car[at] = (car[at] as number) ^ 1
    return car
  }
  const without = (keep: (index: number) => boolean) =>
    new Uint8Array(writeCar(header.cid, [header, ...good.draft.blocks.filter((_, index) => keep(index))]))
  const stranger = encodeBlock({ more: 'than asked for' })
  const alone = { ...good, car: new Uint8Array(writeCar(header.cid, [header, ...good.draft.blocks, stranger])) }
  const signedBy = (key: Uint8Array) => ({
    ...good,
    signature: signEntry(good.entry, platform.instance.chain.domain, key),
  })
  const table: [string, { car: Uint8Array; signature: Uint8Array; entry: (typeof good)['entry'] }, number, RegExp][] = [
    ['nothing', { ...good, car: new Uint8Array(0) }, 422, /E_CAR_FORM/],
    ['noise', { ...good, car: new Uint8Array(1000).fill(7) }, 422, /E_CAR_FORM/],
    ['a cut CAR', { ...good, car: good.car.slice(0, -100) }, 422, /E_CAR/],
    ['a flipped bit in the header block', { ...good, car: flipped(200) }, 422, /E_CAR_CID/],
    ['a flipped bit in the last block', { ...good, car: flipped(good.car.length - 10) }, 422, /E_CAR_CID/],
    ['a block left out', { ...good, car: without((index) => index !== 2) }, 422, /E_CAR_MISSING/],
    [
      'a frame left out',
      { ...good, car: without((index) => index !== good.draft.blocks.length - 1) },
      422,
      /E_FRAME_MISSING/,
    ],
    ['a block too many', alone, 422, /E_AUDIT_EXTRA/],
    ['another key', signedBy(testKey('somebody')), 422, /E_KEY_REFUSED/],
    ['the key for acts', signedBy(steel.acts), 422, /E_KEY_REFUSED/],
    ['the key for documents', signedBy(steel.documents), 422, /E_KEY_REFUSED/],
    ['another organization', next({ party: verifier }), 422, /E_ORGANIZATION_UNBOUND/],
    ['an unknown organization', next({ party: { ...steel, id: 999 } }), 422, /E_ORGANIZATION_UNKNOWN/],
    ['readings that overlap earlier ones', next({ from: MARCH }), 422, /E_AUDIT_OVERLAP/],
    ['another previous', next({ previous: new Uint8Array(32).fill(9) }), 422, /E_AUDIT_PREVIOUS/],
  ]
  const before = await traces()
  for (const [name, given, status, code] of table)
    for (const time of [1, 2]) {
      const answer = await send(platform, given)
      expect(`${name} ${time}: ${answer.status} ${answer.json.code}`).toMatch(new RegExp(`${status} ${code.source}`))
    }
  const noSignature = await platform.app.inject({
    method: 'POST',
    url: '/v1/batches',
    headers: { 'content-type': 'application/vnd.ipld.car', 'idempotency-key': 'no-signature-1' },
    payload: Buffer.from(good.car),
  })
  expect(noSignature.json().code).toBe('E_SIGNATURE_HEADER')
  expect(await traces()).toEqual(before)
  await accept(good)
})

test('S13 a key is good for its sequences only, and revoking it counts from there', async () => {
  await until(
    'all entries in the log',
    async () =>
      (
        await platform.instance.db
          .selectFrom('head')
          .select('sequence')
          .where('organization', '=', steel.id)
          .where('kind', '=', 1)
          .executeTakeFirst()
      )?.sequence === sequence,
  )
  await act(
    platform,
    'RotateKey',
    { organization: steel.id, oldKey: addressOf(steel.batches), newKey: addressOf(SECOND), from: sequence + 2 },
    steel.acts,
    [SECOND],
  )
  const early = next({ key: SECOND })
  expect((await send(platform, early)).json.code).toBe('E_KEY_REFUSED')
  await accept()
  expect((await send(platform, next())).json.code).toBe('E_KEY_REFUSED')
  await accept(next({ key: SECOND }))
})

test('a restatement voids and replaces, and the trace says so', async () => {
  const key = SECOND
  const interval = { lo: encodeKey(0x02010100, 1, MARCH), hi: encodeKey(0x02010100, 1, MARCH + DAY - 1) }
  const gas = { lo: encodeKey(0x04010100, 2, MARCH), hi: encodeKey(0x04010100, 2, MARCH + DAY - 1) }
  await accept(next({ key, from: MARCH, restates: [interval, gas] }))
  await until('the restatement in the log', () => platform.instance.log.size === sequence)
  const answer = await platform.app.inject(
    `/v1/organizations/${steel.id}/trace?type=02&from=${MARCH}&to=${MARCH + DAY}`,
  )
  const verdict = checkPackage(decodePackage(new Uint8Array(answer.rawPayload)))
  expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
  expect(verdict.totals).toMatchObject([{ count: 96 }])
  expect(verdict.restatements).toMatchObject([{ sequence }])
})

test('S7 a verifier’s audit document is taken, anchored, and named as a witness in the trace', async () => {
  const { db, chain, log } = platform.instance
  const rows = await db
    .selectFrom('accepted')
    .select('digest')
    .where('organization', '=', steel.id)
    .where('kind', '=', 1)
    .execute()
  const held = rows.map(({ digest }) => new Uint8Array(digest)).sort(Buffer.compare)
  const document = encodeBlock({
    format: 'tanlian/document/1',
    organization: verifier.id,
    sequence: 1,
    previous: null,
    kind: 'audit',
    content: { log: log.size, held, failed: [], unavailable: [] },
  })
  const entry = { kind: 2 as const, organization: verifier.id, sequence: 1, digest: digestOf(document.cid) }
  const signature = signEntry(entry, chain.domain, verifier.documents)
  const size = log.size
  const answer = await send(platform, { entry, signature, car: writeCar(document.cid, [document]) })
  expect(answer.status, answer.text).toBe(201)
  await until('the audit in the log', () => log.size === size + 1)
  const documents = async (query: string) => (await platform.app.inject(`/v1/documents?${query}`)).json()
  const place = { organization: verifier.id, sequence: 1, document: 'audit', cid: document.cid.toString(), index: size }
  expect(await documents('kind=audit&limit=1')).toEqual({ items: [expect.objectContaining(place)], next: null })
  expect((await documents(`kind=audit&after=${verifier.id}-000000000001`)).items).toEqual([])
  expect((await documents(`kind=audit&after=${verifier.id}-000000000000`)).items).toHaveLength(1)
  expect((await documents('kind=report')).items).toEqual([])
  expect((await documents('kind=audit&after=1-ffffffffffffffff')).code).toBe('E_REQUEST_INVALID')
  const trace = await platform.app.inject(`/v1/organizations/${steel.id}/trace?type=02&from=${MARCH}&to=${MARCH + DAY}`)
  const verdict = checkPackage(decodePackage(new Uint8Array(trace.rawPayload)))
  expect(verdict.witnesses).toEqual([verifier.id])
  const wrong = { ...entry, sequence: 2 }
  const second = encodeBlock({
    ...(decodeBlock(document.bytes) as object),
    sequence: 2,
    previous: cidFromDigest(new Uint8Array(32).fill(1)),
  })
  const refused = await send(platform, {
    entry: { ...wrong, digest: digestOf(second.cid) },
    signature: signEntry({ ...wrong, digest: digestOf(second.cid) }, chain.domain, verifier.documents),
    car: writeCar(second.cid, [second]),
  })
  expect(refused.json.code).toBe('E_AUDIT_PREVIOUS')
})

test('F6 a full disk refuses before anything is acknowledged', async () => {
  const { config } = platform.instance
  const before = await traces()
  const full = await openBlocks({
    directory: join(config.dataDir, 'full'),
    disk: { ...machineDisk, freeBytes: async () => 1000 },
    reserveBytes: 500,
    fatal: () => {},
  })
  const batch = next({ key: SECOND })
  const instance = { ...platform.instance, blocks: full }
  const given = { kind: 1 as const, car: batch.car, signature: batch.signature }
  await expect(acceptStatement(instance, given)).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
  await full.close()
  expect(await traces()).toEqual(before)
})

test('a suspended organization’s entries are refused, and taken again when it is reinstated', async () => {
  await act(platform, 'Suspend', { organization: 1, subject: steel.id, reason: NO_REASON }, platform.regulator.acts)
  const batch = next({ key: SECOND })
  expect((await send(platform, batch)).json.code).toBe('E_ORGANIZATION_SUSPENDED')
  await act(platform, 'Reinstate', { organization: 1, subject: steel.id, reason: NO_REASON }, platform.regulator.acts)
  await accept(batch)
})
