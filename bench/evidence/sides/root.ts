// Nanoseconds a leaf, from leaves in flat columns to the root, with all checks.
import { treeRoot } from '../../../evidence/src/tree.ts'
import { leavesOf, medianTime } from './columns.ts'

const count = Number(process.argv[2])
const leaves = leavesOf(count)
console.log(medianTime(() => treeRoot(leaves)) / count)
