import { createHash } from 'node:crypto'
import { equalBytes } from '@tanlian/evidence'
import type { Disk } from './disk.ts'
import { readGroups } from './group.ts'
import { ROW_BYTES } from './names.ts'
import type { Sealed } from './sealed.ts'
import { nameOf, type Segments } from './segments.ts'

const PART_BYTES = 1024 * 1024

/** Reads what was sealed, from the oldest on: each group, the chain over all of them, the index. What does not match is reported. */
export async function checkSealed(disk: Disk, segments: Segments, pause: () => Promise<void>): Promise<void> {
  let chain: Uint8Array | undefined
  for (const sealed of [...segments.sealed]) {
    // It may have been dropped meanwhile.
    if (!segments.sealed.includes(sealed)) continue
    await checkOne(disk, sealed, chain, segments, pause)
    chain = sealed.chain
  }
}

async function checkOne(
  disk: Disk,
  sealed: Sealed,
  before: Uint8Array | undefined,
  { damage }: Segments,
  pause: () => Promise<void>,
): Promise<void> {
  const segment = nameOf(sealed.path)
  const file = await disk.open(sealed.path, 'existing')
  try {
    const groups = readGroups(file)
    let chain = before
    let rested = 0
    while (groups.at < sealed.groupBytes) {
      const { at } = groups
      const group = await groups.next(sealed.groupBytes)
      if (group === undefined) {
        damage.push({ segment, at, why: 'group' })
        if (!(await groups.skip(sealed.groupBytes))) break
        chain = undefined
        continue
      }
      if (chain !== undefined && !equalBytes(group.previous, chain)) damage.push({ segment, at, why: 'chain' })
      chain = group.hash
      if (at - rested >= PART_BYTES) {
        rested = at
        await pause()
      }
    }
    if (chain !== undefined && !equalBytes(chain, sealed.chain)) damage.push({ segment, at: groups.at, why: 'chain' })
    const digest = createHash('sha256')
    for (let at = 0; at < sealed.rows * ROW_BYTES; at += PART_BYTES) {
      const rows = new Uint8Array(Math.min(PART_BYTES, sealed.rows * ROW_BYTES - at))
      await file.read(rows, sealed.rowsAt + at)
      digest.update(rows)
      await pause()
    }
    if (!equalBytes(digest.digest(), sealed.rowsHash)) damage.push({ segment, at: sealed.rowsAt, why: 'index' })
  } finally {
    await file.close()
  }
}
