import { TanlianError } from '@tanlian/units'
import type { Edge } from './edge.ts'
import type { ChainEvent } from './event.ts'
import { createPause } from './pause.ts'
import { type Problem, watchProblem } from './problem.ts'
import { applyEvents, emptyProjection, type Projection, registryRows } from './projection.ts'
import type { ChainReader } from './reader.ts'
import type { Advance, BlockMark, ProjectionSink } from './sink.ts'

/** How the indexer reads. */
export interface IndexerOptions {
  /** Block of the deployment: there is nothing before it. */
  readonly fromBlock: number
  /** How many blocks the chain may go back at once (S30); deeper: nothing is read on, and an alarm. */
  readonly reorgDepth: number
  /** Blocks read in one step. */
  readonly stepBlocks: number
  /** How often the chain is asked for news. */
  readonly pollMs: number
  /** Of a log that continues an older one: the edge it began with. */
  readonly origin?: Edge
}

/** For a chain whose blocks come every few seconds. */
export const INDEXER_DEFAULTS = { reorgDepth: 64, stepBlocks: 2000, pollMs: 1000 } as const

/** What an indexer did in one step, after it was kept. */
export type IndexerNews =
  | { readonly sort: 'advance'; readonly step: Advance }
  | { readonly sort: 'rollback'; readonly to: BlockMark }

/** Rebuilds everything from events alone (S29). */
export interface Indexer {
  /** Opens what is kept, and then reads on for ever. Resolves when it has caught up once, or met a problem. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Reads until it has caught up with the newest block. `start` does it again and again. */
  sync(): Promise<void>
  /** There may be news: look now. */
  wake(): void
  readonly projection: Projection
  /** The last block read. */
  readonly cursor: BlockMark | null
  /** Why nothing is read on at the moment. */
  readonly problem: Problem | null
}

/** Makes an indexer; see {@link Indexer}. */
export function createIndexer(parts: {
  readonly reader: ChainReader
  readonly sink: ProjectionSink
  readonly options: IndexerOptions
  readonly now?: () => number
  readonly news?: (news: IndexerNews) => void
  /** Hears when a problem begins, changes or ends (null). */
  readonly alarm?: (problem: Problem | null) => void
}): Indexer {
  const { reader, sink, options, now = Date.now } = parts
  let projection = emptyProjection(options.origin)
  let marks: readonly BlockMark[] = []
  let opened = false
  const watch = watchProblem({ code: 'E_INDEX_UNREACHABLE', now, alarm: parts.alarm })
  const pause = createPause()
  let turn: Promise<unknown> = Promise.resolve()
  let running: Promise<void> | undefined
  let ending = false

  /** What the sink keeps is the truth; after a failure nobody knows what it kept, so it is opened anew. */
  const open = async () => {
    marks = await sink.marks()
    projection = await foldAll(sink, options.origin)
    opened = true
  }
  const keeping = async (act: () => Promise<void>) => {
    opened = false
    await act()
    opened = true
  }
  const goBack = async (to: BlockMark) => {
    const kept = await foldAll(sink, options.origin, to.number)
    const standing = marks.filter(({ number }) => number <= to.number)
    // The blocks below `to` are those that were read, for it names them: with their marks the chain may go back as far once more.
    const oldest = standing[0]?.number ?? to.number
    const numbers = range(Math.max(options.fromBlock - 1, to.number - options.reorgDepth), oldest - 1)
    const older = await reader.blocks([...numbers, to.number])
    if (older.length !== numbers.length + 1 || older.pop()?.hash !== to.hash) throw moved(to.number)
    await keeping(() => sink.rollback(to, registryRows(kept), older))
    projection = kept
    marks = [...older, ...standing]
    parts.news?.({ sort: 'rollback', to })
  }
  const goOn = async (to: number) => {
    const from = marks.at(-1) ?? null
    const first = from === null ? options.fromBlock : from.number + 1
    // Every block that a rollback may end at needs its mark: the last ones, and the one before the first.
    const numbers = range(Math.max(first, to - options.reorgDepth), to)
    if (from === null) numbers.unshift(options.fromBlock - 1)
    const added = await reader.blocks(numbers)
    const events = await reader.events(first, to)
    const after = await reader.blocks([to])
    const end = added.at(-1)
    if (added.length !== numbers.length || end === undefined || after[0]?.hash !== end.hash) throw moved(to)
    requireRoot(events)
    const folded = applyEvents(projection, events)
    const forgetBelow = to - options.reorgDepth
    const step: Advance = { from, events, changes: folded.changes, marks: added, forgetBelow }
    await keeping(() => sink.advance(step))
    projection = folded.projection
    marks = [...marks, ...added].filter(({ number }) => number >= forgetBelow)
    parts.news?.({ sort: 'advance', step })
  }
  const sync = () => {
    const next = turn.then(async () => {
      if (!opened) await open()
      for (;;) {
        const head = await reader.head()
        const common = await commonMark(reader, marks)
        if (common === undefined && marks.length > 0) throw tooDeep(marks, options.reorgDepth)
        if (common !== undefined && common !== marks.at(-1)) await goBack(common)
        const done = marks.at(-1)?.number ?? options.fromBlock - 1
        if (done >= head.number) return
        await goOn(Math.min(head.number, done + options.stepBlocks))
      }
    })
    turn = next.catch(() => undefined)
    return next
  }
  const look = async () => {
    try {
      await sync()
      watch.report(undefined)
    } catch (error) {
      // A chain that moved while it was read is everyday life: the next look reads it again.
      if (!(error instanceof TanlianError && error.code === 'E_CHAIN_MOVED')) watch.report(error)
    }
  }
  const run = async () => {
    while (!ending) {
      await pause.wait(options.pollMs)
      if (!ending) await look()
    }
  }
  return {
    async start() {
      ending = false
      await look()
      running = run()
    },
    async stop() {
      ending = true
      pause.wake()
      await running
      await turn
    },
    sync,
    wake: pause.wake,
    get projection() {
      return projection
    },
    get cursor() {
      return marks.at(-1) ?? null
    },
    get problem() {
      return watch.current
    },
  }
}

/** The newest mark that is still in the chain. The last one usually is, so it is asked for alone first. */
async function commonMark(reader: ChainReader, marks: readonly BlockMark[]): Promise<BlockMark | undefined> {
  const last = marks.at(-1)
  if (last === undefined) return undefined
  if ((await reader.blocks([last.number]))[0]?.hash === last.hash) return last
  const now = new Map(
    (await reader.blocks(marks.map(({ number }) => number))).map(({ number, hash }) => [number, hash]),
  )
  return marks.findLast(({ number, hash }) => now.get(number) === hash)
}

/** The projection of the kept events, all or those up to a block. */
async function foldAll(
  sink: ProjectionSink,
  origin: Edge | undefined,
  to = Number.POSITIVE_INFINITY,
): Promise<Projection> {
  let projection = emptyProjection(origin)
  for await (const part of sink.events())
    projection = applyEvents(
      projection,
      part.filter((event: ChainEvent) => event.block <= to),
    ).projection
  return projection
}

/** The contract says the root after every list of entries. */
function requireRoot(events: readonly ChainEvent[]): void {
  const last = events.findLast(({ name }) => name === 'Appended' || name === 'Root')
  if (last?.name === 'Appended')
    throw new TanlianError(
      'E_INDEX_ROOT',
      `The node gave the entries of block ${last.block} without the root that follows them. Compare with another node.`,
      { values: { block: last.block } },
    )
}

function moved(block: number): TanlianError {
  return new TanlianError('E_CHAIN_MOVED', `Block ${block} changed while it was read. It is read again.`, {
    values: { block },
  })
}

function tooDeep(marks: readonly BlockMark[], depth: number): TanlianError {
  const [first, last] = [marks[0]?.number, marks.at(-1)?.number]
  return new TanlianError(
    'E_INDEX_REORG_DEEP',
    `The chain went back more than ${depth} blocks, or is another one: none of the blocks ${first} to ${last} that were read is in it. ` +
      'Nothing is read or written until an operator has looked.',
    { values: { depth, first, last } },
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}
