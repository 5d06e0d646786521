import type { Sample } from '../arrival.ts'
import { type JsonMessage, LAST_MS, type Metrics } from './json-message.ts'

/**
 * A message without its numbers (报文模板). A device writes one message like the other; one that was read is a pattern for those after it,
 * which are compared with it byte by byte and held to the reader's rules for numbers alone, faster than any parser. It is a class with plain
 * fields because every message of a gateway goes through it.
 */
export class JsonShape {
  /** Of the message that matched last. */
  ts = 0
  seq: number | undefined
  /** What stands before each number, and after the last. */
  readonly #literals: readonly Uint8Array[]
  /** Numbers before those of the metrics: `ts`, and `seq` where there is one. */
  readonly #heads: number
  readonly #fields: readonly string[]
  /** Where each number of a metric begins and ends. */
  readonly #starts: number[]
  readonly #ends: number[]

  constructor(literals: readonly string[], heads: number, fields: readonly string[]) {
    this.#literals = literals.map((literal) => Buffer.from(literal))
    this.#heads = heads
    this.#fields = fields
    this.#starts = fields.map(() => 0)
    this.#ends = fields.map(() => 0)
  }

  /** @returns where a message of this shape that begins at `from` ends; -1 where none does, and the reader has to say why */
  match(bytes: Uint8Array, from: number): number {
    const last = this.#literals.length - 1
    let at = from
    for (let place = 0; place < last; place++) {
      at = passLiteral(bytes, at, this.#literals[place] as Uint8Array)
      if (at < 0) return -1
      const start = at
      at = place < this.#heads ? passDigits(bytes, at, 16) : passDecimal(bytes, at)
      if (at < 0) return -1
      if (place < this.#heads) {
        const value = integerAt(bytes, start, at)
        if (value > (place === 0 ? LAST_MS : Number.MAX_SAFE_INTEGER)) return -1
        if (place === 0) this.ts = value
        else this.seq = value
      } else {
        this.#starts[place - this.#heads] = start
        this.#ends[place - this.#heads] = at
      }
    }
    return passLiteral(bytes, at, this.#literals[last] as Uint8Array)
  }

  /** The message that matched last, out of the same bytes; with no metrics it has no samples. */
  message(bytes: Buffer, metrics: Metrics): JsonMessage {
    const { ts, seq } = this
    return {
      ts,
      seq,
      samples: metrics.size === 0 ? NO_SAMPLES : this.#samples(bytes, metrics),
      salt: undefined,
      sig: undefined,
    }
  }

  #samples(bytes: Buffer, metrics: Metrics): Sample[] {
    const stamp = Math.floor(this.ts / 1000)
    const samples: Sample[] = []
    for (let place = 0; place < this.#fields.length; place++) {
      const point = metrics.get(this.#fields[place] as string)
      if (point === undefined) continue
      const value = bytes.toString('latin1', this.#starts[place], this.#ends[place])
      samples.push({ point, stamp, value, flag: undefined })
    }
    return samples
  }
}

/** A number after the colon of its key: no text has a quote in it, so nothing else looks so. */
const NUMBER = /(?<=":)-?[\d.]+(?=[,}])/
const METRICS = ',"metrics":{"'

/** The shape of a message that the reader took, where it is written in the plain way: `ts`, `seq`, and metrics that are all numbers. */
export function shapeOf(text: string): JsonShape | undefined {
  const literals = text.split(NUMBER)
  const heads = literals[1] === ',"seq":' ? 2 : 1
  const fields = literals.slice(heads, -1).map((literal, at) => literal.slice(at === 0 ? METRICS.length : 2, -2))
  const plain = [
    '{"ts":',
    ...(heads === 2 ? [',"seq":'] : []),
    ...fields.map((field, at) => `${at === 0 ? METRICS : ',"'}${field}":`),
    '}}',
  ]
  if (
    fields.length === 0 ||
    fields.some((field) => field.includes('"')) ||
    plain.some((literal, at) => literal !== literals[at])
  )
    return undefined
  return new JsonShape(literals, heads, fields)
}

function passLiteral(bytes: Uint8Array, from: number, literal: Uint8Array): number {
  if (from + literal.length > bytes.length) return -1
  for (let i = 0; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return -1
  return from + literal.length
}

/** Passes 1 to `most` digits, no zero before others unless `zeros`. */
function passDigits(bytes: Uint8Array, from: number, most: number, zeros = false): number {
  let at = from
  while (at < bytes.length && ((bytes[at] as number) ^ ZERO) < 10) at++
  if (at === from || at - from > most || (!zeros && at - from > 1 && bytes[from] === ZERO)) return -1
  return at
}

function passDecimal(bytes: Uint8Array, from: number): number {
  const at = passDigits(bytes, bytes[from] === MINUS ? from + 1 : from, 16)
  return at >= 0 && bytes[at] === POINT ? passDigits(bytes, at + 1, 12, true) : at
}

/** Of at most 18 digits; in two halves of 32 bits, for a time of 13 digits costs more than all else of a message. */
function integerAt(bytes: Uint8Array, from: number, to: number): number {
  const middle = Math.max(from, to - 9)
  return smallAt(bytes, from, middle) * 1e9 + smallAt(bytes, middle, to)
}

function smallAt(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = (value * 10 + ((bytes[at] as number) - ZERO)) | 0
  return value
}

const NO_SAMPLES: readonly Sample[] = []
const ZERO = 0x30
const MINUS = 0x2d
const POINT = 0x2e
