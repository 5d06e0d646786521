import { decodeKey, openReader, readerPublicKey } from '@tanlian/evidence'
import { openClient, signIn } from '@tanlian/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../platform/test/ask.ts'
import { STREAMS, send } from '../platform/test/batch.ts'
import { makeSealed, publishReaderKeys, readerSecret } from '../platform/test/sealed.ts'
import { openTestWitness, runOnce, startWitnessedPlatform, type WitnessedPlatform } from './witness-parts.ts'

let there: WitnessedPlatform
beforeAll(async () => {
  there = await startWitnessedPlatform()
  const { platform, plant, verifier } = there
  await publishReaderKeys(platform, verifier, [readerSecret('verifier')])
  await there.grow(1)
  const previous = there.batches[0]?.entry.digest as Uint8Array
  const readers = [readerPublicKey(readerSecret('verifier')), platform.instance.privacy.publicKey]
  const sealed = await makeSealed(platform, {
    ...{ party: plant, sequence: 2, previous, from: 1_700_000_000, quantities: [1000, 2000] as const },
    readersOf: () => readers,
  })
  const { status, text } = await send(platform, sealed)
  if (status !== 201) throw new Error(text)
  await until('the sealed batch is in the log', async () => (await there.chain().head(plant.id, 1)).sequence === 2)
}, 120_000)
afterAll(() => there?.platform.close(), 60_000)

test('S32 a batch that is sealed for others waits, and nothing is said of it', async () => {
  const { witness } = await openTestWitness(there)
  expect(await runOnce(witness)).toMatchObject({
    held: 1,
    failed: 0,
    unavailable: 0,
    closed: 1,
    waiting: 1,
    findings: 0,
  })
})

test('R13 a witness that is a reader signs in where it is kept for readers, opens it and audits it', async () => {
  const { platform, verifier } = there
  const { token } = await signIn(openClient({ base: platform.url }), verifier.id, verifier.documents)
  const { witness } = await openTestWitness(there, {
    readers: [openReader(readerSecret('verifier'))],
    authorize: async (gateway) => (gateway === platform.url ? { authorization: `Bearer ${token}` } : {}),
  })
  expect(await runOnce(witness)).toMatchObject({ held: 2, failed: 0, closed: 0, waiting: 0, problem: undefined })
})

test('R13 a frame of open and sealed readings is sealed: a reader’s witness finds it among the sealed ones', async () => {
  const { platform, plant, verifier } = there
  const previous = (await there.chain().head(plant.id, 1)).digest
  const readers = [readerPublicKey(readerSecret('verifier')), platform.instance.privacy.publicKey]
  const mixed = await makeSealed(platform, {
    ...{ party: plant, sequence: 3, previous, from: 1_700_200_000, quantities: [1000, 2000] as const },
    readersOf: ({ lo }) => (decodeKey(lo).stream === STREAMS[0]?.stream ? readers : undefined),
  })
  expect((await send(platform, mixed)).status).toBe(201)
  await until('the batch is in the log', async () => (await there.chain().head(plant.id, 1)).sequence === 3)
  const { token } = await signIn(openClient({ base: platform.url }), verifier.id, verifier.documents)
  const { witness } = await openTestWitness(there, {
    readers: [openReader(readerSecret('verifier'))],
    authorize: async (gateway) => (gateway === platform.url ? { authorization: `Bearer ${token}` } : {}),
  })
  expect(await runOnce(witness)).toMatchObject({ held: 3, failed: 0, unavailable: 0, closed: 0, waiting: 0 })
})
