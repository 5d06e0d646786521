import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFaultDisk, type FaultDisk } from '../test/fault-disk.ts'
import { type Blocks, openBlocks, type StoredBlock } from './blocks.ts'
import { machineDisk } from './disk.ts'

const noFatal = (reason: string) => {
  throw new Error(`not expected: ${reason}`)
}
const open = (disk: FaultDisk, segmentBytes = 1 << 20): Promise<Blocks> =>
  openBlocks({ directory: '/data/blocks', disk, segmentBytes, fatal: noFatal })
const block = (text: string): StoredBlock => {
  const bytes = Buffer.from(text)
  return { bytes, digest: createHash('sha256').update(bytes).digest() }
}

test('what was stored is read back after closing, on a real disk', async () => {
  const directory = join(await mkdtemp(join(tmpdir(), 'blocks-')), 'blocks')
  const first = await openBlocks({ directory, disk: machineDisk, segmentBytes: 200, fatal: noFatal })
  const all = Array.from({ length: 50 }, (_, i) => block(`block ${i}`))
  for (const one of all) await first.put([one])
  await first.close()
  const again = await openBlocks({ directory, disk: machineDisk, segmentBytes: 200, fatal: noFatal })
  expect(again.count).toBe(50)
  for (const one of all) expect(await again.get(one.digest)).toEqual(new Uint8Array(one.bytes))
  expect(await again.get(block('never stored').digest)).toBeUndefined()
  await again.close()
  await rm(directory, { recursive: true })
})

test('R25 data and directory entry are synced before a put is acknowledged', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk, 300)
  for (let i = 0; i < 8; i++) {
    await blocks.put([block(`reading ${i} `.repeat(8))])
    disk.trace.push('acknowledged')
  }
  let written: string | undefined
  const unnamed = new Set<string>()
  let acknowledged = 0
  for (const step of disk.trace) {
    const [what, name] = step.split(' ') as [string, string]
    if (what === 'create') unnamed.add(name)
    if (what === 'directory') unnamed.clear()
    if (what === 'write') written = name
    if (what === 'sync' && name === written) written = undefined
    if (what === 'acknowledged') {
      acknowledged++
      expect(written).toBeUndefined()
      expect([...unnamed]).toEqual([])
    }
  }
  expect(acknowledged).toBe(8)
})

test('S1 F7 after a power cut everything acknowledged is there and the torn tail is gone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 11 }),
      async (groups, part, cutAt) => {
        const disk = createFaultDisk()
        const blocks = await open(disk, 700)
        const kept: StoredBlock[] = []
        for (const [i, group] of groups.entries()) {
          const items = group.map((size, j) => block(`${i}/${j} `.padEnd(size, 'x')))
          if (i === cutAt) {
            const broken = await openBlocks({ directory: '/data/blocks', disk, segmentBytes: 700, fatal: () => {} })
            disk.fail('sync', new Error('power'))
            await expect(broken.put(items)).rejects.toThrow('power')
            break
          }
          await blocks.put(items)
          kept.push(...items)
        }
        disk.crash(part)
        const again = await open(disk, 700)
        for (const one of kept) expect(await again.get(one.digest)).toEqual(new Uint8Array(one.bytes))
        expect(again.damaged).toBe(0)
        const late = block('after the cut')
        await again.put([late])
        expect(await again.get(late.digest)).toBeDefined()
      },
    ),
    { numRuns: 60, seed: 7 },
  )
})

test('S1 F8 what a failed sync left behind is synced before it is taken for stored', async () => {
  const disk = createFaultDisk()
  const one = block('sent twice')
  const broken = await openBlocks({ directory: '/data/blocks', disk, fatal: () => {} })
  disk.fail('sync', new Error('EIO'))
  await expect(broken.put([one])).rejects.toThrow('EIO')
  await (await open(disk)).put([one])
  disk.crash(0)
  expect(await (await open(disk)).get(one.digest)).toEqual(new Uint8Array(one.bytes))
})

test('F6 a full disk refuses before acknowledging, keeps nothing of the call, and goes on when there is room again', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk)
  await blocks.put([block('first')])
  disk.room = 40
  const large = block('x'.repeat(1000))
  await expect(blocks.put([large])).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
  expect(await blocks.has(large.digest)).toBe(false)
  disk.room = 1 << 20
  await blocks.put([large])
  disk.crash(0)
  const again = await open(disk)
  expect(await again.get(large.digest)).toBeDefined()
  expect(await again.get(block('first').digest)).toBeDefined()
})

test('F6 the reserve is kept free', async () => {
  const disk = createFaultDisk()
  const blocks = await openBlocks({ directory: '/data/blocks', disk, reserveBytes: 1000, fatal: noFatal })
  disk.room = 1500
  await blocks.requireRoom(400)
  await expect(blocks.requireRoom(600)).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
})

test('F8 a failed sync ends it: nothing more is acknowledged', async () => {
  const disk = createFaultDisk()
  const reasons: string[] = []
  const blocks = await openBlocks({ directory: '/data/blocks', disk, fatal: (reason) => reasons.push(reason) })
  disk.fail('sync', new Error('EIO'))
  await expect(blocks.put([block('a')])).rejects.toThrow('EIO')
  await expect(blocks.put([block('b')])).rejects.toThrow('EIO')
  expect(reasons).toHaveLength(1)
})

test('F9 S12 a flipped bit makes that block unavailable and cuts nothing that was acknowledged', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk)
  const all = ['one', 'two', 'three', 'four'].map((word) => block(word.repeat(30)))
  for (const one of all) await blocks.put([one])
  const path = '/data/blocks/00000001.seg'
  const size = disk.sizeOf(path)
  // One bit in the content of the second block, then one in the length of the third.
  const group = (n: number) => all.slice(0, n).reduce((sum, one) => sum + 36 + one.bytes.length + 64, 24)
  disk.flip(path, group(1) + 36 + 5)
  expect(await blocks.get(all[1]?.digest as Uint8Array)).toBeUndefined()
  disk.flip(path, group(2) + 1)
  const again = await open(disk)
  expect(disk.sizeOf(path)).toBe(size)
  expect(again.damaged).toBe(2)
  expect(await again.get(all[0]?.digest as Uint8Array)).toBeDefined()
  expect(await again.get(all[1]?.digest as Uint8Array)).toBeUndefined()
  expect(await again.get(all[2]?.digest as Uint8Array)).toBeUndefined()
  expect(await again.get(all[3]?.digest as Uint8Array)).toBeDefined()
})

test('a damaged or missing index file of a finished segment is made anew from the segment', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk, 200)
  const all = Array.from({ length: 9 }, (_, i) => block(`block ${i} `.repeat(10)))
  for (const one of all) await blocks.put([one])
  const indexes = disk.paths().filter((path) => path.endsWith('.idx'))
  expect(indexes.length).toBeGreaterThan(3)
  disk.flip(indexes[0] as string, 20)
  await disk.remove(indexes[1] as string)
  const again = await open(disk, 200)
  for (const one of all) expect(await again.get(one.digest)).toBeDefined()
})

test('blocks of finished segments are found through their index files, with the ordinals that they had before', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk, 3000)
  const all = Array.from({ length: 400 }, (_, i) => block(`block ${i}`))
  for (let at = 0; at < all.length; at += 10) {
    await blocks.put(all.slice(at, at + 15))
    for (const [i, { digest }] of all.slice(0, at + 10).entries()) expect(await blocks.ordinal(digest)).toBe(i)
  }
  expect(disk.paths().filter((path) => path.endsWith('.idx')).length).toBeGreaterThan(3)
  for (const store of [blocks, await open(disk, 3000)]) {
    expect(store.count).toBe(400)
    for (const [i, { digest, bytes }] of all.entries()) {
      expect([await store.has(digest), await store.ordinal(digest)]).toEqual([true, i])
      expect(await store.get(digest)).toEqual(new Uint8Array(bytes))
    }
    expect(await store.has(block('never stored').digest)).toBe(false)
  }
})

test('memory does not grow with the blocks of finished segments but for some bytes each', async () => {
  const directory = join(await mkdtemp(join(tmpdir(), 'blocks-')), 'blocks')
  const blocks = await openBlocks({ directory, disk: machineDisk, segmentBytes: 2 << 20, fatal: noFatal })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  for (let at = 0; at < 100_000; at += 1000)
    await blocks.put(Array.from({ length: 1000 }, (_, i) => block(`${at + i}`.padEnd(100))))
  expect(blocks.count).toBe(100_000)
  // Digests and places alone are 4.4 MB.
  expect(held() - before).toBeLessThan(4_400_000)
  await blocks.close()
  await rm(directory, { recursive: true })
})

test('many puts at once share few syncs', async () => {
  const disk = createFaultDisk()
  const blocks = await open(disk)
  const before = disk.trace.filter((step) => step.startsWith('sync ')).length
  await Promise.all(Array.from({ length: 500 }, (_, i) => blocks.put([block(`b${i}`)])))
  expect(disk.trace.filter((step) => step.startsWith('sync ')).length - before).toBeLessThan(5)
})
