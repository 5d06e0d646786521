import { toHex } from './block.ts'
import { type Grant, isGranted } from './grant.ts'
import type { ReadersOf } from './sealed-batch.ts'

/**
 * How an enterprise keeps the readings of a type (数据隐私): open to everybody; shared with the platform, which audits, proves and draws
 * them for those it may; or closed to the platform as well.
 */
export const PRIVACY_MODES = ['open', 'shared', 'closed'] as const
export type PrivacyMode = (typeof PRIVACY_MODES)[number]

/** The mode of all types that begin with these bytes, up to three of them; none of them: of every type that no longer rule names. */
export interface PrivacyRule {
  readonly prefix: Uint8Array
  readonly mode: PrivacyMode
}

/** How readings are kept whose key begins with these bytes: by the rule that names most of them; open where none does. */
export function privacyOf(rules: readonly PrivacyRule[], key: Uint8Array): PrivacyMode {
  const fitting = rules.filter(({ prefix }) => prefix.every((byte, at) => byte === key[at]))
  return fitting.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.mode ?? 'open'
}

/** For whom each chunk is sealed: by the rule that names most of its type, for the owner, the platform where it shares, and the granted. */
export function readersBy(parts: {
  readonly rules: readonly PrivacyRule[]
  /** The owner's own reader's keys, and the platform's. */
  readonly own: readonly Uint8Array[]
  readonly platform: readonly Uint8Array[]
  /** Grants to read that stand, with the keys of whom they name. */
  readonly grants: readonly { readonly grant: Grant; readonly keys: readonly Uint8Array[] }[]
}): ReadersOf {
  return (chunk) => {
    const mode = privacyOf(parts.rules, chunk.lo)
    if (mode === 'open') return undefined
    const granted = parts.grants.filter(({ grant }) => grant.access === 'read' && isGranted(grant, chunk))
    const readers = [...parts.own, ...(mode === 'shared' ? parts.platform : []), ...granted.flatMap(({ keys }) => keys)]
    return [...new Map(readers.map((key) => [toHex(key), key])).values()]
  }
}
