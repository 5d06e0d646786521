// Prints a root, a question's bounds and its proof over a million readings, in hex.
import { toHex } from '../../../evidence/src/block.ts'
import { encodeKey } from '../../../evidence/src/key.ts'
import { prove } from '../../../evidence/src/prove.ts'
import { buildTree } from '../../../evidence/src/tree.ts'
import { leavesOf } from './columns.ts'

const count = 1_000_000
const tree = buildTree(leavesOf(count))
const lo = encodeKey(0x02010000, 1, 1_700_000_060)
const hi = encodeKey(0x02010000, 1, 1_700_000_000 + 60 * (count - 2))
console.log([tree.root, lo, hi, prove(tree, { intervals: [{ lo, hi }], mode: 'total' })].map(toHex).join(' '))
