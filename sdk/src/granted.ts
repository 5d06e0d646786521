import {
  buildTree,
  type Chunk,
  compareKeys,
  decodeHeader,
  encodeKey,
  equalBytes,
  type Header,
  type Interval,
  leavesOfChunks,
  type PackageQuestion,
  type Reader,
  type Total,
  type Validity,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { BlockSource } from './blocks.ts'
import type { Chain } from './chain.ts'
import { nothingOpen } from './collect.ts'
import { inTurns } from './in-turns.ts'
import { openChunks, openHeader } from './open-chunks.ts'

/** How much of a batch of the period some keys open: all of it, some of its chunks, or nothing, not even when its readings are of. */
export interface GrantedBatch {
  readonly sequence: number
  readonly state: 'whole' | 'part' | 'closed'
}

/** What some keys open of a question (获授权的数据), read on this machine alone. */
export interface Granted {
  readonly batches: readonly GrantedBatch[]
  /** By type, stream and validity; of a gauge the quantity is base unit × s. */
  readonly totals: readonly (Total & { readonly stream: number })[]
  readonly readings: number
}

/**
 * Opens what was granted, also where a batch holds more than that: of such a batch there are no proofs of sums (they would tell of the rest),
 * but every opened chunk is the one that a batch in the chain's log names. Batches that open whole are held to the sums that they were signed for.
 * Readings that an open batch restates are left out. Codes: E_CHAIN_…, E_GRANTED_NOTHING, E_GRANTED_TREE, E_SEALED_…, E_TRACE_BLOCK.
 */
export async function openGranted(
  chain: Chain,
  blocks: BlockSource,
  question: Omit<PackageQuestion, 'mode'>,
  readers: readonly Reader[],
): Promise<Granted> {
  const own = await chain.appended({ organization: question.organization, kind: 1 })
  const found = await inTurns(own, 8, (event) => openHeader(blocks, event.digest))
  const batches: GrantedBatch[] = []
  const totals = new Map<string, Granted['totals'][number]>()
  let readings = 0
  const voids: Interval[] = []
  // From the newest back: what a later batch restates is void in an earlier one.
  for (const [at, event] of [...own.entries()].reverse()) {
    const block = found[at]
    if (block === undefined) {
      batches.push({ sequence: event.sequence, state: 'closed' })
      continue
    }
    const header = decodeHeader(block.bytes)
    if (header.from < question.to && header.to > question.from) {
      const { chunks, closed } = await openChunks(blocks, header, readers)
      if (closed === 0) requireTree(header, chunks)
      batches.push({
        sequence: header.sequence,
        state: closed === 0 ? 'whole' : chunks.length > 0 ? 'part' : 'closed',
      })
      for (const chunk of chunks) readings += addChunk(totals, chunk, question, voids)
    }
    for (const [lo, hi] of header.restates) voids.push({ lo, hi })
  }
  if (batches.every(({ state }) => state === 'closed')) throw nothingOpen()
  return { batches: batches.reverse(), totals: [...totals.values()].sort(byTypeAndStream), readings }
}

/** Adds the readings of a chunk that the question asks for. @returns how many */
function addChunk(
  totals: Map<string, Granted['totals'][number]>,
  { type, stream, rows }: Chunk,
  { types, streams, from, to }: Omit<PackageQuestion, 'mode'>,
  voids: readonly Interval[],
): number {
  if (streams !== undefined && !streams.includes(stream)) return 0
  const first = encodeKey(type, stream, 0)
  if (!types.some((prefix) => prefix.every((byte, at) => byte === first[at]))) return 0
  const near = voids.filter(
    ({ lo, hi }) =>
      compareKeys(lo.subarray(0, 8), first.subarray(0, 8)) <= 0 &&
      compareKeys(hi.subarray(0, 8), first.subarray(0, 8)) >= 0,
  )
  const name = `${type}/${stream}`
  const before = totals.get(name)
  const sum = { count: before?.count ?? 0, quantity: before?.quantity ?? 0n, seconds: before?.seconds ?? 0 }
  let added = 0
  for (const [start, seconds, quantity] of rows) {
    if (start < from || start >= to) continue
    const key = encodeKey(type, stream, start)
    if (near.some(({ lo, hi }) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0)) continue
    sum.count += 1
    sum.quantity += BigInt(quantity)
    sum.seconds += seconds
    added++
  }
  if (added > 0) totals.set(name, { ...sum, type: type >>> 8, stream, validity: (type & 0xff) as Validity })
  return added
}

function requireTree({ sequence, tree }: Header, chunks: readonly Chunk[]) {
  if (!equalBytes(buildTree(leavesOfChunks(chunks)).root, tree))
    throw new TanlianError(
      'E_GRANTED_TREE',
      `The opened readings do not come to the sums that batch ${sequence} was signed for. Do not use them; report the batch.`,
      { values: { sequence } },
    )
}

function byTypeAndStream(a: Granted['totals'][number], b: Granted['totals'][number]): number {
  return a.type - b.type || a.validity - b.validity || a.stream - b.stream
}
