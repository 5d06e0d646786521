import { fromHex, type PrivacyMode, type PrivacyRule, privacyOf, toHex } from '@tanlian/evidence'
import type { PrivacyChoiceItem } from '@tanlian/sdk'
import { typeText } from '../evidence/filter.ts'

/** The rules of a choice as the platform tells it. */
export function rulesOf({ rules }: Pick<PrivacyChoiceItem, 'rules'>): readonly PrivacyRule[] {
  return rules.map(({ type, mode }) => ({ prefix: fromHex(type), mode }))
}

/** How a type (class, group, kind) is kept by these rules. */
export function modeOf(rules: readonly PrivacyRule[], type: number): PrivacyMode {
  return privacyOf(rules, fromHex(typeText(type)))
}

/** The rule for every type that no other names. */
export function otherMode(rules: readonly PrivacyRule[]): PrivacyMode {
  return rules.find(({ prefix }) => prefix.length === 0)?.mode ?? 'open'
}

/** Rules by which each of these types is kept as chosen, and every other as `other` says; what they already say is not said again. */
export function chosenRules(
  before: readonly PrivacyRule[],
  chosen: ReadonlyMap<number, PrivacyMode>,
  other: PrivacyMode,
): readonly PrivacyRule[] {
  const named = new Set([...chosen.keys()].map(typeText))
  const kept = before.filter(({ prefix }) => prefix.length > 0 && !named.has(toHex(prefix)))
  const rest: readonly PrivacyRule[] = other === 'open' ? kept : [{ prefix: new Uint8Array(0), mode: other }, ...kept]
  const own = [...chosen]
    .filter(([type, mode]) => modeOf(rest, type) !== mode)
    .map(([type, mode]) => ({ prefix: fromHex(typeText(type)), mode }))
  return [...rest, ...own]
}
