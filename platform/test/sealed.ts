import { createHash, randomBytes } from 'node:crypto'
import {
  type Block,
  batchCar,
  cidFromDigest,
  type Draft,
  decodeIndex,
  draftBatch,
  type Entry,
  encodeBlock,
  encodeGrant,
  type Grant,
  isSealed,
  numberBatch,
  type ReadersOf,
  type Reading,
  readerKeyContent,
  readerPublicKey,
  sealDraft,
  signEntry,
  signGrant,
  toHex,
  toHex0x,
  writeCar,
} from '@tanlian/evidence'
import { ask, type Served } from './ask.ts'
import { STREAMS, send } from './batch.ts'
import type { TestParty } from './party.ts'

/** The private key with which a party reads sealed blocks, the same for the same name. */
export function readerSecret(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`reader ${name}`).digest())
}

/** A batch whose chunks are sealed as `readersOf` says: readings of both streams, each with the same two quantities. */
export async function makeSealed(
  { instance }: Pick<Served, 'instance'>,
  given: {
    readonly party: TestParty
    readonly sequence: number
    readonly previous: Uint8Array | null
    readonly from: number
    readonly quantities: readonly [number, number]
    readonly readings?: number
    readonly readersOf: ReadersOf
  },
) {
  const { party, sequence, previous, from, quantities, readings = 96, readersOf } = given
  const frame: Block = encodeBlock({
    bytes: new TextEncoder().encode(`device says ${quantities.join(' and ')}`),
    device: 'meter 1',
    protocol: 'test',
    received: from,
    salt: new Uint8Array(randomBytes(16)),
  })
  const rows = STREAMS.flatMap(({ stream, type }, place) =>
    Array.from(
      { length: readings },
      (_, at): Reading => ({
        type,
        stream,
        start: from + at * 900,
        seconds: 900,
        quantity: quantities[place] as number,
        flag: 'N',
        source: frame.cid,
      }),
    ),
  )
  const seed = () => new Uint8Array(randomBytes(32))
  const plain = draftBatch({ readings: rows, streams: [...STREAMS], seed, frames: [frame] })
  const draft = await sealDraft(plain, party.id, readersOf, (length) => new Uint8Array(randomBytes(length)))
  const { header, entry } = numberBatch(draft, {
    organization: party.id,
    sequence,
    previous: previous === null ? null : cidFromDigest(previous),
  })
  const signature = signEntry(entry, instance.chain.domain, party.batches)
  return { entry, header, plain, draft, frame, signature, car: new Uint8Array(batchCar(header, draft.blocks)) }
}

/** The parts of a sealed draft by what they are. */
export function partsOf({ data, blocks }: Draft) {
  const index = blocks.find(({ cid }) => cid.equals(data)) as Block
  const chunks = decodeIndex(index.bytes).chunks.map(([, , , cid]) => cid)
  const frames = blocks.filter((block) => isSealed(block.bytes) && !chunks.some((cid) => cid.equals(block.cid)))
  return { index: data, chunks, frames: frames.map(({ cid }) => cid) }
}

/** Logs the readers' keys of a party, as its next document. */
export function publishReaderKeys(
  platform: Served,
  party: TestParty,
  secrets: readonly Uint8Array[],
  previous: Entry | null = null,
) {
  return logDocument(platform, party, 'reader-key', readerKeyContent(secrets.map(readerPublicKey)), previous)
}

/** Logs a document of a party after the one before. */
export async function logDocument(
  platform: Served,
  party: TestParty,
  kind: string,
  content: unknown,
  previous: Entry | null = null,
) {
  const sequence = (previous?.sequence ?? 0) + 1
  const block = encodeBlock({
    format: 'tanlian/document/1',
    organization: party.id,
    sequence,
    previous: previous === null ? null : cidFromDigest(previous.digest),
    kind,
    content,
  })
  const entry: Entry = { kind: 2, organization: party.id, sequence, digest: block.cid.multihash.digest }
  const signature = signEntry(entry, platform.instance.chain.domain, party.documents)
  return {
    entry,
    answer: await send(platform, { entry, signature, car: new Uint8Array(writeCar(block.cid, [block])) }),
  }
}

/** Hands in a grant that the owner's documents key signed. */
export function giveGrant(
  platform: Served,
  owner: TestParty,
  headers: Readonly<Record<string, string>>,
  grant: Omit<Grant, 'organization' | 'salt'>,
  key = owner.documents,
) {
  const block = encodeGrant({ ...grant, organization: owner.id, salt: new Uint8Array(randomBytes(16)) })
  const signature = signGrant(block, owner.id, platform.instance.chain.domain, key)
  return ask(platform, 'POST', `/v1/organizations/${owner.id}/grants`, {
    headers,
    body: { block: toHex(block.bytes), signature: toHex0x(signature) },
  })
}
