// Our fold over the buffers of leaves: nanoseconds a reading, the best of three seconds, and the answer.
import { encodeKey } from '@tanlian/evidence'
import { ratio } from '@tanlian/units'
import { type Group, sumGroups } from '../../../accounting/src/fold.ts'
import { answerOf, factorOf, GROUPS, groupOf, MONTHS, quantities, READINGS } from './readings.ts'

const TYPE = 0x02010000
const keys = new Uint8Array(16 * READINGS)
const view = new DataView(keys.buffer)
const bounds = Array.from({ length: GROUPS }, (): [first: number, last: number] => [READINGS, 0])
for (let at = 0; at < READINGS; at++) {
  const group = groupOf(at)
  view.setUint32(16 * at, TYPE)
  view.setUint32(16 * at + 4, 1 + Math.floor(group / MONTHS))
  view.setUint32(16 * at + 12, at)
  const bound = bounds[group] as [number, number]
  bound[0] = Math.min(bound[0], at)
  bound[1] = Math.max(bound[1], at)
}
const leaves = { count: READINGS, keys, quantities: quantities() }
const groups = bounds.map(([first, last], group): Group => {
  const stream = 1 + Math.floor(group / MONTHS)
  return {
    interval: { lo: encodeKey(TYPE, stream, first), hi: encodeKey(TYPE, stream, last) },
    factor: ratio(BigInt(factorOf(group))),
  }
})
let best = Number.POSITIVE_INFINITY
let answer = ''
for (const until = performance.now() + 3000; performance.now() < until; ) {
  const began = performance.now()
  const sums = sumGroups(leaves, groups)
  best = Math.min(best, performance.now() - began)
  answer = answerOf(sums.map(({ product }) => product.numerator))
}
console.log((best * 1e6) / READINGS)
console.log(answer)
