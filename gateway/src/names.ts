import type { Digest } from './digest.ts'

/** A message that was kept under a name. */
export interface Named {
  /** Of what it says. */
  readonly content: Digest
  readonly position: number
  readonly conflict: boolean
}

/**
 * The names of a segment's messages: rows in the order of arrival, found through an open-addressed table, so that a segment of half a
 * million messages costs some twenty megabytes and no object each.
 *
 *     row = name(16) ‖ content(16) ‖ u48 position ‖ u16 (1 for a conflict)
 */
export interface Names {
  readonly count: number
  add(name: Digest, named: Named): void
  find(name: Digest): readonly Named[]
  /** All rows, sorted by the first four bytes of their names. */
  sorted(): Uint8Array
}

export const ROW_BYTES = 40

/** No name yet. */
export function createNames(): Names {
  let rows = Buffer.alloc(1024 * ROW_BYTES)
  let slots = new Int32Array(2048).fill(-1)
  let count = 0
  const place = (row: number) => {
    let slot = rows.readUInt32BE(row * ROW_BYTES) & (slots.length - 1)
    while (slots[slot] !== -1) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = row
  }
  return {
    get count() {
      return count
    },
    add(name, { content, position, conflict }) {
      if ((count + 1) * ROW_BYTES > rows.length) {
        rows = Buffer.concat([rows], rows.length * 2)
        slots = new Int32Array(slots.length * 2).fill(-1)
        for (let row = 0; row < count; row++) place(row)
      }
      const at = count * ROW_BYTES
      rows.write(name, at, 'latin1')
      rows.write(content, at + 16, 'latin1')
      rows.writeUIntBE(position, at + 32, 6)
      rows.writeUInt16BE(conflict ? 1 : 0, at + 38)
      place(count++)
    },
    find(name) {
      const found: Named[] = []
      let slot = firstOf(name) & (slots.length - 1)
      for (let row = slots[slot] as number; row !== -1; row = slots[slot] as number) {
        const named = rowAt(rows, row, name)
        if (named !== undefined) found.push(named)
        slot = (slot + 1) & (slots.length - 1)
      }
      return found
    },
    sorted() {
      // Prefix and row share a double: 32 and 21 bits; sorting doubles needs no comparison in script.
      const order = Float64Array.from({ length: count }, (_, row) => rows.readUInt32BE(row * ROW_BYTES) * 2 ** 21 + row)
      order.sort()
      const out = new Uint8Array(count * ROW_BYTES)
      for (let to = 0; to < count; to++) {
        const from = ((order[to] as number) % 2 ** 21) * ROW_BYTES
        out.set(rows.subarray(from, from + ROW_BYTES), to * ROW_BYTES)
      }
      return out
    },
  }
}

/** Most rows of one segment. */
export const MOST_ROWS = 2 ** 21

/** Finds a name among sorted rows of a file. `read` gives rows `[from, to)`. */
export async function findSorted(
  name: Digest,
  count: number,
  read: (from: number, to: number) => Promise<Uint8Array>,
): Promise<readonly Named[]> {
  const wanted = firstOf(name)
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (Buffer.from(await read(middle, middle + 1)).readUInt32BE() < wanted) low = middle + 1
    else high = middle
  }
  const found: Named[] = []
  for (let from = low; from < count; from += NEIGHBOURS) {
    const to = Math.min(count, from + NEIGHBOURS)
    const rows = Buffer.from(await read(from, to))
    for (let row = 0; row < to - from; row++) {
      if (rows.readUInt32BE(row * ROW_BYTES) !== wanted) return found
      const named = rowAt(rows, row, name)
      if (named !== undefined) found.push(named)
    }
  }
  return found
}

/** Rows of one prefix are few: a read of this many nearly always ends the search. */
const NEIGHBOURS = 16

function rowAt(rows: Buffer, row: number, name: Digest): Named | undefined {
  const at = row * ROW_BYTES
  if (rows.toString('latin1', at, at + 16) !== name) return undefined
  return {
    content: rows.toString('latin1', at + 16, at + 32),
    position: rows.readUIntBE(at + 32, 6),
    conflict: rows.readUInt16BE(at + 38) === 1,
  }
}

/** The first four bytes of a name, as `readUInt32BE` has them of a row. */
function firstOf(name: Digest): number {
  return (
    ((name.charCodeAt(0) << 24) | (name.charCodeAt(1) << 16) | (name.charCodeAt(2) << 8) | name.charCodeAt(3)) >>> 0
  )
}
