import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  batchCar,
  checkEquivocation,
  cidFromDigest,
  createLog,
  decodeDocument,
  decodeHeader,
  type Entry,
  encodeBlock,
  fromHex,
  openCar,
  readAuditContent,
  signCheckpoint,
  signEntry,
  toHex,
} from '@tanlian/evidence'
import { openClient } from '@tanlian/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../platform/test/ask.ts'
import { makeBatch } from '../platform/test/batch.ts'
import { openTestWitness, runOnce, startWitnessedPlatform, type WitnessedPlatform } from './witness-parts.ts'

let there: WitnessedPlatform
const servers: Server[] = []
beforeAll(async () => {
  there = await startWitnessedPlatform()
  await there.grow(3)
}, 120_000)
afterAll(async () => {
  for (const server of servers) server.close()
  await there?.platform.close()
}, 60_000)

type Handler = Parameters<typeof createServer>[1]
/** A gateway of ones own making. */
async function serve(handler: NonNullable<Handler>): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const limits = { bytes: 1024 * 1024, blocks: 1000, ms: 60_000, requestMs: 1500 }
/** A witness that says nothing to the platform: its documents are refused at the door. */
const mute = () => openClient({ base: 'http://127.0.0.1:9', tries: 1 })

describe('gateways', () => {
  test.each<[string, NonNullable<Handler>]>([
    ['gives other bytes', (_, answer) => answer.end(encodeBlock({ lie: true }).bytes)],
    ['never answers', () => undefined],
    [
      'never stops',
      (_, answer) => {
        const flood = setInterval(() => answer.write(Buffer.alloc(256 * 1024)), 1)
        answer.once('close', () => clearInterval(flood))
      },
    ],
    ['knows nothing', (_, answer) => answer.writeHead(404).end()],
    [
      'breaks off',
      (_, answer) => {
        answer.writeHead(200, { 'content-length': '5000' }).write(Buffer.alloc(10))
        answer.destroy()
      },
    ],
  ])('one that %s delays an audit and makes none false: the next gateway is asked', async (_, handler) => {
    const liar = await serve(handler)
    const { witness } = await openTestWitness(there, { client: mute(), limits, gateways: [liar, there.platform.url] })
    expect(await runOnce(witness)).toMatchObject({ held: 3, failed: 0, unavailable: 0 })
    const alone = await openTestWitness(there, { client: mute(), limits, gateways: [liar] })
    // S12: what cannot be had is never a verdict against anybody.
    expect(await runOnce(alone.witness)).toMatchObject({ held: 0, failed: 0, unavailable: 1, waiting: 3, findings: 1 })
  })
})

describe('nodes of the chain', () => {
  /** A way to the node on which answers are changed. */
  const lying = (change: (method: string, result: unknown) => unknown): typeof fetch =>
    (async (url: string, init: RequestInit) => {
      const { method } = JSON.parse(String(init.body)) as { method: string }
      const answer = (await (await fetch(url, init)).json()) as { result: unknown }
      return Response.json({ ...answer, result: change(method, answer.result) })
    }) as typeof fetch
  type Log = { topics: string[]; data: string }
  const isAppended = ({ topics }: Log) => topics.length === 3
  const withLogs = (change: (logs: Log[]) => Log[]) =>
    lying((method, result) => (method === 'eth_getLogs' ? change(result as Log[]) : result))
  const otherDigest = (log: Log): Log => ({
    ...log,
    data: `0x${log.data.slice(2, 66)}${'ab'.repeat(32)}${log.data.slice(130)}`,
  })

  test.each<[string, typeof fetch, string]>([
    [
      'hides an entry',
      withLogs((logs) => logs.filter((log, at) => !(isAppended(log) && at === 1))),
      'E_WITNESS_CONSISTENCY',
    ],
    ['hides the newest entries with their root', withLogs((logs) => logs.slice(0, -1)), 'E_WITNESS_CONSISTENCY'],
    [
      'says another root',
      withLogs((logs) => logs.map((log) => (isAppended(log) ? log : { ...log, data: `${log.data.slice(0, -2)}00` }))),
      'E_WITNESS_CONSISTENCY',
    ],
    [
      'says another digest',
      withLogs((logs) => logs.map((log, at) => (at === 0 && isAppended(log) ? otherDigest(log) : log))),
      'E_CHAIN_ANSWER',
    ],
  ])('F20 one that %s is not believed', async (_, rpc, code) => {
    const { witness } = await openTestWitness(there, { client: mute(), chains: [there.chain(rpc)] })
    const ended = runOnce(witness)
    if (code === 'E_CHAIN_ANSWER') expect((await ended).problem?.code).toBe(code)
    else await expect(ended).rejects.toThrow(expect.objectContaining({ code }))
    expect(witness.status).toMatchObject({ size: 0, held: 0 })
  })

  test('one that tells of a block a moment before it has its events is asked again', async () => {
    let early = 2
    const behind = withLogs((logs) => (early-- > 0 ? logs.slice(0, -1) : logs))
    const { witness } = await openTestWitness(there, { client: mute(), chains: [there.chain(behind)] })
    expect(await runOnce(witness)).toMatchObject({ held: 3, size: there.platform.instance.log.size })
  })

  test('F20 two that differ: nothing is read on', async () => {
    const liar = withLogs((logs) => logs.filter((log) => !isAppended(log)))
    const { witness } = await openTestWitness(there, { client: mute(), chains: [there.chain(), there.chain(liar)] })
    const status = await runOnce(witness)
    expect(status).toMatchObject({ size: 0, problem: { code: 'E_WITNESS_DISAGREES' } })
  })

  test('two that agree are one', async () => {
    const { witness } = await openTestWitness(there, { client: mute(), chains: [there.chain(), there.chain()] })
    expect(await runOnce(witness)).toMatchObject({ held: 3, size: there.platform.instance.log.size })
  })

  test('S30 a chain that is another one than before stops it for good', async () => {
    const { witness, folder } = await openTestWitness(there, { client: mute() })
    await runOnce(witness)
    const other = lying((method, result) =>
      method === 'eth_getBlockByNumber' && result !== null
        ? {
            ...(result as object),
            hash: `0x${toHex(new Uint8Array(32).fill(Number((result as { number: string }).number) % 256))}`,
          }
        : result,
    )
    const again = await openTestWitness(there, { client: mute(), folder, chains: [there.chain(other)] })
    await expect(runOnce(again.witness)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_REORG_DEEP' }))
  })
})

describe('platforms', () => {
  /** The platform, but for the answers that are changed. */
  const proxy = (change: (path: string, text: string) => string, tiles?: Uint8Array) =>
    serve(async (request, answer) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name) ? [[name, value]] : [],
      )
      const method = request.method ?? 'GET'
      const body = method === 'GET' ? {} : { body: Buffer.concat(parts) }
      const from = await fetch(`${there.platform.url}${request.url}`, { method, headers, ...body })
      const isTile = tiles !== undefined && request.url?.startsWith('/log/tile/0/') === true
      const bytes = isTile ? Buffer.from(tiles) : Buffer.from(await from.arrayBuffer())
      const type = from.headers.get('content-type') ?? ''
      answer.writeHead(from.status, { 'content-type': type })
      answer.end(/json|text/.test(type) ? change(request.url ?? '', bytes.toString()) : bytes)
    })

  test.each([
    ['entries without a list', /\/entries/, '{}'],
    ['entries that are none', /\/entries/, '{"items":[{"sequence":1,"digest":7,"signature":"0x"}],"next":null}'],
    ['no JSON', /\/entries/, '<html>'],
    ['a checkpoint that is none', /checkpoint/, 'x\n\n'],
    ['a receipt that is none', /\/v1\/documents/, '{"organization":1}'],
  ])('one that answers %s ends no witness and makes it say nothing false', async (_, path, answer) => {
    const base = await proxy((asked, text) => (path.test(asked) ? answer : text))
    const { witness } = await openTestWitness(there, { client: openClient({ base, tries: 1 }) })
    expect(await runOnce(witness)).toMatchObject({
      held: 3,
      failed: 0,
      problem: { code: expect.stringMatching(/^E_/) },
    })
  })

  test('S9 a checkpoint that is not the chain’s stops it before anything is signed', async () => {
    const { log } = there.platform.instance
    const key = (await readFile(`${there.platform.config.dataDir}/secrets/checkpoint-key`, 'utf8')).trim()
    const origin = log.vkey.split('+', 1)[0] as string
    const base = await proxy((path, text) =>
      path === '/log/checkpoint'
        ? signCheckpoint({ origin, size: 3, root: new Uint8Array(32).fill(9) }, fromHex(key, 32))
        : text,
    )
    const { witness } = await openTestWitness(there, { client: openClient({ base }) })
    await expect(runOnce(witness)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_CHECKPOINT' }))
    expect(witness.status.cosigned).toBe(0)
  })

  test('S9 a checkpoint of another history convicts the log’s key, is listed at the platform, and ends cosigning for good', async () => {
    const { log } = there.platform.instance
    const { witness, folder } = await openTestWitness(there)
    let honest = await runOnce(witness)
    // The platform's newest checkpoint may be ahead of what the witness has read; then the next look signs it.
    for (let tries = 0; honest.cosigned === 0 && tries < 20; tries++)
      honest = await runOnce((await openTestWitness(there, { folder })).witness)
    expect(honest.cosigned).toBeGreaterThan(1)
    const size = honest.cosigned - 1
    const forged = createLog()
    const tile = log.tile({ level: 0, index: 0, width: size }) ?? new Uint8Array()
    const leaves = Array.from({ length: size }, (_, at) => tile.slice(at * 32, at * 32 + 32))
    leaves[1] = new Uint8Array(32).fill(5)
    for (const leaf of leaves) forged.append(leaf)
    const key = (await readFile(`${there.platform.config.dataDir}/secrets/checkpoint-key`, 'utf8')).trim()
    const origin = log.vkey.split('+', 1)[0] as string
    const base = await proxy(
      (path, text) =>
        path === '/log/checkpoint'
          ? signCheckpoint({ origin, size, root: forged.root() }, fromHex(key, 32))
          : path.startsWith('/v1/log/proof')
            ? JSON.stringify({ index: 1, size, root: toHex(forged.root()), path: forged.inclusion(1).map(toHex) })
            : text,
      Buffer.concat(leaves),
    )
    const deceived = await openTestWitness(there, { client: openClient({ base }), folder })
    await expect(runOnce(deceived.witness)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_CHECKPOINT' }))
    const [proof] = deceived.witness.proofs
    expect(checkEquivocation(proof?.bytes ?? new Uint8Array())).toMatchObject({ ok: true, use: 'log', index: 1 })
    const { items } = (await ask(there.platform, 'GET', '/v1/equivocations')).json
    expect(items).toContainEqual(expect.objectContaining({ cid: proof?.cid }))

    // The true checkpoint of a later day is no longer cosigned, however the platform behaves from now on; audits go on.
    await there.grow(1)
    const again = await openTestWitness(there, { folder })
    await expect(runOnce(again.witness)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_CHECKPOINT' }))
    expect(again.witness.status).toMatchObject({ cosigned: honest.cosigned, held: 1, equivocations: 1 })
  })

  test('S9 two views of an organization’s batches become a proof that anybody can check, listed at the platform', async () => {
    const { domain } = there.platform.instance.chain
    const first = there.batches[0]?.entry as Entry
    const digest = new Uint8Array(32).fill(3)
    const signature = Buffer.from(signEntry({ ...first, digest }, domain, there.plant.batches)).toString('hex')
    const base = await proxy((path, text) => {
      if (!path.startsWith(`/v1/organizations/${there.plant.id}/entries`)) return text
      const page = JSON.parse(text) as { items: { sequence: number }[] }
      const items = page.items.map((item) =>
        item.sequence === 1 ? { ...item, digest: toHex(digest), signature: `0x${signature}` } : item,
      )
      return JSON.stringify({ ...page, items })
    })
    const { witness } = await openTestWitness(there, { client: openClient({ base }) })
    expect(await runOnce(witness)).toMatchObject({ equivocations: 1, problem: undefined })
    const { items } = (await ask(there.platform, 'GET', '/v1/equivocations')).json
    expect(items[0]).toMatchObject({ proves: { kind: 'entries', organization: there.plant.id, sequence: 1 } })
    const file = await there.platform.app.inject({ method: 'GET', url: `/v1/equivocations/${items[0].cid}` })
    expect(checkEquivocation(new Uint8Array(file.rawPayload))).toMatchObject({ ok: true, organization: there.plant.id })
  })
})

test('S6 S7 a faulty batch that its owner sent to the contract itself fails in the audit document, and the next one holds', async () => {
  const { platform, plant } = there
  const last = there.batches.at(-1)?.entry as Entry
  const blocks = new Map<string, Uint8Array>()
  const build = (sequence: number, previous: Uint8Array, spoil: boolean) => {
    const batch = makeBatch(platform, {
      party: plant,
      sequence,
      previous,
      from: 1_600_000_000 + sequence * 86_400,
      readings: 4,
    })
    const header = { ...decodeHeader(batch.header.bytes) }
    if (spoil) header.tree = header.tree.map((byte, at) => (at === 60 ? byte ^ 1 : byte))
    const block = encodeBlock(header)
    const car = openCar(batchCar(block, batch.draft.blocks))
    for (const cid of car.cids) blocks.set(cid.toString(), car.require(cid))
    const entry: Entry = { ...batch.entry, digest: block.cid.multihash.digest }
    return { entry, signature: signEntry(entry, platform.instance.chain.domain, plant.batches) }
  }
  const faulty = build(last.sequence + 1, last.digest, true)
  const sound = build(last.sequence + 2, faulty.entry.digest, false)
  await there.append([faulty, sound])
  const gateway = await serve((request, answer) => {
    const bytes = blocks.get(/^\/ipfs\/(\w+)/.exec(request.url ?? '')?.[1] ?? '')
    if (bytes === undefined) answer.writeHead(404).end()
    else answer.end(bytes)
  })
  const { witness } = await openTestWitness(there, { gateways: [there.platform.url, gateway] })
  await expect.poll(() => chainHead(plant.id), { timeout: 20_000 }).toBe(sound.entry.sequence)
  expect(await runOnce(witness)).toMatchObject({ audited: 6, held: 5, failed: 1, problem: undefined })
  const { json } = await ask(platform, 'GET', '/v1/documents?kind=audit&limit=100')
  const { content } = decodeDocument(
    (await platform.instance.blocks.get(fromHex(json.items.at(-1).digest))) as Uint8Array,
  )
  const told = readAuditContent(content)
  expect(told.failed).toEqual([[faulty.entry.digest, 'E_AUDIT_TREE']])
  expect(told.held.map((one) => cidFromDigest(one).toString())).toContain(cidFromDigest(sound.entry.digest).toString())
})

/** The last batch of an organization in the contract's log. */
async function chainHead(organization: number): Promise<number> {
  return (await there.chain().head(organization, 1)).sequence
}
