import { compareKeys, isEvidenceCid } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { fieldsOf, formError, listOf, textOf } from '../shape.ts'

/*
 * Strict readers for the content of documents, as it comes out of canonical DAG-CBOR. What they return has the shape of what they were
 * given, so that content is written by encoding it again. Every reader throws TanlianError E_DOCUMENT_FORM with the place.
 */

/** `[from, to)` in Unix seconds. */
export type Period = readonly [from: number, to: number]

/** A value of a methodology's output as it is shown: name, decimal text, unit. */
export type OutputValue = readonly [name: string, value: string, unit: string]

/** A private file that the log knows by a salted digest only (附件). */
export interface Attachment {
  /** H(salt ‖ bytes), with a random salt of 16 bytes. */
  readonly digest: Uint8Array
  readonly bytes: number
  readonly media: string
}

export function countOf(at: string, input: unknown, least = 0): number {
  if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < least)
    throw formError(at, `is no whole number of at least ${least}`)
  return input
}

export function periodOf(at: string, input: unknown): Period {
  const [from, to] = tupleOf(at, input, 2)
  const period = [countOf(`${at}[0]`, from), countOf(`${at}[1]`, to)] as const
  if (period[1] <= period[0]) throw formError(at, 'ends before it begins')
  return period
}

export function linkOf(at: string, input: unknown): CID {
  if (!isEvidenceCid(input)) throw formError(at, 'is no CID')
  return input
}

export function bytesOf(at: string, input: unknown, length: number): Uint8Array {
  if (!(input instanceof Uint8Array) || input.length !== length) throw formError(at, `is not ${length} bytes`)
  return input
}

export function truthOf(at: string, input: unknown): boolean {
  if (typeof input !== 'boolean') throw formError(at, 'is neither true nor false')
  return input
}

/** A decimal as its author wrote it: sign, digits, at most one point. */
export function decimalTextOf(at: string, input: unknown): string {
  const text = textOf(at, input, 80)
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw formError(at, 'is no decimal')
  return text
}

export function nullable<T>(input: unknown, read: (input: unknown) => T): T | null {
  return input === null ? null : read(input)
}

export function tupleOf(at: string, input: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(input) || input.length !== length) throw formError(at, `is no list of ${length}`)
  return input
}

/** A list that is a set: its items in ascending order, each once. */
export function setOf<T>(
  at: string,
  input: unknown,
  read: (at: string, item: unknown) => T,
  compare: (a: T, b: T) => number,
): readonly T[] {
  const items = listOf(at, input, read)
  for (const [place, item] of items.entries())
    if (place > 0 && compare(items[place - 1] as T, item) >= 0)
      throw formError(`${at}[${place}]`, 'is out of order or repeated')
  return items
}

export function byNumber(a: number, b: number): number {
  return a - b
}

/** By code units, which for names in ASCII is by bytes. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function byCid(a: CID, b: CID): number {
  return compareKeys(a.bytes, b.bytes)
}

export function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [place, value] of a.entries()) {
    const difference = value - (b[place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function outputsOf(at: string, input: unknown): readonly OutputValue[] {
  return listOf(at, input, (place, item) => {
    const [name, value, unit] = tupleOf(place, item, 3)
    return [
      textOf(`${place}[0]`, name, 80),
      decimalTextOf(`${place}[1]`, value),
      textOf(`${place}[2]`, unit, 80),
    ] as const
  })
}

export function attachmentOf(at: string, input: unknown): Attachment {
  const f = fieldsOf(at, input, ['digest', 'bytes', 'media'])
  return {
    digest: bytesOf(`${at}.digest`, f.digest, 32),
    bytes: countOf(`${at}.bytes`, f.bytes),
    media: textOf(`${at}.media`, f.media, 120),
  }
}
