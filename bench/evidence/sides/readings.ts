// Nanoseconds a reading, from typed arrays to the root: keys, salts, bodies with a source each, leaves, tree.
import { digestBodies, type Leaves, writeKey } from '../../../evidence/src/leaves.ts'
import { treeRoot } from '../../../evidence/src/tree.ts'
import { medianTime } from './columns.ts'

const CHUNK = 4096
const count = Number(process.argv[2])
const starts = Float64Array.from({ length: count }, (_, at) => 1_700_000_000 + 60 * at)
const quantities = Float64Array.from({ length: count }, (_, at) => 1000 + (at % 977))
const seconds = new Float64Array(count).fill(60)
const flags = new Uint8Array(count).fill('N'.charCodeAt(0))
const origins = Int32Array.from({ length: count }, (_, at) => (at % CHUNK) >> 4)
const sources = new Uint8Array(32 * (CHUNK >> 4)).fill(7)
const seed = new Uint8Array(32)

function rootOfReadings(): Uint8Array {
  const leaves: Leaves = {
    count,
    keys: new Uint8Array(16 * count),
    quantities,
    seconds,
    bodyDigests: new Uint8Array(32 * count),
  }
  const view = new DataView(leaves.keys.buffer)
  for (let at = 0; at < count; at++) writeKey(view, 16 * at, 0x02010000, 1, starts[at] ?? 0)
  for (let from = 0; from < count; from += CHUNK) {
    const end = Math.min(from + CHUNK, count)
    seed[0] = from / CHUNK
    digestBodies(
      {
        seed,
        keys: leaves.keys.subarray(16 * from, 16 * end),
        flags: flags.subarray(from, end),
        origins: origins.subarray(from, end),
        sources,
      },
      leaves.bodyDigests.subarray(32 * from, 32 * end),
    )
  }
  return treeRoot(leaves)
}

console.log(medianTime(rootOfReadings) / count)
