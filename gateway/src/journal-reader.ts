import { equalBytes } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Disk, DiskFile } from './disk.ts'
import { decodeEntry, type Entry } from './entry.ts'
import { entriesOf, type GroupReader, readGroups } from './group.ts'
import { nameOf, type Segments } from './segments.ts'

/** Entries in their order. */
export interface JournalReader {
  /**
   * The next group's; undefined where all that is durable was read. Byte strings are views that hold until the next call.
   * @throws TanlianError E_JOURNAL_DAMAGED, again at each call: nothing is read past damage (safety F9).
   */
  next(): Promise<readonly Placed[] | undefined>
  close(): Promise<void>
}

export interface Placed {
  readonly position: number
  readonly entry: Entry
}

/** A reader from a position on; each group is checked again before its entries are given. */
export function openReader(disk: Disk, segments: Segments, from: number): JournalReader {
  let position = from
  let file: DiskFile | undefined
  let groups: GroupReader | undefined
  let chain: Uint8Array | undefined

  /** Moves to the segment that holds the position. @returns where its groups end */
  const turn = async (): Promise<number> => {
    const sealed = segments.sealed.find(({ first, next }) => first <= position && position < next)
    const path = sealed?.path ?? segments.open.file.path
    if (file?.path !== path) {
      if (sealed === undefined && position < segments.open.first) throw damaged(nameOf(path), position)
      await file?.close()
      file = await disk.open(path, 'existing')
      groups = readGroups(file)
    }
    return sealed?.groupBytes ?? segments.open.bytes
  }

  return {
    async next() {
      while (position < segments.next) {
        const end = await turn()
        let group = await groups?.next(end)
        // Damage before the place where reading begins is no concern of this reader.
        if (group === undefined && position === from && (await groups?.skip(end))) {
          group = await groups?.next(end)
          chain = undefined
        }
        if (
          group === undefined ||
          group.first > position ||
          (chain !== undefined && !equalBytes(group.previous, chain))
        )
          throw damaged(nameOf(file?.path ?? ''), position)
        chain = group.hash
        if (group.first + group.count <= position) continue
        const placed: Placed[] = []
        let at = group.first
        for (const bytes of entriesOf(group)) {
          if (at >= position) placed.push({ position: at, entry: decodeEntry(bytes) })
          at++
        }
        position = at
        return placed
      }
      return undefined
    },
    async close() {
      await file?.close()
      file = undefined
    },
  }
}

function damaged(segment: string, position: number): TanlianError {
  return new TanlianError(
    'E_JOURNAL_DAMAGED',
    `Position ${position} of the journal, in ${segment}, is not what was kept. Restore the segment from a copy.`,
    { values: { segment, position } },
  )
}
