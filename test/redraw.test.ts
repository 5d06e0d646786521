import { hashTile, parseTilePath } from '@tanlian/evidence'
import type { BlockSource, Chain, Client } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { expect, test } from 'vitest'
import type { Forge } from '../accounting/test/archive.ts'
import { reportPlant } from '../accounting/test/plant-report.ts'
import { POWER_PLAN } from '../accounting/test/power-plan.ts'
import { type RedrawSources, redraw } from '../cli/src/report/redraw.ts'

/* S16: anyone draws the verifier and the sample of a report again, from the log's tiles or the chain and from public blocks. */

const plant = reportPlant({ ...POWER_PLAN, restatedDay: 1 })
type Plant = typeof plant

/** What a platform and a chain node give of an archive. */
function sourcesOf({ archive }: Plant, more: Partial<RedrawSources> = {}): RedrawSources {
  const blocks = new Map(archive.batches.flatMap((batch) => batch.blocks).map((one) => [one.cid.toString(), one.bytes]))
  const source: BlockSource = {
    bytes: 0,
    blocks: 0,
    async get(cid) {
      const bytes = blocks.get(cid.toString())
      if (bytes === undefined) throw new TanlianError('E_NOT_FOUND', `There is no ${cid}.`)
      return bytes
    },
  }
  return {
    client: tilesOf((level, index, width) => hashTile(archive.log, level, index, width)),
    chain: undefined,
    blocks: source,
    readers: [],
    ...more,
  }
}

function tilesOf(tile: (level: number, index: number, width: number) => Uint8Array | undefined): Client {
  const bytes = async (path: string) => {
    const { level, index, width } = parseTilePath(path.replace(/^\/log\//, ''))
    return tile(Number(level), index, width) as Uint8Array
  }
  return { http: { bytes } } as unknown as Client
}

function chainOf({ archive }: Plant, change: (block: number) => number = (block) => block): Chain {
  return {
    appended: async () => archive.appended().map((event) => ({ ...event, block: change(event.block) })),
    roots: async () => archive.past().roots,
  } as unknown as Chain
}

const packed = (one: Plant) => one.archive.pack(one.report, one.size, one.blocks)

test('from tiles alone and from a chain node, verifier, seed and every reading of the sample come out as they were logged', async () => {
  const fine = { log: true, drawn: true, seeded: true, sampled: true, items: 10, closed: 0 }
  const tiles = await redraw(await packed(plant), sourcesOf(plant))
  expect(tiles).toMatchObject(fine)
  const { index } = plant.archive.register.report(plant.report) as { index: number }
  expect(tiles.rootAfter).toBe(Buffer.from(plant.archive.log.root(index + 1)).toString('hex'))
  expect(await redraw(await packed(plant), sourcesOf(plant, { chain: chainOf(plant) }))).toMatchObject(fine)
})

test('a platform that shows other tiles is seen', async () => {
  const client = tilesOf((level, index, width) => hashTile(plant.archive.log, level, index, width)?.fill(7, 0, 32))
  expect(await redraw(await packed(plant), sourcesOf(plant, { client }))).toMatchObject({ log: false })
})

test('an assignment from another block than the one announced is seen at a chain node', async () => {
  const chain = chainOf(plant, (block) => block + 2)
  expect(await redraw(await packed(plant), sourcesOf(plant, { chain }))).toMatchObject({ log: true, drawn: false })
})

test('batches that are closed to whoever asks leave the sample open, not false', async () => {
  const { blocks } = sourcesOf(plant)
  const chunk = plant.archive.batches[1]?.blocks.at(-1)?.cid
  const closed: BlockSource = {
    ...blocks,
    get: (cid) =>
      chunk?.equals(cid) ? Promise.reject(new TanlianError('E_CONFIDENTIAL', 'It is closed.')) : blocks.get(cid),
  }
  const shut = plant.archive.batches[1]?.blocks[1]?.cid
  const noIndex: BlockSource = {
    ...blocks,
    get: (cid) =>
      shut?.equals(cid) ? Promise.reject(new TanlianError('E_CONFIDENTIAL', 'It is closed.')) : blocks.get(cid),
  }
  expect(await redraw(await packed(plant), sourcesOf(plant, { blocks: noIndex }))).toMatchObject({
    sampled: null,
    closed: 1,
  })
  await expect(packed(plant).then((bytes) => redraw(bytes, sourcesOf(plant, { blocks: closed })))).rejects.toThrow(
    'closed',
  )
})

type Content = Record<string, unknown>
test.each<[string, object, (kind: string, content: Content) => Content]>([
  [
    'another seed',
    { seeded: false, drawn: true },
    (kind, content) => (kind === 'sampling-plan' ? { ...content, seed: new Uint8Array(32) } : content),
  ],
  [
    'a reading that was not drawn',
    { seeded: true, sampled: false },
    (kind, content) =>
      kind === 'sampling-plan' ? { ...content, items: swapped(content.items as Uint8Array[]) } : content,
  ],
  [
    'points that were not there when the sample was drawn',
    { seeded: true, sampled: false },
    (kind, content) =>
      kind === 'sampling-plan' ? { ...content, risks: [[firstType(content.items as Uint8Array[]), 90]] } : content,
  ],
  [
    'a verifier that was chosen',
    { drawn: false },
    (kind, content) =>
      kind === 'assignment' ? { ...content, assigned: other(content.assigned as number[][]) } : content,
  ],
])('%s is seen', async (_what, wanted, change) => {
  const forge: Forge = (kind, stated) => ({ ...stated, content: change(kind, stated.content as Content) })
  const forged = reportPlant(POWER_PLAN, undefined, forge)
  expect(await redraw(await packed(forged), sourcesOf(forged))).toMatchObject({ log: true, ...wanted })
})

function swapped(items: readonly Uint8Array[]): Uint8Array[] {
  return items.map((key, at) => (at === 0 ? key.with(15, (key[15] as number) ^ 1) : key)) as Uint8Array[]
}

function firstType([key]: readonly Uint8Array[]): string {
  return Buffer.from(key?.subarray(0, 3) ?? []).toString('hex')
}

function other(assigned: readonly (readonly number[])[]): number[][] {
  return assigned.map(([enterprise = 0, verifier]) => [enterprise, verifier === 21 ? 22 : 21])
}
