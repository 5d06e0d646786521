import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, decodePackage, openCheckpoint } from '@tanlian/evidence'
import { chainFacts } from '@tanlian/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../platform/test/ask.ts'
import { logHolds, openTestWitness, runOnce, startWitnessedPlatform, type WitnessedPlatform } from './witness-parts.ts'

let there: WitnessedPlatform
let folder = ''
beforeAll(async () => {
  there = await startWitnessedPlatform()
  await there.grow(70)
}, 120_000)
afterAll(() => there?.platform.close(), 60_000)

const witnesses = async (after = 0) => {
  const path = `/v1/organizations/${there.plant.id}/witnesses?limit=200&after=${after}`
  return (await ask(there.platform, 'GET', path)).json.items as { sequence: number; held: number[] }[]
}

test('S7 a witness audits what is in the log, logs it in few documents, and cosigns the checkpoint', async () => {
  const opened = await openTestWitness(there)
  folder = opened.folder
  const status = await runOnce(opened.witness)
  // 70 batches at most 64 a document, and one that names the key.
  expect(status).toMatchObject({
    audited: 70,
    held: 70,
    failed: 0,
    waiting: 0,
    findings: 0,
    documents: 3,
    equivocations: 0,
  })
  expect(status.problem).toBeUndefined()
  await logHolds(there.platform, 73)
  expect((await witnesses()).every(({ held }) => held.includes(there.verifier.id))).toBe(true)
})

test('a verdict names the outside witness with the chain’s word for its key, and the package grows by one document', async () => {
  const path = `/v1/organizations/${there.plant.id}/trace?type=02&from=1600000000&to=1600200000`
  const answer = await there.platform.app.inject({ method: 'GET', url: path })
  const pack = decodePackage(new Uint8Array(answer.rawPayload))
  const verdict = checkPackage(pack, await chainFacts(there.chain(), pack))
  expect(verdict.status).toBe('verified')
  expect(verdict.witnesses).toEqual([there.verifier.id])
  expect(pack.audits).toHaveLength(1)
  expect(pack.audits[0]?.document.bytes.length).toBeLessThan(2400)
})

test('R28 opened again it goes on where it was: nothing is audited or logged twice', async () => {
  await there.grow(2)
  const { witness } = await openTestWitness(there, { folder })
  const status = await runOnce(witness)
  expect(status).toMatchObject({ audited: 72, held: 2, documents: 1, findings: 0 })
  await logHolds(there.platform, 76)
  const again = await runOnce((await openTestWitness(there, { folder })).witness)
  expect(again).toMatchObject({ audited: 72, held: 0, documents: 0, size: 76, cosigned: 76 })
  const checkpoint = (await ask(there.platform, 'GET', '/log/checkpoint')).text
  expect(openCheckpoint(checkpoint, [there.platform.instance.log.vkey, witness.vkey])).toMatchObject({
    ok: true,
    size: 76,
    cosigners: [{ name: expect.stringContaining(`/witness/${there.verifier.id}`) }],
  })
})

test('it follows along while batches come', async () => {
  const { witness } = await openTestWitness(there, { folder })
  const ending = new AbortController()
  const running = witness.run(ending.signal)
  await there.grow(3)
  await expect
    .poll(async () => (await witnesses(72)).map(({ held }) => held.length), { timeout: 20_000 })
    .toEqual([1, 1, 1])
  ending.abort()
  await running
  await witness.close()
  expect(witness.status).toMatchObject({ held: 3, problem: undefined })
})

test('R27 one process at a time in a folder', async () => {
  await writeFile(join(folder, 'lock'), String(process.ppid))
  await expect(openTestWitness(there, { folder })).rejects.toThrow(expect.objectContaining({ code: 'E_FILE_LOCKED' }))
})
