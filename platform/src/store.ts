import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TanlianError } from '@tanlian/units'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Connection } from './postgres.ts'
import type { Schema } from './schema.ts'
import { readOrMakeSecret } from './secret.ts'

/** The opened database. */
export interface Store {
  /** As the runtime role. */
  readonly db: Kysely<Schema>
  /** The runtime role's connection, for those who need one of their own (locks that last as long as a session). */
  readonly runtime: Connection
  close(): Promise<void>
}

/** What opening needs. */
export interface StoreOptions {
  readonly owner: Connection
  readonly dataDir: string
  /** Keys the runtime role's name: roles belong to the whole server, which several instances may share. */
  readonly instanceId: string
  readonly onError: (error: Error) => void
}

/** Where the numbered SQL files are. */
export const MIGRATIONS = join(import.meta.dirname, '..', 'migrations')

/** Queries that run longer are ended by the server. */
const STATEMENT_MS = 60_000
const CONNECT_MS = 10_000
const POOL_SIZE = 20

/**
 * Brings the schema up to date as the owner, asserts that the server syncs what it acknowledges (R25), and connects as a role that owns
 * nothing (R23).
 * @throws TanlianError E_DATA_NEWER, E_MIGRATION_CHANGED, E_DATABASE_UNSAFE, E_DATABASE_UNAVAILABLE.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { owner, dataDir, instanceId } = options
  const user = `tanlian_${instanceId}`
  const password = await readOrMakeSecret(join(dataDir, 'secrets', 'database'), () => randomBytes(24).toString('hex'))
  const client = new pg.Client({ ...owner, connectionTimeoutMillis: CONNECT_MS })
  client.on('error', options.onError)
  try {
    await client.connect()
  } catch (cause) {
    throw new TanlianError(
      'E_DATABASE_UNAVAILABLE',
      `The database at ${owner.host}:${owner.port} does not answer: ${String(cause)}.`,
      {
        cause,
      },
    )
  }
  try {
    await requireSync(client)
    await migrate(client, await readMigrations(MIGRATIONS))
    await makeRole(client, user, password)
  } catch (error) {
    throw rightsMissing(error) ? noRights(owner.user, error) : error
  } finally {
    await client.end()
  }
  const runtime: Connection = { ...owner, user, password }
  const pool = new pg.Pool({
    ...runtime,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    types: { getTypeParser: parserOf },
  })
  pool.on('error', options.onError)
  // A connection that is lost while it works tells its query; without a listener of its own the loss would also end the process.
  pool.on('connect', (connected) => connected.on('error', () => {}))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return { db, runtime, close: () => db.destroy() }
}

/** One numbered file of SQL. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

/** The migrations of a folder, in the order of their numbers. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name)).sort()
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })))
}

/**
 * Applies what was not applied yet, each in a transaction of its own with the note that it was. Forward only: a database that knows a
 * migration which we do not was written by a newer version, and is left as it is (F30).
 */
export async function migrate(client: pg.Client, migrations: readonly Migration[]): Promise<readonly string[]> {
  // Two instances that start at once on one database take turns.
  await client.query('select pg_advisory_lock(7461, 1)')
  try {
    await client.query(
      'create table if not exists migration (name text primary key, sha256 text not null, applied timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration')
    const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]))
    const known = new Set(migrations.map(({ name }) => name))
    const newer = [...applied.keys()].filter((name) => !known.has(name))
    if (newer.length > 0)
      throw new TanlianError(
        'E_DATA_NEWER',
        `The data has ${newer.join(', ')}, which this version does not know. Start the newer version.`,
        {
          values: { migrations: newer.join(', ') },
        },
      )
    const fresh: string[] = []
    for (const { name, sql } of migrations) {
      const sha256 = createHash('sha256').update(sql).digest('hex')
      const before = applied.get(name)
      if (before !== undefined && before !== sha256)
        throw new TanlianError(
          'E_MIGRATION_CHANGED',
          `${name} was changed after it had been applied. Restore it and add a new one.`,
          {
            values: { migration: name },
          },
        )
      if (before !== undefined) continue
      await client.query('begin')
      try {
        await client.query(sql)
        await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
      fresh.push(name)
    }
    return fresh
  } finally {
    await client.query('select pg_advisory_unlock(7461, 1)')
  }
}

/** Refuses a server that acknowledges before it is safe (R25): defaults are not trusted. */
async function requireSync(client: pg.Client): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [setting])
    const value = rows[0]?.value ?? 'unknown'
    if (value === 'off')
      throw new TanlianError(
        'E_DATABASE_UNSAFE',
        `The database runs with ${setting} = ${value}, so it may lose what it acknowledged. Set it to on.`,
        {
          values: { setting, value },
        },
      )
  }
}

/** The role of the running service: it may read and write rows, and nothing else (R23). */
async function makeRole(client: pg.Client, user: string, password: string): Promise<void> {
  const name = client.escapeIdentifier(user)
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [user])
  const verb = rows.length === 0 ? 'create' : 'alter'
  const traits = 'login nosuperuser nocreatedb nocreaterole nobypassrls'
  await client.query(`${verb} role ${name} with ${traits} password ${client.escapeLiteral(password)}`)
  await client.query(`alter role ${name} set synchronous_commit = on`)
  await client.query('revoke create on schema public from public')
  await client.query(`grant usage on schema public to ${name}`)
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${name}`)
  await client.query(`grant usage on all sequences in schema public to ${name}`)
  await client.query(`revoke insert, update, delete on migration from ${name}`)
}

/** PostgreSQL's "insufficient privilege". */
function rightsMissing(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '42501'
}

function noRights(user: string, cause: unknown): TanlianError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TanlianError(
    'E_DATABASE_RIGHTS',
    `The role ${user} of DATABASE_URL may not do what the start needs (${why}). Let it own the database and create roles: ALTER ROLE ${user} CREATEROLE.`,
    { values: { user, why }, cause },
  )
}

const INT8 = 20

/** Integers of 64 bits come as numbers: the format keeps them within 2^53 − 1, and more is refused loudly, never rounded. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid !== INT8 || format === 'binary') return pg.types.getTypeParser(oid, format as 'text')
  return (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw new Error(`The database holds ${text}, which is beyond 2^53 − 1.`)
    return value
  }
}

/** PostgreSQL's classes "connection exception", "operator intervention", "insufficient resources", and the socket's own codes. */
const AWAY_CODES = /^(?:08...|57P0.|53...|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/
/** What the driver says without a code when a connection ends under a query, or none can be had. */
const AWAY_MESSAGES =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed)/

/** True for an error that says: the database does not answer just now. Nothing is then known about what was under way. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return (typeof code === 'string' && AWAY_CODES.test(code)) || AWAY_MESSAGES.test(error.message)
}

/** Reads a PostgreSQL URL. @throws TanlianError E_DATABASE_URL */
export function connectionOf(url: string): Connection {
  try {
    const { protocol, hostname, port, username, password, pathname } = new URL(url)
    if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new Error('protocol')
    return {
      host: hostname === '' ? '127.0.0.1' : hostname,
      port: port === '' ? 5432 : Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : 'postgres',
    }
  } catch {
    throw new TanlianError(
      'E_DATABASE_URL',
      'DATABASE_URL is not of the form postgres://user:password@host:port/database.',
    )
  }
}
