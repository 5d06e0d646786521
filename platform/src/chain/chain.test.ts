import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { addressOf, toHex0x } from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, until } from '../../test/ask.ts'
import { makeBatch, send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, signedAct, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { retryRefused } from '../evidence/anchor.ts'
import { freePort } from '../postgres.ts'
import { retryForgotten } from './forgotten.ts'

const MARCH = 1_519_833_600
const NO_REASON = toHex0x(new Uint8Array(32))

let platform: TestPlatform
let node: SecondNode
let plant: TestParty
let previous: Uint8Array | null = null
let sequence = 0

beforeAll(async () => {
  const rpcPort = await freePort()
  node = await openSecondNode(rpcPort)
  platform = await startTestPlatform({ rpcPort, secondRpcUrl: node.url })
  plant = await bindEnterprise(platform, 'plant', await register(platform, newParty('platform', 'the platform')))
}, 120_000)
afterAll(async () => {
  await platform?.close()
  node?.server.close()
}, 60_000)

async function accept() {
  sequence++
  const batch = makeBatch(platform, { party: plant, sequence, previous, from: MARCH + sequence * 86_400, readings: 4 })
  const answer = await send(platform, batch)
  expect(answer.status, answer.text).toBe(201)
  previous = batch.entry.digest
}

const health = async () => (await ask(platform, 'GET', '/health')).json

test('F20 where a second node says something else, nothing is read on, health and metrics say why, and it goes on by itself', async () => {
  await accept()
  await until('the first entry', () => platform.instance.log.size === 1)
  node.lies = true
  await accept()
  await until('the alarm', async () => (await health()).chain.problem === 'E_CHAIN_DISAGREES')
  expect(await health()).toMatchObject({ ok: false, chain: { ok: false, nodes: 2 }, outbox: { problem: null } })
  expect((await ask(platform, 'GET', '/metrics')).text).toContain(
    'tanlian_chain_problem{part="reading",code="E_CHAIN_DISAGREES"} 1',
  )
  expect(platform.instance.log.size).toBe(1)
  node.lies = false
  await until('the second entry', () => platform.instance.log.size === 2)
  await until('the end of the alarm', async () => (await health()).chain.ok)
  expect((await ask(platform, 'GET', '/metrics')).text).not.toContain('tanlian_chain_problem{')
})

test('S30 what others brought to a chain that then forgot it begins anew, what is there still stays done', async () => {
  const { db, chain } = platform.instance
  const asked: string[] = []
  const outbox = { retry: async (ids: readonly string[]) => void asked.push(...ids) }
  const [gone, act] = ['entry:1:2:99', 'act:others']
  const intent = (id: string, kind: 'entry' | 'act', block: number) => ({
    id,
    kind,
    target: new Uint8Array(20),
    data: new Uint8Array(117),
    created_ms: 0,
    state: 'done' as const,
    nonce: null,
    transaction: null,
    block,
    failure: null,
  })
  const { sequence: first } = await db
    .selectFrom('entry')
    .select('sequence')
    .where('index', '=', 0)
    .executeTakeFirstOrThrow()
  const here = `entry:1:${plant.id}:${first}`
  await db.updateTable('intent').set({ nonce: null }).where('id', '=', here).execute()
  await db
    .insertInto('intent')
    .values([intent(gone, 'entry', chain.block), intent(act, 'act', chain.block)])
    .execute()
  await retryForgotten(db, outbox, chain.block)
  expect(asked).toEqual([gone])
  await retryForgotten(db, outbox, chain.block - 1)
  expect(asked).toEqual([gone, gone, act])
  await db.deleteFrom('intent').where('id', 'in', [gone, act]).execute()
})

test('S31 an organization whose entries are refused for good keeps no other waiting', async () => {
  const { db } = platform.instance
  const failed = (organization: number, number: number) => ({
    id: `entry:1:${organization}:${number}`,
    kind: 'entry' as const,
    target: new Uint8Array(20),
    data: new Uint8Array(117),
    created_ms: 0,
    state: 'failed' as const,
    nonce: null,
    transaction: null,
    block: null,
    failure: '{}',
  })
  const many = Array.from({ length: 1500 }, (_, at) => failed(901, at + 1))
  await db
    .insertInto('intent')
    .values([...many, failed(902, 7), failed(902, 8)])
    .execute()
  const asked: string[] = []
  const outbox = { ...platform.instance.chain.outbox, retry: async (ids: readonly string[]) => void asked.push(...ids) }
  await retryRefused({ db, chain: { ...platform.instance.chain, outbox } })
  expect(asked).toContain('entry:1:902:7')
  expect(asked).toContain('entry:1:902:8')
  const first = asked.filter((id) => id.startsWith('entry:1:901:'))
  expect(first).toEqual(Array.from({ length: 50 }, (_, at) => `entry:1:901:${at + 1}`))
  await db.deleteFrom('intent').where('state', '=', 'failed').execute()
})

describe('a chain that is another one', () => {
  let other: TestPlatform

  test('S30 R29 nothing is read or sent any more, health and metrics raise the alarm', async () => {
    const { config, instance } = platform
    const party = await register(platform, newParty('laboratory', 'the laboratory'))
    const suspend = await signedAct(
      platform,
      'Suspend',
      { organization: 1, subject: party.id, reason: NO_REASON },
      platform.regulator.acts,
    )
    await instance.db
      .updateTable('chain_mark')
      .set({ hash: new Uint8Array(32).fill(7) })
      .execute()
    await platform.stop()
    other = await startTestPlatform(config)
    platform = other
    const { chain } = other.instance
    expect(chain.caughtUp).toBe(false)
    const answer = await ask(other, 'POST', '/v1/acts', { body: { act: 'Suspend', ...suspend } })
    expect(answer.status).toBe(202)
    await until('the alarm of the outbox', () => chain.problems.sending?.code === 'E_INDEX_REORG_DEEP')
    expect(await health()).toMatchObject({
      ok: false,
      chain: { ok: false, problem: 'E_INDEX_REORG_DEEP' },
      outbox: { ok: false, problem: 'E_INDEX_REORG_DEEP' },
    })
    const figures = (await ask(other, 'GET', '/metrics')).text
    for (const part of ['reading', 'sending'])
      expect(figures).toContain(`tanlian_chain_problem{part="${part}",code="E_INDEX_REORG_DEEP"} 1`)
    const before = await chain.nonceOf(addressOf(other.regulator.acts))
    for (let step = 0; step < 3; step++)
      await expect(chain.outbox.step()).rejects.toMatchObject({ code: 'E_INDEX_REORG_DEEP' })
    expect((await ask(other, 'GET', String(answer.headers.location))).json).toMatchObject({ state: 'pending' })
    expect(await chain.nonceOf(addressOf(other.regulator.acts))).toBe(before)
  }, 60_000)
})

/** Another node of the same chain, which answers truly or hides every event. */
interface SecondNode {
  readonly url: string
  readonly server: Server
  lies: boolean
}

async function openSecondNode(rpcPort: number): Promise<SecondNode> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const asked = JSON.parse(Buffer.concat(parts).toString()) as Question | Question[]
    const answer = await fetch(`http://127.0.0.1:${rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    })
    const told = (await answer.json()) as Reply | Reply[]
    const hidden = new Set(
      node.lies
        ? [asked]
            .flat()
            .filter(({ method }) => method === 'eth_getLogs')
            .map(({ id }) => id)
        : [],
    )
    for (const reply of [told].flat()) if (hidden.has(reply.id)) reply.result = []
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(told))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const node: SecondNode = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, lies: false }
  return node
}

interface Question {
  readonly id: number
  readonly method: string
}

interface Reply {
  readonly id: number
  result: unknown
}
