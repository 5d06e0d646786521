import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addCoverage, type Coverage, coveredSeconds, voidCoverage } from './coverage.ts'
import { encodeKey } from './key.ts'

const TYPE = 0x02010000
const add = (coverage: Coverage, readings: readonly (readonly [number, number])[], type = TYPE) =>
  addCoverage(coverage, [
    { type, stream: 1, starts: readings.map(([start]) => start), seconds: readings.map(([, seconds]) => seconds) },
  ])
const window = (from: number, to: number, type = TYPE) => ({ lo: encodeKey(type, 1, from), hi: encodeKey(type, 1, to) })

test('regular readings become one run, whatever their number', () => {
  const rows = Array.from({ length: 1000 }, (_, at) => [at * 60, 60] as const)
  const result = add(new Map(), rows)
  expect(result.ok && result.coverage.get(1)).toEqual([{ type: TYPE, start: 0, seconds: 60, count: 1000 }])
})

test('S2 two readings of a stream may touch but not overlap, also across types of other validity', () => {
  const first = add(new Map(), [[0, 60]])
  if (!first.ok) throw new Error(first.code)
  expect(add(first.coverage, [[60, 60]]).ok).toBe(true)
  expect(add(first.coverage, [[59, 60]])).toMatchObject({ ok: false, code: 'E_AUDIT_OVERLAP' })
  expect(add(first.coverage, [[30, 1]], TYPE + 2)).toMatchObject({ ok: false, code: 'E_AUDIT_OVERLAP' })
})

test('a restated stretch is free again, and only it', () => {
  const first = add(
    new Map(),
    Array.from({ length: 10 }, (_, at) => [at * 60, 60] as const),
  )
  if (!first.ok) throw new Error(first.code)
  const cut = voidCoverage(first.coverage, [window(120, 239)])
  expect(coveredSeconds(cut, 1, 0, 600)).toEqual([480, 0, 0])
  expect(add(cut, [[120, 120]]).ok).toBe(true)
  expect(add(cut, [[60, 120]])).toMatchObject({ ok: false })
})

test('coverage agrees with a naive list of readings on random batches and restatements', () => {
  const reading = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 8 }))
  const step = fc.oneof(
    fc.record({ readings: fc.array(reading, { minLength: 1, maxLength: 6 }) }),
    fc.record({ from: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 0, max: 30 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let coverage: Coverage = new Map()
      let naive: (readonly [number, number])[] = []
      for (const each of steps) {
        if ('readings' in each) {
          const rows = [...each.readings].sort((a, b) => a[0] - b[0])
          const all = [...naive, ...rows].sort((a, b) => a[0] - b[0])
          const good = all.every(
            ([start, seconds], at) => start + seconds <= (all[at + 1]?.[0] ?? Number.MAX_SAFE_INTEGER),
          )
          const result = add(coverage, rows)
          expect(result.ok).toBe(good)
          if (result.ok) {
            coverage = result.coverage
            naive = all
          }
        } else {
          const to = each.from + each.length
          coverage = voidCoverage(coverage, [window(each.from, to)])
          naive = naive.filter(([start]) => start < each.from || start > to)
        }
        expect(coveredSeconds(coverage, 1, 0, 100)[0]).toBe(naive.reduce((sum, [, seconds]) => sum + seconds, 0))
      }
    }),
  )
})
