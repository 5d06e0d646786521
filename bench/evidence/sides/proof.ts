// Three lines: bytes of the largest of many proofs, milliseconds to make and to check a proof, the slowest of a hundred.
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

const made: number[] = []
const checked: number[] = []
let largest = 0
for (const [first, last] of windows) {
  const question: Question = { intervals: [{ lo: key(first), hi: key(last) }], mode: 'total' }
  const start = performance.now()
  const proof = prove(tree, question)
  const middle = performance.now()
  const answer = checkProof(tree.root, question, proof)
  checked.push(performance.now() - middle)
  made.push(middle - start)
  largest = Math.max(largest, proof.length)
  if (!answer.ok || answer.totals[0]?.count !== last - first + 1)
    throw new Error(`window ${first} to ${last} does not hold`)
}
console.log(largest)
for (const times of [made, checked]) {
  const warm = times.slice(500).sort((a, b) => a - b)
  console.log(warm[Math.floor(warm.length * 0.99)])
}
