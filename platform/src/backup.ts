import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { TanlianError } from '@tanlian/units'
import pg from 'pg'
import { openBlocks } from './blocks.ts'
import { machineDisk } from './disk.ts'
import { lockData } from './lock.ts'
import { type Connection, erasePostgres, runningPostgres, startPostgres } from './postgres.ts'
import { writeSynced } from './secret.ts'
import { connectionOf, MIGRATIONS, migrate, readMigrations } from './store.ts'

/** What a backup or restore did. */
export interface BackupReport {
  readonly folder: string
  readonly rows: number
  readonly blocks: number
  readonly bytes: number
  /** Where the key is; without it the backup cannot be opened. */
  readonly keyFile: string
}

interface Manifest {
  readonly format: 'tanlian/backup/1'
  readonly instance: string
  readonly created: string
  readonly migrations: readonly string[]
  readonly rows: number
  /** Path → size and SHA-256 of what lies in the folder. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
}

/** Where a database is, if not embedded. */
export interface BackupOptions {
  readonly databaseUrl?: string | undefined
  /** Default: the backup folder's name with `.key`, beside it. Made if it is not there. */
  readonly keyFile?: string | undefined
}

const FORMAT = 'tanlian/backup/1'
/** Rows that hold no evidence and are better made anew. */
const LEFT_OUT = new Set(['migration', 'session', 'challenge', 'idempotency'])
const SECRETS = ['checkpoint-key', 'receipt-key', 'chain-key', 'webhook-key', 'reader-key']
const ROWS = 500

/**
 * Copies everything into a new folder, while the platform runs or not. The database is read in one snapshot first and the blocks after it:
 * a block is synced before the row that names it, so the copy has every block of every row. All but the blocks, which anyone may
 * read, is encrypted (S33).
 * @throws TanlianError E_BACKUP
 */
export async function backUp(dataDir: string, to: string, options: BackupOptions = {}): Promise<BackupReport> {
  if (!existsSync(join(dataDir, 'instance'))) throw failure(`There is no data in ${dataDir}.`)
  if (await holdsFiles(to)) throw failure(`The folder ${to} is not empty. Name a new one.`)
  await mkdir(join(to, 'blocks'), { recursive: true, mode: 0o700 })
  const keyFile = options.keyFile ?? `${to}.key`
  const key = await readKey(keyFile, true)
  const instance = (await readFile(join(dataDir, 'instance'), 'utf8')).trim()
  const { rows, migrations } = await withDatabase(dataDir, instance, options, (owner) =>
    dumpDatabase(owner, join(to, 'database.enc'), key),
  )
  await copyBlocks(join(dataDir, 'blocks'), join(to, 'blocks'))
  await encryptJson(join(to, 'rest.enc'), key, await readRest(dataDir))
  const blocks = await checkCopy(join(to, 'blocks'), join(to, 'database.enc'), key)
  const files: Record<string, { bytes: number; sha256: string }> = {}
  for (const path of [
    'database.enc',
    'rest.enc',
    ...(await readdir(join(to, 'blocks'))).sort().map((name) => `blocks/${name}`),
  ])
    files[path] = await measure(join(to, path))
  const manifest: Manifest = { format: FORMAT, instance, created: new Date().toISOString(), migrations, rows, files }
  // The manifest comes last: a folder without one is no backup.
  await writeSynced(join(to, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return { folder: to, rows, blocks, bytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0), keyFile }
}

/**
 * Makes a data folder from a backup, on a machine that has none. Every file is held to its hash before anything is written. What was
 * acknowledged after the backup is not in it: the chain still names it, so its sequences are never given to anything else (F29), and
 * whoever sent it sends it again.
 * @throws TanlianError E_BACKUP
 */
export async function restore(dataDir: string, from: string, options: BackupOptions = {}): Promise<BackupReport> {
  const manifest = await readManifest(from)
  if (await holdsFiles(dataDir)) throw failure(`The folder ${dataDir} is not empty. A restore never writes over data.`)
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const found = await measure(join(from, path)).catch(() => undefined)
    if (found?.bytes !== bytes || found.sha256 !== sha256) throw failure(`${path} of the backup is missing or damaged.`)
  }
  const keyFile = options.keyFile ?? `${from}.key`
  const key = await readKey(keyFile, false)
  const rest = (await decryptJson(join(from, 'rest.enc'), key)) as Record<string, string>
  const known = await readMigrations(MIGRATIONS)
  const unknown = manifest.migrations.filter((name) => !known.some((one) => one.name === name))
  if (unknown.length > 0) throw failure(`The backup was made by a newer version (${unknown.join(', ')}).`)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  try {
    for (const [path, content] of Object.entries(rest)) {
      await mkdir(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 })
      await writeFile(join(dataDir, path), Buffer.from(content, 'base64'), { mode: 0o600 })
    }
    await mkdir(join(dataDir, 'blocks'), { mode: 0o700 })
    for (const path of Object.keys(manifest.files))
      if (path.startsWith('blocks/')) await copySynced(join(from, path), join(dataDir, path))
    const rows = await withDatabase(dataDir, manifest.instance, options, async (owner) => {
      const client = await connect(owner)
      try {
        await requireEmpty(client)
        await migrate(
          client,
          known.filter(({ name }) => manifest.migrations.includes(name)),
        )
        return await loadDatabase(client, join(from, 'database.enc'), key)
      } finally {
        await client.end()
      }
    })
    if (rows !== manifest.rows) throw failure(`${rows} of ${manifest.rows} rows came out of the backup.`)
    const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0)
    const blocks = await countBlocks(join(dataDir, 'blocks'))
    return { folder: dataDir, rows, blocks, bytes, keyFile }
  } catch (error) {
    await erasePostgres(dataDir).catch(() => {})
    await rm(dataDir, { recursive: true, force: true })
    if (error instanceof TanlianError) throw error
    throw failure(`The restore failed: ${String(error)}.`, error)
  }
}

/** Runs with the database of a data folder: the one that runs, or one started for the while. */
async function withDatabase<T>(
  dataDir: string,
  instanceId: string,
  { databaseUrl }: BackupOptions,
  work: (owner: Connection) => Promise<T>,
): Promise<T> {
  if (databaseUrl !== undefined) return work(connectionOf(databaseUrl))
  const running = await runningPostgres(dataDir)
  if (running !== undefined) return work(running)
  const lock = lockData(dataDir)
  try {
    const postgres = await startPostgres({
      dataDir,
      instanceId,
      onRestart: () => {},
      fatal: (reason) => process.emitWarning(reason),
    })
    try {
      return await work(postgres.owner)
    } finally {
      await postgres.stop()
    }
  } finally {
    lock.release()
  }
}

/** Writes all rows as lines of JSON, compressed and encrypted, as of one moment. */
async function dumpDatabase(owner: Connection, path: string, key: Uint8Array) {
  const client = await connect(owner)
  let rows = 0
  const migrations: string[] = []
  async function* lines(): AsyncGenerator<string> {
    const { rows: tables } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' order by tablename",
    )
    for (const { name } of tables) {
      if (LEFT_OUT.has(name)) continue
      const table = client.escapeIdentifier(name)
      await client.query(`declare dump no scroll cursor for select row_to_json(t)::text as line from ${table} t`)
      for (;;) {
        const part = await client.query<{ line: string }>(`fetch ${ROWS} from dump`)
        for (const { line } of part.rows) {
          rows++
          yield `${JSON.stringify(name)} ${line}\n`
        }
        if (part.rows.length < ROWS) break
      }
      await client.query('close dump')
    }
  }
  try {
    await client.query('begin isolation level repeatable read read only')
    const applied = await client.query<{ name: string }>('select name from migration order by name')
    migrations.push(...applied.rows.map(({ name }) => name))
    await encrypt(Readable.from(lines()), path, key)
    await client.query('commit')
  } finally {
    await client.end()
  }
  return { rows, migrations }
}

/** Reads the rows back, in one transaction with checks of references put off: the dump is in the order of names. */
async function loadDatabase(client: pg.Client, path: string, key: Uint8Array): Promise<number> {
  let rows = 0
  await client.query('begin')
  await client.query("set local session_replication_role = 'replica'")
  let table = ''
  let waiting: string[] = []
  const flush = async () => {
    if (waiting.length === 0) return
    const name = client.escapeIdentifier(table)
    await client.query(
      `insert into ${name} overriding system value select * from json_populate_recordset(null::${name}, $1::json)`,
      [`[${waiting.join(',')}]`],
    )
    rows += waiting.length
    waiting = []
  }
  for await (const line of await decryptLines(path, key)) {
    const space = line.indexOf(' ')
    const name = JSON.parse(line.slice(0, space)) as string
    if (name !== table || waiting.length >= ROWS) await flush()
    table = name
    waiting.push(line.slice(space + 1))
  }
  await flush()
  const { rows: identities } = await client.query<{ table_name: string; column_name: string }>(
    "select table_name, column_name from information_schema.columns where table_schema = 'public' and is_identity = 'YES'",
  )
  for (const { table_name, column_name } of identities) {
    const [name, column] = [client.escapeIdentifier(table_name), client.escapeIdentifier(column_name)]
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), greatest((select max(${column}) from ${name}), 1))`,
      [table_name, column_name],
    )
  }
  await client.query('commit')
  return rows
}

async function requireEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ n: string }>("select count(*) as n from pg_tables where schemaname = 'public'")
  if (Number(rows[0]?.n) > 0) throw failure('The database is not empty. A restore never writes over data.')
}

/** Segments only grow, and a torn end is cut when they are opened, so they can be copied under way. */
async function copyBlocks(from: string, to: string): Promise<void> {
  for (const name of (await readdir(from)).sort())
    if (/^\d{8}\.(?:seg|idx)$/.test(name)) await copySynced(join(from, name), join(to, name))
}

/** Opens the copy and holds it against the rows: every accepted statement's first block must be there. */
async function checkCopy(directory: string, dump: string, key: Uint8Array): Promise<number> {
  const blocks = await openBlocks({
    directory,
    disk: machineDisk,
    fatal: (reason) => {
      throw failure(reason)
    },
  })
  try {
    for await (const line of await decryptLines(dump, key)) {
      if (!line.startsWith('"accepted" ')) continue
      const { digest } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { digest: string }
      if (!(await blocks.has(Buffer.from(digest.slice(2), 'hex'))))
        throw failure(`Block ${digest.slice(2)} is not in the copy.`)
    }
    return blocks.count
  } finally {
    await blocks.close()
  }
}

async function countBlocks(directory: string): Promise<number> {
  const blocks = await openBlocks({ directory, disk: machineDisk, fatal: () => {} })
  await blocks.close()
  return blocks.count
}

/** Small files: identity, keys, deployment, the embedded chain's last whole state. Passwords of the database are made anew. */
async function readRest(dataDir: string): Promise<Record<string, string>> {
  const rest: Record<string, string> = {}
  const paths = ['instance', 'deployment.json', ...SECRETS.map((name) => `secrets/${name}`)]
  for (const path of paths) {
    const content = await readFile(join(dataDir, path)).catch(() => undefined)
    if (content !== undefined) rest[path] = content.toString('base64')
  }
  for (const name of ['state.json', 'state.json.kept', 'state.json.kept.before']) {
    const content = await readFile(join(dataDir, 'chain', name)).catch(() => undefined)
    if (content !== undefined) rest[`chain/${name}`] = content.toString('base64')
  }
  return rest
}

/** `nonce(12) ‖ ciphertext ‖ tag(16)` of the compressed content, AES-256-GCM. */
async function encrypt(content: Readable, path: string, key: Uint8Array): Promise<void> {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  await writeFile(path, nonce, { mode: 0o600 })
  await pipeline(content, createGzip({ level: 6 }), cipher, createWriteStream(path, { flags: 'a' }))
  const file = await open(path, 'a')
  try {
    await file.write(cipher.getAuthTag())
    await file.sync()
  } finally {
    await file.close()
  }
}

async function decrypted(path: string, key: Uint8Array): Promise<Readable> {
  const { size } = await stat(path)
  const file = await open(path, 'r')
  const [nonce, tag] = [Buffer.alloc(12), Buffer.alloc(16)]
  try {
    await file.read(nonce, 0, 12, 0)
    await file.read(tag, 0, 16, size - 16)
  } finally {
    await file.close()
  }
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAuthTag(tag)
  const gunzip = createGunzip()
  // Errors reach whoever reads the end of the pipe.
  pipeline(createReadStream(path, { start: 12, end: size - 17 }), decipher, gunzip).catch((error: Error) =>
    gunzip.destroy(error),
  )
  return gunzip
}

async function decryptLines(path: string, key: Uint8Array): Promise<AsyncIterable<string>> {
  const source = await decrypted(path, key)
  return (async function* () {
    try {
      let rest = ''
      source.setEncoding('utf8')
      for await (const part of source as AsyncIterable<string>) {
        const lines = (rest + part).split('\n')
        rest = lines.pop() ?? ''
        yield* lines
      }
    } catch (cause) {
      throw failure('The backup cannot be decrypted: the key is another one, or the file is damaged.', cause)
    }
  })()
}

async function encryptJson(path: string, key: Uint8Array, value: unknown): Promise<void> {
  await encrypt(Readable.from([`${JSON.stringify(value)}\n`]), path, key)
}

async function decryptJson(path: string, key: Uint8Array): Promise<unknown> {
  for await (const line of await decryptLines(path, key)) return JSON.parse(line)
  throw failure(`${path} is empty.`)
}

async function readKey(path: string, make: boolean): Promise<Uint8Array> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text !== undefined) {
    if (!/^[0-9a-f]{64}\n?$/.test(text)) throw failure(`${path} holds no backup key.`)
    return Buffer.from(text.trim(), 'hex')
  }
  if (!make) throw failure(`The key ${path} is not there. Name it.`)
  const key = randomBytes(32)
  await writeSynced(path, `${key.toString('hex')}\n`)
  return key
}

async function readManifest(from: string): Promise<Manifest> {
  const text = await readFile(join(from, 'manifest.json'), 'utf8').catch(() => undefined)
  if (text === undefined) throw failure(`There is no complete backup in ${from}.`)
  const manifest = JSON.parse(text) as Manifest
  if (manifest.format !== FORMAT)
    throw failure(`The backup is of format ${String(manifest.format)}, this version reads ${FORMAT}.`)
  return manifest
}

async function measure(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(part)
    bytes += part.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const file = await open(to, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function holdsFiles(path: string): Promise<boolean> {
  return (await readdir(path).catch(() => [])).length > 0
}

async function connect(connection: Connection): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

function failure(message: string, cause?: unknown): TanlianError {
  return new TanlianError('E_BACKUP', message, { cause })
}
