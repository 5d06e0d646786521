import { TanlianError } from '@tanlian/units'
import { type KindUnit, parseUnit } from './kind.ts'

/*
 * Strict readers for documents written by hand. YAML is parsed without types, so that every number is the text that its author wrote; unknown
 * keys are refused with their place.
 */

export type Fields = Readonly<Record<string, unknown>>

/** Limits of a document: what a person writes is far below, what a machine writes to do harm is refused before it costs anything (safety S35). */
export const DOCUMENT_LIMITS = { values: 20_000, depth: 12, characters: 400_000 } as const

/** Refuses a document that is too large, too deep or no tree of texts. @throws TanlianError E_DOCUMENT_SIZE, E_DOCUMENT_FORM */
export function requireBounded(input: unknown): void {
  let values = 0
  let characters = 0
  // An explicit stack: hostile nesting must not exhaust ours.
  const stack: [value: unknown, depth: number, at: string][] = [[input, 0, 'the document']]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [value, depth, at] = next
    if (typeof value === 'string') characters += value.length
    else if (typeof value !== 'object' || value === null) throw formError(at, 'is no text')
    else
      for (const [key, item] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : key.length
        stack.push([item, depth + 1, `${at.slice(-120)}.${key.slice(0, 60)}`])
      }
    for (const [what, size] of Object.entries({ values: ++values, depth, characters }))
      if (size > DOCUMENT_LIMITS[what as keyof typeof DOCUMENT_LIMITS])
        throw new TanlianError('E_DOCUMENT_SIZE', `The document is larger than it may be (${what}). Make it smaller.`, {
          values: { what, most: DOCUMENT_LIMITS[what as keyof typeof DOCUMENT_LIMITS] },
        })
  }
}

/** The keys of a map; those after `|` may be missing. @throws TanlianError E_DOCUMENT_FORM */
export function fieldsOf(
  at: string,
  input: unknown,
  keys: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw formError(at, 'is no map')
  for (const key of Object.keys(input))
    if (!keys.includes(key) && !optional.includes(key)) throw formError(`${at}.${key}`, 'is no known key')
  for (const key of keys) if (!Object.hasOwn(input, key)) throw formError(`${at}.${key}`, 'is missing')
  return Object.assign(Object.create(null), input) as Fields
}

export function textOf(at: string, input: unknown, longest = 2000): string {
  if (typeof input !== 'string' || input === '' || input.length > longest)
    throw formError(at, `is no text of 1 to ${longest} characters`)
  return input
}

export function listOf<T>(at: string, input: unknown, read: (at: string, item: unknown) => T): readonly T[] {
  if (!Array.isArray(input)) throw formError(at, 'is no list')
  return input.map((item, place) => read(`${at}[${place}]`, item))
}

export function choiceOf<T extends string>(at: string, input: unknown, choices: readonly T[]): T {
  if (!choices.includes(input as T)) throw formError(at, `is none of ${choices.join(', ')}`)
  return input as T
}

/** A name of the expression language. */
export function nameOf(at: string, input: unknown): string {
  const name = textOf(at, input, 60)
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw formError(at, 'is no name of letters, digits and underscores')
  return name
}

export function wholeOf(at: string, input: unknown, most: number): number {
  const text = textOf(at, input, 10)
  if (!/^\d+$/.test(text) || Number(text) > most) throw formError(at, `is no whole number up to ${most}`)
  return Number(text)
}

/** A day such as `2024-01-01`. */
export function dayOf(at: string, input: unknown): string {
  const text = textOf(at, input, 10)
  if (
    !/^\d{4}-\d\d-\d\d$/.test(text) ||
    Number.isNaN(Date.parse(text)) ||
    !new Date(text).toISOString().startsWith(text)
  )
    throw formError(at, 'is no day such as 2024-01-01')
  return text
}

/**
 * A unit as documents may use it: a gas by volume names temperature and pressure (at 20 °C it is 7 % larger than at 0 °C), and CO2e names its set
 * of warming potentials, as in `t[gas, 20 °C, 101.325 kPa]` and `tCO2e[AR5]`.
 * @throws TanlianError E_DOCUMENT_FORM, E_KIND_FORM, E_UNIT_UNKNOWN
 */
export function unitAt(at: string, input: unknown): KindUnit {
  const unit = parseUnit(textOf(at, input, 120))
  for (const [tag, exponents] of unit.kind.parts) {
    if (
      Math.abs(exponents.length ?? 0) === 3 &&
      exponents.mass === undefined &&
      /\bgas\b/.test(tag) &&
      !/°C.*kPa/.test(tag)
    )
      throw formError(at, `${unit.text} is a volume of gas without its reference state`)
    if (/^CO2e\b/.test(tag) && !/^CO2e, AR[456]$/.test(tag))
      throw formError(at, `${unit.text} is CO2e without its set of warming potentials, such as tCO2e[AR5]`)
  }
  return unit
}

/** `true` or `false`; false where it is left out. */
export function flagOf(at: string, input: unknown): boolean {
  return input !== undefined && choiceOf(at, input, ['true', 'false']) === 'true'
}

/** What is written in both languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

export function wordsOf(at: string, input: unknown): Words {
  const { zh, en } = fieldsOf(at, input, ['zh', 'en'])
  return { zh: textOf(`${at}.zh`, zh), en: textOf(`${at}.en`, en) }
}

/** How sure a figure or a rule is: `V` read in the official text, `V2` in a secondary source, `M` from memory and shown as unverified. */
export const CONFIDENCES = ['V', 'V2', 'M'] as const

/** Where something is from. */
export interface Source {
  readonly document: string
  readonly article?: string
  readonly confidence: (typeof CONFIDENCES)[number]
}

export function sourceOf(at: string, input: unknown): Source {
  const f = fieldsOf(at, input, ['document', 'confidence'], ['article'])
  return {
    document: textOf(`${at}.document`, f.document),
    confidence: choiceOf(`${at}.confidence`, f.confidence, CONFIDENCES),
    ...(f.article === undefined ? {} : { article: textOf(`${at}.article`, f.article) }),
  }
}

export function formError(at: string, why: string): TanlianError {
  return new TanlianError('E_DOCUMENT_FORM', `${at} ${why}.`, { values: { at, why } })
}
