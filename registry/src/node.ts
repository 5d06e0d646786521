import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TanlianError } from '@tanlian/units'
import { foundryBinary } from '../tools/forge.ts'
import { processCommand, stopProcess } from './process.ts'

/** Chain id of the embedded chain; only here may development keys be used (R11). */
export const DEVELOPMENT_CHAIN_ID = 31337

/**
 * How many blocks the embedded chain may forget: its state is written once a second at best, so a plain kill takes the blocks since then (R26),
 * and a kill in the middle of writing takes those since the last whole copy, a few seconds more.
 */
export const EMBEDDED_REORG_DEPTH = 1024

const STARTUP_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 15_000
const COPY_EVERY_MS = 5_000

/** The embedded chain: a development chain that is never final. */
export interface EmbeddedNode {
  readonly url: string
  readonly pid: number
  /** Settles when the process has ended, however it came to it: true if `stop` was called. */
  readonly ended: Promise<boolean>
  /** Ends it so that no block is lost. */
  stop(): Promise<void>
}

/**
 * Starts anvil on a state file of its own and waits until it answers. An anvil that a killed parent left behind is stopped first, with nothing
 * lost. If this process dies, its anvil is told to stop, which also saves its state (not on Windows).
 * @throws TanlianError `E_NODE_IN_USE` if a living process runs the same state, `E_NODE_START` if it does not come up in 30 s.
 */
export async function startNode(options: {
  /** Where the chain's state is kept; `FILE.kept`, `FILE.pid` lie beside it. */
  readonly stateFile: string
  readonly port: number
  readonly host?: string
  /** How often a whole copy of the state is put aside. */
  readonly copyEveryMs?: number
}): Promise<EmbeddedNode> {
  const { stateFile, port, host = '127.0.0.1', copyEveryMs = COPY_EVERY_MS } = options
  await mkdir(dirname(stateFile), { recursive: true })
  await stopOrphan(stateFile)
  await requireFreePort(port, host)
  const genesisTime = await chooseState(stateFile)
  const args = [
    '--chain-id',
    String(DEVELOPMENT_CHAIN_ID),
    '--host',
    host,
    '--port',
    String(port),
    '--hardfork',
    'london',
  ]
  // Anvil makes block 0 anew at every start: with another time it is another block, and the chain has two.
  args.push('--timestamp', String(genesisTime))
  // States of old blocks would go to the user's home directory; nobody asks for them.
  args.push('--prune-history', '16', '--quiet', '--state', stateFile, '--state-interval', '1')
  // A group of its own: a Ctrl-C at the terminal is for us, and we stop the chain last.
  const child = spawn(foundryBinary('anvil'), args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  let errors = ''
  child.stderr?.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-2000)
  })
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      errors += error.message
      resolve()
    })
    child.once('exit', () => resolve())
  })
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  const { pid } = child
  const watcher = pid === undefined ? undefined : endWithParent(pid)
  if (pid !== undefined) await writePid(stateFile, pid)
  const up = await Promise.race([answers(url), exited.then(() => false)])
  if (!up || pid === undefined) {
    child.kill('SIGKILL')
    watcher?.kill('SIGKILL')
    throw new TanlianError(
      'E_NODE_START',
      `The embedded chain did not start on port ${port}: ${errors.trim() || 'no message'}.`,
      {
        values: { port, reason: errors.trim() },
      },
    )
  }
  // Its clock stands at the time of block 0 then.
  await request(url, 'evm_setTime', [Math.floor(Date.now() / 1000)])
  await firstState(stateFile)
  return attend(child, pid, { url, stateFile, exited, watcher, copyEveryMs })
}

/** A new chain that were killed before its first writing would come back as another chain, with another first block. */
async function firstState(stateFile: string): Promise<void> {
  for (let waited = 0; waited < 3000 && (await readState(stateFile)) === undefined; waited += 50) await sleep(50)
  await copyState(stateFile)
}

interface Running {
  readonly url: string
  readonly stateFile: string
  readonly exited: Promise<void>
  readonly watcher: ChildProcess | undefined
  readonly copyEveryMs: number
}

/** Watches over a running anvil: whole copies of its state now and then, a clean stop. */
function attend(child: ChildProcess, pid: number, running: Running): EmbeddedNode {
  const { url, stateFile, exited, watcher, copyEveryMs } = running
  let copying = Promise.resolve()
  const copies = setInterval(() => {
    copying = copying.then(() => copyState(stateFile))
  }, copyEveryMs).unref()
  let asked = false
  const ended = exited.then(async () => {
    clearInterval(copies)
    watcher?.kill('SIGKILL')
    await copying
    await rm(pidFile(stateFile), { force: true })
    return asked
  })
  return {
    url,
    pid,
    ended,
    async stop() {
      asked = true
      child.kill('SIGTERM')
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await ended
      clearTimeout(limit)
    },
  }
}

/** A shell that waits for the end of its input, which comes with our death in whatever form, and then ends anvil. */
function endWithParent(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$0" 2>/dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => undefined)
  watcher.unref()
  return watcher
}

async function answers(url: string): Promise<boolean> {
  const deadline = Date.now() + STARTUP_LIMIT_MS
  while (Date.now() < deadline) {
    const chainId = await request(url, 'eth_chainId', []).catch(() => undefined)
    if (chainId === `0x${DEVELOPMENT_CHAIN_ID.toString(16)}`) return true
    await sleep(25)
  }
  return false
}

async function request(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5000),
  })
  return ((await response.json()) as { result?: unknown }).result
}

/** Ends an anvil of ours whose parent is gone; refuses to share the state with a living parent (R27). */
async function stopOrphan(stateFile: string): Promise<void> {
  const record = await readFile(pidFile(stateFile), 'utf8').catch(() => undefined)
  if (record === undefined) return
  const { pid, parent, parentCommand } = JSON.parse(record) as PidRecord
  const command = await processCommand(pid)
  // A pid that now belongs to somebody else's process is left alone.
  if (command?.includes('anvil') && command.includes(stateFile)) {
    if (parent !== process.pid && parentCommand !== undefined && (await processCommand(parent)) === parentCommand)
      throw new TanlianError(
        'E_NODE_IN_USE',
        `Process ${parent} runs the chain of ${stateFile}. Stop it, or use another data folder.`,
        {
          values: { pid: parent },
        },
      )
    await stopProcess(pid, STOP_LIMIT_MS)
  }
  await rm(pidFile(stateFile), { force: true })
}

interface PidRecord {
  readonly pid: number
  readonly parent: number
  /** The parent's command line: its pid alone may be somebody else's by now. */
  readonly parentCommand?: string | undefined
}

async function writePid(stateFile: string, pid: number): Promise<void> {
  const record: PidRecord = { pid, parent: process.pid, parentCommand: await processCommand(process.pid) }
  await writeFile(pidFile(stateFile), JSON.stringify(record))
}

/** Another chain on our port would answer in place of ours. */
async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer()
  const failure = await new Promise<Error | undefined>((resolve) => {
    probe.once('error', resolve)
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
  if (failure !== undefined)
    throw new TanlianError(
      'E_NODE_PORT',
      `Port ${port} of ${host} cannot be used for the chain: ${failure.message}. Choose another.`,
      {
        values: { port, host },
        cause: failure,
      },
    )
}

/**
 * Anvil truncates its state file and writes it anew, so a kill can leave half a file, which it then refuses: fall back to the last whole copy.
 * Returns the time of block 0.
 */
async function chooseState(stateFile: string): Promise<number> {
  for (const candidate of [stateFile, keptFile(stateFile), `${keptFile(stateFile)}.before`]) {
    const state = await readState(candidate)
    if (state === undefined) continue
    if (candidate !== stateFile) await copyWhole(candidate, stateFile)
    const first = state.blocks.find(({ header }) => Number(header.number) === 0)
    if (first !== undefined) return Number(first.header.timestamp)
  }
  // None is whole: it starts from nothing, and `checkDeployment` says so.
  await rm(stateFile, { force: true })
  return Math.floor(Date.now() / 1000)
}

/** The part of anvil's state that we look at. */
interface State {
  readonly blocks: readonly { readonly header: { readonly number: string; readonly timestamp: string } }[]
}

async function readState(file: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as State
  } catch {
    return undefined
  }
}

/** Keeps the last two whole copies of the state. A copy made while anvil was writing is noticed by size and time, and left for the next turn. */
async function copyState(stateFile: string): Promise<void> {
  const kept = keptFile(stateFile)
  try {
    const before = await stat(stateFile)
    await copyFile(stateFile, `${kept}.new`)
    const after = await stat(stateFile)
    if (before.mtimeMs !== after.mtimeMs || before.size !== after.size || !(await endsWhole(`${kept}.new`))) return
    await sync(`${kept}.new`)
    await rename(kept, `${kept}.before`).catch(() => undefined)
    await rename(`${kept}.new`, kept)
  } catch {
    // No state yet, or a full disk: the copy is a second line only, and the next turn tries again.
  }
}

async function endsWhole(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    if (size === 0) return false
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 0x7d
  } finally {
    await handle.close()
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`)
  await sync(`${to}.new`)
  await rename(`${to}.new`, to)
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function pidFile(stateFile: string): string {
  return `${stateFile}.pid`
}

function keptFile(stateFile: string): string {
  return `${stateFile}.kept`
}
