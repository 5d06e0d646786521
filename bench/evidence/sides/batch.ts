// Nanoseconds a reading, from rows to a numbered batch of 65,536 readings: three streams, a frame every sixteen readings.
import { batchCar, draftBatch, numberBatch } from '../../../evidence/src/batch.ts'
import { encodeBlock } from '../../../evidence/src/block.ts'
import type { Reading } from '../../../evidence/src/draft.ts'
import { medianTime } from './columns.ts'

const BATCH = 65_536
const count = Number(process.argv[2])
const streams = [1, 2, 3].map((stream) => ({ stream, type: 0x020100, device: `meter-${stream}`, interval: 60 }))
const frames = Array.from({ length: BATCH >> 4 }, (_, at) =>
  encodeBlock({ bytes: new Uint8Array(64), device: 'meter', protocol: 'file', received: at, salt: new Uint8Array(16) }),
)
const readings = Array.from(
  { length: count },
  (_, at): Reading => ({
    type: 0x020100,
    stream: 1 + (at % 3),
    start: 1_700_000_000 + 60 * at,
    seconds: 60,
    quantity: 1000 + (at % 977),
    flag: at % 50 === 0 ? 'E' : 'N',
    source: frames[(at % BATCH) >> 4]?.cid ?? null,
  }),
)
let seeds = 0

function batches(): number {
  let bytes = 0
  for (let from = 0; from < count; from += BATCH) {
    const seed = () => new Uint8Array(32).fill(++seeds)
    const draft = draftBatch({ readings: readings.slice(from, from + BATCH), streams, seed, frames })
    const { header } = numberBatch(draft, { organization: 7, sequence: 1, previous: null })
    bytes += batchCar(header, draft.blocks).length
  }
  return bytes
}

console.log(medianTime(batches) / count)
