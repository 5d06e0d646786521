import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draftBatch, numberBatch } from './batch.ts'
import { decodeChunk, decodeHeader, type StreamItem } from './form.ts'
import { compareKeys, encodeKey } from './key.ts'
import { validityOf } from './kind.ts'
import { leavesOfChunks } from './leaves.ts'
import { prove } from './prove.ts'
import { checkTotals, locateTotals, type TotalFilter } from './report-package-totals.ts'
import { buildTree } from './tree.ts'

const TYPES = [0x010101, 0x010102, 0x010301, 0x020100]
const STREAMS: readonly StreamItem[] = TYPES.flatMap((type, at) =>
  [1, 2].map((number) => ({ stream: at * 2 + number, type, device: 'meter', interval: 10 })),
)

interface Row {
  readonly item: StreamItem
  readonly start: number
  readonly flag: 'N' | 'E' | 'D'
  readonly quantity: number
}
const row = fc.record<Row>({
  item: fc.constantFrom(...STREAMS),
  start: fc.integer({ min: 0, max: 5 }).map((at) => at * 10),
  flag: fc.constantFrom('N', 'E', 'D'),
  quantity: fc.integer({ min: 0, max: 1000 }),
})
/** A window of starts that the next batch may restate of one stream. */
const restated = fc.option(fc.record({ item: fc.constantFrom(...STREAMS), from: fc.integer({ min: 0, max: 100 }) }))
const batch = fc.record({
  rows: fc.uniqueArray(row, { minLength: 1, maxLength: 30, selector: ({ item, start }) => `${item.stream} ${start}` }),
  restated,
})
const filter = fc
  .record({
    type: fc.constantFrom([1, 1], [1, 1, 1], [1, 3], [1, 1, 1, 0], [1, 1, 2, 1], [2, 1, 0], [2, 2]),
    streams: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 })),
    from: fc.integer({ min: 0, max: 120 }),
    length: fc.integer({ min: 1, max: 200 }),
  })
  .map(
    ({ type, streams, from, length }): TotalFilter => ({
      type: Uint8Array.from(type),
      streams: streams === null ? null : [...streams].sort((a, b) => a - b),
      from,
      to: from + length,
    }),
  )

const keyOf = ({ item, flag, start }: Row, at: number) =>
  encodeKey(item.type * 256 + validityOf(flag), item.stream, start + at * 100)

let seeds = 0

/** Batches of rows, a hundred seconds apart; the count of a batch's place shifts its starts. */
function build(
  batches: readonly { readonly rows: readonly Row[]; readonly restated: { item: StreamItem; from: number } | null }[],
) {
  let previous: ReturnType<typeof numberBatch>['header'] | undefined
  return batches.map(({ rows, restated: told }, at) => {
    const draft = draftBatch({
      readings: rows.map(({ item, start, flag, quantity }) => ({
        type: item.type,
        stream: item.stream,
        start: start + at * 100,
        seconds: 10,
        quantity,
        flag,
        source: null,
      })),
      streams: STREAMS,
      seed: () => new Uint8Array(32).fill(++seeds & 255),
      frames: [],
    })
    const restates =
      told === null
        ? []
        : [
            {
              lo: encodeKey(told.item.type * 256, told.item.stream, told.from),
              hi: encodeKey(told.item.type * 256 + 1, told.item.stream, 1000),
            },
          ]
    const { header } = numberBatch(draft, {
      organization: 7,
      sequence: at + 1,
      previous: previous?.cid ?? null,
      restates,
    })
    previous = header
    const tree = buildTree(leavesOfChunks(draft.blocks.slice(2).map(({ bytes }) => decodeChunk(bytes))))
    return { header: decodeHeader(header.bytes), tree, rows }
  })
}

function proofsOf(filters: readonly TotalFilter[], built: ReturnType<typeof build>) {
  const headers = built.map(({ header }) => header)
  const located = locateTotals(filters, headers, STREAMS)
  const proofs = located.map(({ sequence, questions }) => {
    const tree = built[sequence - 1]?.tree
    if (tree === undefined) throw new Error(`no batch ${sequence}`)
    const asked = questions.map((pieces) => pieces.map(({ interval }) => interval))
    return [sequence, asked.map((intervals) => prove(tree, { intervals, mode: 'total' }))] as const
  })
  return { headers, located, proofs }
}

test('many totals proven together are what adding up the live readings gives', () => {
  fc.assert(
    fc.property(
      fc.array(batch, { minLength: 1, maxLength: 4 }),
      fc.array(filter, { minLength: 1, maxLength: 6 }),
      (batches, filters) => {
        const built = build(batches)
        const { headers, located, proofs } = proofsOf(filters, built)
        const answer = checkTotals(filters, located, headers, proofs)
        if (!answer.ok) throw new Error(`${answer.code} ${answer.message}`)
        for (const [place, { type, streams, from, to }] of filters.entries()) {
          const counted = built.flatMap(({ rows }, at) =>
            rows.filter((one) => {
              const key = keyOf(one, at)
              const start = one.start + at * 100
              const isVoid = headers
                .slice(at + 1)
                .some(({ restates }) =>
                  restates.some(([lo, hi]) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0),
                )
              return (
                !isVoid &&
                validityOf(one.flag) < 2 &&
                type.every((byte, level) => key[level] === byte) &&
                (streams === null || streams.includes(one.item.stream)) &&
                start >= from &&
                start < to
              )
            }),
          )
          expect(answer.totals[place]).toEqual({
            count: counted.length,
            quantity: counted.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n),
            seconds: counted.length * 10,
          })
        }
      },
    ),
    { numRuns: 150 },
  )
})

const everything: TotalFilter = { type: Uint8Array.of(1, 1), streams: null, from: 0, to: 100 }
const one: Row = { item: STREAMS[0] as StreamItem, start: 0, flag: 'N', quantity: 5 }
const three: Row = { item: STREAMS[4] as StreamItem, start: 10, flag: 'N', quantity: 7 }

test('a batch that a window holds wholly is asked for whole kinds, not for each stream', () => {
  const built = build([{ rows: [one, three], restated: null }])
  const count = (filters: readonly TotalFilter[]) =>
    proofsOf(filters, built).located.flatMap(({ questions }) => questions.flat()).length
  expect(count([everything])).toBeLessThan(count([{ ...everything, to: 10 }]))
  // The same question twice, or a part of it, is no further stretch.
  expect(count([everything, { ...everything }])).toBe(count([everything]))
})

test('a reading of a kind that no stream declares is refused', () => {
  const built = build([{ rows: [one, three], restated: null }])
  const known = STREAMS.filter(({ type }) => type !== 0x010101)
  const headers = built.map(({ header }) => header)
  const located = locateTotals([everything], headers, known)
  const proofs = located.map(({ sequence, questions }) => {
    const asked = questions.map((pieces) => pieces.map(({ interval }) => interval))
    return [sequence, asked.map((intervals) => prove(built[0]?.tree as never, { intervals, mode: 'total' }))] as const
  })
  expect(checkTotals([everything], located, headers, proofs)).toMatchObject({ ok: false, code: 'E_VERDICT_STRANGER' })
})
