import { repeated, rounded } from './digits.ts'
import type { CheckFacts, CheckFinding } from './facts.ts'
import { balance, compared, corrected, parts, peers, quotient, stray, switched } from './figures.ts'
import { alike, basis, bounded, cited, consecutive, residual, together, travelled } from './laboratory.ts'
import { copied, digits, rhythm } from './pattern.ts'
import { type Rule, type RuleSet, readRuleSet, type Test } from './rule.ts'

/** Every test that a rule may name. */
const TESTS: Readonly<Record<string, Test>> = {
  alike,
  balance,
  basis,
  bounded,
  cited,
  compared,
  consecutive,
  copied,
  corrected,
  digits,
  parts,
  peers,
  quotient,
  repeated,
  residual,
  rhythm,
  rounded,
  stray,
  switched,
  together,
  travelled,
}

/** Reads a set of cross-checks from YAML parsed without types. @throws TanlianError E_DOCUMENT_FORM */
export function readChecks(input: unknown): RuleSet {
  return readRuleSet(input, TESTS)
}

/** What the rules find in these facts, in the order of the rules: the same facts give the same findings anywhere. */
export function runChecks(rules: readonly Rule[], facts: CheckFacts): readonly CheckFinding[] {
  return rules.flatMap((rule) =>
    (TESTS[rule.test] as Test)
      .find(facts, rule.names, rule.numbers)
      .map((found) => ({ rule: rule.id, severity: rule.severity, ...found })),
  )
}

/** The words of a finding in one language, its values put in. */
export function findingText(rule: Rule, finding: CheckFinding, language: 'zh' | 'en'): string {
  return rule.words[language].replaceAll(/\{([a-z]+)\}/gi, (whole, name: string) => finding.values[name] ?? whole)
}
