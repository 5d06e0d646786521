import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildTree,
  type Chunk,
  cidFromDigest,
  decodeChunk,
  decodeHeader,
  decodeIndex,
  digestOf,
  isSealed,
  leavesOfChunks,
  type Tree,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Blocks } from '../blocks.ts'
import type { Privacy } from '../privacy/privacy.ts'
import { decodeTree, encodeTree, sizeOf } from './tree-file.ts'

/** Trees of accepted batches, ready to be proved from: in memory up to a budget, else from a flat file, else made from the blocks. */
export interface TreeStore {
  /** The tree of a batch by its header's digest. @throws TanlianError E_UNAVAILABLE where a block of it is missing or damaged, E_CONFIDENTIAL_CLOSED. */
  get(header: Uint8Array): Promise<Tree>
  /** Keeps the file of a tree (`encodeTree`); that of a sealed batch reaches the disk locked. */
  keep(header: Uint8Array, file: Uint8Array, sealed: boolean): Promise<void>
  /** Bytes of trees in memory. */
  readonly bytes: number
}

/** Opens the store in a folder; trees in memory take at most `budgetBytes`, the least recently used go first. */
export async function openTreeStore(options: {
  readonly directory: string
  readonly blocks: Blocks
  readonly privacy: Pick<Privacy, 'chunk' | 'vault'>
  readonly budgetBytes: number
}): Promise<TreeStore> {
  const { directory, blocks, privacy, budgetBytes } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const cached = new Map<string, { tree: Tree; bytes: number }>()
  const loading = new Map<string, Promise<Tree>>()
  let held = 0

  const pathOf = (name: string, sealed: boolean) =>
    join(directory, name.slice(0, 2), `${name}.${sealed ? 'locked' : 'tree'}`)
  const remember = (name: string, tree: Tree) => {
    const bytes = sizeOf(tree.leaves.count)
    if (cached.has(name) || bytes > budgetBytes) return
    cached.set(name, { tree, bytes })
    held += bytes
    for (const [oldest, { bytes: freed }] of cached) {
      if (held <= budgetBytes) return
      cached.delete(oldest)
      held -= freed
    }
  }
  const keep = async (name: string, file: Uint8Array, sealed: boolean) => {
    const path = pathOf(name, sealed)
    await mkdir(join(directory, name.slice(0, 2)), { recursive: true, mode: 0o700 })
    const fresh = `${path}.new`
    await writeFile(fresh, sealed ? privacy.vault.lock(file) : file, { mode: 0o600 })
    await rename(fresh, path)
  }
  const readLocked = async (name: string) => {
    const locked = await readWhole(pathOf(name, true))
    return locked === undefined ? undefined : privacy.vault.open(locked)
  }
  const load = async (name: string, header: Uint8Array): Promise<Tree> => {
    const { organization, tree: root, data } = decodeHeader(await requireBlock(blocks, header))
    const file = (await readWhole(pathOf(name, false))) ?? (await readLocked(name))
    const stored = file === undefined ? undefined : decodeTree(file, root)
    if (stored !== undefined) return stored
    const chunks: Chunk[] = []
    let sealed = false
    for (const item of decodeIndex(await requireBlock(blocks, digestOf(data))).chunks) {
      sealed ||= isSealed(await requireBlock(blocks, digestOf(item[3])))
      chunks.push(decodeChunk(await privacy.chunk(organization, item)))
    }
    const tree = buildTree(leavesOfChunks(chunks))
    // A copy on disk is only for speed; where it cannot be written the tree is still right.
    await keep(name, encodeTree(tree), sealed).catch(() => rm(pathOf(name, sealed), { force: true }))
    return tree
  }

  return {
    get bytes() {
      return held
    },
    async get(header) {
      const name = toHex(header)
      const hit = cached.get(name)
      if (hit !== undefined) {
        cached.delete(name)
        cached.set(name, hit)
        return hit.tree
      }
      let wait = loading.get(name)
      if (wait === undefined) {
        wait = load(name, header).finally(() => loading.delete(name))
        loading.set(name, wait)
        wait.then(
          (tree) => remember(name, tree),
          () => {},
        )
      }
      return wait
    },
    keep: (header, file, sealed) => keep(toHex(header), file, sealed),
  }
}

/** A block that must be here. @throws TanlianError E_UNAVAILABLE */
export async function requireBlock(blocks: Blocks, digest: Uint8Array): Promise<Uint8Array> {
  const bytes = await blocks.get(digest)
  if (bytes !== undefined) return bytes
  const cid = cidFromDigest(digest).toString()
  throw new TanlianError('E_UNAVAILABLE', `Block ${cid} is not here, or its bytes do not match it any more.`, {
    values: { cid },
  })
}

async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const bytes = new Uint8Array((await file.stat()).size)
      await file.read(bytes)
      return bytes
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
