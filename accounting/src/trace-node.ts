import { cidOf, encodeValue } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Program } from './program.ts'
import type { Source } from './shape.ts'
import type { Origin, TraceNode } from './trace.ts'

/** What a node of a trace says. Keys that do not apply to it are not there. */
export interface NodeFields {
  readonly name: string
  /** Its row, where it has one for each row of a group. */
  readonly row: number | undefined
  /** Fraction in the unit, or a text. */
  readonly value: string
  readonly unit: string
  /** The equation; `input`; or how a parameter was chosen: `measured`, `constant`, `factor`, `fallback`. */
  readonly rule: string
  readonly article?: string | undefined
  readonly origin?: Origin
  readonly source?: Source
  readonly set?: CID | undefined
  readonly keys?: readonly string[]
}

export const TRACE_NODE_FORMAT = 'tanlian/trace-node/1'

/*
 * A year's report has thousands of nodes of one shape, so their canonical DAG-CBOR is written here directly: a map whose keys stand in order of
 * length and then of bytes. A test holds it against the general encoder.
 */
const [UNSIGNED, TEXT, LIST, MAP] = [0x00, 0x60, 0x80, 0xa0]
/** Tag 42 and the head of 37 bytes that open with 0: a link. */
const LINK = [0xd8, 0x2a, 0x58, 0x25, 0x00]

let bytes = new Uint8Array(4096)
let at = 0
/** Texts that come again in every row, as CBOR, for each program. */
const known = new WeakMap<Program, Map<string, Uint8Array>>()

/** The node with its block. */
export function writeNode(program: Program, fields: Omit<TraceNode, 'cid' | 'block'>): TraceNode {
  let texts = known.get(program)
  if (texts === undefined) {
    texts = new Map()
    known.set(program, texts)
  }
  const { name, row, value, unit, rule, article, origin, source, set, keys, inputs } = fields
  at = 0
  const optional = [row, set, keys, origin, source, article].filter((one) => one !== undefined)
  head(MAP, 7 + optional.length)
  if (row !== undefined) {
    again('row', texts)
    head(UNSIGNED, row)
  }
  if (set !== undefined) {
    again('set', texts)
    link(set)
  }
  if (keys !== undefined) {
    again('keys', texts)
    head(LIST, keys.length)
    for (const key of keys) again(key, texts)
  }
  again('name', texts)
  again(name, texts)
  again('rule', texts)
  again(rule, texts)
  again('unit', texts)
  again(unit, texts)
  again('value', texts)
  text(value)
  again('format', texts)
  again(TRACE_NODE_FORMAT, texts)
  again('inputs', texts)
  head(LIST, inputs.length)
  for (const { cid } of inputs) link(cid)
  if (origin !== undefined) {
    again('origin', texts)
    head(LIST, 2)
    text(origin.kind)
    text(origin.reference)
  }
  if (source !== undefined) {
    again('source', texts)
    head(LIST, 3)
    again(source.document, texts)
    again(source.article ?? '', texts)
    again(source.confidence, texts)
  }
  if (article !== undefined) {
    again('article', texts)
    again(article, texts)
  }
  again('methodology', texts)
  link(program.methodology.cid)
  const own = bytes.slice(0, at)
  const cid = cidOf(own)
  return { ...fields, cid, block: { cid, bytes: own } }
}

function again(value: string, texts: Map<string, Uint8Array>) {
  let encoded = texts.get(value)
  if (encoded === undefined) {
    const from = at
    text(value)
    encoded = bytes.slice(from, at)
    at = from
    texts.set(value, encoded)
  }
  append(encoded)
}

function append(encoded: Uint8Array) {
  room(encoded.length)
  bytes.set(encoded, at)
  at += encoded.length
}

function text(value: string) {
  const start = at
  head(TEXT, value.length)
  room(value.length)
  for (let place = 0; place < value.length; place++) {
    const code = value.charCodeAt(place)
    if (code > 127) {
      at = start
      append(encodeValue(value))
      return
    }
    bytes[at++] = code
  }
}

function link(cid: CID) {
  room(LINK.length + cid.bytes.length)
  bytes.set(LINK, at)
  bytes.set(cid.bytes, at + LINK.length)
  at += LINK.length + cid.bytes.length
}

/** The head of an item: its kind and a number below 2^32 in the shortest form. */
function head(kind: number, value: number) {
  room(5)
  if (value < 24) bytes[at++] = kind | value
  else if (value < 0x100) {
    bytes[at++] = kind | 24
    bytes[at++] = value
  } else if (value < 0x10000) {
    bytes[at++] = kind | 25
    bytes[at++] = value >> 8
    bytes[at++] = value
  } else {
    bytes[at++] = kind | 26
    bytes[at++] = value >>> 24
    bytes[at++] = value >>> 16
    bytes[at++] = value >>> 8
    bytes[at++] = value
  }
}

function room(size: number) {
  if (at + size <= bytes.length) return
  const larger = new Uint8Array(2 * (at + size))
  larger.set(bytes)
  bytes = larger
}
