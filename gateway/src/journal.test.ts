import { describe, expect, test } from 'vitest'
import { createFaultDisk, type FaultDisk } from '../../platform/test/fault-disk.ts'
import { digestOf } from './digest.ts'
import type { Disk } from './disk.ts'
import type { Entry, MessageEntry } from './entry.ts'
import { encodeFrame, readFrame } from './frame.ts'
import { type Journal, type JournalOptions, openJournal } from './journal.ts'
import { ROW_BYTES } from './names.ts'

const FOLDER = '/journal'
const text = new TextEncoder()

function open(disk: Disk, more: Partial<JournalOptions> = {}): Promise<Journal> {
  return openJournal({ disk, directory: FOLDER, budgetBytes: 1e9, ...more })
}

/** A message whose name is its number. */
function message(number: number, device = 'meter'): MessageEntry {
  const name = digestOf(String(number))
  const block = encodeFrame({
    bytes: text.encode(`reading ${number}`),
    device,
    protocol: 'hj212',
    received: 1_780_000_000 + number,
    salt: new Uint8Array(16),
  })
  return { kind: 'frame', receivedMs: 1000 * number, rank: number, name, content: name, block }
}

async function readAll(journal: Journal, from = 1): Promise<{ position: number; entry: Entry }[]> {
  const reader = journal.read(from)
  const all: { position: number; entry: Entry }[] = []
  for (;;) {
    const placed = await reader.next()
    if (placed === undefined) break
    for (const { position, entry } of placed)
      all.push({ position, entry: 'block' in entry ? { ...entry, block: entry.block.slice() } : entry })
  }
  await reader.close()
  return all
}

const bytesOf = (entry: Entry) =>
  'block' in entry ? new TextDecoder().decode(readFrame(entry.block).bytes) : entry.kind

const pause = async () => {}

describe('the journal', () => {
  test('R25 is synced before it answers: file, then directory, then group', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk)
    const file = '0000000000000001.journal'
    expect(disk.trace.slice(1)).toEqual([`create ${file}`, `write ${file}`, `sync ${file}`, 'directory journal'])
    let seen: string[] = []
    await journal.keep('meter', message(1)).then(() => {
      seen = disk.trace.slice(5)
    })
    expect(seen).toEqual([`write ${file}`, `sync ${file}`])
  })

  test('messages that come together share one write and one sync', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk)
    disk.trace.length = 0
    const positions = await Promise.all(Array.from({ length: 500 }, (_, at) => journal.keep('meter', message(at + 1))))
    expect(positions).toEqual(Array.from({ length: 500 }, (_, at) => at + 1))
    expect(disk.trace.length).toBe(2)
  })

  test('S1 what was acknowledged is there after a power cut, whatever of the rest stayed', async () => {
    for (const part of [0, 0.2, 0.7, 1]) {
      const disk = createFaultDisk()
      const journal = await open(disk, { segmentBytes: 4096 })
      for (let number = 1; number <= 60; number++) await journal.keep('meter', message(number))
      disk.fail('sync', new Error('the plug is pulled'))
      await expect(journal.keep('meter', message(61))).rejects.toThrow(/failed/)
      disk.crash(part)
      const again = await open(disk, { segmentBytes: 4096 })
      const all = await readAll(again)
      const kept = all.map(({ entry }) => bytesOf(entry))
      expect(kept.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, at) => `reading ${at + 1}`))
      // All of the torn group stayed, or none of it.
      expect(kept.length).toBe(part === 1 ? 61 : 60)
      expect(again.state.cutBytes > 0).toBe(part > 0 && part < 1)
      expect(again.state.damage).toEqual([])
      expect(await again.keep('meter', message(62))).toBe(kept.length + 1)
      expect(again.highest('meter')).toBe(62)
    }
  })

  test('R25 a failed sync ends it: nothing is acknowledged any more', async () => {
    const disk = createFaultDisk()
    const told: unknown[] = []
    const journal = await open(disk, { onStopped: (error) => told.push(error) })
    disk.fail('sync', new Error('EIO'))
    const both = await Promise.allSettled([journal.keep('meter', message(1)), journal.keep('meter', message(2))])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(journal.keep('meter', message(3))).rejects.toMatchObject({ code: 'E_JOURNAL_STOPPED' })
    expect(told).toEqual([new Error('EIO')])
  })

  test('F6 a full disk refuses before it acknowledges, keeps what it has, and goes on when there is room', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk)
    await journal.keep('meter', message(1))
    const size = disk.sizeOf(`${FOLDER}/0000000000000001.journal`)
    disk.room = 100
    await expect(journal.keep('meter', message(2))).rejects.toMatchObject({ code: 'E_JOURNAL_FULL' })
    expect(disk.sizeOf(`${FOLDER}/0000000000000001.journal`)).toBe(size)
    disk.room = 1e6
    expect(await journal.keep('meter', message(2))).toBe(2)
    expect((await readAll(journal)).length).toBe(2)
  })

  test('the budget lets go what was sent, oldest first, and nothing else', async () => {
    const disk = createFaultDisk()
    const budgetBytes = 20_000
    const journal = await open(disk, { segmentBytes: 4096, budgetBytes })
    let number = 0
    const fill = async () => {
      for (;;) await journal.keep('meter', message(++number))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'E_JOURNAL_FULL' })
    const full = number - 1
    expect((await readAll(journal)).length).toBe(full)
    await journal.note({ kind: 'sent', window: 1, through: full >> 1, sequence: 1 })
    await expect(fill()).rejects.toMatchObject({ code: 'E_JOURNAL_FULL' })
    const { first, bytes } = journal.state
    expect(first).toBeGreaterThan(1)
    expect(first).toBeLessThanOrEqual((full >> 1) + 1)
    // The gateway's own notes are the only thing beyond the budget.
    expect(bytes).toBeLessThan(budgetBytes + 300)
    const kept = (await readAll(journal, first)).filter(({ entry }) => entry.kind === 'frame')
    expect(kept.map(({ entry }) => bytesOf(entry)).slice(0, 2)).toEqual([`reading ${first}`, `reading ${first + 1}`])
    const again = await open(disk, { segmentBytes: 4096, budgetBytes })
    expect(again.state.first).toBe(first)
    expect(again.sent?.window).toBe(1)
  })

  test('a small budget is used over and over while what it holds is sent', async () => {
    const journal = await open(createFaultDisk(), { budgetBytes: 64 * 1024 })
    for (let number = 1; number <= 1000; number++) {
      const through = await journal.keep('meter', message(number))
      if (number % 10 === 0) await journal.note({ kind: 'sent', window: number, through, sequence: number })
    }
    expect(journal.state.bytes).toBeLessThan(66 * 1024)
  })

  test('a restart reads the last segment and the footers of the others, nothing more', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk, { segmentBytes: 8192 })
    for (let number = 1; number <= 300; number++)
      await journal.keep(`meter-${number % 3}`, message(number, `meter-${number % 3}`))
    const windows = [4, 5, 6].map(
      (window) => ({ kind: 'closed', window, through: 200, digest: new Uint8Array(32) }) as const,
    )
    for (const window of windows) await journal.note(window)
    await journal.note({ kind: 'sent', window: 4, through: 200, sequence: 9 })
    await journal.close()
    let read = 0
    const counting: Disk = {
      ...disk,
      open: async (path, mode) => {
        const file = await disk.open(path, mode)
        return {
          ...file,
          read: async (into, at) => {
            const done = await file.read(into, at)
            if (!path.endsWith(`${journal.generation}.journal`)) read += done
            return done
          },
        }
      },
    }
    const again = await open(counting, { segmentBytes: 8192 })
    const { segments, first, next, checked } = again.state
    expect(segments).toBeGreaterThan(5)
    expect([first, next, checked]).toEqual([1, 305, false])
    expect(read).toBeLessThan(segments * 600)
    expect([0, 1, 2].map((meter) => again.highest(`meter-${meter}`))).toEqual([300, 298, 299])
    expect(again.closed).toEqual(windows.slice(1))
    await again.check(pause)
    expect([again.state.checked, again.state.damage]).toEqual([true, []])
  })

  test('S2 a name is found in whichever segment it is', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk, { segmentBytes: 8192 })
    for (let number = 1; number <= 300; number++) await journal.keep('meter', message(number))
    for (const number of [1, 2, 77, 150, 299, 300]) {
      const { name } = message(number)
      const found = [...(await journal.older('meter', number, name)), ...journal.recent(name)]
      expect(found.map(({ position }) => position)).toEqual([number])
    }
    expect(await journal.older('meter', 5, message(1000).name)).toEqual([])
    expect(await journal.older('other', 5, message(5).name)).toEqual([])
  })

  test('F9 a flipped bit anywhere is found, and nothing beyond it is read as if it were good', {
    timeout: 30_000,
  }, async () => {
    const build = async () => {
      const disk = createFaultDisk()
      const journal = await open(disk, { segmentBytes: 3000 })
      for (let number = 1; number <= 25; number++) await journal.keep('meter', message(number))
      await journal.close()
      return disk
    }
    const { paths, sizeOf } = await build()
    for (const path of paths().slice(0, -1))
      for (let at = 0; at < sizeOf(path); at += 13) {
        const disk = await build()
        disk.flip(path, at)
        const journal = await open(disk, { segmentBytes: 3000 })
        await journal.check(pause)
        expect(journal.state.damage.length, `${path} ${at}`).toBeGreaterThan(0)
        const reader = journal.read(1)
        const seen: string[] = []
        try {
          for (let placed = await reader.next(); placed !== undefined; placed = await reader.next())
            seen.push(...placed.map(({ entry }) => bytesOf(entry)))
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_JOURNAL_DAMAGED' })
        }
        expect(seen).toEqual(seen.map((_, place) => `reading ${place + 1}`))
      }
  })

  test('F9 damage in the middle of the last segment is no torn end: what follows it stays', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk)
    for (let number = 1; number <= 10; number++) await journal.keep('meter', message(number))
    await journal.close()
    const path = `${FOLDER}/0000000000000001.journal`
    disk.flip(path, Math.floor(disk.sizeOf(path) / 2))
    const again = await open(disk)
    expect(again.state.cutBytes).toBe(0)
    expect(again.state.next).toBe(11)
    expect(again.state.damage).toMatchObject([{ segment: '0000000000000001.journal', why: 'group' }])
    const reader = again.read(1)
    await expect(
      (async () => {
        while ((await reader.next()) !== undefined);
      })(),
    ).rejects.toMatchObject({ code: 'E_JOURNAL_DAMAGED' })
    expect(await again.keep('meter', message(11))).toBe(11)
    expect((await readAll(again, 11)).length).toBe(1)
  })

  test('F1 a power cut at every single operation of the disk loses nothing that was acknowledged', async () => {
    const run = async (disk: FaultDisk, acknowledged: Set<number>) => {
      const journal = await open(disk, { segmentBytes: 2000 })
      for (let round = 0; round < 8; round++) {
        const numbers = [1, 2, 3].map((at) => 3 * round + at)
        await Promise.all(
          numbers.map((number) => journal.keep('meter', message(number)).then(() => acknowledged.add(number))),
        )
      }
    }
    const whole = createFaultDisk()
    await run(whole, new Set())
    for (let step = 0; step < whole.trace.length; step++) {
      const disk = createFaultDisk()
      const acknowledged = new Set<number>()
      disk.fail('', new Error('the plug is pulled'), step)
      await run(disk, acknowledged).catch(() => {})
      disk.crash((step % 4) / 3)
      const again = await open(disk, { segmentBytes: 2000 })
      const kept = (await readAll(again, again.state.first)).map(({ entry }) => bytesOf(entry))
      expect(kept).toEqual(kept.map((_, at) => `reading ${at + 1}`))
      expect(kept.length).toBeGreaterThanOrEqual(acknowledged.size)
      expect(again.state.damage).toEqual([])
    }
  })

  test('R25 a file whose maker was killed before it synced the name is made sure of before it is used', async () => {
    const disk = createFaultDisk()
    for (const step of [1, 2, 3]) {
      disk.fail('', new Error('killed'), step)
      await open(disk).catch(() => {})
    }
    const journal = await open(disk)
    await journal.keep('meter', message(1))
    disk.crash(0)
    expect((await readAll(await open(disk))).length).toBe(1)
  })

  test('more than the disk can take is refused before it is acknowledged', async () => {
    const journal = await open(createFaultDisk())
    const big = { ...message(1), block: new Uint8Array(1e6) }
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => journal.note({ ...tick, ms: 1 })))
    expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true)
    const many = await Promise.allSettled(Array.from({ length: 12 }, () => journal.keep('meter', big)))
    expect(many.filter(({ status }) => status === 'rejected')).toMatchObject(
      many.slice(8).map(() => ({ reason: { code: 'E_JOURNAL_BUSY' } })),
    )
  })

  test('a row of the index costs 40 bytes', async () => {
    const disk = createFaultDisk()
    const journal = await open(disk)
    const before = journal.state.bytes
    await journal.keep('meter', message(1))
    const path = `${FOLDER}/0000000000000001.journal`
    expect(journal.state.bytes - before - ROW_BYTES).toBe(disk.sizeOf(path) - before)
  })
})

const tick = { kind: 'tick' } as const
