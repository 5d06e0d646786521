import { auditBatch, decodeHeader, decodeStreams, emptyState, openCar } from '@tanlian/evidence'
import { describe, expect, test } from 'vitest'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import {
  contentsOf,
  createTestClock,
  createTestOutbox,
  createTestPlatform,
  message,
  meter,
  openTestCore,
  rest,
  START_MS,
} from '../test/plant.ts'

function world() {
  return {
    disk: createFaultDisk(),
    clock: createTestClock(),
    platform: createTestPlatform(),
    outbox: createTestOutbox(),
  }
}

describe('from messages to batches', () => {
  test('S1 every message becomes a reading in one batch, in windows of their time', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    for (let minute = 0; minute < 30; minute++) {
      await clock.pass(60_000)
      for (const id of ['a', 'b']) await core.intake.keep(message(id, minute, 100 + minute, clock.now()))
    }
    await clock.pass(600_000)
    const { readings, frames } = contentsOf(platform)
    expect(readings.length).toBe(60)
    expect(readings.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(2 * (30 * 100 + 435))
    expect(frames.size).toBe(60)
    expect([...frames.values()].every((batches) => batches.length === 1)).toBe(true)
    expect(platform.statements.length).toBeGreaterThan(4)
    expect(core.state).toMatchObject({ lag: 0, open: 0, uplink: { waiting: 0, problem: undefined } })
    await core.stop()
  })

  test('a month ends its window at midnight of the plant’s zone', async () => {
    const { disk, platform, outbox } = world()
    const clock = createTestClock(Date.UTC(2026, 10, 30, 15, 59, 30))
    const late = { window: { seconds: 86_400, readings: 1000 } }
    const core = await openTestCore(disk, clock, platform, outbox, late)
    const minutes = (clock.now() - START_MS) / 60_000
    await core.intake.keep(message('a', Math.floor(minutes) - 1, 5, clock.now()))
    await clock.pass(29_000)
    expect(platform.statements.length).toBe(0)
    await clock.pass(11_000)
    expect(platform.statements.length).toBe(1)
    await core.stop()
  })

  test('a window closes at its number of readings', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox, { window: { seconds: 86_400, readings: 4 } })
    for (let minute = 0; minute < 13; minute++) {
      await clock.pass(60_000)
      await core.intake.keep(message('a', minute, 1, clock.now()))
    }
    await clock.pass(60_000)
    expect(contentsOf(platform).readings.map(({ batch }) => batch)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    expect(core.state.open).toBe(1)
    await core.stop()
  })

  test('late data goes into the next batch', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    for (const minute of [0, 1, 3]) await core.intake.keep(message('a', minute, minute, clock.now()))
    await clock.pass(400_000)
    expect(platform.statements.length).toBe(1)
    await core.intake.keep(message('a', 2, 2, clock.now()))
    await clock.pass(400_000)
    const { readings } = contentsOf(platform)
    expect(readings.map(({ quantity, batch }) => [quantity, batch])).toEqual([
      [0, 1],
      [1, 1],
      [3, 1],
      [2, 2],
    ])
    await core.stop()
  })

  test('F14 a clock that is set back does not keep a window open', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep(message('a', 0, 1, clock.now() + 10 * 365 * 86_400_000))
    await core.intake.keep(message('a', 1, 1, clock.now()))
    await clock.pass(400_000)
    expect(contentsOf(platform).readings.length).toBe(2)
    await core.stop()
  })

  test('a message that does not read is put aside and the rest goes on', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep({ ...message('a', 0, 1, clock.now()), bytes: new TextEncoder().encode('rubbish') })
    await core.intake.keep(message('a', 1, 1, clock.now()))
    await clock.pass(400_000)
    expect(core.state.aside).toBe(1)
    expect(contentsOf(platform).readings.length).toBe(1)
    await core.stop()
  })

  test('a stream that is something else than it was is refused at start', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep(message('a', 0, 1, clock.now()))
    await clock.pass(400_000)
    await core.stop()
    const devices = [{ ...meter('a', 1), model: 'another' }, meter('b', 2)]
    await expect(openTestCore(disk, clock, platform, outbox, { devices })).rejects.toMatchObject({ code: 'E_PLANT' })
    const more = [meter('a', 1), { ...meter('b', 2), model: 'another' }]
    await (await openTestCore(disk, clock, platform, outbox, { devices: more })).stop()
    const [first] = platform.statements
    const car = openCar(first?.car ?? new Uint8Array())
    const { streams } = decodeStreams(car.require(decodeHeader(car.header.bytes).streams))
    expect(streams).toMatchObject([
      { stream: 1, type: 0x020100, device: 'a', interval: 60, name: 'energy', unit: 'Wh' },
    ])
  })
})

describe('the uplink', () => {
  test('weeks without a platform: windows wait as drafts, and are numbered when it is back', {
    timeout: 30_000,
  }, async () => {
    const { disk, clock, platform, outbox } = world()
    platform.away = true
    const daily = { window: { seconds: 86_400, readings: 1000 }, tickMs: 3_600_000 }
    const core = await openTestCore(disk, clock, platform, outbox, daily)
    for (let day = 0; day < 21; day++) {
      await core.intake.keep(message('a', day * 1440, day, clock.now()))
      await clock.pass(86_400_000)
    }
    expect(core.state.uplink).toMatchObject({ sent: 0, problem: { code: 'E_CLIENT_NETWORK' } })
    expect(core.state.uplink.waiting).toBeGreaterThan(18)
    await core.stop()
    const again = await openTestCore(disk, clock, platform, outbox, daily)
    platform.away = false
    await clock.pass(90_000_000)
    expect(again.state.uplink.waiting).toBe(0)
    const { readings } = contentsOf(platform)
    expect(readings.map(({ quantity }) => quantity)).toEqual(Array.from({ length: 21 }, (_, at) => at))
    expect(again.state.draftBytes).toBeLessThan(5000)
    await again.stop()
  })

  test('waits grow to five minutes', async () => {
    const { disk, clock, platform, outbox } = world()
    platform.away = true
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep(message('a', 0, 1, clock.now()))
    await clock.pass(3_600_000)
    const waits: number[] = []
    for (let second = 0; second < 1200; second++) {
      const { nextTryMs = 0 } = core.state.uplink
      if (waits.at(-1) !== nextTryMs) waits.push(nextTryMs)
      await clock.pass(1000)
    }
    expect(waits.slice(1).map((ms, at) => ms - (waits[at] as number))).toEqual([300_000, 300_000, 300_000, 300_000])
    await core.stop()
  })

  test('R28 S31 an answer that is lost makes no second batch, not across a restart either', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep(message('a', 0, 1, clock.now()))
    platform.deaf = true
    await clock.pass(300_900)
    expect(platform.statements.length).toBe(1)
    expect(core.state.uplink.waiting).toBe(1)
    await core.stop()
    const again = await openTestCore(disk, clock, platform, outbox)
    await clock.pass(1000)
    expect([platform.statements.length, again.state.uplink.waiting]).toEqual([1, 0])
    await again.stop()
  })

  test('R27 two gateways of one organization share one sequence', async () => {
    const { disk, clock, platform, outbox } = world()
    const one = await openTestCore(disk, clock, platform, outbox, { devices: [meter('a', 1)] })
    const two = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), { devices: [meter('b', 2)] })
    for (let minute = 0; minute < 40; minute++) {
      await one.intake.keep(message('a', minute, 1, clock.now()))
      await two.intake.keep(message('b', minute, 1, clock.now()))
      await clock.pass(60_000)
    }
    await clock.pass(600_000)
    const { readings } = contentsOf(platform)
    expect(readings.length).toBe(80)
    const headers = platform.statements.map(({ car }) => decodeHeader(openCar(car).header.bytes))
    expect(headers.map(({ sequence }) => sequence)).toEqual(headers.map((_, at) => at + 1))
    await one.stop()
    await two.stop()
  })

  test('F9 a draft that was altered is never signed', async () => {
    const { disk, clock, platform, outbox } = world()
    platform.away = true
    const core = await openTestCore(disk, clock, platform, outbox)
    await core.intake.keep(message('a', 0, 1, clock.now()))
    await clock.pass(400_000)
    const path = disk.paths().find((name) => name.endsWith('.draft')) ?? ''
    disk.flip(path, disk.sizeOf(path) >> 1)
    platform.away = false
    await clock.pass(700_000)
    expect(core.state.uplink).toMatchObject({ waiting: 1, problem: { code: 'E_JOURNAL_DAMAGED' } })
    expect(platform.statements.length).toBe(0)
    await core.stop()
  })
})

describe('a crash', () => {
  test('S1 S2 S3 F1 at any operation of the disk: the same readings, each in one batch', async () => {
    const run = async (failAt: number | undefined, part: number) => {
      const { disk, clock, platform, outbox } = world()
      const open = () => openTestCore(disk, clock, platform, outbox, { segmentBytes: 3000, tickMs: 30_000 })
      let core = await open()
      let crashes = 0
      const restart = async () => {
        crashes++
        await core.stop().catch(() => {})
        disk.crash(part)
        core = await open()
      }
      const pass = async (ms: number) => {
        await clock.pass(ms)
        if (core.state.journal.stopped || core.state.problem !== undefined) await restart()
      }
      if (failAt !== undefined) disk.fail('', new Error('the plug is pulled'), failAt)
      for (let minute = 0; minute < 14; minute++) {
        const send = () => core.intake.keep(message('a', minute, minute, clock.now()))
        await send().catch(() => restart().then(send))
        await pass(60_000)
      }
      for (let i = 0; i < 3; i++) await pass(400_000)
      await core.stop().catch(() => {})
      return { ...contentsOf(platform), operations: disk.trace.length, crashes }
    }
    const whole = await run(undefined, 0)
    expect(whole.readings.length).toBe(14)
    let crashes = 0
    for (let step = 0; step < whole.operations; step++) {
      const { readings, frames, ...seen } = await run(step, (step % 3) / 2)
      crashes += seen.crashes
      expect(readings.map(({ start, quantity }) => [start, quantity]).sort(), `step ${step}`).toEqual(
        whole.readings.map(({ start, quantity }) => [start, quantity]).sort(),
      )
      expect([...frames.values()].every((batches) => batches.length === 1)).toBe(true)
    }
    expect(crashes).toBeGreaterThan(20)
    await rest()
  }, 60_000)
})

describe('a correction', () => {
  const minute = (number: number) => Math.floor(START_MS / 1000) + 60 * number
  const corrected = (number: number, quantity: number) => ({ start: minute(number), quantity, flag: 'S' })

  test('restates what was sealed, in a batch of its own, and late data no longer takes its place', async () => {
    const { disk, clock, platform, outbox } = world()
    let core = await openTestCore(disk, clock, platform, outbox)
    for (const number of [0, 1, 3, 4]) await core.intake.keep(message('a', number, number, clock.now()))
    await clock.pass(400_000)
    await core.intake.keep(message('a', 6, 6, clock.now()))
    const readings = [corrected(1, 100), corrected(2, 200)]
    await core.correct({ stream: 1, readings, reason: 'The meter was read by hand.' })
    await core.intake.keep(message('a', 2, 2, clock.now()))
    await clock.pass(1000)
    await core.stop()
    core = await openTestCore(disk, clock, platform, outbox)
    await clock.pass(400_000)
    const headers = platform.statements.map(({ car }) => decodeHeader(openCar(car).header.bytes))
    expect(headers.map(({ restates }) => restates.length)).toEqual([0, 0, 3])
    let state = emptyState(7)
    for (const { car } of platform.statements) {
      const audited = auditBatch(state, openCar(car))
      expect(audited).toMatchObject({ ok: true, missing: [] })
      if (audited.ok) state = audited.state
    }
    const live = [...state.coverage.values()].flat().map(({ type, start, count }) => [type & 255, start, count])
    expect(live).toEqual([
      [0, minute(0), 1],
      [1, minute(1), 2],
      [0, minute(3), 2],
      [0, minute(6), 1],
    ])
    expect(contentsOf(platform).readings.filter(({ flag }) => flag === 'S')).toMatchObject([
      { quantity: 100, batch: 3 },
      { quantity: 200, batch: 3 },
    ])
    await core.stop()
  })

  test('is refused where it could overlap a reading, or says nothing', async () => {
    const { disk, clock, platform, outbox } = world()
    const core = await openTestCore(disk, clock, platform, outbox)
    const good = { stream: 1, readings: [corrected(1, 1)], reason: 'why' }
    for (const bad of [
      null,
      { ...good, stream: 3 },
      { ...good, reason: ' ' },
      { ...good, readings: [] },
      { ...good, readings: [corrected(1, 1), corrected(3, 1)] },
      { ...good, readings: [{ ...corrected(1, 1), start: minute(1) + 1 }] },
      { ...good, readings: [{ ...corrected(1, 1), flag: 'N' }] },
      { ...good, readings: [corrected(1, -1)] },
      { ...good, more: 1 },
    ])
      await expect(core.correct(bad)).rejects.toMatchObject({ code: 'E_CORRECTION' })
    expect(core.state.journal.next).toBe(1)
    const bytes = new TextEncoder().encode(`${minute(2) + 7} 1`)
    await core.intake.keep({ ...message('a', 2, 1, clock.now()), bytes })
    await clock.pass(400_000)
    await expect(core.correct(good)).rejects.toThrow(/not of whole intervals/)
    await core.stop()
  })
})
