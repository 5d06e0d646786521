import { encodeKey, toHex } from '@tanlian/evidence'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planSample, type Stratum } from './sample.ts'

const stratum = (name: string, count: number, points: number): Stratum => ({
  name,
  count,
  points,
  keyAt: (place) => encodeKey(0x01010100, name.charCodeAt(0), place),
})
const seed = new Uint8Array(32).fill(9)
const drawn = (keys: readonly Uint8Array[], name: string) => keys.filter((key) => key[7] === name.charCodeAt(0)).length

test('as many as asked, each once, none that is not there', () => {
  const strata = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c'), count: fc.nat(60), points: fc.nat(9) }),
    { selector: ({ name }) => name },
  )
  fc.assert(
    fc.property(strata, fc.nat(100), (given, size) => {
      const keys = planSample(
        seed,
        given.map(({ name, count, points }) => stratum(name, count, points)),
        size,
      )
      const all = given.reduce((sum, { count }) => sum + count, 0)
      expect(new Set(keys.map(toHex)).size).toBe(Math.min(size, all))
      expect(keys.length).toBe(Math.min(size, all))
      for (const { name, count } of given) expect(drawn(keys, name)).toBeLessThanOrEqual(count)
    }),
    { numRuns: 60 },
  )
})

test('a stratum of more risk gives more, the same seed the same keys', () => {
  const strata = [stratum('a', 1000, 0), stratum('b', 1000, 4)]
  const keys = planSample(seed, strata, 60)
  expect([drawn(keys, 'a'), drawn(keys, 'b')]).toEqual([10, 50])
  expect(planSample(seed, [...strata].reverse(), 60).map(toHex)).toEqual(keys.map(toHex))
  expect(planSample(new Uint8Array(32), strata, 60).map(toHex)).not.toEqual(keys.map(toHex))
})

test('every reading is as likely as any other of its stratum', () => {
  const seen = new Array<number>(20).fill(0)
  for (let at = 0; at < 400; at++)
    for (const key of planSample(new Uint8Array(32).fill(at & 255, at >> 8), [stratum('a', 20, 0)], 5)) {
      const place = key[15] as number
      seen[place] = (seen[place] ?? 0) + 1
    }
  expect(Math.min(...seen)).toBeGreaterThan(65)
  expect(Math.max(...seen)).toBeLessThan(140)
})
