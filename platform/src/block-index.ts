/** Where a block lies: segment number, position of its first byte in the segment, and its length. */
export interface Place {
  readonly segment: number
  readonly position: number
  readonly length: number
}

/** Digest → place, for millions of blocks in flat memory: 52 bytes a slot, open addressing, no objects. */
export interface BlockIndex {
  readonly count: number
  /** The how-manieth block it was that was set, from 0: stays the same as long as the index lives. */
  ordinal(digest: Uint8Array): number | undefined
  get(digest: Uint8Array): Place | undefined
  set(digest: Uint8Array, place: Place): void
}

const SLOT_DIGEST = 32

/** A new, empty index. Digests are SHA-256, so their first bytes are a good hash already. */
export function createBlockIndex(): BlockIndex {
  let capacity = 1024
  let count = 0
  let digests = new Uint8Array(capacity * SLOT_DIGEST)
  let segments = new Uint32Array(capacity)
  let positions = new Float64Array(capacity)
  let lengths = new Uint32Array(capacity)
  let ordinals = new Uint32Array(capacity)

  /** The slot that holds the digest, or the empty one where it belongs. Segments count from 1, so 0 is an empty slot. */
  const slotOf = (digest: Uint8Array): number => {
    let slot = readU32(digest) & (capacity - 1)
    while (segments[slot] !== 0 && !sameAt(digests, slot * SLOT_DIGEST, digest)) slot = (slot + 1) & (capacity - 1)
    return slot
  }
  const put = (digest: Uint8Array, place: Place, ordinal: number) => {
    const slot = slotOf(digest)
    if (segments[slot] === 0) {
      count++
      ordinals[slot] = ordinal
    }
    digests.set(digest, slot * SLOT_DIGEST)
    segments[slot] = place.segment
    positions[slot] = place.position
    lengths[slot] = place.length
  }
  const widen = () => {
    const old = { capacity, digests, segments, positions, lengths, ordinals }
    capacity *= 2
    count = 0
    digests = new Uint8Array(capacity * SLOT_DIGEST)
    segments = new Uint32Array(capacity)
    positions = new Float64Array(capacity)
    lengths = new Uint32Array(capacity)
    ordinals = new Uint32Array(capacity)
    for (let slot = 0; slot < old.capacity; slot++) {
      const segment = old.segments[slot] as number
      if (segment === 0) continue
      const digest = old.digests.subarray(slot * SLOT_DIGEST, (slot + 1) * SLOT_DIGEST)
      const place = { segment, position: old.positions[slot] as number, length: old.lengths[slot] as number }
      put(digest, place, old.ordinals[slot] as number)
    }
  }

  return {
    get count() {
      return count
    },
    get(digest) {
      const slot = slotOf(digest)
      const segment = segments[slot] as number
      if (segment === 0) return undefined
      return { segment, position: positions[slot] as number, length: lengths[slot] as number }
    },
    ordinal(digest) {
      const slot = slotOf(digest)
      return segments[slot] === 0 ? undefined : ordinals[slot]
    },
    set(digest, place) {
      if (count * 3 > capacity * 2) widen()
      put(digest, place, count)
    },
  }
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

function sameAt(all: Uint8Array, at: number, digest: Uint8Array): boolean {
  for (let i = 0; i < SLOT_DIGEST; i++) if (all[at + i] !== digest[i]) return false
  return true
}
