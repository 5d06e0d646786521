import { type Equivocation, equalBytes, type Log, type LogDomain } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { inTurns } from '../in-turns.ts'
import type { LogFile, Mark } from './log-file.ts'
import { doubleOf, type LogPart, type LogSource, placeOf, type SignedEntry } from './source.ts'

/** Follows the log from the chain alone (safety S29, S30). */
export interface Follower {
  /**
   * One step towards the newest block; false once it is reached.
   * Codes: E_WITNESS_REORG_DEEP and E_WITNESS_CONSISTENCY, after which nothing is followed on; others may pass.
   */
  step(): Promise<boolean>
  /** The last block read; 0 before the first. */
  readonly block: number
  /** The newest block that the chain had when it was last asked. */
  readonly head: number
}

export interface FollowOptions {
  readonly source: LogSource
  readonly file: LogFile
  readonly domain: LogDomain
  /** Blocks that the chain may go back. */
  readonly depth: number
  /** Hears of two entries that one organization signed for one place, before and after the chain went back. */
  readonly onDouble: (proof: Equivocation) => void
}

/** For a chain whose blocks come every few seconds. */
export const REORG_DEPTH = 64
const STEP_BLOCKS = 2000

/** Makes a follower over a log file. */
export function createFollower({ source, file, domain, depth, onDouble }: FollowOptions): Follower {
  let head = file.marks.at(-1)?.number ?? 0
  const removed = new Map<string, SignedEntry>()

  const goBack = async (mark: Mark) => {
    for (let index = mark.size; index < file.size; index++) {
      const entry = await file.entry(index)
      removed.set(placeOf(entry), entry)
    }
    await file.cut(mark)
  }
  const goOn = async (to: number) => {
    const last = file.marks.at(-1)
    const from = last === undefined ? 0 : last.number + 1
    // All of it is read between two looks at the last block: a chain that goes back meanwhile is no lie of the node.
    const before = await source.block(to)
    const part = await source.part(from, to)
    // Of an old block a node may not know the state any more; its events are held to the roots alone.
    const state = to === head ? await source.state(to) : undefined
    // Every block that a rollback may end at needs its mark.
    const numbers = Array.from(
      { length: to - Math.max(from, to - depth) + 1 },
      (_, at) => Math.max(from, to - depth) + at,
    )
    const blocks = await inTurns(numbers, 8, (number) => source.block(number))
    const again = await source.block(to)
    const hashes = [before, blocks.at(-1)].map((block) => block?.hash)
    if (blocks.includes(undefined) || again === undefined || hashes.some((hash) => hash !== again.hash)) throw moved(to)
    const sizeAt = sizesOf(file.size, part.entries)
    const marks = [
      ...file.marks,
      ...blocks.flatMap((block) =>
        block === undefined ? [] : [{ number: block.number, hash: block.hash, size: sizeAt(block.number) }],
      ),
    ]
    for (const entry of part.entries) {
      const earlier = removed.get(placeOf(entry))
      const double = earlier === undefined ? undefined : doubleOf(earlier, entry, domain)
      if (double !== undefined) onDouble(double)
      removed.delete(placeOf(entry))
    }
    const kept = marks.filter(({ number }) => number >= to - depth)
    await file.append(part.entries, kept, (log) => requireRoots(log, part, state))
  }
  return {
    get block() {
      return file.marks.at(-1)?.number ?? 0
    },
    get head() {
      return head
    },
    async step() {
      head = (await source.head()).number
      const { marks } = file
      const common = await commonMark(source, marks)
      if (common === undefined && marks.length > 0) throw tooDeep(marks, depth)
      if (common !== undefined && common !== marks.at(-1)) await goBack(common)
      const done = file.marks.at(-1)?.number ?? -1
      if (done >= head) return false
      await goOn(Math.min(head, done + STEP_BLOCKS))
      return (file.marks.at(-1)?.number ?? -1) < head
    },
  }
}

/** The newest mark that is still in the chain; the last one usually is. */
async function commonMark(source: LogSource, marks: readonly Mark[]): Promise<Mark | undefined> {
  for (const mark of [...marks].reverse()) if ((await source.block(mark.number))?.hash === mark.hash) return mark
  return undefined
}

/** The contract says the root after every list of entries, and its own state at the newest block: each must be the one of these entries. */
function requireRoots(
  log: Log,
  { entries, roots }: LogPart,
  state: { size: number; root: Uint8Array } | undefined,
): void {
  const last = entries.at(-1)
  if (last !== undefined && roots.at(-1)?.size !== log.size)
    throw inconsistent(`entry ${last.index} came without the root that follows it`, log.size)
  for (const { size, root } of state === undefined ? roots : [...roots, state])
    if (size > log.size || !equalBytes(root, log.root(size)))
      throw inconsistent(`the entries up to ${log.size} do not give the contract's root at size ${size}`, size)
  if (state !== undefined && state.size !== log.size)
    throw inconsistent(`the contract has ${state.size} entries, its events tell of ${log.size}`, state.size)
}

/** The log's size after each block. */
function sizesOf(before: number, entries: readonly SignedEntry[]): (block: number) => number {
  return (block) => before + entries.filter((entry) => entry.block <= block).length
}

function inconsistent(why: string, size: number): TanlianError {
  return new TanlianError(
    'E_WITNESS_CONSISTENCY',
    `The node contradicts itself or the log was rewritten: ${why}. Nothing is followed on; compare with another node.`,
    { values: { why, size } },
  )
}

function moved(block: number): TanlianError {
  return new TanlianError('E_WITNESS_MOVED', `Block ${block} changed while it was read. It is read again.`, {
    values: { block },
  })
}

function tooDeep(marks: readonly Mark[], depth: number): TanlianError {
  const [first, last] = [marks[0]?.number ?? 0, marks.at(-1)?.number ?? 0]
  return new TanlianError(
    'E_WITNESS_REORG_DEEP',
    `The chain went back more than ${depth} blocks, or is another one: none of the blocks ${first} to ${last} that were read is in it. Nothing is followed on until a person has looked.`,
    { values: { depth, first, last } },
  )
}
