import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { type PlatformProcess, startProcess } from '../test/process.ts'
import { erasePostgres, freePort } from './postgres.ts'

const running: PlatformProcess[] = []
const folders: string[] = []
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.child.kill('SIGTERM')
    await one.ended
  }
  for (const one of folders.splice(0)) {
    await erasePostgres(one)
    await rm(one, { recursive: true, force: true })
    await rm(`${one}.founder.json`, { force: true })
  }
}, 60_000)

async function place() {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'tanlian-main-')), 'data')
  folders.push(dataDir)
  return { dataDir, port: await freePort(), rpcPort: await freePort() }
}

async function start(given: Awaited<ReturnType<typeof place>>) {
  const started = await startProcess(given)
  running.push(started)
  return started
}

test('it starts in order, answers, and ends cleanly at SIGTERM', async () => {
  const given = await place()
  const platform = await start(given)
  expect(platform.lines.map(({ step }) => step)).toEqual([
    'database',
    'store',
    'blocks',
    'chain',
    'contracts',
    'log',
    'http',
    'ready',
  ])
  const health = await (await fetch(`${platform.url}/health`)).json()
  expect(health).toMatchObject({ ok: true })
  expect((await stat(join(given.dataDir, 'secrets'))).mode & 0o777).toBe(0o700)
  platform.child.kill('SIGTERM')
  expect(await platform.ended).toEqual({ code: 0, signal: null })
  await expect(stat(join(given.dataDir, 'lock'))).rejects.toThrow()
  await expect(fetch(platform.rpc)).rejects.toThrow()
}, 90_000)

test('R27 a second instance on the same data, and one on a taken port, are refused with a code', async () => {
  const given = await place()
  await start(given)
  await expect(start({ ...given, port: await freePort(), rpcPort: await freePort() })).rejects.toThrow(
    /E_INSTANCE_LOCKED/,
  )
  const other = await place()
  await expect(start({ ...other, port: given.port })).rejects.toThrow(/E_PORT_TAKEN/)
}, 90_000)

test('F1 after SIGKILL the same folder starts again, with its database and chain taken back', async () => {
  const given = await place()
  const first = await start(given)
  const known = await (await fetch(`${first.url}/.well-known/tanlian.json`)).json()
  first.child.kill('SIGKILL')
  await first.ended
  expect(await readFile(join(given.dataDir, 'lock'), 'utf8')).toContain(String(first.child.pid))
  const second = await start(given)
  expect(await (await fetch(`${second.url}/.well-known/tanlian.json`)).json()).toEqual(known)
}, 120_000)

test.each([
  ['a second node without a first', { RPC_URL_2: 'http://127.0.0.1:1' }],
  ['a proxy that is no address', { TRUST_PROXY: 'proxy.example' }],
  ['a network that is too wide to be one', { TRUST_PROXY: '10.0.0.0/33' }],
  ['an empty place between commas', { TRUST_PROXY: '10.0.0.1,' }],
])('%s is refused before anything is started', async (_, env) => {
  const main = join(import.meta.dirname, 'main.ts')
  const run = promisify(execFile)(process.execPath, [main, '--data', '/nonexistent/tanlian'], {
    env: { ...process.env, ...env },
  })
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('E_USAGE') })
})
