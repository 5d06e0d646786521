import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { erasePostgres, type Postgres, startPostgres } from '../src/postgres.ts'
import { openStore, type Store } from '../src/store.ts'

/** A migrated database of its own for one test file. */
export interface TestDatabase extends Store {
  readonly postgres: Postgres
  readonly dataDir: string
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tanlian-test-'))
  const instanceId = dataDir
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')
  const postgres = await startPostgres({
    dataDir,
    instanceId,
    fatal: (reason) => {
      throw new Error(reason)
    },
    onRestart: () => {},
  })
  const store = await openStore({ owner: postgres.owner, dataDir, instanceId, onError: () => {} })
  return {
    ...store,
    postgres,
    dataDir,
    close: async () => {
      await store.close()
      await postgres.stop()
      await erasePostgres(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
