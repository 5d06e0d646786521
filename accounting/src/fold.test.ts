import { encodeKey } from '@tanlian/evidence'
import { parseRatio } from '@tanlian/units'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sumGroups, sumRun } from './fold.ts'

const MOST = Number.MAX_SAFE_INTEGER
const quantity = fc.oneof(fc.nat(MOST), fc.constantFrom(MOST, 0, 1))

/** Leaves of streams 1 … 3, a reading a minute. */
function leavesOf(streams: readonly (readonly number[])[]) {
  const rows = streams.flatMap((quantities, stream) =>
    quantities.map((value, at) => ({ key: encodeKey(0x02010000, stream + 1, 60 * at), value })),
  )
  const keys = new Uint8Array(16 * rows.length)
  for (const [at, { key }] of rows.entries()) keys.set(key, 16 * at)
  return { count: rows.length, keys, quantities: Float64Array.from(rows, ({ value }) => value) }
}
const interval = (stream: number, from: number, to: number) => ({
  lo: encodeKey(0x02010000, stream, from),
  hi: encodeKey(0x02010000, stream, to),
})

test('groups are summed as bigints would be, also where a sum passes 2^53, and multiplied exactly', () => {
  const streams = fc.array(fc.array(quantity, { maxLength: 40 }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(streams, fc.nat(2400), fc.nat(2400), (all, one, two) => {
      const [from, to] = one < two ? [one, two] : [two, one]
      const factor = parseRatio('44/12')
      const groups = [1, 2, 3].map((stream) => ({ interval: interval(stream, from, to), factor }))
      const naive = all.map((values) => values.filter((_, at) => 60 * at >= from && 60 * at <= to))
      const sums = naive.map((values) => values.reduce((sum, value) => sum + BigInt(value), 0n))
      expect(sumGroups(leavesOf(all), groups)).toEqual(
        sums.map((sum, at) => ({
          count: naive[at]?.length,
          quantity: sum,
          product: parseRatio(`${sum * 11n}/3`),
        })),
      )
    }),
  )
})

test('a long run is summed exactly across blocks', () => {
  const quantities = Float64Array.from({ length: 10_001 }, (_, at) => (at % 7 === 0 ? MOST : at))
  const naive = [...quantities].reduce((sum, value) => sum + BigInt(value), 0n)
  expect(sumRun(quantities, 0, quantities.length)).toBe(naive)
  expect(sumRun(quantities, 5000, 5000)).toBe(0n)
})

test('what no leaf can hold is refused', () => {
  for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1])
    expect(() => sumRun(Float64Array.of(bad), 0, 1)).toThrow(expect.objectContaining({ code: 'E_QUANTITY' }))
})
