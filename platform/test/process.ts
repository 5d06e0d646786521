import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { founderOf, newParty } from './party.ts'

/** The platform as a process of its own, as a person starts it. */
export interface PlatformProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly rpc: string
  readonly lines: readonly Record<string, unknown>[]
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const START_MS = 60_000

/** Starts it and waits until it is ready. @throws Error with its own words where it fails. */
export async function startProcess(given: {
  dataDir: string
  port: number
  rpcPort: number
}): Promise<PlatformProcess> {
  const founder = `${given.dataDir}.founder.json`
  await writeFile(founder, JSON.stringify(founderOf(newParty('regulator', '示范监管局'))))
  const args = ['--data', given.dataDir, '--port', String(given.port), '--rpc-port', String(given.rpcPort)]
  const child = spawn(process.execPath, [MAIN, 'serve', ...args, '--founder', founder, '--progress', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  let said = ''
  child.stderr?.on('data', (data) => {
    said = (said + String(data)).slice(-4000)
  })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`not ready after ${START_MS} ms: ${JSON.stringify(lines)} ${said}`))
    }, START_MS)
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>
      lines.push(line)
      if (line.step === 'ready') {
        clearTimeout(limit)
        resolve(line)
      }
    })
    ended.then(({ code, signal }) => {
      clearTimeout(limit)
      reject(new Error(`ended with ${code ?? signal}: ${JSON.stringify(lines.at(-1))} ${said}`))
    })
  })
  const { url, rpc } = await ready
  return { child, url: String(url), rpc: String(rpc), lines, ended }
}
