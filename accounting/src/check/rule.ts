import { encodeBlock } from '@tanlian/evidence'
import { parseRatio } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import {
  choiceOf,
  type Fields,
  fieldsOf,
  formError,
  listOf,
  type Source,
  sourceOf,
  textOf,
  type Words,
  wordsOf,
} from '../shape.ts'
import { type CheckFacts, type CheckFinding, SEVERITIES, type Severity } from './facts.ts'
import { approximate } from './statistics.ts'

export const CHECKS_FORMAT = 'tanlian/checks/1'

/** One cross-check: which test, on which figures, within which bounds. Rules are data; the tests that they name are code in this folder. */
export interface Rule {
  readonly id: string
  readonly test: string
  readonly severity: Severity
  /** What is asked of the reader; `{name}` stands for a value of the finding. */
  readonly words: Words
  readonly source: Source
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly numbers: Readonly<Record<string, number>>
}

/** A test that rules may name: the parameters that it takes, and what it finds. */
export interface Test<Names extends string = string, Numbers extends string = string> {
  readonly names: readonly Names[]
  readonly numbers: readonly Numbers[]
  readonly find: (
    facts: CheckFacts,
    names: Readonly<Record<Names, readonly string[]>>,
    numbers: Readonly<Record<Numbers, number>>,
  ) => readonly Found[]
}

/** A finding before its rule's name and severity are put on. */
export type Found = Omit<CheckFinding, 'rule' | 'severity'>

/** Checks the parameters of a test against each other; the compiler knows which there are. */
export function testOf<Names extends string, Numbers extends string>(test: Test<Names, Numbers>): Test {
  return test as Test
}

/** A set of cross-checks (核对规则集): a document, named by its CID. */
export interface RuleSet {
  readonly id: string
  readonly version: string
  readonly name: Words
  readonly rules: readonly Rule[]
  readonly cid: CID
}

/**
 * Reads a set of cross-checks from YAML parsed without types.
 * @throws TanlianError E_DOCUMENT_FORM
 */
export function readRuleSet(input: unknown, tests: Readonly<Record<string, Test>>): RuleSet {
  const f = fieldsOf('checks', input, ['format', 'id', 'version', 'name', 'rules'])
  choiceOf('format', f.format, [CHECKS_FORMAT])
  const rules = listOf('rules', f.rules, (at, item) => readRule(at, item, tests))
  const seen = new Set<string>()
  for (const { id } of rules) {
    if (seen.has(id)) throw formError(id, 'is given twice')
    seen.add(id)
  }
  return {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    rules,
    cid: encodeBlock(input).cid,
  }
}

function readRule(at: string, input: unknown, tests: Readonly<Record<string, Test>>): Rule {
  const name = choiceOf(`${at}.test`, (input as Fields | null)?.test, Object.keys(tests))
  const test = tests[name] as Test
  const f = fieldsOf(at, input, ['id', 'test', 'severity', 'zh', 'en', 'source', ...test.names, ...test.numbers])
  return {
    id: textOf(`${at}.id`, f.id, 60),
    test: name,
    severity: choiceOf(`${at}.severity`, f.severity, SEVERITIES),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    source: sourceOf(`${at}.source`, f.source),
    names: Object.fromEntries(
      test.names.map((key) => [key, listOf(`${at}.${key}`, f[key], (place, item) => textOf(place, item, 60))]),
    ),
    numbers: Object.fromEntries(
      test.numbers.map((key) => [key, approximate(parseRatio(textOf(`${at}.${key}`, f[key], 30)))]),
    ),
  }
}
