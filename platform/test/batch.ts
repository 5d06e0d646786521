import { createHash } from 'node:crypto'
import {
  type Block,
  batchCar,
  cidFromDigest,
  draftBatch,
  type Entry,
  encodeBlock,
  type Interval,
  numberBatch,
  type Reading,
  type StreamItem,
  signEntry,
  toHex0x,
} from '@tanlian/evidence'
import { type Answer, ask, type Served } from './ask.ts'
import type { TestParty } from './party.ts'

export const ELECTRICITY = 0x020101
export const STREAMS: readonly StreamItem[] = [
  { stream: 1, type: ELECTRICITY, device: 'meter 1', interval: 900 },
  { stream: 2, type: 0x040101, device: 'stack', interval: 900 },
]

let seeds = 0

/** A signed batch: quarter hours of both streams from `from` on. */
export function makeBatch(
  { instance }: Pick<Served, 'instance'>,
  given: {
    readonly party: TestParty
    readonly sequence: number
    readonly previous: Uint8Array | null
    readonly from: number
    readonly readings?: number
    readonly restates?: readonly Interval[]
    /** Where it is not the party's key for batches. */
    readonly key?: Uint8Array
  },
) {
  const { party, sequence, previous, from, readings = 96, restates = [] } = given
  const frame: Block = encodeBlock({
    bytes: new TextEncoder().encode(`frame ${from}`),
    device: 'meter 1',
    protocol: 'test',
    received: from,
    salt: createHash('sha256').update(`frame ${from}`).digest().subarray(0, 16),
  })
  const rows: Reading[] = []
  for (let at = 0; at < readings; at++)
    for (const { stream, type } of STREAMS)
      rows.push({
        type,
        stream,
        start: from + at * 900,
        seconds: 900,
        quantity: 1000 * stream + at,
        flag: 'N',
        source: frame.cid,
      })
  const seed = () => new Uint8Array(createHash('sha256').update(`seed ${seeds++}`).digest())
  const draft = draftBatch({ readings: rows, streams: [...STREAMS], seed, frames: [frame] })
  const { header, entry } = numberBatch(draft, {
    organization: party.id,
    sequence,
    previous: previous === null ? null : cidFromDigest(previous),
    restates,
  })
  const signature = signEntry(entry, instance.chain.domain, given.key ?? party.batches)
  return { entry, header, draft, signature, car: new Uint8Array(batchCar(header, draft.blocks)) }
}

/** Hands a CAR in over HTTP. */
export function send(
  platform: Served,
  given: { readonly car: Uint8Array; readonly signature: Uint8Array; readonly entry: Entry },
): Promise<Answer> {
  return ask(platform, 'POST', given.entry.kind === 1 ? '/v1/batches' : '/v1/documents', {
    body: Buffer.from(given.car),
    headers: { 'content-type': 'application/vnd.ipld.car', 'tanlian-signature': toHex0x(given.signature) },
  })
}
