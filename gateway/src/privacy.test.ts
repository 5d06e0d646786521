import {
  auditBatch,
  emptyState,
  openBatch,
  openCar,
  openReader,
  readerPublicKey,
  readersBy,
  sealDraft,
} from '@tanlian/evidence'
import { expect, test, vi } from 'vitest'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import {
  createTestClock,
  createTestOutbox,
  createTestPlatform,
  KEY,
  LOG,
  message,
  openTestCore,
} from '../test/plant.ts'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const secret = new Uint8Array(32).fill(3)

test('S33 a window is sealed before it is numbered: what leaves the plant opens for its readers alone', async () => {
  const [disk, clock, platform, outbox] = [
    createFaultDisk(),
    createTestClock(),
    createTestPlatform(),
    createTestOutbox(),
  ]
  const readersOf = readersBy({
    rules: [{ prefix: new Uint8Array(0), mode: 'closed' }],
    ...{ own: [readerPublicKey(secret)], platform: [], grants: [] },
  })
  const core = await openTestCore(disk, clock, platform, outbox, {
    reach: async () => ({
      ...{ gate: platform, log: LOG, outbox, key: KEY, keyChanges: async () => [] },
      seal: (draft) => sealDraft(draft, 7, readersOf, random),
    }),
  })
  for (let minute = 0; minute < 10; minute++) {
    await clock.pass(60_000)
    await core.intake.keep(message('a', minute, 4321, clock.now()))
  }
  await clock.pass(600_000)
  // Sealing takes time of the machine, which the clock of the test does not know.
  await vi.waitFor(() => expect(platform.statements.length).toBeGreaterThan(1), 20_000)
  await core.stop()
  for (const { car: bytes, entry } of platform.statements) {
    const car = openCar(bytes)
    const state = { ...emptyState(entry.organization), sequence: entry.sequence - 1 }
    expect(auditBatch(state, car).ok).toBe(false)
    const opened = await openBatch(car, [openReader(secret)])
    expect([...opened.parts.values()].map(({ sort }) => sort)).toEqual(expect.arrayContaining(['chunk', 'frame']))
    expect(Buffer.from(bytes).includes('4321')).toBe(false)
    if (entry.sequence === 1) expect(auditBatch(state, car, opened)).toMatchObject({ ok: true, missing: [] })
  }
})
