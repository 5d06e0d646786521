import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { type Connection, erasePostgres, type Postgres, startPostgres } from './postgres.ts'

const running: Postgres[] = []
const folders: string[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
  for (const one of folders.splice(0)) {
    await erasePostgres(one)
    await rm(one, { recursive: true, force: true })
  }
}, 30_000)

async function start(dataDir: string): Promise<Postgres> {
  const postgres = await startPostgres({
    dataDir,
    instanceId: dataDir.slice(-6),
    fatal: (reason) => {
      throw new Error(reason)
    },
    onRestart: () => {},
  })
  running.push(postgres)
  return postgres
}

async function folder(mode: number): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'postgres-'))
  folders.push(path)
  await chmod(path, mode)
  return path
}

async function ask(connection: Connection, query: string): Promise<unknown> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text: query, rowMode: 'array' })).rows[0]?.[0]
  } finally {
    await client.end()
  }
}

test('R25 it syncs, listens on loopback only, and keeps its password to itself, in a folder of mode 0700', async () => {
  const dataDir = await folder(0o700)
  const { owner } = await start(dataDir)
  expect(await ask(owner, 'show fsync')).toBe('on')
  expect(await ask(owner, 'show synchronous_commit')).toBe('on')
  expect(await ask(owner, 'show listen_addresses')).toBe('127.0.0.1')
  expect(await ask(owner, 'show data_checksums')).toBe('on')
  expect((await stat(join(dataDir, 'secrets', 'postgres'))).mode & 0o777).toBe(0o600)
  await expect(ask({ ...owner, password: 'wrong' }, 'select 1')).rejects.toThrow(/password/)
}, 60_000)

test('F24 a killed server is started again with everything it had committed', async () => {
  const postgres = await start(await folder(0o755))
  await ask(postgres.owner, 'create table kept as select 7 as n')
  const before = postgres.pid() as number
  process.kill(before, 'SIGKILL')
  const until = Date.now() + 20_000
  let found: unknown
  while (found === undefined && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    found = await ask(postgres.owner, 'select n from kept').catch(() => undefined)
  }
  expect(found).toBe(7)
  expect(postgres.pid()).not.toBe(before)
}, 60_000)

test('a server that outlived its killed platform is stopped, and its data is there', async () => {
  const dataDir = await folder(0o755)
  const program = `
    const { startPostgres } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)})
    const postgres = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, instanceId: 'orphan', fatal: () => {}, onRestart: () => {} })
    console.log(JSON.stringify(postgres.owner))`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data))))
  const owner = JSON.parse(line) as Connection
  await ask(owner, 'create table kept as select 8 as n')
  parent.kill('SIGKILL')
  expect(await ask(owner, 'select n from kept')).toBe(8)
  const second = await start(dataDir)
  expect(await ask(second.owner, 'select n from kept')).toBe(8)
  await expect(ask(owner, 'select 1')).rejects.toThrow()
}, 60_000)
