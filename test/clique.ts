import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { freePort } from './port.ts'

/*
 * The walk on a chain that is not ours to control: four geth signers (Clique) on loopback, one of them killed half way.
 *   node test/clique.ts PATH-TO-GETH      geth 1.13.15, the last one that signs Clique blocks
 * Ends with the walk's exit code. Nothing is left behind but the network's logs, whose folder is named where the walk fails.
 */

const SIGNERS = 4
const PERIOD_S = 2
const CHAIN_ID = 20_260
const START_MS = 60_000

const geth = process.argv[2]
if (geth === undefined) {
  console.error('usage: node test/clique.ts PATH-TO-GETH')
  process.exit(2)
}
const folder = await mkdtemp(join(tmpdir(), 'tanlian-clique-'))
const funder = generatePrivateKey()
const signers: Signer[] = []
const endSigners = () => {
  for (const { child } of signers) child.kill('SIGKILL')
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endSigners()
    process.exit(1)
  })
let code = 1
try {
  await writeFile(join(folder, 'passphrase'), 'for this test only\n')
  const accounts = await Promise.all(Array.from({ length: SIGNERS }, (_, at) => newAccount(at)))
  await writeFile(join(folder, 'genesis.json'), genesisOf(accounts))
  for (const [at, account] of accounts.entries()) signers.push(await startSigner(geth, at, account))
  await mesh()
  code = await walk()
} finally {
  endSigners()
  if (code === 0) await rm(folder, { recursive: true, force: true })
  else console.error(`The signers' logs are in ${folder}.`)
}
process.exit(code)

interface Signer {
  readonly url: string
  readonly peerPort: number
  readonly child: ChildProcess
}

async function newAccount(at: number): Promise<string> {
  const data = join(folder, `signer-${at}`)
  await mkdir(data)
  run('--datadir', data, 'account', 'new', '--password', join(folder, 'passphrase'), '--lightkdf')
  const [file = ''] = await readdir(join(data, 'keystore'))
  return file.replace(/^.*--/, '')
}

/** Who signs stands in the first block, sorted; the walk's money does too. */
function genesisOf(accounts: readonly string[]): string {
  const balance = `0x${(10n ** 24n).toString(16)}`
  const forks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul']
  const blocks = Object.fromEntries([...forks, 'berlin', 'london'].map((fork) => [`${fork}Block`, 0]))
  return JSON.stringify({
    config: { chainId: CHAIN_ID, ...blocks, clique: { period: PERIOD_S, epoch: 30_000 } },
    difficulty: '1',
    gasLimit: '60000000',
    extradata: `0x${'00'.repeat(32)}${[...accounts].sort().join('')}${'00'.repeat(65)}`,
    alloc: { [privateKeyToAddress(funder).slice(2)]: { balance } },
  })
}

async function startSigner(program: string, at: number, account: string): Promise<Signer> {
  const data = join(folder, `signer-${at}`)
  run('--datadir', data, 'init', '--state.scheme=hash', join(folder, 'genesis.json'))
  const [port, peerPort, authPort] = [await freePort(), await freePort(), await freePort()]
  const flags = {
    datadir: data,
    networkid: CHAIN_ID,
    syncmode: 'full',
    gcmode: 'archive',
    port: peerPort,
    nat: 'none',
    netrestrict: '127.0.0.0/8',
    'http.addr': '127.0.0.1',
    'http.port': port,
    'http.api': 'eth,net,admin,debug',
    'authrpc.port': authPort,
    'miner.etherbase': `0x${account}`,
    unlock: `0x${account}`,
    password: join(folder, 'passphrase'),
    'miner.gasprice': 0,
    'txpool.pricelimit': 1,
    cache: 128,
  }
  const child = spawn(
    program,
    [
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      ...['--http', '--mine', '--nodiscover', '--ipcdisable', '--allow-insecure-unlock'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  child.stderr.pipe(createWriteStream(join(folder, `signer-${at}.log`)))
  return { url: `http://127.0.0.1:${port}`, peerPort, child }
}

/** Each is told of the others, since none looks for any; then blocks have to come. */
async function mesh(): Promise<void> {
  const until = Date.now() + START_MS
  const enodes = await Promise.all(
    signers.map(async ({ url, peerPort }) => {
      const { enode } = (await ask(url, 'admin_nodeInfo', [], until)) as { enode: string }
      return enode.replace(/@.*$/, `@127.0.0.1:${peerPort}`)
    }),
  )
  for (const [at, { url }] of signers.entries())
    for (const [other, enode] of enodes.entries()) if (other !== at) await ask(url, 'admin_addPeer', [enode], until)
  for (const { url } of signers)
    while (Number(await ask(url, 'eth_blockNumber', [], until)) < SIGNERS) {
      if (Date.now() > until) throw new Error('the signers make no blocks')
      await pause(500)
    }
}

/** Asks until it answers, since a node that starts does not. */
async function ask(url: string, method: string, params: readonly unknown[], until: number): Promise<unknown> {
  for (;;) {
    try {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } }
      if (error !== undefined) throw new Error(`${method}: ${error.message}`)
      return result
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(250)
    }
  }
}

function walk(): Promise<number> {
  const [first, last] = [signers[0], signers.at(-1)] as [Signer, Signer]
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', join(import.meta.dirname, 'walk.test.ts')], {
    stdio: 'inherit',
    env: { ...process.env, RPC_URL: first.url, RPC_FUNDER: funder, RPC_SIGNER_PID: String(last.child.pid) },
  })
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)))
}

function run(...args: readonly string[]): void {
  execFileSync(geth as string, args, { stdio: 'ignore', timeout: START_MS })
}
