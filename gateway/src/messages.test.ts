import { fromHex } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import {
  contentsOf,
  createTestClock,
  createTestOutbox,
  createTestPlatform,
  message,
  meter,
  openTestCore,
} from '../test/plant.ts'

test('every message is found in the journal: the source of a reading, a first register stand that is none, a conflict, a refused one', async () => {
  const [clock, platform] = [createTestClock(), createTestPlatform()]
  const register = meter('a', 1)
  const points = register.points.map((point) => ({ ...point, value: 'register' as const, stamp: 'end' as const }))
  const core = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), {
    devices: [{ ...register, points }, meter('b', 2)],
  })
  await clock.pass(300_000)
  await core.intake.keep(message('a', 1, 1000, clock.now()))
  await core.intake.keep(message('b', 1, 5, clock.now()))
  await core.intake.keep(message('b', 1, 6, clock.now()))
  await core.intake.keep(message('a', 2, 1007, clock.now()))
  const stranger = { ...message('b', 3, 1, clock.now()), device: 'nobody' }
  await expect(core.intake.keep(stranger)).rejects.toMatchObject({ code: 'E_DEVICE_UNKNOWN' })
  await clock.pass(600_000)

  const inBatches = contentsOf(platform).readings.map(({ quantity, says }) => [quantity, says?.split(' ')[1]])
  expect(inBatches.sort()).toEqual([
    [5, '5'],
    [7, '1007'],
  ])
  const said = async (device?: string) =>
    (await core.messages({ from: 0, device })).items.map(({ kind, device, code, bytes }) => [
      kind,
      device,
      new TextDecoder().decode(fromHex(bytes)).split(' ')[1],
      code,
    ])
  expect(await said()).toEqual([
    ['frame', 'a', '1000', null],
    ['frame', 'b', '5', null],
    ['conflict', 'b', '6', null],
    ['frame', 'a', '1007', null],
    ['refused', 'nobody', '1', 'E_DEVICE_UNKNOWN'],
  ])
  expect(await said('a')).toHaveLength(2)
  await core.stop()
})

test('a long journal is read a portion at a time, each message once', async () => {
  const clock = createTestClock()
  const core = await openTestCore(createFaultDisk(), clock, createTestPlatform(), createTestOutbox())
  for (let number = 0; number < 250; number++) await core.intake.keep(message('a', number, number, clock.now()))
  const seen: number[] = []
  let portions = 0
  for (let from: number | null = 0; from !== null; portions++) {
    const { items, next } = await core.messages({ from, device: 'a' })
    seen.push(...items.map(({ position }) => position))
    from = next
  }
  expect([seen.length, new Set(seen).size, portions]).toEqual([250, 250, 3])
  await core.stop()
})
