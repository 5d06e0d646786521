import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openClient } from '@tanlian/sdk'
import { below } from '@tanlian/sdk/node'
import { DEMO_WITNESSES } from '../demo/parties.ts'
import { keyPath } from '../keys.ts'

/** The witnesses of the demo, each a process of its own with its own folder (见证方). */
export interface LiveWitnesses {
  /** Resolves with the number of batches that each has audited once all are through; undefined where one ended before. */
  readonly ready: Promise<number | undefined>
  stop(): Promise<void>
}

/** A witness's box is small, as a gateway's: without limits Node lets garbage grow far beyond what is in use. */
const MEMORY = ['--max-semi-space-size=2', '--max-old-space-size=128']
/** Compiled code of an earlier start: a witness that finds its own there takes 20 MB less, because nothing has to strip types. */
const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url))
/** Findings are logged after this time, so that a batch that has just come is soon witnessed. */
const EVERY_S = 8
const STOP_LIMIT_MS = 10_000

/**
 * Starts `tanlian witness` for some of the demo's parties, with the keys that the demo made for them, over the chain's own node. What they
 * say goes to `witnesses.log` in the data folder.
 */
export async function startWitnesses(options: {
  readonly url: string
  readonly data: string
  readonly home: string
}): Promise<LiveWitnesses> {
  const { url, data, home } = options
  const { rpc, contracts, vkey } = await openClient({ base: url }).wellKnown()
  const log = createWriteStream(below(data, 'witnesses.log'), { flags: 'a', mode: 0o600 })
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const started = DEMO_WITNESSES.map((name) => {
    const flags = {
      data: below(data, `witness-${name}`),
      home,
      url,
      log: contracts.EvidenceLog,
      vkey,
      reader: keyPath(home, name, 'reader'),
      every: String(EVERY_S),
      ...(rpc === null ? {} : { rpc }),
    }
    const words = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...MEMORY, main, 'witness', name, '--jsonl', ...words],
      // Its own group, so that Ctrl-C reaches it through this process alone; it ends when the channel to us does, with our end in whatever form.
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          MALLOC_ARENA_MAX: '2',
          NODE_COMPILE_CACHE: COMPILED,
          ...process.env,
          TANLIAN_PASSPHRASE_FILE: below(home, 'passphrase'),
        },
      },
    )
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => log.write(`${name} ${line}\n`))
    return { child, through: throughOf(child) }
  })
  return {
    ready: Promise.all(started.map(({ through }) => through)).then((counts) =>
      counts.includes(undefined) ? undefined : Math.min(...(counts as number[])),
    ),
    stop: async () => {
      await Promise.all(started.map(({ child }) => stop(child)))
      log.end()
    },
  }
}

/** Resolves once a witness has audited all that there is and has logged it; undefined where it ended before. */
function throughOf(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { audited, waiting, findings } = JSON.parse(line) as {
        audited?: number
        waiting?: number
        findings?: number
      }
      if (audited !== undefined && audited > 0 && waiting === 0 && findings === 0) resolve(audited)
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await ended
  clearTimeout(timer)
}
