import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Schema } from '../../platform/src/schema.ts'
import type { Life } from './life.ts'

/** A database that outlives the processes that work on it, as the PostgreSQL server does. */
export interface Database {
  /** A process's connection: each statement is a call to the world outside, and what it leaves open is rolled back when it ends. */
  connect(life: Life): Kysely<Schema>
  /** A look from outside, for audits. */
  all(query: string, ...values: SQLInputValue[]): Record<string, unknown>[]
  /** All that is committed. */
  copy(): Database
  /** A statement that SQLite could not read: whoever asked may have swallowed that. */
  readonly misread: Error | undefined
}

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'platform', 'migrations')

/**
 * The platform's own tables and queries on SQLite in memory: its transactions are serial, so what it cannot show is what PostgreSQL's weaker
 * isolation allows; that the platform rests on no isolation but its compare-and-swap is shown by two instances at once (F16).
 */
export function createDatabase(from?: DatabaseSync): Database {
  const database = new DatabaseSync(':memory:')
  for (const name of ['0001_evidence.sql', '0002_chain.sql', '0111_documents.sql', '0125_witnesses.sql'])
    database.exec(inSqlite(readFileSync(join(MIGRATIONS, name), 'utf8')))
  if (from !== undefined) copyTables(from, database)
  // PostgreSQL has it, SQLite does not.
  database.function('split_part', (text, by, nth) => String(text).split(String(by))[Number(nth) - 1] ?? '')
  let misread: Error | undefined
  const prepare = rememberStatements(database, (error) => {
    misread ??= error
  })
  const turns = createTurns()
  return {
    connect: (life) =>
      new Kysely<Schema>({
        dialect: {
          createAdapter: () => new SqliteAdapter(),
          createQueryCompiler: () => new SqliteQueryCompiler(),
          createIntrospector: (db) => new SqliteIntrospector(db),
          createDriver: () => driverOf(database, prepare, turns, life),
        },
      }),
    all: (query, ...values) => prepare(query).all(...values),
    copy: () => createDatabase(database),
    get misread() {
      return misread
    },
  }
}

/** The little of the migrations that SQLite says differently. */
function inSqlite(migration: string): string {
  return migration
    .replaceAll('char_length', 'length')
    .replace(/ check \(id ~ [^)]*\)/, '')
    .replace('place bigint generated always as identity', 'place integer primary key autoincrement')
    .replace(/(create table (?:intent|document) \(\s+\w+ \w+) primary key/, '$1 unique')
    .replace(/^(\s+)(index|transaction) /gm, '$1"$2" ')
    .replaceAll('(transaction)', '("transaction")')
    .replaceAll('(index)', '("index")')
}

function copyTables(from: DatabaseSync, to: DatabaseSync): void {
  const names = from.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'").all()
  for (const { name } of names)
    for (const row of from.prepare(`select * from "${String(name)}"`).all()) {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      const list = columns.map((column) => `"${column}"`).join(', ')
      to.prepare(`insert into "${String(name)}" (${list}) values (${places})`).run(
        ...columns.map((one) => row[one] ?? null),
      )
    }
}

/** One connection at a time; whoever dies with it gives it back. */
interface Turns {
  take(life: Life): Promise<() => void>
}

function createTurns(): Turns {
  let busy = false
  const waiting: { readonly life: Life; readonly go: () => void }[] = []
  const free = () => {
    busy = false
    let next = waiting.shift()
    while (next !== undefined && !next.life.alive) next = waiting.shift()
    if (next === undefined) return
    busy = true
    next.go()
  }
  return {
    async take(life) {
      if (busy) await new Promise<void>((go) => waiting.push({ life, go }))
      busy = true
      let held = true
      return () => {
        if (held) free()
        held = false
      }
    },
  }
}

type Prepare = (query: string) => StatementSync

/** Most of a simulation's time with the database would go into preparing the same few statements. */
function rememberStatements(database: DatabaseSync, onMisread: (error: Error) => void): Prepare {
  const known = new Map<string, StatementSync>()
  return (query) => {
    try {
      const statement = known.get(query) ?? database.prepare(query)
      known.set(query, statement)
      return statement
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      onMisread(new Error(`SQLite does not read "${query}": ${cause.message}`, { cause }))
      throw error
    }
  }
}

function driverOf(database: DatabaseSync, prepare: Prepare, turns: Turns, life: Life): Driver {
  let open = false
  let giveBack = () => {}
  life.onEnd(() => {
    if (open) database.exec('rollback')
    open = false
    giveBack()
  })
  const connection: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery) => life.call(() => execute<R>(prepare, query)),
    streamQuery: () => {
      throw new Error('nothing is streamed')
    },
  }
  return {
    init: async () => {},
    async acquireConnection() {
      const release = await turns.take(life)
      if (life.alive) giveBack = release
      else release()
      return connection
    },
    beginTransaction: () =>
      life.call(() => {
        database.exec('begin')
        open = true
      }),
    commitTransaction: () =>
      life.call(() => {
        database.exec('commit')
        open = false
      }),
    rollbackTransaction: () =>
      life.call(() => {
        database.exec('rollback')
        open = false
      }),
    releaseConnection: async () => giveBack(),
    destroy: async () => {},
  }
}

function execute<R>(prepare: Prepare, { sql, parameters }: CompiledQuery): QueryResult<R> {
  // SQLite locks the whole database for a writer, so it has no word for locking a row.
  const statement = prepare(withLists(sql, parameters).replace(/ for update$/, ''))
  const values = parameters.flat().map(parameterOf)
  if (statement.columns().length > 0) return { rows: statement.all(...values).map((row) => row as R) }
  const { changes } = statement.run(...values)
  return { rows: [], numAffectedRows: BigInt(changes) }
}

/** PostgreSQL takes a list as one value, SQLite each of its values. */
function withLists(sql: string, parameters: readonly unknown[]): string {
  const lists = parameters.filter((value) => Array.isArray(value))
  return sql.replaceAll('= any(?)', () => `in (${Array.from(lists.shift() ?? [], () => '?').join(', ')})`)
}

function parameterOf(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint')
    return value
  if (value instanceof Uint8Array) return value
  throw new Error(`no column takes ${String(value)}`)
}
