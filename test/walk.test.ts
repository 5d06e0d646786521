import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkPackage,
  decodeBundle,
  decodePackage,
  type EvidencePackage,
  encodePackage,
  fromHex,
  leafHash,
  TILE_WIDTH,
  tilePath,
  type Verdict,
} from '@tanlian/evidence'
import { addressOfPackage, chainFacts, openChain, openClient, openRpc, trace } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  alterQuantity,
  answerFromOldRoot,
  dropReading,
  forgeSignature,
  hideBatch,
  moveTime,
  reorder,
  type Tampered,
} from '../web/src/evidence/tamper.ts'
import { otherChainOf, sendMoney } from './other-chain.ts'
import { openParties, type Parties, root } from './parties.ts'
import { freePort } from './port.ts'

/*
 * The walk: one plant's month from the application to a verdict that anyone can repeat, through the doors of a user: the command line on the
 * enterprise's machine, the platform over HTTP, the chain. Read it top to bottom; each test goes on where the one before ended.
 */

const MARCH = periodWindow('2018-03', 'Asia/Seoul')
/** What the file itself says: the sum of `Usage_kWh` over the intervals of March, in Wh. */
const MARCH_WH = 80_230_410n

/**
 * `RPC_URL` takes the walk to another chain, with `RPC_FUNDER` the key of an account there that has money. `RPC_SIGNER_PID` is killed half
 * way: a signer of that chain, without which it has to go on.
 */
const otherChain = otherChainOf(process.env)

let parties: Parties
let rpc: string
let march: EvidencePackage

const chainOf = (pack: EvidencePackage) => openChain(openRpc({ url: rpc }), addressOfPackage(pack))

/** On a chain of one's own the platform says which account of its has to be given money, and starts once it has some. */
async function upFunded(...flags: readonly string[]): Promise<void> {
  try {
    await parties.up(...flags)
  } catch (error) {
    const account = String(error).match(/account (0x[0-9a-f]{40}) cannot pay/)?.[1]
    if (account === undefined || otherChain === undefined) throw error
    await sendMoney(otherChain, account as `0x${string}`)
    await parties.up(...flags)
  }
}

beforeAll(async () => {
  parties = await openParties('walk')
  const rpcPort = await freePort()
  rpc = otherChain?.url ?? `http://127.0.0.1:${rpcPort}`
  await (otherChain === undefined
    ? parties.up('--rpc-port', String(rpcPort))
    : upFunded('--public-rpc', rpc, '--confirmations', otherChain.confirmations))
}, 240_000)

afterAll(() => parties.close(), 60_000)

/** On a chain with blocks every few seconds each act waits for its confirmations. */
const LIMIT_MS = otherChain === undefined ? 180_000 : 600_000

describe('the walk', { timeout: LIMIT_MS }, () => {
  test('1 a platform and a steel plant apply with their own keys, the regulator approves, the two are bound on the chain', async () => {
    await parties.register('operator', 'platform', 'Carbon platform')
    await parties.register('plant', 'enterprise', 'Steel plant')
    await parties.done('plant', 'org', 'bind', 'Carbon platform', '--yes')
    await parties.done('operator', 'org', 'confirm', 'Steel plant', '--yes')
    const { out } = await parties.done('plant', 'org', 'list')
    expect(out).toMatch(/enterprise\s+Steel plant\s+→ \d/)
  })

  test('2 the plant imports its meter file: every row in signed batches of a day, accepted with receipts', async () => {
    const map = join(root, 'data/steel-energy/mapping.yaml')
    const file = join(root, 'data/steel-energy/steel_2018.csv.gz')
    const first = await parties.done('plant', 'import', file, '--map', map, '--limit', '100', '--yes')
    expect(first.out + first.err).toMatch(/100/)
    if (otherChain?.signerPid !== undefined) process.kill(otherChain.signerPid, 'SIGKILL')
    // Safe to run twice: the second run goes on, nothing is doubled.
    await parties.done('plant', 'import', file, '--map', map, '--limit', '20', '--yes')
    const client = openClient({ base: parties.url })
    expect((await client.head(3, 1)).sequence).toBe(120)
  })

  test('3 every accepted batch is in the log on the chain within the promised time', async () => {
    const client = openClient({ base: parties.url })
    const until = Date.now() + LIMIT_MS / 3
    for (;;) {
      const entries = []
      for await (const entry of client.entries(3, 1)) entries.push(entry)
      if (entries.filter((entry) => entry.index !== null).length === 120) break
      expect(Date.now()).toBeLessThan(until)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  })

  test('4 "electricity, March" is located, retrieved and checked here: complete, with its total', async () => {
    const { pack, verdict } = await trace(
      openClient({ base: parties.url }),
      { organization: 3, types: [fromHex('02')], from: MARCH.from, to: MARCH.to, mode: 'readings' },
      openChain(openRpc({ url: rpc }), await addressOfLog()),
    )
    march = pack
    expect(failing(verdict)).toEqual([])
    expect(verdict.status).toBe('verified')
    expect(verdict.totals).toEqual([
      { type: 0x020100, validity: 0, count: 2976, quantity: MARCH_WH, seconds: 31 * 86_400 },
    ])
    expect(verdict.batches.asked.length).toBeGreaterThanOrEqual(31)
    expect(verdict.capture).toEqual({ seconds: 31 * 86_400, of: 31 * 86_400 })
    expect(verdict.witnesses).toEqual([])
  })

  test('5 the same is checked from a chain node and a gateway alone, without the platform’s database', async () => {
    const { EvidenceLog } = (await openClient({ base: parties.url }).wellKnown()).contracts
    const run = await parties.done(
      'anyone',
      'check',
      '3',
      '--type',
      'electricity',
      '--month',
      '2018-03',
      '--zone',
      'Asia/Seoul',
      '--rpc',
      rpc,
      '--gateway',
      parties.url,
      '--log',
      EvidenceLog,
      '--json',
    )
    expect(run.out).toContain(String(MARCH_WH))
  })

  test('6 a package is checked as a file, and one altered byte of it fails with exit code 1', async () => {
    const good = encodePackage(march)
    await writeFile(join(parties.folder, 'march.car'), good)
    await parties.done('anyone', 'check', 'march.car', '--rpc', rpc)
    const altered = good.slice()
    altered[altered.length >> 1] = (altered[altered.length >> 1] as number) ^ 1
    await writeFile(join(parties.folder, 'altered.car'), altered)
    const run = await parties.tanlian('anyone', 'check', 'altered.car', '--rpc', rpc)
    expect(run.code).toBe(1)
    expect(run.out + run.err).toMatch(/E_(CAR|BLOCK|PACKAGE)/)
  })

  const LIES: readonly [string, (pack: EvidencePackage) => Tampered | undefined, string][] = [
    ['a quantity is altered', alterQuantity, 'proofs'],
    ['a reading is dropped', dropReading, 'proofs'],
    ['two readings are swapped', reorder, 'proofs'],
    ['a time is moved', moveTime, 'proofs'],
    ['a signature is forged', forgeSignature, 'signatures'],
    ['a batch is hidden', hideBatch, 'entries'],
  ]
  test.each(LIES)('7 the tamper lab: %s, caught by the check that should', async (_what, lie, step) => {
    const facts = await chainFacts(chainOf(march), march)
    expect(checkPackage(march, facts).status).toBe('verified')
    const told = lie(march)?.pack
    if (told === undefined) throw new Error('nothing to tamper with')
    const verdict = checkPackage(told, await chainFacts(chainOf(told), told))
    expect(failing(verdict).map(([at]) => at)).toContain(step)
    // It lies in its bytes too: what travels as a file is caught the same way.
    const sent = decodePackage(encodePackage(told))
    expect(failing(checkPackage(sent, facts)).map(([at]) => at)).toContain(step)
  })

  test('7 the tamper lab: an answer from an old root, caught by the head on the chain', async () => {
    // What the contract truly had before the newest entry that March rests on, from its events and the public tiles.
    const chain = chainOf(march)
    const index = march.inclusion.indexes.at(-1) ?? 0
    const old = (await chain.roots({})).filter(({ size }) => size <= index).at(-1)
    if (old === undefined) throw new Error('the log had no earlier size')
    const tiles: Uint8Array[] = []
    for (let at = 0; tiles.length < old.size; at++) {
      const width = Math.min(TILE_WIDTH, old.size - at * TILE_WIDTH)
      const answer = await fetch(`${parties.url}/log/${tilePath({ level: 'entries', index: at, width })}`)
      tiles.push(...decodeBundle(new Uint8Array(await answer.arrayBuffer())))
    }
    const leaves = tiles.slice(0, old.size).map(leafHash)
    const told = answerFromOldRoot(march, { size: old.size, block: old.block, leaves })?.pack
    if (told === undefined) throw new Error('no old log')
    expect(failing(checkPackage(told, await chainFacts(chainOf(told), told))).map(([at]) => at)).toContain('entries')
  })

  test('8 a mistaken import is withdrawn by a restatement: its readings count no more, and it is shown', async () => {
    const client = openClient({ base: parties.url })
    const listed = await parties.done('plant', 'import', 'list', '--json')
    // One line of JSON an import: the whole output parses only because there is exactly one.
    const made = JSON.parse(listed.out) as { readonly id: string }
    await parties.done('plant', 'import', 'withdraw', made.id, '--reason', 'wrong meter', '--yes')
    const until = Date.now() + LIMIT_MS / 3
    for (;;) {
      const { verdict } = await trace(
        client,
        { organization: 3, types: [fromHex('02')], from: MARCH.from, to: MARCH.to, mode: 'total' },
        openChain(openRpc({ url: rpc }), await addressOfLog()),
      )
      if (verdict.restatements.length > 0) {
        expect(failing(verdict)).toEqual([])
        expect(verdict.totals.filter((total) => total.validity === 0)).toEqual([])
        break
      }
      expect(Date.now()).toBeLessThan(until)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  })

  test('9 SIGTERM ends everything, and what was stored opens again', async () => {
    expect(await parties.down()).toBe(0)
    expect(JSON.parse(await readFile(join(parties.folder, 'data/enterprise/founder.json'), 'utf8'))).toHaveProperty(
      'address',
    )
  })
})

const failing = (verdict: Verdict) =>
  verdict.lines.filter((line) => line.ok === false).map((line) => [line.step, line.code])

async function addressOfLog() {
  const { chainId, contracts } = await openClient({ base: parties.url }).wellKnown()
  return { chainId, organizationRegistry: contracts.OrganizationRegistry, evidenceLog: contracts.EvidenceLog }
}
