import { parseRatio } from '@tanlian/units'
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
import { SEVERITIES, type Severity } from './facts.ts'
import { approximate } from './statistics.ts'

export const CHECKS_FORMAT = 'tanlian/checks/1'

/** One cross-check: which test, on what, with which bounds. Rules are data; the tests that they name are in this folder. */
export interface Rule {
  readonly id: string
  readonly test: string
  readonly severity: Severity
  /** What is asked of the reader; `{name}` stands for a value of the finding. */
  readonly words: Words
  readonly source: Source
  readonly bounds: Bounds
}

/** The parameters of a rule: names of figures and numbers, by key. */
export interface Bounds {
  names(key: string): readonly string[]
  number(key: string): number
}

/**
 * Reads a list of cross-checks from YAML parsed without types. `tests` says which keys each test takes.
 * @throws TanlianError E_DOCUMENT_FORM
 */
export function readRules(input: unknown, tests: Readonly<Record<string, readonly string[]>>): readonly Rule[] {
  const f = fieldsOf('checks', input, ['format', 'rules'])
  choiceOf('format', f.format, [CHECKS_FORMAT])
  const rules = listOf('rules', f.rules, (at, item) => readRule(at, item, tests))
  const seen = new Set<string>()
  for (const { id } of rules) {
    if (seen.has(id)) throw formError(id, 'is given twice')
    seen.add(id)
  }
  return rules
}

function readRule(at: string, input: unknown, tests: Readonly<Record<string, readonly string[]>>): Rule {
  const own = ['id', 'test', 'severity', 'zh', 'en', 'source']
  const test = choiceOf(`${at}.test`, (input as Fields | null)?.test, Object.keys(tests))
  const f = fieldsOf(at, input, [...own, ...(tests[test] ?? [])])
  return {
    id: textOf(`${at}.id`, f.id, 60),
    test,
    severity: choiceOf(`${at}.severity`, f.severity, SEVERITIES),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    source: sourceOf(`${at}.source`, f.source),
    bounds: boundsOf(at, f),
  }
}

function boundsOf(at: string, fields: Fields): Bounds {
  return {
    names: (key) => listOf(`${at}.${key}`, fields[key], (place, item) => textOf(place, item, 60)),
    number: (key) => approximate(parseRatio(textOf(`${at}.${key}`, fields[key], 30))),
  }
}
