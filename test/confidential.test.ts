import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from './port.ts'

/*
 * Confidential data through the doors of a user: a plant seals what it imports, lets one organization read, ends that, and nobody else learns a
 * total. Read it top to bottom; each test goes on where the one before ended.
 */

const root = join(import.meta.dirname, '..')
const cli = join(root, 'cli/src/main.ts')
const REGULATOR = 'data/enterprise'
/** The first three days of the file: what its column `Usage_kWh` sums up to, in Wh, by an own count. */
const WINDOW = ['--from', '2018-01-01T00:00:00+09:00', '--to', '2018-01-04T00:00:00+09:00', '--type', 'electricity']

let folder: string
let url: string
let system: ChildProcess

interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `tanlian …` as a user would, with a home folder of the user's own. */
function tanlian(home: string, ...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        TANLIAN_HOME: join(folder, home),
        TANLIAN_PASSPHRASE_FILE: join(folder, home === REGULATOR ? `${REGULATOR}/passphrase` : 'passphrase'),
        TANLIAN_URL: url,
        TANLIAN_LANG: 'en',
        NO_COLOR: '1',
      },
    })
    const text = { out: '', err: '' }
    child.stdout.on('data', (chunk) => {
      text.out += chunk
    })
    child.stderr.on('data', (chunk) => {
      text.err += chunk
    })
    child.once('close', (code) => resolve({ code, ...text }))
  })
}

async function done(home: string, ...args: readonly string[]): Promise<Run> {
  const run = await tanlian(home, ...args)
  expect(`${args.join(' ')} → ${run.code}\n${run.code === 0 ? '' : run.out + run.err}`).toBe(`${args.join(' ')} → 0\n`)
  return run
}

/** Fails where the command ends well; what it said. */
async function refused(home: string, ...args: readonly string[]): Promise<string> {
  const run = await tanlian(home, ...args)
  expect(run.code, args.join(' ')).not.toBe(0)
  return run.out + run.err
}

async function register(home: string, kind: string, name: string) {
  await done(home, 'key', 'new', '--yes')
  const applied = await done(home, 'org', 'apply', '--kind', kind, '--name', name, '--yes')
  const application = applied.out.match(/Application (0x[0-9a-f]+)/)?.[1] ?? ''
  await done(REGULATOR, 'org', 'approve', application, '--key', 'regulator', '--yes')
}

const importDays = (home: string, limit: string, seal: string) =>
  tanlian(
    home,
    ...['import', join(root, 'data/steel-energy/steel_2018.csv.gz')],
    ...['--map', join(root, 'data/steel-energy/mapping.yaml'), '--limit', limit, '--seal', seal, '--yes'],
  )

/** Waits until what was sent is in the log: an answer is as of the log's size. */
async function logged(sequence: number) {
  for (const until = Date.now() + 60_000; ; ) {
    const answer = await fetch(`${url}/v1/organizations/3/entries?limit=500`)
    const { items } = (await answer.json()) as { items: { sequence: number; index: number | null }[] }
    if (items.some((item) => item.sequence === sequence && item.index !== null)) return items
    expect(Date.now()).toBeLessThan(until)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-confidential-'))
  await writeFile(join(folder, 'passphrase'), 'a passphrase for this test only\n', { mode: 0o600 })
  const [port, rpcPort] = [await freePort(), await freePort()]
  url = `http://localhost:${port}`
  const flags = ['--data', join(folder, 'data'), '--port', String(port), '--rpc-port', String(rpcPort)]
  system = spawn(process.execPath, [cli, 'up', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TANLIAN_LANG: 'en' },
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk
      if (said.includes(`Open ${url}`)) resolve()
    }
    system.stdout?.on('data', hear)
    system.stderr?.on('data', hear)
    system.once('exit', (code) => reject(new Error(`the platform ended with ${code}: ${said}`)))
  })
}, 120_000)

afterAll(async () => {
  if (system.exitCode === null) {
    const ended = new Promise((resolve) => system.once('exit', resolve))
    system.kill('SIGTERM')
    await ended
  }
  await rm(folder, { recursive: true, force: true })
}, 60_000)

describe('confidential data', { timeout: 600_000 }, () => {
  test('1 nothing is sealed before its owner can read it: the plant logs a reader’s key first', async () => {
    await register('operator', 'platform', 'Carbon platform')
    await register('plant', 'enterprise', 'Steel plant')
    await register('buyer', 'other', 'Steel buyer')
    await done('plant', 'org', 'bind', 'Carbon platform', '--yes')
    await done('operator', 'org', 'confirm', 'Steel plant', '--yes')
    const early = await importDays('plant', '1', 'shared')
    expect(early.out + early.err).toMatch(/logged no reader/)
    await done('plant', 'privacy', 'publish')
    await done('buyer', 'privacy', 'publish')
    expect((await done('plant', 'privacy', 'list')).out).toMatch(/key {2}[0-9a-f]{64}\n/)
  })

  test('2 three days are shared with the platform: it audits them, and tells nobody', async () => {
    const sent = await importDays('plant', '3', 'shared')
    expect(sent.code, sent.out + sent.err).toBe(0)
    expect(await logged(3)).toMatchObject(
      Array.from({ length: 3 }, () => ({ sealed: true, audited: true, readings: null })),
    )
    expect(await refused('buyer', 'trace', '3', ...WINDOW)).toMatch(/sealed/)
    expect(await refused('buyer', 'trace', '3', ...WINDOW, '--key', 'main')).toMatch(/sealed/)
    const own = await done('plant', 'trace', '3', ...WINDOW, '--key', 'main')
    expect(own.out).toMatch(/3 batches/)
  })

  test('3 a grant names its reader in what is sealed from then on; the reader opens it alone', async () => {
    await done('plant', 'privacy', 'grant', 'Steel buyer')
    const sent = await importDays('plant', '2', 'closed')
    expect(sent.code, sent.out + sent.err).toBe(0)
    const entries = await logged(5)
    expect(entries.slice(3)).toMatchObject([{ audited: false }, { audited: false }])
    const days = ['--from', '2018-01-04T00:00:00+09:00', '--to', '2018-01-06T00:00:00+09:00', '--type', 'electricity']
    // The platform cannot answer, the owner can.
    expect(await refused('plant', 'trace', '3', ...days, '--key', 'main')).toMatch(/none of their readers/)
    const own = await done('plant', 'trace', '3', ...days, '--key', 'main', '--open')
    // The buyer may not have the headers of the days before its grant, so its package cannot be whole.
    expect(await refused('buyer', 'trace', '3', ...days, '--key', 'main', '--open')).toMatch(/sealed|confidential/i)
    expect(own.out).toMatch(/2 batches/)
    expect(own.out).toMatch(/MWh {3}192 readings/)
  })

  test('4 the plant hands the buyer a package of exactly one question; anyone who has it can check it', async () => {
    const sold = join(folder, 'sold.car')
    await done('plant', 'trace', '3', ...WINDOW, '--key', 'main', '--open', '--out', sold)
    const checked = await done('buyer', 'check', sold, '--rpc', await rpcOf())
    expect(checked.out).toMatch(/3 \/ 5/)
  })

  test('5 an ended grant names nobody any more', async () => {
    const { out } = await done('plant', 'privacy', 'list')
    const id = out.match(/^([0-9a-f]{12}) {2}organization/m)?.[1] ?? ''
    expect((await done('plant', 'privacy', 'end', id, '--yes')).out).toMatch(/ended/)
    const sent = await importDays('plant', '1', 'closed')
    expect(sent.code, sent.out + sent.err).toBe(0)
    const [item] = (await logged(6)).filter(({ sequence }) => sequence === 6)
    expect(item).toMatchObject({ audited: false, readings: null })
  })
})

async function rpcOf(): Promise<string> {
  const known = (await (await fetch(`${url}/.well-known/tanlian.json`)).json()) as { rpc: string }
  return known.rpc
}
