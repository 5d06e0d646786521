import { readFileSync } from 'node:fs'
import { checkProof, readable } from '../evidence/src/index.ts'
import { flipEveryBit, publishedProofs } from '../evidence/test/flip.ts'
import { runVectors } from '../evidence/vectors/run.ts'

const file = process.argv[2]
if (file === undefined) {
  console.error('usage: npm run vectors -- FILE    (a file of the form of evidence/vectors/evidence-vectors.json)')
  process.exit(2)
}
let failed = 0
for (const { sort, side, held, all, faults } of runVectors(JSON.parse(readFileSync(file, 'utf8')))) {
  console.log(`${held === all ? 'held' : 'FAILED'}  ${side.padEnd(8)} ${sort.padEnd(16)} ${held} of ${all}`)
  for (const fault of faults.slice(0, 5)) console.log(`        ${fault}`)
  failed += all - held
}
for (const [side, check] of [
  ['readable', readable.checkProof],
  ['fast', checkProof],
] as const) {
  const { flipped, accepted, uncoded } = flipEveryBit(publishedProofs(file), check)
  console.log(`${side.padEnd(8)} ${flipped} bits flipped, ${accepted} accepted, ${uncoded} refused without a code`)
  failed += accepted + uncoded
}
console.log(failed === 0 ? 'all hold' : `${failed} did not hold`)
process.exit(failed === 0 ? 0 : 1)
