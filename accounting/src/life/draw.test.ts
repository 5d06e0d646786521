import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Draw } from '../document/verification.ts'
import { drawVerifiers } from './draw.ts'

const draw = (more: Partial<Draw> = {}): Draw => ({
  format: 'tanlian/draw/1',
  period: [0, 1],
  enterprises: Array.from({ length: 60 }, (_, at) => at + 1),
  candidates: [101, 102, 103, 104],
  excluded: [],
  previous: [],
  block: 10,
  due: 1,
  ...more,
})
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('every enterprise gets one verifier that is not barred, and the load is even', () => {
  const pair = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom(101, 102))
  fc.assert(
    fc.property(root, fc.uniqueArray(pair, { selector: ([one]) => one }), (bytes, pairs) => {
      const previous = [...pairs].sort(([a], [b]) => a - b)
      const assigned = drawVerifiers(bytes, draw({ previous, excluded: [[5, 103, 'same-owner']] }))
      expect(assigned.map(([enterprise]) => enterprise)).toEqual(draw().enterprises)
      const barred = [...previous, [5, 103]].map(String)
      expect(assigned.filter((one) => barred.includes(String(one)))).toEqual([])
      const loads = [101, 102, 103, 104].map((one) => assigned.filter(([, verifier]) => verifier === one).length)
      if (previous.length === 0) expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 40 },
  )
})

test('the same root draws the same, another root or block draws otherwise', () => {
  const one = new Uint8Array(32).fill(1)
  const drawn = JSON.stringify(drawVerifiers(one, draw()))
  expect(JSON.stringify(drawVerifiers(one, draw()))).toBe(drawn)
  expect(JSON.stringify(drawVerifiers(new Uint8Array(32).fill(2), draw()))).not.toBe(drawn)
  expect(JSON.stringify(drawVerifiers(one, draw({ block: 11 })))).not.toBe(drawn)
})

test('no verifier is favoured over many roots', () => {
  const counts = new Map<number, number>()
  for (let at = 0; at < 400; at++) {
    const [[, verifier] = [0, 0]] = drawVerifiers(
      new Uint8Array(32).fill(at & 255, at >> 8),
      draw({ enterprises: [1] }),
    )
    counts.set(verifier, (counts.get(verifier) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(count).toBeGreaterThan(70)
  expect(counts.size).toBe(4)
})
