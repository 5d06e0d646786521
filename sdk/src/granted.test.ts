import {
  type Block,
  cidFromDigest,
  decodeKey,
  draftBatch,
  encodeKey,
  type Interval,
  numberBatch,
  openReader,
  type Reading,
  readerPublicKey,
  sealDraft,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import type { BlockSource } from './blocks.ts'
import type { AppendedEvent, Chain } from './chain.ts'
import { openGranted } from './granted.ts'

const DAY = 86_400
const ELECTRICITY = 0x020100
const TEMPERATURE = 0x0b0100
const OWNER = new Uint8Array(32).fill(1)
const BUYER = new Uint8Array(32).fill(2)
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** A log of sealed batches of one organization, each a day of four readings of two types, and the blocks as their asker may have them. */
async function sealedDays(
  days: readonly {
    readonly readers: (type: number) => readonly Uint8Array[]
    readonly isHidden?: boolean
    readonly restates?: readonly Interval[]
  }[],
) {
  const given = new Map<string, Block>()
  const confidential = new Set<string>()
  const events: AppendedEvent[] = []
  let previous: CID | null = null
  for (const [at, { readers, isHidden, restates = [] }] of days.entries()) {
    const readings = [ELECTRICITY, TEMPERATURE].flatMap((type, place) =>
      Array.from(
        { length: 4 },
        (_, quarter): Reading => ({
          ...{ type, stream: place + 1, start: at * DAY + quarter * 900, seconds: 900, quantity: 100 * (at + 1) },
          ...{ flag: 'N', source: null },
        }),
      ),
    )
    const streams = [1, 2].map((stream) => ({
      ...{ stream, type: stream === 1 ? ELECTRICITY : TEMPERATURE, device: 'meter 1', interval: 900 },
    }))
    const plain = draftBatch({ readings, streams, seed: () => random(32), frames: [] })
    const draft = await sealDraft(plain, 7, ({ lo }) => readers(decodeKey(lo).type >>> 8).map(readerPublicKey), random)
    const { header, entry } = numberBatch(draft, { organization: 7, sequence: at + 1, previous, restates })
    for (const block of [header, ...draft.blocks]) given.set(block.cid.toString(), block)
    if (isHidden === true) confidential.add(header.cid.toString())
    const { kind, organization, sequence, digest } = entry
    events.push({ kind, organization, sequence, digest, index: at, block: at + 1, transaction: '0x' })
    previous = cidFromDigest(entry.digest)
  }
  const blocks: BlockSource = {
    bytes: 0,
    blocks: 0,
    async get(cid) {
      if (confidential.has(cid.toString())) throw new TanlianError('E_CONFIDENTIAL', 'It is not open to you.')
      return (given.get(cid.toString()) as Block).bytes
    },
  }
  return { blocks, chain: { appended: async () => events } as Pick<Chain, 'appended'> as Chain }
}

const ASKED = { organization: 7, types: [Uint8Array.of(2), Uint8Array.of(0x0b)], from: 0, to: 10 * DAY }
const all = () => [OWNER, BUYER]

test('opens whole batches and the granted part of others; what is closed is said, and nothing of it is summed', async () => {
  const { chain, blocks } = await sealedDays([
    { readers: () => [OWNER], isHidden: true },
    { readers: all },
    { readers: (type) => (type === ELECTRICITY ? [OWNER, BUYER] : [OWNER]) },
  ])
  const { batches, totals, readings } = await openGranted(chain, blocks, ASKED, [openReader(BUYER)])
  expect(batches.map(({ state }) => state)).toEqual(['closed', 'whole', 'part'])
  expect(totals.map(({ type, count, quantity }) => [type, count, quantity])).toEqual([
    [ELECTRICITY, 8, 2000n],
    [TEMPERATURE, 4, 800n],
  ])
  expect(readings).toBe(12)
})

test('sums what was asked alone, and leaves out what an open batch restates', async () => {
  const restated = { lo: encodeKey(ELECTRICITY * 256, 1, 0), hi: encodeKey(ELECTRICITY * 256, 1, 900) }
  const { chain, blocks } = await sealedDays([{ readers: all }, { readers: all, restates: [restated] }])
  const question = { ...ASKED, types: [Uint8Array.of(2, 1, 0)], to: DAY + 1800 }
  const { totals } = await openGranted(chain, blocks, question, [openReader(BUYER)])
  expect(totals).toMatchObject([{ stream: 1, validity: 0, count: 4, quantity: 600n, seconds: 3600 }])
  const other = { ...question, streams: [2] }
  expect((await openGranted(chain, blocks, other, [openReader(BUYER)])).totals).toEqual([])
})

test('a key that nothing was granted to opens nothing', async () => {
  const { chain, blocks } = await sealedDays([{ readers: () => [OWNER] }])
  await expect(openGranted(chain, blocks, ASKED, [openReader(BUYER)])).rejects.toMatchObject({
    code: 'E_GRANTED_NOTHING',
  })
})
