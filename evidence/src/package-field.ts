import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { isEvidenceCid } from './block.ts'

/*
 * Readers of the fields of a package's root, of evidence and of reports alike. They hold the form alone; each throws E_PACKAGE_FORM where a
 * part is of another.
 */

/** A map of exactly these fields. */
export function fieldsOf(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw packageError('a part is not a map')
  const map = value as Record<string, unknown>
  if (Object.keys(map).length !== names.length || names.some((name) => !Object.hasOwn(map, name)))
    throw packageError(`a part has not exactly the fields ${names.join(', ')}`)
  return map
}

/** A list of any length. */
export function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw packageError('a part is not a list')
  return value
}

/** A list of exactly so many items. */
export function tupleOf(value: unknown, length: number): unknown[] {
  const items = listOf(value)
  if (items.length !== length) throw packageError(`a list has ${items.length} items, not ${length}`)
  return items
}

/** A number. */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw packageError('a part is not a number')
  return value
}

/** A text. */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw packageError('a part is not a text')
  return value
}

/** Bytes, where a length is named exactly so many. */
export function bytesOf(value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
    throw packageError(`a part is not a byte string${length === undefined ? '' : ` of ${length}`}`)
  return value
}

/** A CID of the one form that the format allows. */
export function linkOf(value: unknown): CID {
  if (!isEvidenceCid(value)) throw packageError('a part is not a CID')
  return value
}

/** What is thrown for a package that is not of the form. */
export function packageError(why: string): TanlianError {
  return new TanlianError('E_PACKAGE_FORM', `The package is not of the expected form: ${why}.`, { values: { why } })
}
