import { KERNEL_WASM } from './kernel.wasm.ts'

/**
 * The hashing kernel of ../kernel/kernel.ts, ready to be called: SHA-256 of four messages at a time over flat memory.
 * Every function works on a block of at most {@link BLOCK} readings that stands at {@link PLACE}.
 */
export interface Hasher {
  readonly bytes: Uint8Array
  readonly floats: Float64Array
  readonly integers: Int32Array
  /** 0, or 4 × place + 1 for a quantity, 2 for a duration or end, 3 for a key out of order. */
  readonly checkLeaves: (count: number, first: number) => number
  /** Body digests of readings of one chunk. */
  readonly hashBodies: (count: number) => void
  /** The nodes of leaves. */
  readonly hashLeaves: (count: number) => void
  /** One level up, from and to an address, without an odd last node; 1 where a sum passes 2^53 − 1. */
  readonly hashLevel: (from: number, count: number, to: number) => number
}

/** Readings or nodes in a block. */
export const BLOCK = 1024

/** The kernel's map of memory, in bytes. */
export const PLACE = {
  seed: 0x1800,
  flags: 0x2000,
  origins: 0x2400,
  keys: 0x4000,
  quantities: 0x8000,
  seconds: 0xa000,
  digests: 0x10000,
  nodes: 0x18000,
  sources: 0x48000,
} as const

/** Digests that fit at `PLACE.sources`. */
export const MAX_SOURCES = 4096

// The core is compiled without the browser's and Node's types; this is what it needs of theirs.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

let made: Hasher | undefined

/** The kernel, compiled at first use: small enough (4 kB) for a browser to do so on its main thread. */
export function hasher(): Hasher {
  made ??= makeHasher()
  return made
}

function makeHasher(): Hasher {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fromBase64(KERNEL_WASM)))
  const { memory, checkLeaves, hashBodies, hashLeaves, hashLevel } = exports as Hasher & {
    readonly memory: { readonly buffer: ArrayBuffer }
  }
  return {
    bytes: new Uint8Array(memory.buffer),
    floats: new Float64Array(memory.buffer),
    integers: new Int32Array(memory.buffer),
    checkLeaves,
    hashBodies,
    hashLeaves,
    hashLevel,
  }
}

function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let to = 0
  for (let at = 0; at < text.length - padding; at++) {
    bits = (bits << 6) | sixBits(text.charCodeAt(at))
    if (at % 4 !== 0) bytes[to++] = bits >> (6 - 2 * (at % 4))
  }
  return bytes
}

function sixBits(code: number): number {
  if (code >= 97) return code - 71
  if (code >= 65) return code - 65
  if (code >= 48) return code + 4
  return code === 43 ? 62 : 63
}
