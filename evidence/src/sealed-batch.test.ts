import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditBatch, emptyState, encodeState } from './audit.ts'
import { holdForm } from './audit-form.ts'
import { batchCar, type Draft, draftBatch, numberBatch } from './batch.ts'
import { type Block, encodeBlock, toHex } from './block.ts'
import { openCar, writeCar } from './car.ts'
import { decodeHeader, decodeIndex, isSealed, type StreamItem } from './form.ts'
import { decodeKey } from './key.ts'
import type { Flag } from './kind.ts'
import { openBatch, sealedParts } from './opened.ts'
import { openReader, readerPublicKey } from './sealed.ts'
import { type ReadersOf, sealDraft } from './sealed-batch.ts'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const secretOf = (number: number) => new Uint8Array(32).fill(number)
const [owner, platform, witness] = [1, 2, 3].map((number) => openReader(secretOf(number))) as [
  ReturnType<typeof openReader>,
  ReturnType<typeof openReader>,
  ReturnType<typeof openReader>,
]
const keyOf = (number: number) => readerPublicKey(secretOf(number))
const ORGANIZATION = 7
const streams: StreamItem[] = [
  { stream: 1, type: 0x020100, device: 'm', interval: 900 },
  { stream: 2, type: 0x040100, device: 'cems', interval: 900 },
]

/** A day of two streams whose readings of one moment come from one frame. */
function plain(start = 0): { draft: Draft; frames: readonly Block[] } {
  const frames = Array.from({ length: 4 }, (_, at) =>
    encodeBlock({
      bytes: Uint8Array.of(at),
      device: 'm',
      protocol: 'test',
      received: 1,
      salt: new Uint8Array(16).fill(at),
    }),
  )
  const readings = [1, 2].flatMap((stream) =>
    frames.map((frame, at) => ({
      type: stream === 1 ? 0x020100 : 0x040100,
      stream,
      start: start + 900 * at,
      seconds: 900,
      quantity: 1000 * stream + at,
      flag: 'N' as Flag,
      source: frame.cid,
    })),
  )
  return { draft: draftBatch({ readings, streams, seed: () => random(32), frames }), frames }
}

async function sealed(readersOf: ReadersOf, start = 0) {
  const { draft, frames } = plain(start)
  const made = await sealDraft(draft, ORGANIZATION, readersOf, random)
  const { header } = numberBatch(made, { organization: ORGANIZATION, sequence: 1, previous: null })
  return { draft, made, frames, header, bytes: batchCar(header, made.blocks) }
}

const shared: ReadersOf = () => [keyOf(1), keyOf(2)]

describe('a sealed batch (S33, R13)', () => {
  test('is audited by each of its readers exactly as the plain one by anybody', async () => {
    const { draft, bytes, header } = await sealed(shared)
    const open = numberBatch(draft, { organization: ORGANIZATION, sequence: 1, previous: null })
    const bare = auditBatch(emptyState(ORGANIZATION), openCar(batchCar(open.header, draft.blocks)))
    for (const reader of [owner, platform]) {
      const car = openCar(bytes)
      const audited = auditBatch(emptyState(ORGANIZATION), car, await openBatch(car, [reader]))
      if (!audited.ok || !bare.ok) throw new Error('no audit')
      expect(audited.tree.root).toEqual(bare.tree.root)
      expect(audited.chunks).toEqual(bare.chunks)
      expect(audited.missing).toEqual([])
      expect(encodeState({ ...audited.state, previous: null })).toEqual(encodeState({ ...bare.state, previous: null }))
    }
    expect(decodeHeader(header.bytes).tree).toEqual(draft.root)
  })

  test('holds no byte of a plain chunk or frame, and names neither as a link', async () => {
    const { draft, made, frames, bytes } = await sealed(shared)
    const secrets = draft.blocks.filter(({ cid }) => !made.blocks.some((block) => block.cid.equals(cid)))
    // Two chunks, four frames, and the index that named the chunks.
    expect(secrets).toHaveLength(7)
    const hidden = secrets.filter((block) => !block.cid.equals(draft.data))
    const text = toHex(bytes)
    for (const { cid, bytes: block } of hidden) {
      expect(text).not.toContain(toHex(block.subarray(0, 24)))
      expect(text).not.toContain(toHex(cid.bytes))
    }
    expect(frames).toHaveLength(4)
    expect(sealedParts(openCar(bytes)).size).toBe(6)
  })

  test('nobody else can audit it; the form alone can be held, and is not called an audit', async () => {
    const { bytes } = await sealed(shared)
    const car = openCar(bytes)
    const opened = await openBatch(car, [witness])
    expect(opened.chunks.size + opened.frames.size).toBe(0)
    expect(auditBatch(emptyState(ORGANIZATION), car, opened)).toMatchObject({ ok: false, code: 'E_AUDIT_SEALED' })
    expect(auditBatch(emptyState(ORGANIZATION), car)).toMatchObject({ ok: false, code: 'E_AUDIT_SEALED' })
    const held = holdForm(emptyState(ORGANIZATION), car, opened)
    expect(held).toMatchObject({ ok: true, count: 8, missing: [], state: { sequence: 1 } })
    expect(held).not.toHaveProperty('tree')
  })

  test('types may differ: an open chunk beside a sealed one; a frame of both is sealed', async () => {
    const { bytes, frames } = await sealed(({ lo }) => (lo[0] === 2 ? undefined : [keyOf(1)]))
    const car = openCar(bytes)
    expect(frames.every(({ cid }) => car.get(cid) === undefined)).toBe(true)
    const index = decodeIndex(car.require(decodeHeader(car.header.bytes).data))
    expect(index.chunks.map(([, , , cid]) => isSealed(car.require(cid)))).toEqual([false, true])
    const audited = auditBatch(emptyState(ORGANIZATION), car, await openBatch(car, [owner]))
    expect(audited).toMatchObject({ ok: true, missing: [] })
    expect(holdForm(emptyState(ORGANIZATION), car, await openBatch(car, []))).toMatchObject({ ok: true, missing: [] })
  })

  test('a frame of two chunks is for those who may read both, and for nobody where there is none', async () => {
    const readersOf: ReadersOf = ({ lo }) => (decodeKey(lo).stream === 1 ? [keyOf(1), keyOf(2)] : [keyOf(1), keyOf(3)])
    const { bytes } = await sealed(readersOf)
    const parts = [...sealedParts(openCar(bytes)).values()]
    const framesOf = parts.filter(({ sort }) => sort === 'frame')
    expect(framesOf).toHaveLength(4)
    for (const { readers } of framesOf) expect(readers).toEqual([owner.id])
    // Who may read one type only cannot audit the whole.
    const car = openCar(bytes)
    const opened = await openBatch(car, [platform])
    expect(opened.chunks.size).toBe(1)
    expect(auditBatch(emptyState(ORGANIZATION), car, opened)).toMatchObject({ ok: false, code: 'E_AUDIT_SEALED' })
    await expect(sealed(({ lo }) => [keyOf(decodeKey(lo).stream)])).rejects.toMatchObject({ code: 'E_SEALED_READERS' })
  })

  test('a grant that ended opens nothing of what comes after', async () => {
    const readersOf: ReadersOf = ({ lo }) => (decodeKey(lo).start < 86_400 ? [keyOf(1), keyOf(3)] : [keyOf(1)])
    const [before, after] = [await sealed(readersOf, 0), await sealed(readersOf, 86_400)]
    expect((await openBatch(openCar(before.bytes), [witness])).chunks.size).toBe(2)
    expect((await openBatch(openCar(after.bytes), [witness])).chunks.size).toBe(0)
  })
})

describe('what a sealed batch cannot hide', () => {
  test('a plain frame beside a sealed chunk is refused', async () => {
    const { draft, frames } = plain()
    const made = await sealDraft(draft, ORGANIZATION, shared, random)
    const { header } = numberBatch(made, { organization: ORGANIZATION, sequence: 1, previous: null })
    const car = openCar(batchCar(header, [...made.blocks, frames[0] as Block]))
    expect(auditBatch(emptyState(ORGANIZATION), car, await openBatch(car, [owner]))).toMatchObject({
      ok: false,
      code: 'E_AUDIT_SEALED_FRAME',
    })
    // Without a key it is a block that nothing names.
    expect(holdForm(emptyState(ORGANIZATION), car, await openBatch(car, []))).toMatchObject({ code: 'E_AUDIT_EXTRA' })
  })

  test('a sealed frame that no reading names is refused by whoever can tell', async () => {
    const { made, header } = await sealed(shared)
    const other = await sealed(shared)
    const stray = other.made.blocks.at(-1) as Block
    const altered = writeCar(header.cid, [header, ...made.blocks, stray])
    const car = openCar(altered)
    // The same plain frame sealed twice: one of the two is named.
    expect(auditBatch(emptyState(ORGANIZATION), car, await openBatch(car, [owner]))).toMatchObject({
      ok: false,
      code: 'E_AUDIT_EXTRA',
    })
  })

  test('a chunk sealed for another place in the index fails the batch, not only the chunk', async () => {
    const { made } = await sealed(shared)
    const blocks = new Map(made.blocks.map((block) => [block.cid.toString(), block]))
    const { chunks } = decodeIndex((blocks.get(made.data.toString()) as Block).bytes)
    const [a, b] = chunks as [(typeof chunks)[0], (typeof chunks)[0]]
    const swapped = encodeBlock({
      chunks: [
        [a[0], a[1], a[2], b[3]],
        [b[0], b[1], b[2], a[3]],
      ],
    })
    const draft = {
      ...made,
      data: swapped.cid,
      blocks: [...made.blocks.filter(({ cid }) => !cid.equals(made.data)), swapped],
    }
    const { header } = numberBatch(draft, { organization: ORGANIZATION, sequence: 1, previous: null })
    const car = openCar(batchCar(header, draft.blocks))
    await expect(openBatch(car, [owner])).rejects.toMatchObject({ code: 'E_SEALED_DAMAGED' })
  })

  test.each([
    ['a count', (tree: Uint8Array) => tree.with(39, 9), 'E_AUDIT_INDEX'],
    ['the least key', (tree: Uint8Array) => tree.with(15, 1), 'E_AUDIT_INDEX'],
    ['the greatest key', (tree: Uint8Array) => tree.with(31, 1), 'E_AUDIT_INDEX'],
    ['fewer seconds than readings', (tree: Uint8Array) => tree.with(54, 0).with(55, 7), 'E_AUDIT_INDEX'],
  ])('a header that lies about %s is seen without any key', async (_, change, code) => {
    const { made } = await sealed(shared)
    const { header } = numberBatch(
      { ...made, root: change(made.root) },
      { organization: ORGANIZATION, sequence: 1, previous: null },
    )
    const car = openCar(batchCar(header, made.blocks))
    expect(holdForm(emptyState(ORGANIZATION), car, await openBatch(car, []))).toMatchObject({ ok: false, code })
  })

  test.each([
    ['from', { from: 1 }],
    ['to', { to: 900 }],
  ])('so is a time in %s that the index contradicts', async (_, change) => {
    const { made } = await sealed(shared)
    const { header } = numberBatch({ ...made, ...change }, { organization: ORGANIZATION, sequence: 1, previous: null })
    const car = openCar(batchCar(header, made.blocks))
    expect(holdForm(emptyState(ORGANIZATION), car, await openBatch(car, []))).toMatchObject({ code: 'E_AUDIT_WINDOW' })
  })

  test('any block left out is missed, chunk or index, without a key', async () => {
    const { made, header } = await sealed(shared)
    const { chunks } = decodeIndex((made.blocks.find(({ cid }) => cid.equals(made.data)) as Block).bytes)
    for (const cid of [made.data, made.streams, ...chunks.map(([, , , chunk]) => chunk)]) {
      const car = openCar(
        batchCar(
          header,
          made.blocks.filter((block) => !block.cid.equals(cid)),
        ),
      )
      expect(
        holdForm(emptyState(ORGANIZATION), car, { chunks: new Map(), frames: new Map(), parts: new Map() }),
      ).toMatchObject({
        code: 'E_CAR_MISSING',
      })
    }
  })
})

test('any choice of readers by chunk: an audit holds for exactly those who read all of it', async () => {
  const choice = fc.uniqueArray(fc.integer({ min: 2, max: 3 }), { maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(choice, choice, async (one, two) => {
      const { bytes } = await sealed(({ lo }) => [1, ...(decodeKey(lo).stream === 1 ? one : two)].map(keyOf))
      const car = openCar(bytes)
      for (const number of [1, 2, 3]) {
        const opened = await openBatch(car, [openReader(secretOf(number))])
        const { ok } = auditBatch(emptyState(ORGANIZATION), car, opened)
        expect(ok).toBe(number === 1 || (one.includes(number) && two.includes(number)))
      }
    }),
    { numRuns: 8 },
  )
})
