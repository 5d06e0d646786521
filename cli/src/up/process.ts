import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
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
  /** JSON file that names the first regulator, for a chain on which nothing is deployed yet. */
  readonly founder: string
  /** Start over with nothing. */
  readonly fresh: boolean
  /** Address of the chain for browsers and checkers, where the chain is not the embedded one. */
  readonly publicRpc: string | undefined
  /** Blocks on top of an entry before it is called anchored; the platform's own value where left out. */
  readonly confirmations: string | undefined
}

/** A line of the platform's progress: a part that is ready, or why it cannot start. */
export interface ProgressLine {
  readonly step: string
  /** Milliseconds since it began. */
  readonly ms?: number
  readonly detail?: Readonly<Record<string, string | number | boolean>>
  readonly code?: string
  readonly message?: string
  readonly values?: Readonly<Record<string, string | number | boolean>>
  /** The code's sentence in Chinese. */
  readonly zh?: string
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

/** Starts `platform/src/main.ts` with this runtime. Its log goes to `platform.log` beside its data. */
export async function startPlatform(
  options: PlatformOptions,
  onReady: (line: ProgressLine) => void,
): Promise<Platform> {
  await mkdir(options.data, { recursive: true, mode: 0o700 })
  const main = fileURLToPath(new URL('../../../platform/src/main.ts', import.meta.url))
  const flags = {
    data: options.data,
    host: options.host,
    port: String(options.port),
    'rpc-port': String(options.rpcPort),
    founder: options.founder,
    progress: 'json',
    ...(options.web === undefined ? {} : { web: options.web }),
    ...(options.publicRpc === undefined ? {} : { 'public-rpc': options.publicRpc }),
    ...(options.confirmations === undefined ? {} : { confirmations: options.confirmations }),
  }
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      main,
      'serve',
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ...(options.demo ? ['--demo'] : []),
      ...(options.fresh ? ['--fresh'] : []),
    ],
    // Its own group, so that Ctrl-C reaches it through this process alone, in order.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  endWithUs(child)
  const lastLines = keepLog(child, `${options.data}.log`)
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

/** A shell that waits for the end of its input, which comes with our end in whatever form, and then ends the platform. */
function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$0" 2>/dev/null', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => undefined)
  watcher.unref()
  child.once('exit', () => watcher.kill('SIGKILL'))
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
  onReady: (line: ProgressLine) => void,
): Promise<void> {
  let failure: TanlianError | undefined
  const listening = new Promise<void>((resolve) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text)
      if (line?.step === 'failed')
        failure = new TanlianError(line.code ?? 'E_UP_START', line.message ?? 'The platform did not start.', {
          values: { ...line.values, ...(line.zh === undefined ? {} : { title: line.zh }) },
        })
      else if (line?.step === 'ready') resolve()
      else if (line !== undefined) onReady(line)
    })
  })
  const failed = ended.then((code) => {
    throw failure ?? startError(`it ended with code ${code}`, lastLines)
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

function readLine(text: string): ProgressLine | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProgressLine>
    return typeof value.step === 'string' ? (value as ProgressLine) : undefined
  } catch {
    return undefined
  }
}

function startError(why: string, lines: readonly string[]): TanlianError {
  return new TanlianError('E_UP_START', `The platform did not start: ${why}.\n${lines.join('\n')}`, { values: { why } })
}
