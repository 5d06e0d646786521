import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { checkPackage, decodePackage, fromHex, toHex, toHex0x } from '@tanlian/evidence'
import { connect, contractReader } from '@tanlian/registry'
import { afterAll, expect, test } from 'vitest'
import { erasePostgres, freePort } from '../platform/src/postgres.ts'
import { makeBatch } from '../platform/test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../platform/test/party.ts'
import { startTestPlatform, type TestPlatform } from '../platform/test/platform.ts'
import { type PlatformProcess, startProcess } from '../platform/test/process.ts'

/** `npm run test:long` sets 20. */
const ROUNDS = Number(process.env.ROUNDS ?? 2)
const SEED = Number(process.env.SEED ?? 1)
const ENTERPRISES = 3
const DAY = 86_400

let dataDir = ''
let platform: PlatformProcess | undefined
afterAll(async () => {
  platform?.child.kill('SIGTERM')
  await platform?.ended
  if (dataDir === '') return
  await erasePostgres(dataDir)
  await rm(dataDir, { recursive: true, force: true })
  await rm(`${dataDir}.founder.json`, { force: true })
}, 60_000)

interface Enterprise {
  readonly party: TestParty
  previous: Uint8Array | null
  sequence: number
  /** Digests that were acknowledged, by sequence. */
  readonly acknowledged: Map<number, string>
}

test(
  `S1 S29 S31 R26 ${ROUNDS} rounds of SIGKILL to platform, database and chain under load: nothing acknowledged is lost or doubled`,
  async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'tanlian-kill-')), 'data')
    const place = { dataDir, port: await freePort(), rpcPort: await freePort() }
    const random = seeded(SEED)
    const first = await startTestPlatform(place)
    const { domain } = first.instance.chain
    const enterprises: Enterprise[] = []
    try {
      const market = await register(first, newParty('platform', 'the platform'))
      for (let at = 0; at < ENTERPRISES; at++) {
        const party = await bindEnterprise(first, `plant ${at}`, market)
        enterprises.push({ party, previous: null, sequence: 0, acknowledged: new Map() })
      }
    } finally {
      await first.stop()
    }

    platform = await startProcess(place)
    let loading = true
    const load = enterprises.map((one) =>
      feed(one, { instance: { chain: { domain } } } as TestPlatform, place.port, () => loading),
    )
    for (let round = 0; round < ROUNDS; round++) {
      await pause(500 + random() * 2500)
      const target = (['platform', 'database', 'chain'] as const)[Math.floor(random() * 3) % 3] as Target
      await kill(target, platform, dataDir)
      if (target === 'platform') {
        await platform.ended
        platform = await startProcess(place)
      }
    }
    await pause(1500)
    loading = false
    await Promise.all(load)
    await audit(enterprises, platform, domain)
  },
  120_000 + ROUNDS * 30_000,
)

type Target = 'platform' | 'database' | 'chain'

async function kill(target: Target, platform: PlatformProcess, dataDir: string): Promise<void> {
  if (target === 'platform') {
    platform.child.kill('SIGKILL')
    return
  }
  const pid =
    target === 'database'
      ? Number(
          (
            await readFile(
              join((await readFile(join(dataDir, 'postgres-place'), 'utf8')).trim(), 'data', 'postmaster.pid'),
              'utf8',
            )
          ).split('\n')[0],
        )
      : (JSON.parse(await readFile(join(dataDir, 'chain', 'state.json.pid'), 'utf8')) as { pid: number }).pid
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is just being started again.
  }
}

/** Sends batch after batch; what has no answer is sent again, the same bytes, until it has one. */
async function feed(
  one: Enterprise,
  signer: Pick<TestPlatform, 'instance'>,
  port: number,
  going: () => boolean,
): Promise<void> {
  while (going()) {
    const sequence = one.sequence + 1
    const batch = makeBatch(signer, {
      party: one.party,
      sequence,
      previous: one.previous,
      from: 1_500_000_000 + sequence * DAY,
      readings: 8,
    })
    for (;;) {
      const answer = await post(port, batch)
      if (answer?.status === 201) {
        const receipt = (await answer.json()) as { digest: string; sequence: number }
        expect(receipt).toMatchObject({ digest: toHex(batch.entry.digest), sequence })
        one.acknowledged.set(sequence, receipt.digest)
        break
      }
      // Only "not now" is allowed: a refusal of a good batch would mean that something acknowledged was forgotten.
      if (answer !== undefined) expect(`${answer.status} ${await answer.text()}`).toMatch(/^503/)
      await pause(100)
    }
    one.sequence = sequence
    one.previous = batch.entry.digest
  }
}

async function post(port: number, batch: ReturnType<typeof makeBatch>): Promise<Response | undefined> {
  try {
    return await fetch(`http://127.0.0.1:${port}/v1/batches`, {
      method: 'POST',
      headers: {
        'content-type': 'application/vnd.ipld.car',
        'tanlian-signature': toHex0x(batch.signature),
        'idempotency-key': toHex(batch.entry.digest),
      },
      body: batch.car,
      signal: AbortSignal.timeout(20_000),
    })
  } catch {
    return undefined
  }
}

/** The outside view: every acknowledged entry is in the contract's log exactly once, in sequence, and a trace of it holds. */
async function audit(
  enterprises: readonly Enterprise[],
  { url, rpc }: PlatformProcess,
  domain: { chainId: number },
): Promise<void> {
  const json = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<Record<string, never>>
  const total = enterprises.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  expect(total).toBeGreaterThan(ROUNDS)
  const end = Date.now() + 60_000
  for (;;) {
    const log = (await json('/v1/log')) as unknown as { size: number; waiting: number }
    if (log.size === total && log.waiting === 0) break
    if (Date.now() > end)
      throw new Error(`the log does not heal: ${JSON.stringify(log)} for ${total} acknowledged entries`)
    await pause(200)
  }
  const { contracts } = (await json('/.well-known/tanlian.json')) as unknown as {
    contracts: { OrganizationRegistry: `0x${string}`; EvidenceLog: `0x${string}` }
  }
  const reader = contractReader(connect(rpc), { registry: contracts.OrganizationRegistry, log: contracts.EvidenceLog })
  expect(await reader.size()).toBe(total)
  const log = (await json('/v1/log')) as unknown as { root: string }
  expect(toHex(await reader.root())).toBe(log.root)
  for (const { party, acknowledged, sequence } of enterprises) {
    const organization = party.id
    expect([...acknowledged.keys()]).toEqual(Array.from({ length: sequence }, (_, at) => at + 1))
    const head = await reader.head(organization, 1)
    expect([head.sequence, toHex(head.digest)]).toEqual([sequence, acknowledged.get(sequence)])
    const answer = await fetch(`${url}/v1/organizations/${organization}/trace?type=02&from=1500000000&to=1600000000`)
    const pack = decodePackage(new Uint8Array(await answer.arrayBuffer()))
    const verdict = checkPackage(pack)
    expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
    expect(verdict.totals).toMatchObject([{ count: 8 * sequence }])
    const digests = pack.entries.map((entry) => toHex(entry.slice(20)))
    expect(digests).toEqual([...acknowledged.values()])
    for (const digest of digests) expect(fromHex(digest)).toHaveLength(32)
  }
  expect(domain.chainId).toBe(31337)
}

/** Numbers of 0 to 1 from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
