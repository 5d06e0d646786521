// Three lines: bytes of the largest of 3,000 proofs, milliseconds to make and to check the slowest one, warm.
import { checkProof } from '../../../evidence/src/check-proof.ts'
import { encodeKey } from '../../../evidence/src/key.ts'
import type { Question } from '../../../evidence/src/proof.ts'
import { prove } from '../../../evidence/src/prove.ts'
import { buildTree } from '../../../evidence/src/tree.ts'
import { leavesOf } from './columns.ts'

const count = Number(process.argv[2])
const tree = buildTree(leavesOf(count))
const key = (at: number) => encodeKey(0x02010000, 1, 1_700_000_000 + 60 * at)

// Windows all over the tree, and the one that begins after the first reading and ends before the last: it opens both edges.
const windows: [number, number][] = [[1, count - 2]]
for (let at = 1; at < 3000; at++) {
  const ends = [(at * 7_919_993) % count, (at * 104_729 + 13) % count]
  windows.push([Math.min(...ends), Math.max(...ends)])
}

/** The time of a window itself: the quickest of five, so that a pause of the machine is not taken for it. */
function quickest(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let time = 0; time < 5; time++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}

let largest = 0
let made = 0
let checked = 0
for (const [at, [first, last]] of windows.entries()) {
  const question: Question = { intervals: [{ lo: key(first), hi: key(last) }], mode: 'total' }
  const proof = prove(tree, question)
  const answer = checkProof(tree.root, question, proof)
  if (!answer.ok || answer.totals[0]?.count !== last - first + 1)
    throw new Error(`window ${first} to ${last} does not hold`)
  largest = Math.max(largest, proof.length)
  if (at < 500) continue
  made = Math.max(
    made,
    quickest(() => prove(tree, question)),
  )
  checked = Math.max(
    checked,
    quickest(() => checkProof(tree.root, question, proof)),
  )
}
console.log([largest, made, checked].join('\n'))
