#!/usr/bin/env node
import { readFile, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { TanlianError } from '@tanlian/units'
import { pino } from 'pino'
import { backUp, restore } from './backup.ts'
import { type Config, configure, type Founder } from './config.ts'
import { erasePostgres } from './postgres.ts'
import { rotateOwnKey } from './privacy/own-keys.ts'
import { titleOf } from './problem.ts'
import { type Platform, type Progress, startPlatform } from './start.ts'

/**
 * The platform as a process: PostgreSQL, chain and HTTP in one tree. `serve` (or nothing) starts it, `backup` and `restore` copy its data,
 * `rotate-reader-key` gives it a new key for what is sealed from its next start on.
 * With `--progress json` each part that comes up is one line of JSON on stdout, the last one `{"step":"ready",…}`; a start that fails ends
 * with `{"step":"failed","code",…}` and exit code 1. SIGTERM and SIGINT end it cleanly within 30 seconds.
 */
const OPTIONS = {
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'rpc-port': { type: 'string' },
  'public-rpc': { type: 'string' },
  registry: { type: 'string' },
  log: { type: 'string' },
  'contracts-block': { type: 'string' },
  confirmations: { type: 'string' },
  promise: { type: 'string' },
  /** Audits that a batch needs before a report may cite it, the platform's own among them. */
  witnesses: { type: 'string' },
  /** A JSON file `{"address","recovery","profile"}`: the first regulator. */
  founder: { type: 'string' },
  web: { type: 'string' },
  progress: { type: 'string' },
  'log-level': { type: 'string' },
  fresh: { type: 'boolean' },
  /** Sender of mails about alerts; the mail server is in TANLIAN_SMTP_URL, since it may hold a password. */
  'mail-from': { type: 'string' },
  /** Hosts that webhooks may go to, and networks that they may go to although not public, comma between them. */
  'webhook-hosts': { type: 'string' },
  'webhook-networks': { type: 'string' },
  /** Says of itself that it is a demo, so that the pages offer its roles. */
  demo: { type: 'boolean' },
  to: { type: 'string' },
  from: { type: 'string' },
  /** The file with the backup's key; else the folder's name with `.key`. */
  key: { type: 'string' },
} as const

const STOP_MS = 30_000

const { values: options, positionals } = readArguments()
const json = options.progress === 'json'

try {
  const config = await readConfig()
  const command = positionals[0] ?? 'serve'
  if (command === 'serve') await serve(config)
  else if (command === 'backup')
    say({ step: 'done', ...(await backUp(config.dataDir, required('to'), copyOptions(config))) })
  else if (command === 'restore')
    say({ step: 'done', ...(await restore(config.dataDir, required('from'), copyOptions(config))) })
  else if (command === 'rotate-reader-key') say({ step: 'done', readerKey: await rotateOwnKey(config.dataDir) })
  else throw usage(`There is no command ${command}; the commands are serve, backup, restore and rotate-reader-key.`)
} catch (error) {
  fail(error)
}

async function serve(config: Config): Promise<void> {
  if (options.fresh === true) {
    await erasePostgres(config.dataDir)
    await rm(config.dataDir, { recursive: true, force: true })
  }
  let platform: Platform | undefined
  let ending = false
  const end = (code: number) => {
    if (ending) return
    ending = true
    // Whatever hangs must not keep the process; what was acknowledged is safe.
    setTimeout(() => process.exit(code === 0 ? 1 : code), STOP_MS).unref()
    Promise.resolve(platform?.stop())
      .catch(() => {})
      .finally(() => process.exit(code))
  }
  const logger = pino({ level: options['log-level'] ?? 'warn' }, pino.destination({ fd: 2, sync: true }))
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // Before everything is up there is nothing to end in order: the start itself is given up.
      if (platform === undefined) starting = false
      else end(0)
    })
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error that nobody expected')
    end(1)
  })
  let starting = true
  const started = await startPlatform(config, {
    logger,
    progress: (progress) => say(progress),
    fatal: (reason) => {
      say({ step: 'failed', code: 'E_INTERNAL', message: reason })
      end(1)
    },
  })
  platform = started
  if (!starting) return end(0)
  const { instance, url } = started
  say({
    step: 'ready',
    url,
    rpc: instance.chain.publicRpc,
    instance: instance.id,
    data: config.dataDir,
    pid: process.pid,
  })
}

async function readConfig(): Promise<Config> {
  const { DATABASE_URL, RPC_URL, RPC_URL_2, TANLIAN_SMTP_URL, TRUST_PROXY } = process.env
  if (RPC_URL_2 && !RPC_URL) throw usage('RPC_URL_2 is the second node of the chain that RPC_URL names; name that too.')
  const founder = options.founder === undefined ? undefined : await readFounder(options.founder)
  const { registry, log } = options
  if ((registry === undefined) !== (log === undefined))
    throw usage('Name both contracts, --registry and --log, or none.')
  return configure({
    dataDir: resolve(options.data ?? process.env.TANLIAN_DATA ?? '.tanlian'),
    databaseUrl: DATABASE_URL === '' ? undefined : DATABASE_URL,
    rpcUrl: RPC_URL === '' ? undefined : RPC_URL,
    secondRpcUrl: RPC_URL_2 === '' ? undefined : RPC_URL_2,
    publicRpcUrl: options['public-rpc'],
    founder,
    demo: options.demo === true,
    smtpUrl: TANLIAN_SMTP_URL === '' ? undefined : TANLIAN_SMTP_URL,
    ...(options['mail-from'] === undefined ? {} : { mailFrom: options['mail-from'] }),
    webhooks: { hosts: listed(options['webhook-hosts']), networks: listed(options['webhook-networks']) },
    trustProxy: TRUST_PROXY === undefined || TRUST_PROXY === '' ? undefined : proxies(TRUST_PROXY),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(registry === undefined || log === undefined
      ? {}
      : { contracts: { OrganizationRegistry: address(registry), EvidenceLog: address(log) } }),
    ...number('port', 'port', 0, 65_535),
    ...number('rpc-port', 'rpcPort', 1, 65_535),
    ...number('contracts-block', 'contractsBlock', 0, Number.MAX_SAFE_INTEGER),
    ...number('confirmations', 'confirmations', 0, 10_000),
    ...number('promise', 'promiseSeconds', 1, 86_400),
    ...number('witnesses', 'witnesses', 1, 100),
    webDir: options.web === undefined ? undefined : resolve(options.web),
  })
}

async function readFounder(path: string): Promise<Founder> {
  let given: Partial<Founder>
  try {
    given = JSON.parse(await readFile(path, 'utf8')) as Partial<Founder>
  } catch (cause) {
    throw new TanlianError('E_USAGE', `The founder's file ${path} cannot be read as JSON.`, { cause })
  }
  const { profile } = given
  if (typeof profile !== 'string' || !/^0x[0-9a-f]{64}$/.test(profile))
    throw usage('The founder’s profile is not 0x and 64 hex digits.')
  return {
    address: address(given.address ?? ''),
    recovery: address(given.recovery ?? ''),
    profile: profile as `0x${string}`,
  }
}

function address(text: string): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw usage(`${text === '' ? 'A missing value' : text} is no address.`)
  return text.toLowerCase() as `0x${string}`
}

/** Addresses and networks, comma between them. */
function proxies(text: string): string {
  for (const part of text.split(',')) {
    const [ip = '', bits = '0', ...more] = part.trim().split('/')
    if (isIP(ip) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIP(ip) === 4 ? 32 : 128) || more.length > 0)
      throw usage(`TRUST_PROXY names the proxies’ addresses or networks, comma between them; ${part} is neither.`)
  }
  return text
}

function number<K extends string>(
  option: keyof typeof OPTIONS,
  name: K,
  least: number,
  greatest: number,
): Partial<Record<K, number>> {
  const text = options[option]
  if (text === undefined) return {}
  const value = Number(text)
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text) || value < least || value > greatest)
    throw usage(`--${option} is a number of ${least} to ${greatest}.`)
  return { [name]: value } as Record<K, number>
}

function listed(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').filter((one) => one !== '')
}

function required(option: 'to' | 'from'): string {
  const value = options[option]
  if (value === undefined) throw usage(`--${option} is missing: the backup's folder.`)
  return resolve(value)
}

function copyOptions({ databaseUrl }: Config) {
  return { databaseUrl, keyFile: options.key === undefined ? undefined : resolve(options.key) }
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  }
}

function usage(message: string): TanlianError {
  return new TanlianError('E_USAGE', message)
}

function say(line: Progress | { readonly step: string; readonly [more: string]: unknown }): void {
  if (json) process.stdout.write(`${JSON.stringify(line)}\n`)
  else if (line.step === 'ready') process.stdout.write(`${String((line as { url?: unknown }).url)}\n`)
  else if (line.step === 'done') process.stdout.write(`${JSON.stringify(line)}\n`)
  else process.stderr.write(`${line.step} ${JSON.stringify(line)}\n`)
}

function fail(error: unknown): never {
  const code = error instanceof TanlianError ? error.code : 'E_INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  const values = error instanceof TanlianError ? error.values : {}
  if (json)
    process.stdout.write(`${JSON.stringify({ step: 'failed', code, message, values, zh: titleOf(code, 'zh') })}\n`)
  process.stderr.write(`${code}: ${message}\n`)
  process.exit(code === 'E_USAGE' ? 2 : 1)
}
