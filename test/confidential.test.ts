import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openParties, type Parties, root } from './parties.ts'
import { freePort } from './port.ts'

/*
 * Confidential data through the doors of a user: a plant seals what it imports, lets one organization read, ends that, and nobody else learns a
 * total. Read it top to bottom; each test goes on where the one before ended.
 */

/** The first three days of the file: what its column `Usage_kWh` sums up to, in Wh, by an own count. */
const WINDOW = ['--from', '2018-01-01T00:00:00+09:00', '--to', '2018-01-04T00:00:00+09:00', '--type', 'electricity']

let parties: Parties

/** Fails where the command ends well; what it said. */
async function refused(home: string, ...args: readonly string[]): Promise<string> {
  const run = await parties.tanlian(home, ...args)
  expect(run.code, args.join(' ')).not.toBe(0)
  return run.out + run.err
}

const importDays = (home: string, limit: string, seal?: string) =>
  parties.tanlian(
    home,
    ...['import', join(root, 'data/steel-energy/steel_2018.csv.gz')],
    ...['--map', join(root, 'data/steel-energy/mapping.yaml'), '--limit', limit, '--yes'],
    ...(seal === undefined ? [] : ['--seal', seal]),
  )

/** Waits until what was sent is in the log: an answer is as of the log's size. */
async function logged(sequence: number) {
  for (const until = Date.now() + 60_000; ; ) {
    const answer = await fetch(`${parties.url}/v1/organizations/3/entries?limit=500`)
    const { items } = (await answer.json()) as { items: { sequence: number; index: number | null }[] }
    if (items.some((item) => item.sequence === sequence && item.index !== null)) return items
    expect(Date.now()).toBeLessThan(until)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

beforeAll(async () => {
  parties = await openParties('confidential')
  await parties.up('--rpc-port', String(await freePort()))
}, 120_000)

afterAll(() => parties.close(), 60_000)

describe('confidential data', { timeout: 600_000 }, () => {
  test('1 nothing is sealed before its owner can read it: the plant logs a reader’s key first', async () => {
    await parties.register('operator', 'platform', 'Carbon platform')
    await parties.register('plant', 'enterprise', 'Steel plant')
    await parties.register('buyer', 'other', 'Steel buyer')
    await parties.done('plant', 'org', 'bind', 'Carbon platform', '--yes')
    await parties.done('operator', 'org', 'confirm', 'Steel plant', '--yes')
    const early = await importDays('plant', '1', 'shared')
    expect(early.out + early.err).toMatch(/logged no reader/)
    await parties.done('plant', 'privacy', 'publish')
    await parties.done('buyer', 'privacy', 'publish')
    expect((await parties.done('plant', 'privacy', 'list')).out).toMatch(/key {2}[0-9a-f]{64}\n/)
  })

  test('2 three days are shared with the platform: it audits them, and tells nobody', async () => {
    const sent = await importDays('plant', '3', 'shared')
    expect(sent.code, sent.out + sent.err).toBe(0)
    expect(await logged(3)).toMatchObject(
      Array.from({ length: 3 }, () => ({ sealed: true, audited: true, readings: null })),
    )
    expect(await refused('buyer', 'trace', '3', ...WINDOW)).toMatch(/sealed/)
    expect(await refused('buyer', 'trace', '3', ...WINDOW, '--key', 'main')).toMatch(/sealed/)
    const own = await parties.done('plant', 'trace', '3', ...WINDOW, '--key', 'main')
    expect(own.out).toMatch(/3 batches/)
  })

  test('3 a grant names its reader in what is sealed from then on; the reader opens it alone', async () => {
    await parties.done('plant', 'privacy', 'grant', 'Steel buyer')
    const sent = await importDays('plant', '2', 'closed')
    expect(sent.code, sent.out + sent.err).toBe(0)
    const entries = await logged(5)
    expect(entries.slice(3)).toMatchObject([{ audited: false }, { audited: false }])
    const days = ['--from', '2018-01-04T00:00:00+09:00', '--to', '2018-01-06T00:00:00+09:00', '--type', 'electricity']
    // The platform cannot answer, the owner can.
    expect(await refused('plant', 'trace', '3', ...days, '--key', 'main')).toMatch(/none of their readers/)
    const own = await parties.done('plant', 'trace', '3', ...days, '--key', 'main', '--open')
    // The buyer may not have the headers of the days before its grant: its package holds what was granted, and is said to be a part.
    const bought = await parties.done('buyer', 'trace', '3', ...days, '--key', 'main', '--open', '--json')
    expect(JSON.parse(bought.out)).toMatchObject({ status: 'partial', batches: { asked: [4, 5], all: 5, hidden: 3 } })
    expect(own.out).toMatch(/2 batches/)
    expect(own.out).toMatch(/MWh {3}192 readings/)
  })

  test('4 the plant hands the buyer a package of exactly one question; anyone who has it can check it', async () => {
    const sold = join(parties.folder, 'sold.car')
    await parties.done('plant', 'trace', '3', ...WINDOW, '--key', 'main', '--open', '--out', sold)
    const checked = await parties.done('buyer', 'check', sold, '--rpc', await rpcOf())
    expect(checked.out).toMatch(/3 \/ 5/)
  })

  test('5 an ended grant names nobody any more', async () => {
    const { out } = await parties.done('plant', 'privacy', 'list')
    const id = out.match(/^([0-9a-f]{12}) {2}organization/m)?.[1] ?? ''
    expect((await parties.done('plant', 'privacy', 'end', id, '--yes')).out).toMatch(/ended/)
    const sent = await importDays('plant', '1', 'closed')
    expect(sent.code, sent.out + sent.err).toBe(0)
    const [item] = (await logged(6)).filter(({ sequence }) => sequence === 6)
    expect(item).toMatchObject({ audited: false, readings: null })
  })

  test('6 an import goes by the logged choice; sums that the plant handed in are answered to whom it granted them', async () => {
    await parties.done('plant', 'privacy', 'choose', 'open,electricity=closed')
    expect((await parties.done('plant', 'privacy', 'list')).out).toMatch(/^02 {2}closed$/m)
    const sent = await importDays('plant', '1')
    expect(sent.code, sent.out + sent.err).toBe(0)
    expect((await logged(7)).at(-1)).toMatchObject({ sequence: 7, sealed: true, audited: false })
    await parties.done('plant', 'privacy', 'grant', 'Steel buyer', '--year', '2018', '--summary', 'day')
    const day = ['--from', '2018-01-07T00:00:00+09:00', '--to', '2018-01-08T00:00:00+09:00', '--type', 'electricity']
    expect(await refused('buyer', 'trace', '3', ...day, '--key', 'main')).toMatch(/sealed/)
    expect((await parties.done('plant', 'privacy', 'summary', 'day')).out).toMatch(/ 4 batches/)
    expect((await parties.done('plant', 'privacy', 'summary', 'day')).out).toMatch(/ 0 batches/)
    const bought = await parties.done('buyer', 'trace', '3', ...day, '--key', 'main', '--json')
    expect(JSON.parse(bought.out)).toMatchObject({ status: 'partial', batches: { asked: [7], hidden: 1 } })
    const finer = ['--from', '2018-01-07T00:00:00+09:00', '--to', '2018-01-07T03:00:00+09:00', '--type', 'electricity']
    expect(await refused('buyer', 'trace', '3', ...finer, '--key', 'main')).toMatch(/finer/)
  })

  test('7 a reader’s witness opens and audits all of it, with the reader’s key as `key new` keeps it', async () => {
    const witness = ['witness', 'main', '--data', 'witness', '--rpc', await rpcOf(), '--once', '--json']
    const blind = await parties.done('plant', ...witness)
    expect(JSON.parse(blind.out)).toMatchObject({ audited: 0, closed: 1 })
    const kept = join(parties.folder, 'plant', 'keys', 'main', 'reader.json')
    const { out } = await parties.done('plant', ...witness, '--reader', kept)
    expect(JSON.parse(out)).toMatchObject({ audited: 7, waiting: 0, failed: 0 })
  })
})

async function rpcOf(): Promise<string> {
  const known = (await (await fetch(`${parties.url}/.well-known/tanlian.json`)).json()) as { rpc: string }
  return known.rpc
}
