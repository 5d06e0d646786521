/** Where a block lies in its segment: position of its first byte, and its length. */
export interface Place {
  readonly position: number
  readonly length: number
}

/** A block of a segment. */
export interface Found extends Place {
  readonly digest: Uint8Array
}

/** One item of an index, in memory and in its file: digest, u64 position, u32 length. */
export const ITEM_BYTES = 32 + 8 + 4

/** The blocks of the segment that is written to: flat memory, open addressing, no objects. They are numbered from 0 in the order of their coming. */
export interface BlockIndex {
  readonly count: number
  /** The items in their order: a view, which holds until the next `set`. */
  readonly items: Uint8Array
  /** The block's number. */
  find(digest: Uint8Array): number | undefined
  place(number: number): Place
  /** A block that is known keeps its number and gets the new place. */
  set(found: Found): void
}

/** A new, empty index. Digests are SHA-256, so their first bytes are a good hash already. */
export function createBlockIndex(): BlockIndex {
  let capacity = 1024
  let count = 0
  let items = Buffer.alloc(capacity * ITEM_BYTES)
  /** Number of the block, and one more: 0 is an empty slot. At most two of three are taken. */
  let slots = new Uint32Array(2 * capacity)

  const digestAt = (number: number) => items.subarray(number * ITEM_BYTES, number * ITEM_BYTES + 32)
  /** The slot that holds the digest, or the empty one where it belongs. */
  const slotOf = (digest: Uint8Array): number => {
    let slot = readU32(digest) & (slots.length - 1)
    for (let taken = slots[slot] as number; taken !== 0; taken = slots[slot] as number) {
      if (sameAt(items, (taken - 1) * ITEM_BYTES, digest)) return slot
      slot = (slot + 1) & (slots.length - 1)
    }
    return slot
  }
  const widen = () => {
    capacity *= 2
    const wider = Buffer.alloc(capacity * ITEM_BYTES)
    items.copy(wider)
    items = wider
    slots = new Uint32Array(2 * capacity)
    for (let number = 0; number < count; number++) slots[slotOf(digestAt(number))] = number + 1
  }

  return {
    get count() {
      return count
    },
    get items() {
      return items.subarray(0, count * ITEM_BYTES)
    },
    find(digest) {
      const taken = slots[slotOf(digest)] as number
      return taken === 0 ? undefined : taken - 1
    },
    place: (number) => placeOf(items, number * ITEM_BYTES),
    set({ digest, position, length }) {
      if (count === capacity) widen()
      const slot = slotOf(digest)
      if (slots[slot] === 0) slots[slot] = ++count
      const at = ((slots[slot] as number) - 1) * ITEM_BYTES
      items.set(digest, at)
      items.writeBigUInt64BE(BigInt(position), at + 32)
      items.writeUInt32BE(length, at + 40)
    },
  }
}

/** The place in the item that begins at a byte. */
export function placeOf(items: Buffer, at: number): Place {
  return { position: Number(items.readBigUInt64BE(at + 32)), length: items.readUInt32BE(at + 40) }
}

/** Whether 32 bytes from a place on are the digest. */
export function sameAt(all: Uint8Array, at: number, digest: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) if (all[at + i] !== digest[i]) return false
  return true
}

function readU32(bytes: Uint8Array): number {
  return (
    (((bytes[0] as number) << 24) |
      ((bytes[1] as number) << 16) |
      ((bytes[2] as number) << 8) |
      (bytes[3] as number)) >>>
    0
  )
}
