import { writeHead, writeInteger } from './cbor.ts'
import type { Chunk, Row } from './form.ts'

// Head, two numbers of 9 bytes, a flag and a place of 3: no row is longer. The fields around rows and sources take 80 bytes.
const ROW_BYTES = 1 + 9 + 9 + 9 + 2 + 3
const SOURCE_BYTES = 41
const FRAME_BYTES = 96

/**
 * A chunk as canonical DAG-CBOR, written by hand since it is most of what a batch costs; a test holds it to `@ipld/dag-cbor`
 * byte for byte. Keys stand in DAG-CBOR's order: the shorter first. With 4,096 rows and as many sources the block stays below
 * 300 kB, so the bound of 512 KiB is never what ends a chunk.
 */
export function encodeChunk({ type, stream, seed, sources, rows }: Chunk): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_BYTES + ROW_BYTES * rows.length + SOURCE_BYTES * sources.length)
  let at = writeHead(bytes, 0, MAP, 5)
  at = writeText(bytes, at, 'rows')
  at = writeHead(bytes, at, ARRAY, rows.length)
  for (const row of rows) at = writeRow(bytes, at, row)
  at = writeText(bytes, at, 'seed')
  at = writeBytes(bytes, at, seed)
  at = writeText(bytes, at, 'type')
  at = writeInteger(bytes, at, type)
  at = writeText(bytes, at, 'stream')
  at = writeInteger(bytes, at, stream)
  at = writeText(bytes, at, 'sources')
  at = writeHead(bytes, at, ARRAY, sources.length)
  for (const source of sources) {
    // Tag 42: a byte string of 00 and the CID.
    bytes[at++] = 0xd8
    bytes[at++] = 42
    at = writeHead(bytes, at, BYTES, source.bytes.length + 1)
    bytes[at++] = 0
    bytes.set(source.bytes, at)
    at += source.bytes.length
  }
  return bytes.slice(0, at)
}

const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5

function writeRow(bytes: Uint8Array, from: number, [start, seconds, quantity, flag, source]: Row): number {
  bytes[from] = 0x85
  let at = writeInteger(bytes, from + 1, start)
  at = writeInteger(bytes, at, seconds)
  at = writeInteger(bytes, at, quantity)
  bytes[at++] = 0x61
  bytes[at++] = flag.charCodeAt(0)
  if (source !== null) return writeInteger(bytes, at, source)
  bytes[at++] = 0xf6
  return at
}

function writeText(bytes: Uint8Array, from: number, text: string): number {
  const at = writeHead(bytes, from, TEXT, text.length)
  for (let letter = 0; letter < text.length; letter++) bytes[at + letter] = text.charCodeAt(letter)
  return at + text.length
}

function writeBytes(bytes: Uint8Array, from: number, content: Uint8Array): number {
  const at = writeHead(bytes, from, BYTES, content.length)
  bytes.set(content, at)
  return at + content.length
}
