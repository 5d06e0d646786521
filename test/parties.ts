import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { freePort } from './port.ts'

/** The repository: what the parties of a test import stands below it. */
export const root = join(import.meta.dirname, '..')
const cli = join(root, 'cli/src/main.ts')

/** How one command ended, and what it said. */
export interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A platform of a test's own, and the machines of the parties that use it through the command line. */
export interface Parties {
  /** The home folder of the first regulator, whose keys `tanlian up` makes in its data folder. */
  readonly regulator: string
  readonly folder: string
  readonly port: number
  readonly url: string
  /** Starts `tanlian up` and waits until it says where it is. @throws Error with what it said where it ended instead */
  up(...flags: readonly string[]): Promise<void>
  /** Ends the platform as an operator would. @returns its exit code */
  down(): Promise<number | null>
  /** Runs `tanlian …` as a user would, with a home folder of the user's own. */
  tanlian(home: string, ...args: readonly string[]): Promise<Run>
  /** Fails with everything the command said where it did not end well. */
  done(home: string, ...args: readonly string[]): Promise<Run>
  /** Registers a party from its own machine and has the regulator approve it. */
  register(home: string, kind: string, name: string): Promise<void>
  /** Ends the platform where it still runs, and removes the folder. */
  close(): Promise<void>
}

/** The parties of one test in a folder of their own; nothing runs before `up`. */
export async function openParties(name: string): Promise<Parties> {
  const folder = await mkdtemp(join(tmpdir(), `tanlian-${name}-`))
  await writeFile(join(folder, 'passphrase'), 'a passphrase for this test only\n', { mode: 0o600 })
  const port = await freePort()
  const url = `http://localhost:${port}`
  const regulator = 'data/enterprise'
  let platform: ChildProcess | undefined

  function tanlian(home: string, ...args: readonly string[]): Promise<Run> {
    const passphrase = home === regulator ? `${regulator}/passphrase` : 'passphrase'
    return ran(args, folder, {
      TANLIAN_HOME: join(folder, home),
      TANLIAN_PASSPHRASE_FILE: join(folder, passphrase),
      TANLIAN_URL: url,
      NO_COLOR: '1',
    })
  }
  async function done(home: string, ...args: readonly string[]): Promise<Run> {
    const run = await tanlian(home, ...args)
    expect(`${args.join(' ')} → ${run.code}\n${run.code === 0 ? '' : run.out + run.err}`).toBe(
      `${args.join(' ')} → 0\n`,
    )
    return run
  }
  async function down(): Promise<number | null> {
    if (platform === undefined || platform.exitCode !== null) return platform?.exitCode ?? null
    const child = platform
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    return ended
  }
  return {
    regulator,
    folder,
    port,
    url,
    tanlian,
    done,
    down,
    async up(...flags) {
      const child = start(['up', '--data', join(folder, 'data'), '--port', String(port), ...flags], folder)
      platform = child
      await said(child, `Open ${url}`)
    },
    async register(home, kind, name) {
      await done(home, 'key', 'new', '--yes')
      const applied = await done(home, 'org', 'apply', '--kind', kind, '--name', name, '--yes')
      const application = applied.out.match(/Application (0x[0-9a-f]+)/)?.[1] ?? ''
      await done(regulator, 'org', 'approve', application, '--key', 'regulator', '--yes')
    },
    async close() {
      await down()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function start(args: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TANLIAN_LANG: 'en', ...environment },
  })
}

function ran(args: readonly string[], folder: string, environment: Readonly<Record<string, string>>): Promise<Run> {
  return new Promise((resolve) => {
    const child = start(args, folder, environment)
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

function said(child: ReturnType<typeof start>, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`the platform was not up after 90 s: ${text}`)), 90_000)
    const hear = (chunk: Buffer) => {
      text += chunk
      if (!text.includes(words)) return
      clearTimeout(limit)
      resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => {
      clearTimeout(limit)
      reject(new Error(`the platform ended with ${code}: ${text}`))
    })
  })
}
