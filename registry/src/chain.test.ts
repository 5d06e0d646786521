import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex0x, leafHash, logRoot, toHex0x } from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, contractReader } from './client.ts'
import { checkDeployment, type Deployment, requireDeployment } from './deploy.ts'
import { createIndexer, INDEXER_DEFAULTS } from './indexer.ts'
import { EMBEDDED_REORG_DEPTH, type EmbeddedNode, startNode } from './node.ts'
import { createOutbox, EMBEDDED_OUTBOX } from './outbox.ts'
import { rpcOutboxChain } from './outbox-rpc.ts'
import { chainReader } from './reader.ts'
import { chainSigner, developmentKey } from './signer.ts'
import { memorySink } from './testing/memory-sink.ts'
import { memoryStore } from './testing/memory-store.ts'
import { deployForTest, testAccount, testDigest, testParties } from './testing/parties.ts'
import { freePort } from './testing/port.ts'

let folder: string
let node: EmbeddedNode
let place: { stateFile: string; port: number }
let deployment: Deployment

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-chain-'))
  place = { stateFile: join(folder, 'chain.json'), port: await freePort() }
  node = await startNode(place)
  deployment = await deployForTest(connect(node.url))
}, 30_000)
afterAll(async () => {
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Outbox and indexer in memory on the chain of this file. */
function service() {
  const client = connect(node.url)
  const store = memoryStore()
  const sink = memorySink()
  const signer = chainSigner(developmentKey(0), deployment.chainId)
  const chain = rpcOutboxChain(client, deployment, deployment.block)
  const outbox = createOutbox({ store, chain, signer, options: { ...EMBEDDED_OUTBOX, lingerMs: 20, pollMs: 10 } })
  const reader = chainReader(client, deployment)
  const options = { ...INDEXER_DEFAULTS, fromBlock: deployment.block, reorgDepth: EMBEDDED_REORG_DEPTH, pollMs: 20 }
  let rollbacks = 0
  const indexer = createIndexer({
    reader,
    sink,
    options,
    news: ({ sort }) => (rollbacks += sort === 'rollback' ? 1 : 0),
  })
  const done = (id: string) =>
    expect.poll(() => store.intentsById.get(id)?.state, { interval: 10, timeout: 10_000 }).toMatch(/done|failed/)
  const perform = async (intent: Parameters<typeof outbox.submit>[0]) => {
    await outbox.submit(intent)
    await done(intent.id)
    return store.intentsById.get(intent.id)
  }
  return {
    client,
    store,
    sink,
    outbox,
    indexer,
    options,
    reader,
    perform,
    parties: testParties(client, deployment),
    rollbacks: () => rollbacks,
  }
}

test('apply → approve → bind → append, and a chain killed under load gets everything back once', {
  timeout: 90_000,
}, async () => {
  const { client, store, sink, outbox, indexer, options, reader, perform, parties, rollbacks } = service()
  expect(await checkDeployment(client, deployment)).toEqual({ ok: true })
  await outbox.start()
  await indexer.start()

  for (const [name, kind] of [
    ['platform', 2],
    ['steel', 3],
    ['power', 3],
  ] as const) {
    const applied = await perform(await parties.apply(name, kind))
    expect(applied?.failure).toBeNull()
    await indexer.sync()
    const application = [...indexer.projection.applications.values()].find((one) => one.profile === testDigest(name))
    expect(application?.state).toBe('open')
    const message = { organization: 1, application: application?.application ?? '0x', reason: testDigest('fine') }
    expect(await perform(await parties.act('Approve', 'regulator', message))).toMatchObject({ state: 'done' })
  }
  for (const [name, id] of [
    ['steel', 3],
    ['power', 4],
  ] as const) {
    await perform(await parties.act('RequestBinding', name, { organization: id, platform: 2 }))
    await perform(await parties.act('ConfirmBinding', 'platform', { organization: 2, enterprise: id }))
  }
  await indexer.sync()
  expect(indexer.projection.organizations.get(3)).toMatchObject({ kind: 3, platform: 2, profile: testDigest('steel') })
  expect(indexer.projection.keys.get(testAccount('steel batches'))).toMatchObject({
    organization: 3,
    purpose: 1,
    from: 1,
  })

  // A batch by an organization that is bound to nothing fails alone, among good ones.
  await outbox.submit(parties.entry('platform', 2, 1))
  for (let i = 1; i <= 130; i++) await outbox.submit(parties.entry('steel', 3, i))
  await perform(parties.entry('power', 4, 1))
  expect(store.intentsById.get('entry:1:2:1')?.failure?.code).toBe('E_ENTRY_ORGANIZATION_UNBOUND')

  // Killed without warning three times while entries keep coming.
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 40; i++) {
      await outbox.submit(parties.entry('power', 4, 2 + 40 * round + i))
      await sleep(30)
    }
    process.kill(node.pid, 'SIGKILL')
    await node.ended
    node = await startNode(place)
    await requireDeployment(client, deployment)
  }
  await perform(parties.entry('power', 4, 122))
  await expect.poll(() => outbox.open.filter(({ state }) => state !== 'done'), { timeout: 20_000 }).toEqual([])
  await expect
    .poll(() => [...store.intentsById.values()].filter(({ state }) => state !== 'done').map(({ id }) => id), {
      timeout: 20_000,
    })
    .toEqual(['entry:1:2:1'])
  await indexer.sync()
  expect(indexer.problem).toBeNull()
  expect(rollbacks(), 'kills that took blocks with them').toBeGreaterThan(0)

  // Every entry is in the log once, in sequence, signed by the key that was named; the root is that of the contract.
  const entries = [...sink.tables.entries.values()]
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, i) => i))
  expect(entries.filter(({ organization }) => organization === 3).map(({ sequence }) => sequence)).toEqual(range(130))
  expect(entries.filter(({ organization }) => organization === 4).map(({ sequence }) => sequence)).toEqual(range(122))
  expect(new Set(entries.map(({ signer }) => signer))).toEqual(
    new Set([testAccount('steel batches'), testAccount('power batches')]),
  )
  const contracts = contractReader(client, deployment)
  const leaves = entries.map(({ kind, organization, sequence, digest }) =>
    leafHash(
      new Uint8Array([
        ...new Uint8Array(4).with(3, kind),
        ...u64(organization),
        ...u64(sequence),
        ...fromHex0x(digest),
      ]),
    ),
  )
  expect(toHex0x(await contracts.root())).toBe(toHex0x(logRoot(leaves)))
  expect(await contracts.size()).toBe(252)
  expect(await contracts.keyValid(3, testAccount('steel batches'), 1, 131)).toBe(true)

  // S29: an index made anew from the chain is the one that lived through all of it.
  const again = memorySink()
  await createIndexer({ reader, sink: again, options }).sync()
  expect(again.tables).toEqual(sink.tables)
  await indexer.stop()
  await outbox.stop()
})

test('R29: another chain, a wiped chain and a chain without the contracts are told apart, and the last is mended', {
  timeout: 30_000,
}, async () => {
  const other = await startNode({ stateFile: join(folder, 'other.json'), port: await freePort() })
  const client = connect(other.url)
  expect(await checkDeployment(client, { ...deployment, chainId: 1 })).toMatchObject({ code: 'E_DEPLOY_CHAIN' })
  expect(await checkDeployment(client, deployment)).toMatchObject({ code: 'E_DEPLOY_GENESIS' })
  const { genesis } = await deployForTest(client)
  await client.request({ method: 'anvil_reset' } as never)
  const wiped = await client.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] })
  const forgotten = { ...deployment, genesis: wiped?.hash ?? genesis }
  expect(await checkDeployment(client, forgotten)).toMatchObject({ code: 'E_DEPLOY_MISSING' })
  await requireDeployment(client, forgotten)
  expect(await checkDeployment(client, forgotten)).toEqual({ ok: true })
  expect(await checkDeployment(client, { ...forgotten, logCode: forgotten.registryCode })).toMatchObject({
    code: 'E_DEPLOY_CODE',
  })
  await other.stop()
})

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1)
}

function u64(n: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n))
  return bytes
}
