import { randomFillSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { lockFile, makeFolder, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { machineDisk } from './disk.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { readModels } from './model.ts'
import { openPage } from './page.ts'
import { createPageApi } from './page-api.ts'
import { readPlant } from './plant.ts'
import { PROTOCOLS } from './protocols/index.ts'
import type { Clock } from './protocols/protocol.ts'
import { createReach, type Reach, unlockPlantKey } from './reach.ts'

/**
 * A gateway at work. Its progress is a line of JSON each on stdout, the last one `{"step":"ready",…}`; a start that fails ends with
 * `{"step":"failed","code",…}` and exit code 1. SIGTERM and SIGINT end it cleanly.
 */
const OPTIONS = {
  plant: { type: 'string' },
  data: { type: 'string' },
  /** Port of the page on this machine. */
  port: { type: 'string', default: '8790' },
  /** Folder of the built web app. */
  web: { type: 'string' },
  /** More device models. */
  devices: { type: 'string' },
  /** Folder of keys, as the command line has it. */
  home: { type: 'string' },
} as const

const STOP_MS = 20_000

const clock: Clock = {
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

try {
  await serve(readOptions())
} catch (error) {
  fail(error)
}

async function serve(options: Options): Promise<void> {
  const { plant: path, data } = options
  await makeFolder(data)
  const unlock = await lockFile(join(data, 'lock'))
  const models = await readModels(fileURLToPath(new URL('../devices/', import.meta.url)))
  for (const [name, model] of options.devices === undefined ? [] : await readModels(options.devices))
    models.set(name, model)
  let text = await readFile(path, 'utf8')
  let reach: Reach
  const start = async (): Promise<Gateway> => {
    const plant = readPlant(text, models, dirname(path))
    reach = createReach(plant, data, await unlockPlantKey(plant, options.home, await passphrase()))
    return startGateway({
      plant,
      protocols: PROTOCOLS,
      disk: machineDisk,
      directory: data,
      clock,
      random,
      chance: Math.random,
      reach: reach.reach,
      // Nothing is acknowledged any more; whoever restarts the process finds what was synced (safety R25, S36).
      onStopped: fail,
    })
  }
  const stop = async () => {
    await gateway.stop()
    await reach.close()
  }
  let gateway = await start()
  const file = {
    get gateway() {
      return gateway
    },
    models,
    folder: dirname(path),
    text: () => text,
    async replace(changed: string) {
      await stop()
      await writeDurably(path, changed)
      text = changed
      gateway = await start()
    },
  }
  const page = await openPage(options.port, createPageApi(file, clock.now), options.web)
  for (const [name, channel] of gateway.channels)
    say({ step: 'listening', protocol: name, address: channel.address ?? null })
  say({ step: 'ready', page: page.address })
  gateway.core.check().catch(fail)

  let ending = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (ending) return
      ending = true
      // Whatever hangs must not keep the process: what was acknowledged is on disk.
      setTimeout(() => process.exit(1), STOP_MS).unref()
      page
        .close()
        .then(stop)
        .then(unlock)
        .then(() => process.exit(0), fail)
    })
}

interface Options {
  readonly plant: string
  readonly data: string
  readonly port: number
  readonly web: string | undefined
  readonly devices: string | undefined
  readonly home: string
}

function readOptions(): Options {
  let values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']
  try {
    values = parseArgs({ options: OPTIONS }).values
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause))
  }
  const { plant, data, web, devices } = values
  if (plant === undefined || data === undefined) throw usage('--plant FILE and --data FOLDER are needed.')
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw usage(`${values.port} is no port.`)
  return {
    plant: resolve(plant),
    data: resolve(data),
    port,
    web: web === undefined ? undefined : resolve(web),
    devices: devices === undefined ? undefined : resolve(devices),
    home: resolve(values.home ?? process.env.TANLIAN_HOME ?? join(homedir(), '.config', 'tanlian')),
  }
}

/** Never an argument, where every process could read it. */
async function passphrase(): Promise<string | undefined> {
  const { TANLIAN_PASSPHRASE, TANLIAN_PASSPHRASE_FILE } = process.env
  if (TANLIAN_PASSPHRASE !== undefined || TANLIAN_PASSPHRASE_FILE === undefined) return TANLIAN_PASSPHRASE
  return (await readFile(TANLIAN_PASSPHRASE_FILE, 'utf8')).split('\n')[0]?.trimEnd()
}

/** Secure random bytes out of a pool: a salt for each message would be a call into the system each. */
function random(length: number): Uint8Array {
  if (spent + length > pool.length) {
    randomFillSync(pool)
    spent = 0
  }
  spent += length
  return pool.slice(spent - length, spent)
}
const pool = new Uint8Array(4096)
let spent = pool.length

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function usage(message: string): TanlianError {
  return new TanlianError('E_GATEWAY_USAGE', message)
}

function fail(error: unknown): never {
  const { code, message } = error instanceof TanlianError ? error : { code: 'E_GATEWAY_FAILED', message: String(error) }
  say({ step: 'failed', code, message })
  process.exit(1)
}
