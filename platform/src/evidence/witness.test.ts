import { setTimeout as pause } from 'node:timers/promises'
import {
  type AuditResult,
  auditContent,
  checkPackage,
  cosign,
  decodePackage,
  type Entry,
  ed25519PublicKey,
  encodeBlock,
  encodeEquivocation,
  makeCosignerVkey,
  openCheckpoint,
  openVkey,
  signEntry,
  writeCar,
} from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { affordable, rebuildWitnesses } from './witness-audits.ts'

let platform: TestPlatform
let plant: TestParty
let verifier: TestParty
let exchange: TestParty
const batches: ReturnType<typeof makeBatch>[] = []
const FROM = 1_600_000_000
beforeAll(async () => {
  platform = await startTestPlatform({ witnesses: 2 })
  const market = await register(platform, newParty('platform', 'the platform'))
  plant = await bindEnterprise(platform, 'plant', market)
  verifier = await register(platform, newParty('verifier', 'verifier'))
  exchange = await register(platform, newParty('exchange', 'exchange'))
  let previous: Uint8Array | null = null
  for (let sequence = 1; sequence <= 4; sequence++) {
    const batch = makeBatch(platform, { party: plant, sequence, previous, from: FROM + sequence * 86_400, readings: 4 })
    expect((await send(platform, batch)).status).toBe(201)
    batches.push(batch)
    previous = batch.entry.digest
  }
  await logHolds(4)
}, 120_000)
afterAll(() => platform?.close(), 60_000)

async function logHolds(size: number) {
  for (let tries = 0; platform.instance.log.size < size; tries++) {
    if (tries > 500) throw new Error(`the log holds ${platform.instance.log.size}, not ${size}`)
    await pause(20)
  }
}

const heads = new Map<number, { sequence: number; cid: unknown }>()

/** Logs a document of a party and waits until it is in the log. */
async function logDocument(party: TestParty, kind: string, content: unknown) {
  const head = heads.get(party.id)
  const sequence = (head?.sequence ?? 0) + 1
  const organization = party.id
  const previous = head?.cid ?? null
  const document = encodeBlock({ format: 'tanlian/document/1', organization, sequence, previous, kind, content })
  const entry: Entry = { kind: 2, organization, sequence, digest: document.cid.multihash.digest }
  const signature = signEntry(entry, platform.instance.chain.domain, party.documents)
  const { size } = platform.instance.log
  const answer = await send(platform, { car: new Uint8Array(writeCar(document.cid, [document])), signature, entry })
  expect(answer.status, answer.text).toBe(201)
  heads.set(organization, { sequence, cid: document.cid })
  await logHolds(size + 1)
}
const digestOf = (at: number) => batches[at]?.entry.digest as Uint8Array
const audit = (party: TestParty, ...results: (readonly [number, AuditResult])[]) =>
  logDocument(
    party,
    'audit',
    auditContent(
      platform.instance.log.size,
      results.map(([at, result]) => [digestOf(at), result] as const),
    ),
  )
const witnesses = async () => (await ask(platform, 'GET', `/v1/organizations/${plant.id}/witnesses`)).json.items
const trace = async (from: number, to: number) => {
  const path = `/v1/organizations/${plant.id}/trace?type=02&from=${FROM + from * 86_400}&to=${FROM + to * 86_400}`
  const answer = await platform.app.inject({ method: 'GET', url: path })
  return decodePackage(new Uint8Array(answer.rawPayload))
}

describe('S7 who witnesses a batch', () => {
  test('the platform’s own audit alone is named as such and is not enough here', async () => {
    const none = { platform: true, held: [], failed: [], citable: false }
    expect(await witnesses()).toMatchObject([1, 2, 3, 4].map((sequence) => ({ sequence, ...none })))
    expect(checkPackage(await trace(1, 5)).witnesses).toEqual([])
  })

  test('an audit counts from when its document is in the log, a later one that fails takes it back', async () => {
    await audit(verifier, [0, 'held'], [1, 'held'], [2, 'unavailable'])
    await audit(exchange, [0, 'held'], [1, { code: 'E_AUDIT_TREE' }])
    expect(await witnesses()).toMatchObject([
      { sequence: 1, held: [verifier.id, exchange.id], failed: [], citable: true },
      { sequence: 2, held: [verifier.id], failed: [exchange.id], citable: true },
      { sequence: 3, held: [], failed: [], citable: false },
      { sequence: 4, held: [], failed: [], citable: false },
    ])
    await audit(verifier, [1, { code: 'E_AUDIT_OVERLAP' }])
    expect((await witnesses())[1]).toMatchObject({ held: [], failed: [verifier.id, exchange.id], citable: false })
  })

  test('an organization’s word about its own batches counts for nothing', async () => {
    await audit(plant, [3, 'held'])
    expect((await witnesses())[3]).toMatchObject({ held: [], citable: false })
  })

  test('S29 the tables are emptied and come back the same', async () => {
    const before = await witnesses()
    await platform.instance.db.deleteFrom('audit_word').execute()
    expect((await witnesses())[0]).toMatchObject({ held: [] })
    await rebuildWitnesses(platform.instance)
    expect(await witnesses()).toEqual(before)
  })

  test('a package carries the documents with the last word about what was asked, and no others', async () => {
    const first = await trace(1, 2)
    expect(first.audits).toHaveLength(2)
    const verdict = checkPackage(first)
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    expect(verdict.witnesses).toEqual([verifier.id, exchange.id])
    expect((await trace(3, 5)).audits).toEqual([])
    expect(checkPackage(await trace(1, 5)).witnesses).toEqual([])
  })
})

describe('cosignatures', () => {
  const secret = new Uint8Array(32).fill(77)
  const name = 'verifier.example/w'
  const vkey = makeCosignerVkey(name, ed25519PublicKey(secret))
  const line = (size: number, root = platform.instance.log.root(size), at = platform.instance.clock()) => {
    const { name: origin } = openVkey(platform.instance.log.vkey)
    return cosign({ origin, size, root }, { name, privateKey: secret }, Math.floor(at / 1000))
  }
  const hand = (size: number, cosignature: string) =>
    ask(platform, 'POST', '/v1/log/cosignatures', { body: { size, vkey, cosignature } })

  test('a key that no organization named is not known', async () => {
    expect((await hand(4, line(4))).json.code).toBe('E_COSIGNER_UNKNOWN')
  })

  test('a named witness’s line stands in the newest checkpoint and in packages', async () => {
    await logDocument(verifier, 'witness', { vkey })
    const { size } = platform.instance.log
    expect((await hand(size, line(size))).status).toBe(201)
    const { text } = await ask(platform, 'GET', '/log/checkpoint')
    const keys = [platform.instance.log.vkey, vkey]
    expect(openCheckpoint(text, keys)).toMatchObject({ ok: true, size, cosigners: [{ name }] })
    expect(checkPackage(await trace(1, 2), undefined, keys).lines[0]?.values).toMatchObject({
      signers: expect.stringContaining(name),
    })
    const { json } = await ask(platform, 'GET', '/v1/log/cosignatures')
    expect(json.items).toMatchObject([{ organization: verifier.id, vkey, size }])
    expect(openCheckpoint(json.items[0].note, keys)).toMatchObject({ ok: true, cosigners: [{ name }] })
  })

  test('S9 what does not hold over this log is refused', async () => {
    const { size } = platform.instance.log
    expect((await hand(size, line(size, new Uint8Array(32)))).json.code).toBe('E_COSIGNATURE')
    expect((await hand(size - 1, line(size))).json.code).toBe('E_COSIGNATURE')
    expect((await hand(size + 1, line(size))).json.code).toBe('E_LOG_SIZE')
    expect((await hand(size, line(size, undefined, platform.instance.clock() + 3_600_000))).json.code).toBe(
      'E_COSIGNATURE',
    )
    expect((await hand(size, 'nonsense')).json.code).toBe('E_COSIGNATURE')
  })

  test('another organization cannot take the name', async () => {
    const other = makeCosignerVkey(name, ed25519PublicKey(new Uint8Array(32).fill(78)))
    await logDocument(exchange, 'witness', { vkey: other })
    const answer = await ask(platform, 'POST', '/v1/log/cosignatures', {
      body: { size: 1, vkey: other, cosignature: 'x' },
    })
    expect(answer.json.code).toBe('E_COSIGNER_UNKNOWN')
  })
})

describe('S9 proofs of equivocation', () => {
  const double = (key: Uint8Array) => {
    const { domain } = platform.instance.chain
    const one = batches[0]?.entry as Entry
    const other = { ...one, digest: new Uint8Array(32).fill(1) }
    return encodeEquivocation({
      kind: 'entries',
      log: domain,
      entries: [one, other],
      signatures: [batches[0]?.signature as Uint8Array, signEntry(other, domain, key)],
    })
  }
  const hand = (proof: Uint8Array, type = 'application/vnd.ipld.dag-cbor') =>
    ask(platform, 'POST', '/v1/equivocations', { body: Buffer.from(proof), headers: { 'content-type': type } })

  test('one about an organization here is listed for everybody and can be fetched whole', async () => {
    const proof = double(plant.batches)
    const { status, json } = await hand(proof)
    expect(status).toBe(201)
    expect((await hand(proof)).json).toEqual(json)
    const list = await ask(platform, 'GET', '/v1/equivocations')
    expect(list.json.items).toMatchObject([
      { cid: json.cid, proves: { kind: 'entries', organization: plant.id, sequence: 1, entryKind: 1 } },
    ])
    const file = await platform.app.inject({ method: 'GET', url: `/v1/equivocations/${json.cid}` })
    expect(new Uint8Array(file.rawPayload)).toEqual(proof)
  })

  test('one by keys of nobody here, or that is none, is refused', async () => {
    expect((await hand(double(verifier.batches))).json.code).toBe('E_EQUIVOCATION_FOREIGN')
    expect((await hand(Uint8Array.of(0xa0))).json.code).toBe('E_EQUIVOCATION_FORM')
    expect((await hand(new Uint8Array(65 * 1024))).status).toBe(413)
    expect((await hand(Buffer.from('{}'), 'application/json')).json.code).toBe('E_REQUEST_TYPE')
    expect((await ask(platform, 'GET', `/v1/equivocations/b${'a'.repeat(58)}`)).status).toBe(404)
  })
})

describe('what a package carries of audits', () => {
  const found = (organization: number, sizeBytes: number, kind = 7) => ({
    ...{ organization, sequence: 1, index: 0, kind, sizeBytes },
    content: { held: [], failed: [] },
    digest: new Uint8Array(32),
    signature: new Uint8Array(65),
  })

  test('S35 an auditor whose documents are heavy is left out, and verifiers come before others', () => {
    const [heavy, light] = [found(9, 1_000_000), found(10, 2400)]
    expect(affordable([heavy, light], 1)).toEqual([light])
    expect(affordable([heavy, light], 20_000)).toEqual([heavy, light])
    const many = Array.from({ length: 20 }, (_, at) => found(20 + at, 2400))
    const verifier = found(99, 2400, 4)
    expect(affordable([...many, verifier], 1)).toHaveLength(8)
    expect(affordable([...many, verifier], 1)).toContain(verifier)
  })
})
