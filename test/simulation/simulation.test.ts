import { expect, test, vi } from 'vitest'
import { simulate } from './simulate.ts'

vi.mock(import('../../evidence/src/typed-data.ts'), async (load) => {
  const { remember } = await import('./remember.ts')
  const real = await load()
  return { ...real, recoverHash: remember(real.recoverHash) }
})
vi.mock(import('../../evidence/src/ed25519.ts'), async (load) => {
  const { remember } = await import('./remember.ts')
  const real = await load()
  return { ...real, checkEd25519: remember(real.checkEd25519) }
})

/*
 * SEED=123 replays one seed, SEEDS=400 runs that many, FROM=1000 begins elsewhere. faults.ts says what is tried.
 */
const { SEED, SEEDS = '20', FROM = '1' } = process.env
const seeds = SEED === undefined ? Array.from({ length: Number(SEEDS) }, (_, at) => String(Number(FROM) + at)) : [SEED]

test.each(seeds)('S1 S2 S3 S6 S8 S10 S13 S29 S30 S31 L1: seed %s', { timeout: 60_000 }, async (seed) => {
  const report = await simulate(seed)
  if (SEED !== undefined) console.log(report)
  expect(report.acknowledged).toBeGreaterThan(0)
})
