import { expect, test } from 'vitest'
import { createPlant, days, quarterHours } from '../test/plant.ts'
import { auditBatch, decodeState, emptyState, encodeState } from './audit.ts'
import { type Block, encodeBlock } from './block.ts'
import { openCar, writeCar } from './car.ts'
import { decodeChunk, decodeHeader, decodeIndex, decodeStreams } from './form.ts'
import { encodeKey } from './key.ts'

const DAY = 86_400

function parts(bytes: Uint8Array) {
  const car = openCar(bytes)
  const header = decodeHeader(car.header.bytes)
  const index = decodeIndex(car.require(header.data))
  const chunks = index.chunks.map(([, , , cid]) => decodeChunk(car.require(cid)))
  const blocks: Block[] = car.cids.map((cid) => ({ cid, bytes: car.require(cid) }))
  return { car, header, index, chunks, blocks, streams: decodeStreams(car.require(header.streams)) }
}

/** The batch's blocks with a header altered and more blocks added. */
function withHeader(bytes: Uint8Array, change: object, more: readonly Block[] = [], without: readonly string[] = []) {
  const { header, blocks, car } = parts(bytes)
  const altered = encodeBlock({ ...header, ...change })
  const kept = blocks.filter((block) => !block.cid.equals(car.header.cid) && !without.includes(block.cid.toString()))
  return openCar(writeCar(altered.cid, [altered, ...kept, ...more]))
}

test('S3 a batch is audited on the head before it and on no other', () => {
  const plant = createPlant()
  const [first, second] = days(2).map((start) => plant.append(quarterHours(start)))
  if (first === undefined || second === undefined) throw new Error('two batches')
  expect(auditBatch(emptyState(7), openCar(second.car))).toMatchObject({ ok: false, code: 'E_AUDIT_SEQUENCE' })
  expect(auditBatch(emptyState(8), openCar(first.car))).toMatchObject({ ok: false, code: 'E_AUDIT_ORGANIZATION' })
  expect(auditBatch(first.audited.state, openCar(second.car))).toMatchObject({ ok: true })
  const other = withHeader(second.car, { previous: encodeBlock({ another: 'header' }).cid })
  expect(auditBatch(first.audited.state, other)).toMatchObject({ ok: false, code: 'E_AUDIT_PREVIOUS' })
})

test('an auditor that kept its state as bytes goes on as if it had never stopped', () => {
  const plant = createPlant()
  for (const start of days(3)) plant.append(quarterHours(start))
  let bytes = encodeState(emptyState(7))
  for (const batch of plant.batches) {
    const result = auditBatch(decodeState(bytes), openCar(batch.car))
    if (!result.ok) throw new Error(result.code)
    bytes = encodeState(result.state)
  }
  expect(bytes).toEqual(encodeState(plant.batches[2]?.audited.state ?? emptyState(7)))
})

test('S2 the same time twice is refused, in one batch and over batches, until it is restated', () => {
  const plant = createPlant()
  plant.append(quarterHours(0))
  expect(() => plant.append(quarterHours(450))).toThrow(expect.objectContaining({ code: 'E_AUDIT_OVERLAP' }))
  expect(() => plant.append(quarterHours(0, { flag: 'E' }))).toThrow(
    expect.objectContaining({ code: 'E_AUDIT_OVERLAP' }),
  )
  plant.append(quarterHours(0, { flag: 'E' }), {
    restates: [[encodeKey(0x02010000, 1, 0), encodeKey(0x02010000, 1, DAY)]],
  })
  expect(plant.batches.length).toBe(2)
})

test('a stream means what it meant before', () => {
  const plant = createPlant()
  plant.append(quarterHours(0))
  expect(() => plant.append(quarterHours(DAY, { type: 0x020200 }))).toThrow(
    expect.objectContaining({ code: 'E_AUDIT_STREAM' }),
  )
  expect(() =>
    plant.append([{ ...quarterHours(DAY)[0], seconds: 60 } as ReturnType<typeof quarterHours>[number]]),
  ).toThrow(expect.objectContaining({ code: 'E_AUDIT_STREAM' }))
})

test('S6 a tree with false sums, false times, a foreign block or a missing one is refused', () => {
  const plant = createPlant()
  const batch = plant.append(quarterHours(0))
  const { header, index, chunks, streams } = parts(batch.car)
  const chunk = chunks[0]
  const item = index.chunks[0]
  if (chunk === undefined || item === undefined) throw new Error('a chunk')
  const lie = header.tree.slice()
  lie[47] = (lie[47] as number) + 1
  const code = (car: ReturnType<typeof openCar>) => {
    const result = auditBatch(emptyState(7), car)
    return result.ok ? 'held' : result.code
  }
  expect(code(withHeader(batch.car, { tree: lie }))).toBe('E_AUDIT_TREE')
  expect(code(withHeader(batch.car, { to: header.to + 1 }))).toBe('E_AUDIT_WINDOW')
  expect(code(withHeader(batch.car, {}, [encodeBlock({ stray: 1 })]))).toBe('E_AUDIT_EXTRA')
  expect(code(withHeader(batch.car, {}, [], [item[3].toString()]))).toBe('E_CAR_MISSING')
  const short = encodeBlock({ ...chunk, rows: chunk.rows.slice(1) })
  const dropped = encodeBlock({ chunks: [[item[0], item[1], item[2], short.cid]] })
  const without = [item[3].toString(), header.data.toString()]
  expect(code(withHeader(batch.car, { data: dropped.cid }, [short, dropped], without))).toBe('E_AUDIT_INDEX')
  const moved = encodeBlock({
    ...chunk,
    rows: chunk.rows.map((row, at) => (at === 5 ? [row[0], row[1], row[2] + 1, row[3], row[4]] : row)),
  })
  const again = encodeBlock({ chunks: [[item[0], item[1], item[2], moved.cid]] })
  expect(code(withHeader(batch.car, { data: again.cid }, [moved, again], without))).toBe('E_AUDIT_TREE')
  const undeclared = encodeBlock({ streams: streams.streams.map((stream) => ({ ...stream, stream: 9 })) })
  expect(code(withHeader(batch.car, { streams: undeclared.cid }, [undeclared], [header.streams.toString()]))).toBe(
    'E_AUDIT_STREAM',
  )
})

test('frames that did not come along are named', () => {
  const plant = createPlant()
  const batch = plant.append(quarterHours(0))
  const { chunks } = parts(batch.car)
  const frame = chunks[0]?.sources[0]
  const result = auditBatch(emptyState(7), withHeader(batch.car, {}, [], [String(frame)]))
  expect(result.ok && result.missing.map(String)).toEqual([String(frame)])
})

const row = (more: object) => ({
  type: 0x02010000,
  stream: 1,
  seed: new Uint8Array(32),
  sources: [],
  rows: [[0, 60, 1, 'N', null]],
  ...more,
})
test.each([
  ['a flag that does not exist', row({ rows: [[0, 60, 1, 'X', null]] }), 'E_FORM_FLAG'],
  ['a flag of another validity', row({ rows: [[0, 60, 1, 'E', null]] }), 'E_FORM_FLAG'],
  [
    'rows out of order',
    row({
      rows: [
        [60, 60, 1, 'N', null],
        [0, 60, 1, 'N', null],
      ],
    }),
    'E_FORM',
  ],
  ['a duration of zero', row({ rows: [[0, 0, 1, 'N', null]] }), 'E_FORM'],
  ['no rows', row({ rows: [] }), 'E_FORM'],
  ['a source that is not listed', row({ rows: [[0, 60, 1, 'N', 0]] }), 'E_FORM'],
  ['a source that no row uses', row({ sources: [encodeBlock(1).cid] }), 'E_FORM'],
  ['stream 0', row({ stream: 0 }), 'E_FORM'],
  ['a seed of 31 bytes', row({ seed: new Uint8Array(31) }), 'E_FORM'],
  ['one more field', row({ note: 'hello' }), 'E_FORM'],
  ['a float', row({ rows: [[0, 60, 1.5, 'N', null]] }), 'E_BLOCK_NOT_CANONICAL'],
])('S4 a chunk with %s is refused', (_why, chunk, code) => {
  expect(() => decodeChunk(encodeBlock(chunk).bytes)).toThrow(expect.objectContaining({ code }))
})
