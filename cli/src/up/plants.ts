import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { toHex } from '@tanlian/evidence'
import { below } from '@tanlian/sdk/node'
import { connectTo } from '../connect.ts'
import type { Keyring } from '../demo/keyring.ts'
import { DEMO_PARTIES } from '../demo/parties.ts'
import { rulesOf } from '../demo/privacy.ts'
import { registered } from '../demo/register.ts'

/** The plants of the demo, each with a gateway of its own, as one process tree (工厂与网关). */
export interface LivePlants {
  /** Resolves with the number of plants once all are at work; undefined where they ended instead. */
  readonly ready: Promise<number | undefined>
  stop(): Promise<void>
}

/** Longest wait for them to end by themselves. */
const STOP_LIMIT_MS = 20_000

/**
 * Starts the simulated plants of the demo's enterprises: devices over real sockets, gateways that sign with the enterprises' keys. Their
 * log goes to `plants.log` in the data folder.
 */
export async function startPlants(options: {
  readonly url: string
  readonly data: string
  readonly home: string
  readonly keyring: Keyring
}): Promise<LivePlants> {
  const { url, data, home, keyring } = options
  const connection = await connectTo(url, undefined)
  const flags = ['--platform', url, '--data', below(data, 'gateways'), '--home', home]
  for (const party of DEMO_PARTIES) {
    const { name, plant } = party
    const id = plant === undefined ? undefined : await registered(connection, keyring, name)
    const privacy = rulesOf(party).map(({ prefix, mode }) => `${prefix.length === 0 ? 'all' : toHex(prefix)}=${mode}`)
    if (id !== undefined) flags.push('--plant', [plant, name, id, privacy.join()].join(':'))
  }
  const main = fileURLToPath(new URL('../../../gateway/simulator/live.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...flags], {
    // Its own group, so that Ctrl-C reaches it through this process alone; it ends when its input does, with our end in whatever form.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TANLIAN_PASSPHRASE_FILE: below(home, 'passphrase') },
  })
  const log = createWriteStream(below(data, 'plants.log'), { flags: 'a', mode: 0o600 })
  child.stderr.pipe(log)
  const ended = new Promise<undefined>((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
  })
  const ready = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      log.write(`${text}\n`)
      const { step, plants } = JSON.parse(text) as { step: string; plants?: number }
      if (step === 'ready') resolve(plants ?? 0)
    })
  })
  return {
    ready: Promise.race([ready, ended]),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
