import { TanlianError } from '@tanlian/units'

/** The largest integer of the format: counts, seconds, quantities and every sum of them (spec section 1). */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER

/** Length of a key in bytes. */
export const KEY_BYTES = 16

/** A closed range of keys, `lo` and `hi` included; both 16 bytes. */
export interface Interval {
  readonly lo: Uint8Array
  readonly hi: Uint8Array
}

/** What a key names: the four-byte type (class, group, kind, validity), the stream, the start in Unix seconds. */
export interface KeyParts {
  readonly type: number
  readonly stream: number
  readonly start: number
}

/**
 * The 16 bytes by which a reading is sorted and asked for: `u32(type) ‖ u32(stream) ‖ u64(start)` (spec section 1).
 * @throws TanlianError E_KEY_RANGE where a part is out of its bounds.
 */
export function encodeKey(type: number, stream: number, start: number): Uint8Array {
  requireInteger('type', type, 0, 0xffffffff)
  requireInteger('stream', stream, 0, 0xffffffff)
  requireInteger('start', start, 0, MAX_INTEGER)
  const key = new Uint8Array(KEY_BYTES)
  const view = new DataView(key.buffer)
  view.setUint32(0, type)
  view.setUint32(4, stream)
  view.setBigUint64(8, BigInt(start))
  return key
}

/**
 * Reads a key back.
 * @throws TanlianError E_KEY_LENGTH for other than 16 bytes, E_KEY_RANGE for a start beyond 2^53 − 1.
 */
export function decodeKey(key: Uint8Array): KeyParts {
  requireKey(key)
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES)
  const start = Number(view.getBigUint64(8))
  requireInteger('start', start, 0, MAX_INTEGER)
  return { type: view.getUint32(0), stream: view.getUint32(4), start }
}

/** Compares as unsigned bytes: negative, zero or positive (safety R1). */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** All keys that begin with these bytes, one to sixteen of them: the type filter (类型过滤). */
export function prefixInterval(prefix: Uint8Array): Interval {
  if (prefix.length > KEY_BYTES)
    throw new TanlianError('E_KEY_LENGTH', `A key prefix has at most ${KEY_BYTES} bytes, this one ${prefix.length}.`)
  const lo = new Uint8Array(KEY_BYTES)
  const hi = new Uint8Array(KEY_BYTES).fill(0xff)
  lo.set(prefix)
  hi.set(prefix)
  return { lo, hi }
}

/** A window `[from, to)` of one type and stream: the readings that start in it (spec section 4). */
export function windowInterval(type: number, stream: number, from: number, to: number): Interval {
  return { lo: encodeKey(type, stream, from), hi: encodeKey(type, stream, to - 1) }
}

/** The key right after this one, or undefined for the last of all. */
export function keyAfter(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice()
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at] !== 0xff) {
      next[at] = (next[at] as number) + 1
      return next
    }
    next[at] = 0
  }
  return undefined
}

/** The key right before this one, or undefined for the first of all. */
export function keyBefore(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice()
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at] !== 0) {
      next[at] = (next[at] as number) - 1
      return next
    }
    next[at] = 0xff
  }
  return undefined
}

/** @throws TanlianError E_KEY_LENGTH for anything but 16 bytes. */
export function requireKey(key: unknown): asserts key is Uint8Array {
  if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES)
    throw new TanlianError(
      'E_KEY_LENGTH',
      `A key is ${KEY_BYTES} bytes${key instanceof Uint8Array ? `, not ${key.length}` : ''}.`,
    )
}

function requireInteger(name: string, value: number, least: number, greatest: number) {
  if (!Number.isSafeInteger(value) || value < least || value > greatest)
    throw new TanlianError(
      'E_KEY_RANGE',
      `The ${name} ${value} of a key is not an integer of ${least} to ${greatest}.`,
      {
        values: { name, value },
      },
    )
}
