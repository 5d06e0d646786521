import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreeing } from './agreement.ts'
import type { ChainEvent } from './event.ts'
import { createIndexer, type Indexer, type IndexerOptions } from './indexer.ts'
import { applyEvent, applyEvents, emptyProjection, registryRows } from './projection.ts'
import type { ChainReader } from './reader.ts'
import { type Deed, type EventWorld, eventWorld, WORLD_START } from './testing/event-world.ts'
import { type MemorySink, memorySink } from './testing/memory-sink.ts'

const OPTIONS: IndexerOptions = { fromBlock: WORLD_START, reorgDepth: 8, stepBlocks: 5, pollMs: 10 }

const deeds = fc.array(
  fc.oneof(
    fc.record({ deed: fc.constant('register' as const), kind: fc.integer({ min: 3, max: 7 }) }),
    fc.record({
      deed: fc.constantFrom(
        'request' as const,
        'bind' as const,
        'unbind' as const,
        'suspend' as const,
        'revoke' as const,
      ),
      organization: fc.integer({ min: 3, max: 6 }),
    }),
    fc.record({ deed: fc.constant('append' as const), organization: fc.integer({ min: 3, max: 6 }), count: fc.nat(5) }),
  ),
  { maxLength: 6 },
)

function worldOf(blocks: readonly (readonly Deed[])[]): EventWorld {
  const world = eventWorld()
  for (const block of blocks) world.mine(...block)
  return world
}

function indexerOf(
  world: { readonly reader: ChainReader },
  sink: MemorySink,
  options: Partial<IndexerOptions> = {},
): Indexer {
  return createIndexer({ reader: world.reader, sink, options: { ...OPTIONS, ...options } })
}

/** What a new index of this chain holds. */
async function rebuilt(world: EventWorld): Promise<MemorySink['tables']> {
  const sink = memorySink()
  await indexerOf(world, sink, { stepBlocks: 1000 }).sync()
  return sink.tables
}

test('S29: rebuilt at once, in steps of any size, or event by event, the projection is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deeds, { maxLength: 8 }), fc.integer({ min: 1, max: 7 }), async (blocks, stepBlocks) => {
      const world = worldOf(blocks)
      const events = world.mined.flatMap((block) => block.events)
      const atOnce = applyEvents(emptyProjection(), events)
      expect(events.reduce(applyEvent, emptyProjection())).toEqual(atOnce.projection)
      const sink = memorySink()
      const indexer = indexerOf(world, sink, { stepBlocks })
      await indexer.sync()
      expect(indexer.projection).toEqual(atOnce.projection)
      expect(sink.tables).toEqual(await rebuilt(world))
      expect([...sink.tables.keys.values()]).toEqual(registryRows(atOnce.projection).keys)
    }),
    { numRuns: 60, seed: 29 },
  )
})

test('S29: the fold leaves what it was given as it was', () => {
  const world = worldOf([[{ deed: 'register', kind: 3 }], [{ deed: 'append', organization: 3, count: 3 }]])
  const events = world.mined.flatMap((block) => block.events)
  const before = applyEvents(emptyProjection(), events.slice(0, 6)).projection
  const copy = structuredClone(before)
  applyEvents(before, events.slice(6))
  expect(before).toEqual(copy)
})

test('S30: whatever is reorganized within the depth, and whatever the sink fails at, the index is that of the chain', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          blocks: fc.array(deeds, { maxLength: 4 }),
          forget: fc.nat(8),
          failing: fc.nat(12),
          restart: fc.boolean(),
        }),
        {
          maxLength: 8,
        },
      ),
      async (rounds) => {
        const world = worldOf([[{ deed: 'register', kind: 3 }]])
        const sink = memorySink()
        let indexer = indexerOf(world, sink)
        for (const { blocks, forget, failing, restart } of rounds) {
          let calls = 0
          sink.fail = () => {
            if (calls++ === failing) throw new Error('the database went away')
          }
          await indexer.sync().catch(() => undefined)
          world.forget(forget)
          for (const block of blocks) world.mine(...block)
          if (restart) indexer = indexerOf(world, sink)
        }
        sink.fail = () => undefined
        await indexer.sync()
        expect(sink.tables).toEqual(await rebuilt(world))
        expect(indexer.cursor?.number).toBe(world.mined.length - 1)
      },
    ),
    { numRuns: 80, seed: 30 },
  )
})

test('S30: a chain that went back further than the depth stops the index, which goes on when the chain is back', async () => {
  const world = worldOf(Array.from({ length: 20 }, () => [{ deed: 'register', kind: 3 }] as const))
  const sink = memorySink()
  const alarms: (string | undefined)[] = []
  const { reader } = world
  const indexer = createIndexer({ reader, sink, options: OPTIONS, alarm: (problem) => alarms.push(problem?.code) })
  await indexer.start()
  const before = structuredClone(sink.tables)
  const whole = [...world.mined]
  world.forget(10)
  for (let i = 0; i < 12; i++) world.mine({ deed: 'register', kind: 4 })
  await expect(indexer.sync()).rejects.toMatchObject({ code: 'E_INDEX_REORG_DEEP' })
  await expect.poll(() => indexer.problem?.code, { interval: 5 }).toBe('E_INDEX_REORG_DEEP')
  expect(sink.tables).toEqual(before)
  world.mined.splice(0, world.mined.length, ...whole)
  await expect.poll(() => indexer.problem, { interval: 5 }).toBeNull()
  await indexer.stop()
  expect(alarms).toEqual(['E_INDEX_REORG_DEEP', undefined])
})

test('S30: a chain that goes back once more before it grew is followed as far as the first time', async () => {
  const world = worldOf(Array.from({ length: 40 }, () => [{ deed: 'register', kind: 3 }] as const))
  const sink = memorySink()
  let indexer = indexerOf(world, sink)
  for (let round = 0; round < 4; round++) {
    await indexer.sync()
    world.forget(OPTIONS.reorgDepth)
    if (round % 2 === 1) indexer = indexerOf(world, sink)
  }
  world.mine({ deed: 'register', kind: 4 })
  await indexer.sync()
  expect(sink.tables).toEqual(await rebuilt(world))
})

test('a chain that is shorter than before, as after a plain kill, is followed back and forth', async () => {
  const world = worldOf([[{ deed: 'register', kind: 3 }], [{ deed: 'append', organization: 3, count: 2 }], []])
  const sink = memorySink()
  const indexer = indexerOf(world, sink)
  await indexer.sync()
  expect(sink.tables.entries.size).toBe(2)
  world.forget(2)
  await indexer.sync()
  expect(sink.tables.entries.size).toBe(0)
  expect(indexer.cursor?.number).toBe(world.mined.length - 1)
  world.mine({ deed: 'append', organization: 3, count: 1 })
  await indexer.sync()
  expect(sink.tables).toEqual(await rebuilt(world))
})

const FULL: readonly (readonly Deed[])[] = [
  [{ deed: 'register', kind: 3 }],
  [{ deed: 'append', organization: 3, count: 3 }],
  [{ deed: 'append', organization: 3, count: 2 }],
]

test('S36: a node that leaves out or alters any event is found out, and nothing of it is kept', async () => {
  const honest = worldOf(FULL)
  const events = honest.mined.flatMap((block) => block.events)
  // What nothing else rests on yet cannot be missed by one node alone: keys that have signed no entry, and a root before the last.
  const needed = events.filter(
    (event) =>
      (event.name !== 'Root' || event.size === 5) &&
      (event.name !== 'KeyAdded' || (event.purpose === 1 && event.organization === 3)),
  )
  const lies: ((event: ChainEvent) => ChainEvent[])[] = [
    ...needed.map((one) => (event: ChainEvent) => (event === one ? [] : [event])),
    (event) => (event.name === 'Appended' && event.index === 1 ? [{ ...event, digest: event.blockHash }] : [event]),
    (event) => (event.name === 'Root' && event.size === 5 ? [{ ...event, root: event.blockHash }] : [event]),
  ]
  for (const [n, lie] of lies.entries()) {
    const sink = memorySink()
    const reader = {
      ...honest.reader,
      events: async (from: number, to: number) => (await honest.reader.events(from, to)).flatMap(lie),
    }
    await expect(
      indexerOf({ reader }, sink, { stepBlocks: 1000 }).sync(),
      `lie ${n}: ${needed[n]?.name}`,
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^E_INDEX_(EVENT|ROOT)$/),
    })
    expect(sink.kept).toEqual([])
  }
})

test('F20: of two nodes only what both say is read; a slow one is waited for, a liar stops the index', async () => {
  const world = worldOf(FULL)
  const slow: ChainReader = {
    ...world.reader,
    head: async () => (await world.reader.blocks([world.mined.length - 2]))[0] ?? (await world.reader.head()),
    blocks: async (numbers) => world.reader.blocks(numbers.filter((number) => number < world.mined.length - 1)),
  }
  const sink = memorySink()
  const indexer = indexerOf({ reader: agreeing(world.reader, slow) }, sink)
  await indexer.sync()
  expect(indexer.cursor?.number).toBe(world.mined.length - 2)
  const silent: ChainReader = {
    ...world.reader,
    events: async (from, to) => (await world.reader.events(from, to)).filter(({ name }) => name !== 'KeyAdded'),
  }
  const other: ChainReader = {
    ...world.reader,
    blocks: async (numbers) => (await world.reader.blocks(numbers)).map(({ number }) => ({ number, hash: '0x00' })),
  }
  for (const liar of [silent, other]) {
    const kept = memorySink()
    const reader = agreeing(world.reader, liar)
    await expect(indexerOf({ reader }, kept).sync()).rejects.toMatchObject({ code: 'E_CHAIN_DISAGREES' })
    expect(kept.kept).toEqual([])
  }
})

test('a chain that changes while it is read is read again', async () => {
  const world = worldOf(FULL)
  let changes = 0
  const reader: ChainReader = {
    ...world.reader,
    async events(from, to) {
      const events = await world.reader.events(from, to)
      if (changes++ === 0) {
        world.forget(1)
        world.mine({ deed: 'append', organization: 3, count: 1 })
      }
      return events
    },
  }
  const sink = memorySink()
  const indexer = indexerOf({ reader }, sink, { stepBlocks: 1000 })
  await expect(indexer.sync()).rejects.toMatchObject({ code: 'E_CHAIN_MOVED' })
  await indexer.sync()
  expect(sink.tables).toEqual(await rebuilt(world))
})
