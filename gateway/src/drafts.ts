import { type Draft, decodeBlock, encodeBlock, equalBytes, openCar, writeCar } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { sha256 } from './digest.ts'
import { type Disk, readWhole, writeWhole } from './disk.ts'
import type { ClosedEntry } from './entry.ts'
import type { Closed, FoldState } from './fold.ts'

/** Closed windows on disk: each a file with its unsigned draft and the fold's state behind it (草稿). */
export interface Drafts {
  /** Bytes of all files. */
  readonly bytes: number
  /** Keeps a window. @returns the digest that the journal will name it by */
  save(window: number, closed: Closed): Promise<Uint8Array>
  /** @throws TanlianError E_JOURNAL_DAMAGED where the file is not what the journal names: it is never signed (safety F9) */
  load(entry: ClosedEntry): Promise<Omit<Closed, 'through'>>
  /** Deletes windows up to this one. */
  forget(window: number): Promise<void>
}

const FORMAT = 'tanlian/draft/1'
const ENDING = '.draft'

interface Saved {
  readonly format: string
  readonly nowMs: number
  readonly quality: Uint8Array
  readonly declared: FoldState['declared']
  readonly corrected: FoldState['corrected']
  readonly restates: [lo: Uint8Array, hi: Uint8Array][]
  readonly draft: {
    readonly root: Uint8Array
    readonly from: number
    readonly to: number
    readonly count: number
    readonly streams: CID
    /** A CAR of all blocks but the header; its root is the index. */
    readonly car: Uint8Array
  } | null
}

/** Opens a folder of drafts; what the journal does not name, from before a crash, is written over or forgotten in time. */
export async function openDrafts(disk: Disk, directory: string): Promise<Drafts> {
  await disk.makeDirectory(directory)
  const sizes = new Map<number, number>()
  let allBytes = 0
  /** What was written last is mostly what is sent next, and need not be decoded. */
  let latest: { readonly window: number; readonly closed: Closed } | undefined
  const resize = (window: number, size: number) => {
    allBytes += size - (sizes.get(window) ?? 0)
    sizes.set(window, size)
  }
  for (const name of await disk.list(directory)) {
    if (!name.endsWith(ENDING)) continue
    const file = await disk.open(`${directory}/${name}`, 'existing')
    resize(Number.parseInt(name, 10), await file.size())
    await file.close()
  }
  const nameOf = (window: number) => `${String(window).padStart(12, '0')}${ENDING}`
  return {
    get bytes() {
      return allBytes
    },
    async save(window, closed) {
      const { draft, restates, state } = closed
      const bytes = encodeBlock({
        format: FORMAT,
        ...state,
        restates: restates.map(({ lo, hi }) => [lo, hi]),
        draft: draft === undefined ? null : savedOf(draft),
      }).bytes
      await writeWhole(disk, directory, nameOf(window), bytes)
      resize(window, bytes.length)
      latest = { window, closed }
      return sha256(bytes)
    },
    async load({ window, digest }) {
      const bytes = await readWhole(disk, `${directory}/${nameOf(window)}`).catch((cause: unknown) => {
        throw damaged(window, cause)
      })
      if (!equalBytes(sha256(bytes), digest)) throw damaged(window)
      if (latest?.window === window) return latest.closed
      const { nowMs, quality, declared, corrected, restates, draft } = decodeBlock(bytes) as Saved
      return {
        state: { nowMs, quality, declared, corrected },
        restates: restates.map(([lo, hi]) => ({ lo, hi })),
        draft: draft === null ? undefined : draftOf(draft),
      }
    },
    async forget(window) {
      if (latest !== undefined && latest.window <= window) latest = undefined
      for (const one of [...sizes.keys()].filter((number) => number <= window)) {
        await disk.remove(`${directory}/${nameOf(one)}`)
        resize(one, 0)
        sizes.delete(one)
      }
    },
  }
}

function savedOf({ root, from, to, count, streams, data, blocks }: Draft): NonNullable<Saved['draft']> {
  return { root, from, to, count, streams, car: writeCar(data, blocks) }
}

/** The draft again; each block is held to its CID. */
function draftOf({ car, ...rest }: NonNullable<Saved['draft']>): Draft {
  const { header, cids, require } = openCar(car)
  return { ...rest, data: header.cid, blocks: cids.map((cid) => ({ cid, bytes: require(cid) })) }
}

function damaged(window: number, cause?: unknown): TanlianError {
  return new TanlianError(
    'E_JOURNAL_DAMAGED',
    `The draft of window ${window} is not what was kept. Restore its file from a copy; until then nothing is sent.`,
    { values: { window }, cause },
  )
}
