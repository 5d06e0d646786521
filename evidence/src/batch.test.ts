import { readFileSync } from 'node:fs'
import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditBatch } from './audit.ts'
import { batchCar, draftBatch, draftOfChunks, numberBatch } from './batch.ts'
import { type Block, cidOf, encodeBlock, fromHex, toHex } from './block.ts'
import { openCar } from './car.ts'
import { chunksOf, type Reading } from './draft.ts'
import { encodeChunk } from './encode-chunk.ts'
import { encodeEntry } from './entry.ts'
import { type Chunk, decodeChunk, decodeFrame, decodeHeader, decodeStreams, type Row, type StreamItem } from './form.ts'
import { MAX_INTEGER } from './key.ts'
import { FLAGS } from './kind.ts'

const { batch } = JSON.parse(readFileSync(new URL('../vectors/evidence-vectors.json', import.meta.url), 'utf8')) as {
  batch: { frame: string; chunks: string[]; index: string; streams: string; header: string; entries: string[] }
}

const STREAMS: StreamItem[] = [
  { stream: 1, type: 0x020100, device: 'meter-1', interval: 900 },
  { stream: 2, type: 0x0b0100, device: 'meter-1', interval: 900 },
  { stream: 3, type: 0x020100, device: 'meter-2', interval: 900 },
]

/** Seeds that differ, without randomness. */
function seeds(): () => Uint8Array {
  let next = 0
  return () => {
    const seed = new Uint8Array(32)
    new DataView(seed.buffer).setUint32(0, ++next)
    return seed
  }
}

function reading(start: number, more: Partial<Reading> = {}): Reading {
  return { type: 0x020100, stream: 1, start, seconds: 60, quantity: 5, flag: 'N', source: null, ...more }
}

const codeOf = (readings: readonly Reading[]): unknown => {
  try {
    draftBatch({ readings, streams: STREAMS, seed: seeds(), frames: [] })
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}

test('the published batch is made again, byte for byte, from its chunks, streams and frame', () => {
  const chunks = batch.chunks.map((hex) => decodeChunk(fromHex(hex)))
  const header = decodeHeader(fromHex(batch.header))
  const frame: Block = { bytes: fromHex(batch.frame), cid: cidOf(fromHex(batch.frame)) }
  decodeFrame(frame.bytes)
  const draft = draftOfChunks(chunks, decodeStreams(fromHex(batch.streams)).streams, [frame])
  const { organization, sequence, previous } = header
  const numbered = numberBatch(draft, { organization, sequence, previous })
  expect(toHex(numbered.header.bytes)).toBe(batch.header)
  expect(toHex(encodeEntry(numbered.entry))).toBe(batch.entries[0])
  expect(draft.blocks.map(({ bytes }) => toHex(bytes))).toEqual(
    expect.arrayContaining([...batch.chunks, batch.index, batch.streams]),
  )
})

test('readings of the published batch in any order give its tree once the same seeds cut the same chunks', () => {
  const chunks = batch.chunks.map((hex) => decodeChunk(fromHex(hex)))
  const readings = chunks.flatMap(({ type, stream, sources, rows }) =>
    rows.map(
      ([start, seconds, quantity, flag, source]): Reading => ({
        type: type >>> 8,
        stream,
        start,
        seconds,
        quantity,
        flag,
        source: source === null ? null : (sources[source] ?? null),
      }),
    ),
  )
  const cut = chunksOf(readings.reverse(), decodeStreams(fromHex(batch.streams)).streams, seeds())
  expect(cut.flatMap(({ rows }) => rows.map((row) => row.slice(0, 4)))).toEqual(
    chunks.flatMap(({ rows }) => rows.map((row) => row.slice(0, 4))),
  )
})

const integer = fc.oneof(
  fc.nat(30),
  fc.nat(300),
  fc.nat(70_000),
  fc.nat(0xffffffff),
  fc.maxSafeNat(),
  fc.constantFrom(23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, MAX_INTEGER),
)

test('a chunk written by hand is what @ipld/dag-cbor writes', () => {
  const chunk = fc
    .record({
      type: fc.nat(0xffffffff),
      stream: fc.nat(0xffffffff),
      seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      sources: fc.array(
        fc.uint8Array({ maxLength: 8 }).map((bytes) => cidOf(bytes)),
        { maxLength: 30 },
      ),
      rows: fc.array(
        fc.tuple(integer, integer, integer, fc.constantFrom(...FLAGS), fc.option(fc.nat(5000), { nil: null })),
        { maxLength: 300 },
      ),
    })
    .map((parts): Chunk => ({ ...parts, rows: parts.rows as readonly Row[] }))
  fc.assert(
    fc.property(chunk, (value) => {
      expect(toHex(encodeChunk(value))).toBe(toHex(encode(value)))
    }),
    { numRuns: 200 },
  )
})

test('S6 any readings without overlap become a batch that holds its audit', () => {
  const frames = [1, 2, 3].map((n) =>
    encodeBlock({
      bytes: Uint8Array.of(n),
      device: 'meter-1',
      protocol: 'file',
      received: n,
      salt: new Uint8Array(16),
    }),
  )
  const some = fc.array(
    fc.record({
      stream: fc.constantFrom(1, 2, 3),
      slot: fc.nat(500),
      quantity: fc.nat(2 ** 40),
      flag: fc.constantFrom(...FLAGS),
      frame: fc.option(fc.nat(2), { nil: null }),
    }),
    { minLength: 1, maxLength: 300 },
  )
  fc.assert(
    fc.property(some, (items) => {
      const once = [...new Map(items.map((item) => [`${item.stream}/${item.slot}`, item])).values()]
      const readings = once.map(({ stream, slot, quantity, flag, frame }) =>
        reading(1_700_000_000 + slot * 60, {
          stream,
          type: stream === 2 ? 0x0b0100 : 0x020100,
          quantity,
          flag,
          source: frame === null ? null : (frames[frame] as Block).cid,
        }),
      )
      const draft = draftBatch({ readings, streams: STREAMS, seed: seeds(), frames })
      const { header } = numberBatch(draft, { organization: 7, sequence: 1, previous: null })
      const state = { organization: 7, sequence: 0, previous: null, streams: new Map(), coverage: new Map() }
      const audited = auditBatch(state, openCar(batchCar(header, draft.blocks)))
      expect(audited).toMatchObject({ ok: true })
      expect(draft.count).toBe(readings.length)
    }),
    { numRuns: 40 },
  )
})

test('chunks end at 4,096 readings and at every change of stream or validity, each under its own seed', () => {
  const readings = Array.from({ length: 5000 }, (_, at) => reading(at * 60, { flag: at === 17 ? 'E' : 'N' }))
  const chunks = chunksOf([...readings, reading(0, { stream: 3 })], STREAMS, seeds())
  expect(chunks.map(({ type, stream, rows }) => [type, stream, rows.length])).toEqual([
    [0x02010000, 1, 4096],
    [0x02010000, 1, 903],
    [0x02010000, 3, 1],
    [0x02010001, 1, 1],
  ])
  expect(new Set(chunks.map(({ seed }) => toHex(seed))).size).toBe(4)
})

test('the largest possible chunk stays below 512 KiB', () => {
  const rows = Array.from({ length: 4096 }, (_, at): Row => [MAX_INTEGER - 9000 + 2 * at, 1, MAX_INTEGER, 'N', at])
  const sources = rows.map((_, at) => cidOf(Uint8Array.of(at >> 8, at)))
  const bytes = encodeChunk({ type: 0xffffff00, stream: 0xffffffff, seed: new Uint8Array(32), sources, rows })
  expect(bytes.length).toBeLessThan(300_000)
  expect(decodeChunk(bytes).rows.length).toBe(4096)
})

test.each<[string, Reading[]]>([
  ['E_BATCH_EMPTY', []],
  ['E_BATCH_READING', [reading(-1)]],
  ['E_BATCH_READING', [reading(0.5)]],
  ['E_BATCH_READING', [reading(0, { seconds: 0 })]],
  ['E_BATCH_READING', [reading(MAX_INTEGER)]],
  ['E_BATCH_READING', [reading(0, { quantity: 2 ** 53 })]],
  ['E_BATCH_READING', [reading(0, { quantity: Number.NaN })]],
  ['E_BATCH_READING', [reading(0, { stream: 0 })]],
  ['E_BATCH_FLAG', [reading(0, { flag: 'X' as 'N' })]],
  ['E_BATCH_STREAM', [reading(0, { stream: 9 })]],
  ['E_BATCH_STREAM', [reading(0, { type: 0x020200 })]],
  ['E_BATCH_SUM', [reading(0, { quantity: MAX_INTEGER }), reading(60, { quantity: 1 })]],
  ['E_BATCH_SUM', [reading(0, { seconds: 2 ** 52 }), reading(0, { stream: 3, seconds: 2 ** 52 })]],
  ['E_BATCH_TWICE', [reading(60), reading(0), reading(60, { flag: 'F' })]],
  ['E_BATCH_OVERLAP', [reading(60), reading(0, { seconds: 61 })]],
  ['E_BATCH_OVERLAP', [reading(60), reading(60, { flag: 'E' })]],
  ['E_BATCH_OVERLAP', [reading(0, { seconds: 1000 }), reading(60, { flag: 'E' }), reading(2000)]],
])('%s is thrown, nothing made', (code, readings) => {
  expect(codeOf(readings)).toBe(code)
})

test('a sum of exactly 2^53 − 1 is allowed', () => {
  expect(codeOf([reading(0, { quantity: MAX_INTEGER - 1 }), reading(60, { quantity: 1 })])).toBeUndefined()
})

test('R4 a seed of another length, or given twice, is refused', () => {
  const two = [reading(0), reading(0, { stream: 3 })]
  expect(() => chunksOf(two, STREAMS, () => new Uint8Array(31))).toThrow(/32 random bytes/)
  expect(() => chunksOf(two, STREAMS, () => new Uint8Array(32))).toThrow(/same seed twice/)
})

test('more than 16,384 chunks are refused', () => {
  const many = Array.from({ length: 16_385 }, (_, at) => reading(0, { stream: at + 1 }))
  const streams = many.map(({ stream, type }): StreamItem => ({ stream, type, device: 'm', interval: 60 }))
  expect(() => chunksOf(many, streams, seeds())).toThrow(/16385 chunks/)
})

test('only frames that a reading names travel with the batch', () => {
  const frame = encodeBlock({
    bytes: new Uint8Array(1),
    device: 'd',
    protocol: 'p',
    received: 1,
    salt: new Uint8Array(16),
  })
  const draft = draftBatch({ readings: [reading(0)], streams: STREAMS, seed: seeds(), frames: [frame] })
  expect(draft.blocks.some(({ cid }) => cid.equals(frame.cid))).toBe(false)
})

test('a number that is none is refused', () => {
  const draft = draftBatch({ readings: [reading(0)], streams: STREAMS, seed: seeds(), frames: [] })
  expect(() => numberBatch(draft, { organization: 7, sequence: 2, previous: null })).toThrow(/previous/)
  expect(() => numberBatch(draft, { organization: 0, sequence: 1, previous: null })).toThrow(/organization/)
})
