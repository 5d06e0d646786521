import { parseRatio, TanlianError } from '@tanlian/units'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'

/** A value in a YAML document, and where it stands, so that a refusal can name the place. */
export interface Place {
  readonly value: unknown
  readonly path: readonly (string | number)[]
  readonly document: Opened
}

interface Opened {
  readonly name: string
  readonly document: Document
  readonly lines: LineCounter
}

const MAX_CHARACTERS = 2_000_000

/**
 * Reads a YAML document strictly: no key twice, no aliases, no tags; nothing is coerced afterwards.
 * @throws TanlianError E_PLANT, as all functions here do: with the place in `values.place` and its line in `values.line`
 */
export function openDocument(text: string, name: string): Place {
  const lines = new LineCounter()
  if (text.length > MAX_CHARACTERS) throw plantError(name, '', undefined, `has over ${MAX_CHARACTERS} characters`)
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true, version: '1.2' })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined)
    throw plantError(name, '', problem.linePos?.[0].line, `is no YAML: ${problem.message.split('\n')[0]}`)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    throw plantError(name, '', undefined, 'uses aliases, which are not allowed')
  }
  return { value, path: [], document: { name, document, lines } }
}

/** The values of a table by key; other keys are refused. */
export function fields<const K extends string>(place: Place, allowed: readonly K[]): Partial<Record<K, Place>> {
  const known: readonly string[] = allowed
  const found: Partial<Record<string, Place>> = Object.create(null)
  for (const [key, item] of entries(place)) {
    if (!known.includes(key)) throw refused(item, 'is not a known key')
    found[key] = item
  }
  return found
}

/** All keys of a table with their values. */
export function entries(place: Place): [string, Place][] {
  const { value, path, document } = place
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(place, 'is not a table of keys and values')
  return Object.entries(value).map(([key, item]) => [key, { value: item, path: [...path, key], document }])
}

/** A value that must be there. */
export function wanted(place: Place | undefined, of: Place, key: string): Place {
  if (place === undefined) throw refused(of, `lacks ${key}`)
  return place
}

export function list(place: Place, most = 10_000): Place[] {
  const { value, path, document } = place
  if (!Array.isArray(value) || value.length === 0 || value.length > most)
    throw refused(place, `is not a list of 1 to ${most} items`)
  return value.map((item: unknown, i) => ({ value: item, path: [...path, i], document }))
}

export function text(place: Place, most = 500): string {
  const { value } = place
  if (typeof value !== 'string' || value === '' || value.length > most || !value.isWellFormed())
    throw refused(place, `is not a text of 1 to ${most} characters; put it in quotes`)
  return value
}

export function integer(place: Place, least: number, most: number): number {
  const { value } = place
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw refused(place, `is not a whole number of ${least} to ${most}`)
  return value
}

export function choice<const T extends string>(place: Place, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === place.value)
  if (found === undefined) throw refused(place, `is not one of: ${allowed.join(', ')}`)
  return found
}

/** A decimal or a fraction, as quoted text. */
export function decimal(place: Place): string {
  const value = text(place, 60)
  attempt(place, () => parseRatio(value))
  return value
}

/** Bytes of so many in hex. */
export function hex(place: Place, length: number): Uint8Array {
  const value = text(place)
  if (value.length !== length * 2 || !/^[0-9a-f]*$/.test(value))
    throw refused(place, `is not ${length} bytes in small hex letters`)
  return new Uint8Array(Buffer.from(value, 'hex'))
}

/** What an action that may throw gives; its refusal then names the place. */
export function attempt<T>(place: Place, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof TanlianError && cause.code !== 'E_PLANT')
      throw refused(place, `is refused: ${cause.message}`, cause)
    throw cause
  }
}

/** A refusal that names file, place and line. */
export function refused(place: Place, why: string, cause?: unknown): TanlianError {
  const { document, lines, name } = place.document
  const node = document.getIn(place.path, true)
  const at = isNode(node) ? node.range?.[0] : undefined
  const path = place.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part.slice(0, 60)}`)).join('')
  return plantError(name, path.replace(/^\./, ''), at === undefined ? undefined : lines.linePos(at).line, why, cause)
}

function plantError(name: string, place: string, line: number | undefined, why: string, cause?: unknown): TanlianError {
  const where = `${name}${line === undefined ? '' : ` line ${line}`}${place === '' ? '' : `: ${place}`}`
  return new TanlianError('E_PLANT', `${where} ${why}.`, {
    values: { file: name, place, line, why },
    ...(cause === undefined ? {} : { cause }),
  })
}
