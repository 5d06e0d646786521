import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A gateway as a process of its own. */
export interface GatewayProcess {
  readonly child: ChildProcess
  /** Origin of its local page. */
  readonly page: string
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const START_MS = 60_000

/** Starts it and waits until it is ready. @throws Error with its own words where it fails */
export async function startGatewayProcess(given: {
  readonly plant: string
  readonly data: string
  readonly home: string
  /** Of the keys; where it is left out, the environment says where it stands. */
  readonly passphrase?: string
}): Promise<GatewayProcess> {
  const { plant, data, home, passphrase } = given
  const child = spawn(process.execPath, [MAIN, '--plant', plant, '--data', data, '--home', home, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: passphrase === undefined ? process.env : { ...process.env, TANLIAN_PASSPHRASE: passphrase },
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4000)
  })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const page = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the gateway was not ready after ${START_MS} ms: ${said}`))
    }, START_MS)
    createInterface({ input: child.stdout }).on('line', (text) => {
      said = `${said}${text}\n`.slice(-4000)
      const line = JSON.parse(text) as { step: string; page?: string }
      if (line.step !== 'ready') return
      clearTimeout(limit)
      resolve(String(line.page))
    })
    ended.then(({ code, signal }) => {
      clearTimeout(limit)
      reject(new Error(`the gateway ended with ${code ?? signal}: ${said}`))
    })
  })
  return { child, page, ended }
}
