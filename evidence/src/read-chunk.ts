import type { CID } from 'multiformats/cid'
import { cidFromDigest, equalBytes } from './block.ts'
import { encodeChunk } from './encode-chunk.ts'
import type { Row } from './form.ts'
import { MAX_INTEGER } from './key.ts'

/**
 * The fields of a chunk block, read by hand since reading chunks is most of what an audit costs. They are held to canonical DAG-CBOR by being
 * written again. Undefined for anything that is not the canonical form of such fields: the general decoder has to say what it is.
 */
export function readChunk(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const reader = new Reader(bytes)
  reader.pass(MAP_OF_5)
  reader.pass(KEYS.rows)
  const rows = Array.from({ length: reader.head(ARRAY) }, () => reader.row())
  reader.pass(KEYS.seed)
  const seed = reader.bytes(reader.head(BYTES))
  reader.pass(KEYS.type)
  const type = reader.head(UINT)
  reader.pass(KEYS.stream)
  const stream = reader.head(UINT)
  reader.pass(KEYS.sources)
  const sources = Array.from({ length: reader.head(ARRAY) }, () => reader.cid())
  if (reader.failed) return undefined
  const chunk = { type, stream, seed, sources: sources as CID[], rows: rows as unknown as Row[] }
  return equalBytes(encodeChunk(chunk), bytes) ? chunk : undefined
}

const UINT = 0
const BYTES = 2
const ARRAY = 4

const key = (name: string) => Uint8Array.from([0x60 + name.length, ...[...name].map((letter) => letter.charCodeAt(0))])
const MAP_OF_5 = Uint8Array.of(0xa5)
const KEYS = { rows: key('rows'), seed: key('seed'), type: key('type'), stream: key('stream'), sources: key('sources') }
/** Tag 42, a byte string of 37, the multibase prefix, CID version 1, dag-cbor, sha2-256, 32 bytes. */
const CID_HEAD = Uint8Array.of(0xd8, 0x2a, 0x58, 0x25, 0x00, 0x01, 0x71, 0x12, 0x20)
const DIGEST_BYTES = 32

/** Goes on as if nothing were wrong once something is; `failed` says so at the end. */
class Reader {
  failed = false
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  pass(expected: Uint8Array): void {
    for (const byte of expected) if (this.#bytes[this.#at++] !== byte) this.failed = true
  }

  /** The number in a head of a major type; no list is longer than the bytes that are left. */
  head(major: number): number {
    const first = this.#bytes[this.#at++] ?? 0xff
    const size = first & 31
    if (first >> 5 !== major || size > 27) this.failed = true
    if (this.failed) return 0
    let value = size
    if (size >= 24) {
      value = 0
      for (let left = 1 << (size - 24); left > 0; left--) value = value * 256 + (this.#bytes[this.#at++] ?? 0)
    }
    if (value > (major === UINT ? MAX_INTEGER : this.#bytes.length - this.#at)) this.failed = true
    return this.failed ? 0 : value
  }

  bytes(length: number): Uint8Array {
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  row(): [number, number, number, string, number | null] {
    if (this.failed || this.#bytes[this.#at++] !== ROW_HEAD) this.failed = true
    return [this.head(UINT), this.head(UINT), this.head(UINT), this.#letter(), this.#place()]
  }

  cid(): CID | undefined {
    this.pass(CID_HEAD)
    const digest = this.bytes(DIGEST_BYTES)
    if (digest.length !== DIGEST_BYTES) this.failed = true
    return this.failed ? undefined : cidFromDigest(digest)
  }

  #letter(): string {
    const [head, code = 0xff] = [this.#bytes[this.#at++], this.#bytes[this.#at++]]
    if (head !== 0x61 || code > 0x7f) this.failed = true
    return String.fromCharCode(code)
  }

  #place(): number | null {
    if (this.#bytes[this.#at] !== NULL) return this.head(UINT)
    this.#at++
    return null
  }
}

const ROW_HEAD = 0x85
const NULL = 0xf6
