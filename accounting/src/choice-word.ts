import words from './choice-words.json' with { type: 'json' }
import type { Words } from './shape.ts'

/**
 * What a choice of a report, or a key of a factor set, is called by people: `anthracite` is 无烟煤. Documents keep the key.
 * @returns undefined for a key of another methodology, or one that is a number, such as a year
 */
export function choiceWords(key: string): Words | undefined {
  return Object.hasOwn(words, key) ? (words as Readonly<Record<string, Words>>)[key] : undefined
}
