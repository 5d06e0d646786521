import { Writable } from 'node:stream'
import { checkEquivocation, encodeBlock, fromHex, openCheckpoint, signEd25519, toHex } from '@tanlian/evidence'
import type { Receipt } from '@tanlian/sdk'
import { serveWitness, type Witness, type WitnessServer } from '@tanlian/sdk/witness'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkComplaintFile, readComplaint } from '../cli/src/complaint.ts'
import { openOutput } from '../cli/src/output.ts'
import { ask } from '../platform/test/ask.ts'
import { openTestWitness, startWitnessedPlatform, type WitnessedPlatform } from './witness-parts.ts'

/* What a witness does for whoever asks: cosignatures (C2SP tlog-witness), and promises of the platform that were not kept (S8). */

let there: WitnessedPlatform
let witness: Witness
let server: WitnessServer
let nowMs = Date.now()
beforeAll(async () => {
  there = await startWitnessedPlatform()
  await there.grow(3)
  ;({ witness } = await openTestWitness(there, { clock: () => nowMs }))
  // The platform's newest checkpoint may be ahead of what the witness has read; then the next look signs it.
  for (let tries = 0; witness.status.cosigned === 0 && tries < 20; tries++)
    await witness.run(new AbortController().signal, true)
  server = await serveWitness(witness, { host: '127.0.0.1', port: 0 })
}, 120_000)
afterAll(async () => {
  await server?.close()
  await witness?.close()
  await there?.platform.close()
}, 60_000)

const post = (path: string, body: string | Uint8Array<ArrayBuffer>) =>
  fetch(`${server.url}${path}`, { method: 'POST', body })
const get = async (path: string) => (await fetch(`${server.url}${path}`)).json()
/** A receipt as only the platform's key can sign one. */
async function receipt(sequence: number, digest: string, receivedS: number): Promise<Receipt> {
  const { receipts } = there.platform.instance
  const signed = receipts.sign({
    entry: { kind: 1, organization: there.plant.id, sequence, digest: fromHex(digest, 32) },
    receivedS,
    sizeBytes: 100,
  })
  return { ...signed }
}
const LOST = 'ab'.repeat(32)

test('the platform’s own checkpoint is cosigned as any log’s is, once the chain holds it', async () => {
  const { log } = there.platform.instance
  const { cosigned } = witness.status
  const note = log.checkpoint()
  const early = await post('/add-checkpoint', `old 0\n\n${note}`)
  expect([early.status, early.headers.get('content-type'), await early.text()]).toEqual([
    409,
    'text/x.tlog.size',
    `${cosigned}\n`,
  ])
  const { size } = openCheckpoint(note, [log.vkey]) as { size: number }
  const path =
    cosigned === size ? [] : log.consistency(cosigned, size).map((hash) => Buffer.from(hash).toString('base64'))
  const body = `old ${cosigned}\n${path.map((line) => `${line}\n`).join('')}\n${note}`
  // The witness has not read the chain since its own documents went there.
  if (size > witness.status.size) {
    expect((await post('/add-checkpoint', body)).status).toBe(503)
    await witness.run(new AbortController().signal, true)
  }
  const now = witness.status.cosigned
  const again = await post('/add-checkpoint', `old ${now}\n\n${log.note(now)}`)
  expect(again.status).toBe(200)
  expect(openCheckpoint(log.note(now) + (await again.text()), [log.vkey, witness.vkey])).toMatchObject({
    cosigners: [{ timeS: Math.floor(nowMs / 1000) }],
  })
})

test('a request that is too long, of another method or for nothing here is answered, not suffered', async () => {
  expect((await post('/add-checkpoint', 'x'.repeat(33 * 1024))).status).toBe(413)
  expect((await post('/add-checkpoint', Uint8Array.of(0xff, 0xfe))).status).toBe(400)
  expect((await fetch(`${server.url}/add-checkpoint`)).status).toBe(405)
  expect((await fetch(`${server.url}/../cosigner-key`)).status).toBe(404)
  expect((await fetch(`${server.url}/equivocations/..%2F..%2Fcosigner-key`)).status).toBe(404)
  expect(await get('/')).toMatchObject({ vkey: witness.vkey, logs: [there.platform.instance.log.vkey] })
})

test('S8 a receipt whose entry is there is kept; one whose time is over and whose entry is not becomes a complaint that the platform’s list would show', async () => {
  const held = there.batches[0]?.entry
  const fine = await receipt(1, toHex(held?.digest ?? new Uint8Array()), Math.floor(nowMs / 1000))
  expect(await (await post('/receipts', JSON.stringify(fine))).json()).toEqual({ state: 'kept' })

  const early = await receipt(9, LOST, Math.floor(nowMs / 1000))
  expect(await (await post('/receipts', JSON.stringify(early))).json()).toEqual({ state: 'waiting' })
  expect(await get('/complaints')).toEqual({ items: [], next: null })
  nowMs += (early.promise + 1) * 1000
  await witness.run(new AbortController().signal, true)
  const { items } = await get('/complaints')
  expect(items).toMatchObject([
    { organization: there.plant.id, sequence: 9, digest: LOST, chain: { head: 3 }, settled: null },
  ])
  expect(items[0].receipt).toMatchObject({ signature: early.signature, promise: early.promise })
  expect(witness.status.complaints).toBe(1)
})

test('S8 where another entry has the place the promise is broken at once', async () => {
  const other = await receipt(2, LOST, Math.floor(nowMs / 1000))
  expect(await (await post('/receipts', JSON.stringify(other))).json()).toEqual({ state: 'broken' })
})

test('S9 two receipts for one place are a proof that anybody can fetch here and check', async () => {
  const one = await receipt(9, 'cd'.repeat(32), Math.floor(nowMs / 1000))
  expect((await post('/receipts', JSON.stringify(one))).status).toBe(202)
  const { items } = await get('/equivocations')
  expect(items).toMatchObject([{ proves: { kind: 'receipts', organization: there.plant.id, sequence: 9 } }])
  const file = await fetch(`${server.url}/equivocations/${items[0].cid}`)
  expect(checkEquivocation(new Uint8Array(await file.arrayBuffer()))).toMatchObject({ ok: true, kind: 'receipts' })
  await witness.run(new AbortController().signal, true)
  expect((await ask(there.platform, 'GET', '/v1/equivocations')).json.items).toMatchObject([{ cid: items[0].cid }])
})

test('S8 `tanlian check` of a complaint or a receipt asks the contract itself', async () => {
  const { contracts, publicRpc } = there.platform.instance.chain
  const check = async (file: unknown) => {
    let text = ''
    const stream = new Writable({
      write(part, _, done) {
        text += String(part)
        done()
      },
    })
    const out = openOutput({
      language: 'en',
      format: 'text',
      quiet: false,
      stdout: stream,
      stderr: stream,
      color: false,
    })
    const known: Record<string, string | undefined> = { rpc: publicRpc ?? '', log: contracts.EvidenceLog }
    const settings = { get: (name: string) => known[name] }
    const read = readComplaint(new TextEncoder().encode(JSON.stringify(file))) as Receipt
    await checkComplaintFile({ out, settings, home: '', yes: false, interactive: false }, read)
    const { exitCode } = process
    process.exitCode = undefined
    return { text, exitCode }
  }
  const { items } = await get('/complaints')
  const taken = items.find((one: { sequence: number }) => one.sequence === 2)
  expect(await check(taken)).toMatchObject({
    exitCode: 1,
    text: expect.stringContaining('another entry holds its place'),
  })
  const over = await receipt(20, LOST, 1_600_000_000)
  expect(await check(over)).toMatchObject({
    exitCode: 1,
    text: expect.stringContaining('the last of this organization'),
  })
  const digest = toHex(there.batches[0]?.entry.digest ?? new Uint8Array())
  const kept = await receipt(1, digest, Math.floor(Date.now() / 1000))
  expect(await check(kept)).toMatchObject({ exitCode: undefined, text: expect.stringContaining('It was kept') })
  expect(await check(await receipt(1, digest, 1_600_000_000))).toMatchObject({
    exitCode: 1,
    text: expect.stringContaining('It came late'),
  })
  expect(await check({ ...kept, promise: 1 })).toMatchObject({
    exitCode: 1,
    text: expect.stringContaining('E_RECEIPT'),
  })
  expect(readComplaint(new Uint8Array([0xa1, 0x00]))).toBeUndefined()
})

test('a receipt that the platform did not sign changes nothing', async () => {
  const good = await receipt(11, LOST, 0)
  const key = new Uint8Array(32).fill(3)
  const { bytes } = encodeBlock({ forged: true })
  for (const wrong of [
    { ...good, promise: good.promise - 1 },
    { ...good, signature: toHex(signEd25519(bytes, key)) },
    { ...good, digest: '../../x' },
    { ...good, organization: '1' },
    null,
    [],
  ])
    expect((await post('/receipts', JSON.stringify(wrong))).status).toBe(422)
  expect((await post('/receipts', '{')).status).toBe(422)
  expect((await get('/complaints')).items).toHaveLength(2)
})
