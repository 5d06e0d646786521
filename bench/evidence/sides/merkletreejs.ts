// Nanoseconds a leaf, from leaves to the root by merkletreejs with Node's own SHA-256.
import { hash } from 'node:crypto'
import { MerkleTree } from 'merkletreejs'

const count = Number(process.argv[2])
const leaves = Array.from({ length: count }, (_, at) => {
  const leaf = Buffer.alloc(64)
  leaf.writeUInt32BE(at, 8)
  return leaf
})
const sha256 = (data: Buffer) => hash('sha256', data, 'buffer')
const times = Array.from({ length: count > 200_000 ? 1 : 3 }, () => {
  const start = performance.now()
  new MerkleTree(leaves, sha256, { hashLeaves: true }).getRoot()
  return (performance.now() - start) * 1e6
}).sort((a, b) => a - b)
console.log((times[times.length >> 1] ?? Number.NaN) / count)
