import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../test/database.ts'
import { connectionOf, MIGRATIONS, migrate, openStore, readMigrations } from './store.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
}, 60_000)
afterAll(() => database.close(), 30_000)

async function asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(database.postgres.owner)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

test('R23 the runtime role reads and writes rows but owns nothing and changes no schema', async () => {
  const { db } = database
  await db
    .insertInto('chain_mark')
    .values({ number: 1, hash: new Uint8Array(32) })
    .execute()
  expect(await db.selectFrom('chain_mark').selectAll().execute()).toHaveLength(1)
  await db.deleteFrom('chain_mark').execute()
  await expect(sql`create table mine (n int)`.execute(db)).rejects.toThrow(/permission denied/)
  await expect(sql`drop table accepted`.execute(db)).rejects.toThrow(/must be owner/)
  await expect(sql`alter table accepted add column x int`.execute(db)).rejects.toThrow(/must be owner/)
  await expect(sql`update migration set sha256 = ''`.execute(db)).rejects.toThrow(/permission denied/)
  const owned = await sql<{
    n: number
  }>`select count(*) as n from pg_class where relowner = (select oid from pg_roles where rolname = current_user)`.execute(
    db,
  )
  expect(owned.rows[0]?.n).toBe(0)
})

test('every migration opens with a line on why', async () => {
  for (const { name, sql: text } of await readMigrations(MIGRATIONS)) expect(text, name).toMatch(/^-- .{30,}\n/)
})

test('F30 data of an older version opens, of a newer one is refused and left as it is', async () => {
  await asOwner(async (client) => {
    const known = await readMigrations(MIGRATIONS)
    expect(await migrate(client, known)).toEqual([])
    const next = { name: '9999_next.sql', sql: 'create table next_version (n int)' }
    expect(await migrate(client, [...known, next])).toEqual(['9999_next.sql'])
    await expect(migrate(client, known)).rejects.toMatchObject({ code: 'E_DATA_NEWER' })
    await expect(
      openStore({ ...database, owner: database.postgres.owner, instanceId: 'other', onError: () => {} }),
    ).rejects.toMatchObject({ code: 'E_DATA_NEWER' })
    await client.query("drop table next_version; delete from migration where name = '9999_next.sql'")
  })
})

test('a migration that was changed after it was applied is refused', async () => {
  await asOwner(async (client) => {
    const [first, ...rest] = await readMigrations(MIGRATIONS)
    const changed = { name: first?.name ?? '', sql: `${first?.sql} ` }
    await expect(migrate(client, [changed, ...rest])).rejects.toMatchObject({ code: 'E_MIGRATION_CHANGED' })
  })
})

test('a migration that fails leaves nothing behind', async () => {
  await asOwner(async (client) => {
    const known = await readMigrations(MIGRATIONS)
    const broken = { name: '9999_broken.sql', sql: 'create table half (n int); select nothing_like_this()' }
    await expect(migrate(client, [...known, broken])).rejects.toThrow()
    expect((await client.query("select to_regclass('half') as t")).rows[0]?.t).toBeNull()
    expect(await migrate(client, known)).toEqual([])
  })
})

test('R25 a server that does not sync is refused', async () => {
  await asOwner(async (client) => {
    await client.query('alter role tanlian_owner set synchronous_commit = off')
    try {
      await expect(
        openStore({ ...database, owner: database.postgres.owner, instanceId: 'unsafe', onError: () => {} }),
      ).rejects.toMatchObject({ code: 'E_DATABASE_UNSAFE' })
    } finally {
      await client.query('alter role tanlian_owner reset synchronous_commit')
    }
  })
})

test('numbers of 64 bits arrive whole or not at all', async () => {
  const { db } = database
  const exact = await sql<{ n: number }>`select 9007199254740991::bigint as n`.execute(db)
  expect(exact.rows[0]?.n).toBe(Number.MAX_SAFE_INTEGER)
  await expect(sql`select 9007199254740992::bigint as n`.execute(db)).rejects.toThrow(/beyond/)
})

test('a database URL is read, or refused with its form', () => {
  expect(connectionOf('postgres://me:a%40b@db.example:6000/carbon')).toEqual({
    host: 'db.example',
    port: 6000,
    user: 'me',
    password: 'a@b',
    database: 'carbon',
  })
  expect(() => connectionOf('mysql://x')).toThrow(expect.objectContaining({ code: 'E_DATABASE_URL' }))
})
