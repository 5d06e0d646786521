import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../test/port.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-up-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('what keeps it from starting is said before anything is made', { timeout: 30_000 }, () => {
  test('one port for two things', async () => {
    const { code, said } = await refused('--port', '9999', '--rpc-port', '9999')
    expect(code).toBe(2)
    expect(said).toContain('they must differ')
  })

  test('a port that another program has', async () => {
    const server = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const { code, said } = await refused('--port', String(port)).finally(() => server.close())
    expect(code).toBe(5)
    expect(said).toContain(`Port ${port} on 127.0.0.1 is taken by another program. Name another with --port.`)
  })

  test('an address that this machine does not have', async () => {
    const { code, said } = await refused('--host', '192.0.2.1')
    expect(code).toBe(5)
    expect(said).toContain('this machine has no such address')
  })

  test('a data folder whose name a file has', async () => {
    const data = join(folder, 'file')
    await writeFile(data, 'mine')
    const { code, said } = await refused('--data', data)
    expect(code).toBe(5)
    expect(said).toContain('a file has that name')
    expect(await readFile(data, 'utf8')).toBe('mine')
  })

  test.skipIf(process.platform !== 'linux')(
    'a data folder where the system allows none: an answer, no endless wait',
    async () => {
      const { code, said } = await refused('--data', '/proc/tanlian/data')
      expect(code).toBe(5)
      expect(said).toContain('E_UP_FOLDER')
    },
  )

  test('a data folder with other things in it, which stay even with --fresh', async () => {
    const data = join(folder, 'other')
    await writeFile(data, 'mine')
    const { code, said } = await refused('--data', folder, '--fresh')
    expect(code).toBe(5)
    expect(said).toContain('E_BACKUP_TARGET')
    expect(await readFile(data, 'utf8')).toBe('mine')
  })

  async function refused(...flags: readonly string[]) {
    const child = up('--data', join(folder, 'none'), ...flags)
    const said = listen(child)
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, said: said() }
  }
})

test.skipIf(process.platform !== 'linux')(
  'SIGKILL leaves nothing behind: platform, database and chain end too',
  { timeout: 90_000 },
  async () => {
    const data = join(folder, 'killed')
    const child = up('--data', data, '--port', String(await freePort()), '--rpc-port', String(await freePort()))
    const said = listen(child)
    while (!said().includes('Open')) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said()}`)
      await pause(50)
    }
    const { pid } = JSON.parse(await readFile(join(data, 'platform', 'lock'), 'utf8')) as { pid: number }
    const family = [pid, ...(await childrenOf(pid))]
    expect(family.length).toBeGreaterThanOrEqual(3)
    child.kill('SIGKILL')
    const until = Date.now() + 25_000
    while (family.some(lives)) {
      expect(Date.now(), `still there: ${family.filter(lives)}`).toBeLessThan(until)
      await pause(100)
    }
  },
)

function up(...flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'up', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TANLIAN_LANG: 'en', NO_COLOR: '1' },
  })
}

/** Collects what a process says. */
function listen(child: ChildProcess): () => string {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said += part
    })
  return () => said
}

async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    if (status.replace(/^.*\) /s, '').split(' ')[1] === String(parent)) found.push(Number(name))
  }
  return found
}

/** True while a process is more than an entry that its parent has not read yet. */
function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
