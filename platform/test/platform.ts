import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Config, configure, type Platform, startPlatform } from '../src/index.ts'
import { erasePostgres, freePort } from '../src/postgres.ts'
import { founderOf, newParty, type TestParty } from './party.ts'

/** A whole platform on an embedded database and chain, with a first regulator; a test file shares it. */
export interface TestPlatform extends Platform {
  readonly config: Config
  readonly regulator: TestParty
  /** Ends it, and deletes its data. */
  close(): Promise<void>
}

/** Starts one in a folder of its own, on free ports. */
export async function startTestPlatform(
  given: Partial<Parameters<typeof configure>[0]> = {},
  logger = pino({ level: 'silent' }),
): Promise<TestPlatform> {
  const regulator = { ...newParty('regulator', '示范监管局'), id: 1 }
  const config = configure({
    port: await freePort(),
    rpcPort: await freePort(),
    founder: founderOf(regulator),
    ...given,
    dataDir: given.dataDir ?? (await mkdtemp(join(tmpdir(), 'tanlian-test-'))),
    limits: { reserveBytes: 0, ...given.limits },
  })
  const platform = await startPlatform(config, {
    logger,
    fatal: (reason, cause) => {
      throw new Error(`fatal: ${reason} ${String(cause)}`)
    },
  })
  return {
    ...platform,
    config,
    regulator,
    close: async () => {
      await platform.stop()
      await erasePostgres(config.dataDir)
      await rm(config.dataDir, { recursive: true, force: true })
    },
  }
}
