import { TanlianError } from '@tanlian/units'
import { compareKeys } from './key.ts'
import { PRIVACY_MODES, type PrivacyMode, type PrivacyRule } from './privacy.ts'

/** Kind of the document by which an organization chooses how each type is kept (数据隐私方式). */
export const PRIVACY_DOCUMENT = 'privacy'

const FORMAT = 'tanlian/privacy/1'
const RULES_MAX = 256

/** The content of a document of kind `privacy`: all rules that hold from now on, by their types. @throws TanlianError E_PRIVACY_FORM */
export function privacyContent(rules: readonly PrivacyRule[]): {
  readonly format: string
  readonly rules: readonly (readonly [Uint8Array, PrivacyMode])[]
} {
  const sorted = [...rules].sort((a, b) => compareKeys(a.prefix, b.prefix))
  const content = { format: FORMAT, rules: sorted.map(({ prefix, mode }) => [prefix, mode] as const) }
  readPrivacyRules(content)
  return content
}

/** Reads the content of such a document: rules of up to three bytes each, sorted, each type once. @throws TanlianError E_PRIVACY_FORM */
export function readPrivacyRules(content: unknown): PrivacyRule[] {
  const { format, rules, ...more } = (content ?? {}) as Record<string, unknown>
  if (format !== FORMAT || !Array.isArray(rules) || rules.length > RULES_MAX || Object.keys(more).length > 0)
    throw formError()
  const read = rules.map((rule): PrivacyRule => {
    const [prefix, name, ...rest] = Array.isArray(rule) ? rule : []
    const mode = PRIVACY_MODES.find((one) => one === name)
    if (!(prefix instanceof Uint8Array) || prefix.length > 3 || mode === undefined || rest.length > 0) throw formError()
    return { prefix, mode }
  })
  for (const [at, { prefix }] of read.entries()) {
    const before = read[at - 1]
    if (before !== undefined && compareKeys(before.prefix, prefix) >= 0) throw formError()
  }
  return read
}

function formError(): TanlianError {
  return new TanlianError(
    'E_PRIVACY_FORM',
    `A privacy document lists up to ${RULES_MAX} types of at most three bytes, sorted, each with open, shared or closed.`,
  )
}
