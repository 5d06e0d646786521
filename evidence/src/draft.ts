import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { nameOf } from './block.ts'
import { type Chunk, MAX_CHUNK_ROWS, MAX_INDEX_CHUNKS, type Row, type StreamItem } from './form.ts'
import { MAX_INTEGER } from './key.ts'
import { type Flag, isFlag, validityOf } from './kind.ts'

/** A quantity over `[start, start + seconds)` of one stream (读数), before its batch is made. */
export interface Reading {
  /** Class, group and kind: 24 bits. The validity comes from the flag. */
  readonly type: number
  readonly stream: number
  /** Unix seconds. */
  readonly start: number
  readonly seconds: number
  /** An integer in the type's base unit. */
  readonly quantity: number
  readonly flag: Flag
  /** The raw frame that it came from. */
  readonly source: CID | null
}

/** Readings of one key prefix: four-byte type and stream; the places are those in the list of all readings. */
interface Group {
  readonly type: number
  readonly stream: number
  readonly places: number[]
  sorted: boolean
}

/**
 * Sorts readings by key and cuts them into chunks of one type and stream, at most 4,096 readings each.
 * @param seed gives 32 fresh random bytes each time it is asked: one seed a chunk, never used twice (spec section 2).
 * @throws TanlianError with the place of the reading in `values.at`: E_BATCH_EMPTY, E_BATCH_READING for a number out of bounds,
 * E_BATCH_FLAG, E_BATCH_STREAM for a stream that is not declared with that type, E_BATCH_SUM where the sums would pass
 * 2^53 − 1 (start a new batch before this reading), E_BATCH_TWICE, E_BATCH_OVERLAP, E_BATCH_CHUNKS, E_BATCH_SEED.
 */
export function chunksOf(
  readings: readonly Reading[],
  streams: readonly StreamItem[],
  seed: () => Uint8Array,
): Chunk[] {
  if (readings.length === 0) throw new TanlianError('E_BATCH_EMPTY', 'A batch has at least one reading.')
  const groups = groupReadings(readings, streams)
  for (const { places, sorted } of groups)
    if (!sorted) places.sort((a, b) => (readings[a] as Reading).start - (readings[b] as Reading).start || a - b)
  requireDisjoint(readings, groups)
  const count = groups.reduce((sum, { places }) => sum + Math.ceil(places.length / MAX_CHUNK_ROWS), 0)
  if (count > MAX_INDEX_CHUNKS)
    throw new TanlianError(
      'E_BATCH_CHUNKS',
      `The batch would have ${count} chunks, at most ${MAX_INDEX_CHUNKS} are allowed.`,
      { values: { count, limit: MAX_INDEX_CHUNKS } },
    )
  const names = new Map<CID, string>()
  const chunks: Chunk[] = []
  for (const { type, stream, places } of groups)
    for (let from = 0; from < places.length; from += MAX_CHUNK_ROWS)
      chunks.push({
        type,
        stream,
        seed: freshSeed(seed, chunks.at(-1)?.seed),
        ...rowsOf(readings, places.slice(from, from + MAX_CHUNK_ROWS), names),
      })
  return chunks
}

function groupReadings(readings: readonly Reading[], streams: readonly StreamItem[]): Group[] {
  const declared = new Map(streams.map((item) => [item.stream, item.type]))
  const groups = new Map<number, Group>()
  let quantities = 0
  let durations = 0
  let group: Group | undefined
  for (let at = 0; at < readings.length; at++) {
    const reading = readings[at] as Reading
    const { stream, start, seconds, quantity, flag } = reading
    requireReading(reading, at)
    if (declared.get(stream) !== reading.type)
      throw batchError('E_BATCH_STREAM', at, `Stream ${stream} is not declared with the type of reading ${at}.`, {
        stream,
      })
    quantities += quantity
    durations += seconds
    // Each is at most 2^53 − 1 before, so a sum beyond it is seen although it may be rounded.
    if (quantities > MAX_INTEGER || durations > MAX_INTEGER)
      throw batchError(
        'E_BATCH_SUM',
        at,
        `With reading ${at} the sum of quantities or durations passes 2^53 − 1. Start a new batch before it.`,
        {},
      )
    const type = reading.type * 256 + validityOf(flag)
    if (group === undefined || group.stream !== stream || group.type !== type) {
      // A stream has one type, so stream and validity name the group.
      const name = stream * 4 + (type & 3)
      group = groups.get(name)
      if (group === undefined) {
        group = { type, stream, places: [], sorted: true }
        groups.set(name, group)
      }
    }
    const last = group.places.at(-1)
    if (last !== undefined && (readings[last] as Reading).start > start) group.sorted = false
    group.places.push(at)
  }
  return [...groups.values()].sort((a, b) => a.type - b.type || a.stream - b.stream)
}

function requireReading({ type, stream, start, seconds, quantity, flag }: Reading, at: number) {
  if (
    !isWithin(type, 0, 0xffffff) ||
    !isWithin(stream, 1, 0xffffffff) ||
    !isWithin(start, 0, MAX_INTEGER) ||
    !isWithin(seconds, 1, MAX_INTEGER - start) ||
    !isWithin(quantity, 0, MAX_INTEGER)
  )
    throw batchError(
      'E_BATCH_READING',
      at,
      `Reading ${at} has a number out of bounds: type ${type}, stream ${stream}, start ${start}, seconds ${seconds}, quantity ${quantity}.`,
      { type, stream, start, seconds, quantity },
    )
  if (!isFlag(flag)) throw batchError('E_BATCH_FLAG', at, `Reading ${at} has the unknown flag ${String(flag)}.`, {})
}

function isWithin(value: number, least: number, greatest: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= greatest
}

/** No two intervals of a stream overlap, whatever their validity: its groups are walked together in the order of time. */
function requireDisjoint(readings: readonly Reading[], groups: readonly Group[]) {
  const byStream = Map.groupBy(groups, ({ stream }) => stream)
  for (const [stream, parts] of byStream) {
    const next = parts.map(() => 0)
    let last: number | undefined
    for (;;) {
      let first: number | undefined
      let from = 0
      for (const [part, { places }] of parts.entries()) {
        const place = places[next[part] as number]
        if (
          place !== undefined &&
          (first === undefined || (readings[place] as Reading).start < (readings[first] as Reading).start)
        ) {
          first = place
          from = part
        }
      }
      if (first === undefined) break
      if (last !== undefined) requireAfter(readings, last, first, stream)
      last = first
      next[from] = (next[from] as number) + 1
    }
  }
}

function requireAfter(readings: readonly Reading[], before: number, after: number, stream: number) {
  const first = readings[before] as Reading
  const second = readings[after] as Reading
  if (first.start + first.seconds <= second.start) return
  const at = Math.max(before, after)
  const other = Math.min(before, after)
  const values = { stream, start: second.start, other }
  if (first.start === second.start && validityOf(first.flag) === validityOf(second.flag))
    throw batchError(
      'E_BATCH_TWICE',
      at,
      `Readings ${other} and ${at} of stream ${stream} both start at ${second.start}.`,
      values,
    )
  throw batchError(
    'E_BATCH_OVERLAP',
    at,
    `Readings ${other} and ${at} of stream ${stream} overlap at ${second.start}.`,
    values,
  )
}

/** Rows of one chunk; its sources listed once each, in the order of first use. */
function rowsOf(readings: readonly Reading[], places: readonly number[], names: Map<CID, string>) {
  const sources: CID[] = []
  const known = new Map<string, number>()
  const rows: Row[] = []
  let last: CID | null = null
  let lastPlace: number | null = null
  for (const place of places) {
    const { start, seconds, quantity, flag, source } = readings[place] as Reading
    if (source !== last) {
      last = source
      lastPlace = source === null ? null : placeOfSource(source)
    }
    rows.push([start, seconds, quantity, flag, lastPlace])
  }
  return { sources, rows }

  function placeOfSource(source: CID): number {
    let name = names.get(source)
    if (name === undefined) {
      name = nameOf(source)
      names.set(source, name)
    }
    let place = known.get(name)
    if (place === undefined) {
      place = sources.push(source) - 1
      known.set(name, place)
    }
    return place
  }
}

function freshSeed(seed: () => Uint8Array, last: Uint8Array | undefined): Uint8Array {
  const fresh = seed()
  if (!(fresh instanceof Uint8Array) || fresh.length !== 32)
    throw new TanlianError('E_BATCH_SEED', 'A seed is 32 random bytes.')
  if (last !== undefined && fresh.every((byte, at) => byte === last[at]))
    throw new TanlianError('E_BATCH_SEED', 'The source of seeds gave the same seed twice.')
  return fresh
}

function batchError(code: string, at: number, message: string, values: Readonly<Record<string, number>>): TanlianError {
  return new TanlianError(code, message, { values: { at, ...values } })
}
