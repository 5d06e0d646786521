import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TanlianError } from '@tanlian/units'

/** How the platform is to run. */
export interface PlatformOptions {
  /** Absolute. */
  readonly data: string
  readonly host: string
  readonly port: number
  readonly rpcPort: number
  readonly demo: boolean
  readonly web: string | undefined
  /** The first regulator, for a chain on which nothing is deployed yet. */
  readonly founder: { readonly address: string; readonly profile: string; readonly recovery: string } | undefined
}

/** One part of the platform that is ready now. */
export interface ReadyLine {
  readonly ready: string
  readonly detail?: string
  readonly ms?: number
  readonly url?: string
}

/** The platform as a process tree of its own. */
export interface Platform {
  /** Resolves when it listens. Codes: E_UP_START, and what the platform says it cannot start for. */
  readonly listening: Promise<void>
  /** Resolves with its exit code when it has ended. */
  readonly ended: Promise<number>
  /** Asks it to end, and ends it where it does not. */
  stop(): Promise<void>
}

/** Longest wait for the platform to listen: a first start makes a database and deploys two contracts. */
const START_LIMIT_MS = 120_000
/** Longest wait for it to end by itself. */
const STOP_LIMIT_MS = 20_000
const LAST_LINES = 15

/** Starts `platform/src/main.ts` with this runtime. Its log goes to `DATA/platform.log`. */
export async function startPlatform(options: PlatformOptions, onReady: (line: ReadyLine) => void): Promise<Platform> {
  await mkdir(options.data, { recursive: true, mode: 0o700 })
  const main = fileURLToPath(new URL('../../../platform/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: {
      ...process.env,
      TANLIAN_DATA: options.data,
      TANLIAN_HOST: options.host,
      TANLIAN_PORT: String(options.port),
      TANLIAN_RPC_PORT: String(options.rpcPort),
      ...(options.demo ? { TANLIAN_DEMO: '1' } : {}),
      ...(options.web === undefined ? {} : { TANLIAN_WEB: options.web }),
      ...(options.founder === undefined ? {} : { TANLIAN_FOUNDER: JSON.stringify(options.founder) }),
    },
    // Its own group, so that Ctrl-C reaches it through this process alone, in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lastLines = keepLog(child, join(options.data, 'platform.log'))
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)))
  })
  return {
    listening: waitReady(child, ended, lastLines, onReady),
    ended,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Writes the platform's log to a file and keeps its end for an error message. */
function keepLog(child: ChildProcess, path: string): string[] {
  const lines: string[] = []
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      file.write(`${line}\n`)
      lines.push(line)
      if (lines.length > LAST_LINES) lines.shift()
    })
  }
  child.once('exit', () => file.end())
  return lines
}

function waitReady(
  child: ChildProcess,
  ended: Promise<number>,
  lastLines: readonly string[],
  onReady: (line: ReadyLine) => void,
): Promise<void> {
  const listening = new Promise<void>((resolve) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text)
      if (line === undefined) return
      onReady(line)
      if (line.ready === 'http') resolve()
    })
  })
  const failed = ended.then((code) => {
    throw startError(`it ended with code ${code}`, lastLines)
  })
  // Once it listens, its end is told by `ended` alone.
  failed.catch(() => undefined)
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(startError(`it did not listen within ${START_LIMIT_MS / 1000} s`, lastLines)),
      START_LIMIT_MS,
    )
  })
  return Promise.race([listening, failed, late]).finally(() => clearTimeout(timer))
}

function readLine(text: string): ReadyLine | undefined {
  try {
    const value = JSON.parse(text) as Partial<ReadyLine>
    return typeof value.ready === 'string' ? (value as ReadyLine) : undefined
  } catch {
    return undefined
  }
}

/** The last words of a process that did not start: its own code where it gave one. */
function startError(why: string, lines: readonly string[]): TanlianError {
  for (const line of [...lines].reverse()) {
    try {
      const value = JSON.parse(line) as { code?: unknown; message?: unknown; msg?: unknown }
      if (typeof value.code === 'string' && value.code.startsWith('E_'))
        return new TanlianError(value.code, String(value.message ?? value.msg ?? value.code))
    } catch {
      // Not every line is the platform's own.
    }
  }
  return new TanlianError('E_UP_START', `The platform did not start: ${why}.\n${lines.join('\n')}`, { values: { why } })
}
