import words from './choice-words.json' with { type: 'json' }
import type { Input } from './methodology.ts'
import type { Program } from './program.ts'
import type { Words } from './shape.ts'

/**
 * What a choice of a report, or a key of a factor set, is called by people: `anthracite` is 无烟煤. Documents keep the key.
 * @returns undefined for a key of another methodology, or one that is a number, such as a year
 */
export function choiceWords(key: string): Words | undefined {
  return Object.hasOwn(words, key) ? (words as Readonly<Record<string, Words>>)[key] : undefined
}

/**
 * What may be put in for an input that is a text: what the methodology lists, else the keys that every factor set which is looked up by it has.
 * Empty where anything may be: a quantity, or a text that nothing is looked up by.
 */
export function choicesOf({ steps }: Program, { name, choices }: Input): readonly string[] {
  if (choices !== undefined && choices.length > 0) return choices
  const known = steps.flatMap((step) => {
    if (step.of !== 'parameter' || step.set === undefined) return []
    const place = step.parameter.factor?.by.indexOf(name) ?? -1
    return place < 0 ? [] : [new Set(step.set.rows.flatMap(({ keys }) => keys[place] ?? []))]
  })
  const [first, ...others] = known
  return [...(first ?? [])].filter((key) => others.every((one) => one.has(key)))
}
