import { readFileSync } from 'node:fs'
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
console.log(failed === 0 ? 'all hold' : `${failed} did not hold`)
process.exit(failed === 0 ? 0 : 1)
