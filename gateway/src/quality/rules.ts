import type { Flag } from '@tanlian/evidence'
import rows from './rules.json' with { type: 'json' }

/** A rule of quality (质量规则): what it looks at stands in code, all that a person may want to read or tune in `rules.json`. */
export interface Rule {
  readonly id: RuleId
  /** The check of the catalogue of fraud cases that it carries out. */
  readonly check?: string
  /** `flag`: sets the reading's flag; `question`: asks a person, and changes no reading. */
  readonly effect: 'flag' | 'question'
  /** The flag that it sets, unless the device's model names another. */
  readonly flag?: Flag
  readonly severity: 'info' | 'question' | 'hold'
  /** The reason, with the question's values in braces. */
  readonly zh: string
  readonly en: string
  readonly limits: Readonly<Record<string, number>>
  readonly source: string
}

/** Ids of the rules, in the order of `rules.json`. */
export const RULE_IDS = [
  'number',
  'empty',
  'negative',
  'range',
  'rate',
  'stuck',
  'rollback',
  'jump',
  'rollover',
  'conflict',
  'late',
  'ahead',
  'clock',
  'gateway-clock',
  'gap',
  'silent',
  'stopped',
  'flags',
  'members',
  'fill',
  'capture',
  'flat',
  'copied',
  'digits',
  'entropy',
  'balance',
  'relation',
  'combustion',
  'load',
  'limit',
] as const
export type RuleId = (typeof RULE_IDS)[number]

/** All rules. */
export const RULES: readonly Rule[] = rows.map((row) => ({ limits: {}, ...row }) as Rule)

const byId = new Map(RULES.map((rule) => [rule.id, rule]))

/** A rule by its id. */
export function ruleOf(id: RuleId): Rule {
  const rule = byId.get(id)
  if (rule === undefined) throw new RangeError(`There is no rule "${id}".`)
  return rule
}

/** A limit of a rule, such as `limitOf('clock', 'seconds')`. */
export function limitOf(id: RuleId, name: string): number {
  const value = ruleOf(id).limits[name]
  if (value === undefined) throw new RangeError(`The rule "${id}" has no limit "${name}".`)
  return value
}

/** Something that a person should look at (质疑): a question and not a verdict. Its id is the same each time that the same data is read. */
export interface Question {
  readonly id: string
  readonly rule: RuleId
  readonly severity: Rule['severity']
  readonly device: string
  /** The stream, or 0 where the device as a whole is meant. */
  readonly stream: number
  /** The time in question, Unix seconds. */
  readonly from: number
  readonly to: number
  readonly values: Readonly<Record<string, number | string>>
}

/** Where questions go. */
export type Ask = (question: Question) => void

/** A question of a rule. */
export function questionOf(
  rule: RuleId,
  at: { readonly device: string; readonly stream: number; readonly from: number; readonly to: number },
  values: Question['values'] = {},
): Question {
  const { device, stream, from, to } = at
  return {
    id: `${rule}:${device}:${stream}:${from}`,
    rule,
    severity: ruleOf(rule).severity,
    device,
    stream,
    from,
    to,
    values,
  }
}

/** What befalls a whole device is one question and not one a stream. */
const OF_DEVICES: ReadonlySet<RuleId> = new Set(['gap', 'silent', 'ahead'])

/** Questions with those of one device, rule and time put together: `stream` is 0 then, and `values.streams` says how many it were. */
export function togetherByDevice(questions: readonly Question[]): readonly Question[] {
  if (questions.length < 2) return questions
  const nameOf = ({ rule, device, from, to }: Question, at: number) =>
    OF_DEVICES.has(rule) ? `${rule} ${device} ${from} ${to}` : at
  return [...Map.groupBy(questions, nameOf).values()].flatMap((same) => {
    const [first] = same
    if (first === undefined || same.length === 1) return same
    return [questionOf(first.rule, { ...first, stream: 0 }, { ...first.values, streams: same.length })]
  })
}

/** The reason of a question in words. */
export function reasonOf({ rule, values }: Pick<Question, 'rule' | 'values'>, locale: 'zh-CN' | 'en'): string {
  const { zh, en } = ruleOf(rule)
  return (locale === 'en' ? en : zh).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '?'))
}
