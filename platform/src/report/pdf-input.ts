import { choiceWords, type Input } from '@tanlian/accounting'
import type { DraftInput } from './input.ts'
import { WORDS } from './pdf-words.ts'

/** What a methodology says of an input, as far as it is printed. */
export type AskedInput = Pick<Input, 'name' | 'words'> & { readonly unit: { readonly text: string } | undefined }

/** A row of a printed report's inputs: what it is called, its row where it is of a group, value, unit and origin. A choice is printed in words. */
export function inputRow(
  asked: readonly AskedInput[],
  { name, group, row, value, origin }: DraftInput,
  language: keyof typeof WORDS,
): readonly string[] {
  const { words, unit } = asked.find((input) => input.name === name) ?? {}
  return [
    words?.[language] ?? name,
    group === null ? '' : String(row + 1),
    unit === undefined ? (choiceWords(value)?.[language] ?? value) : value,
    unit?.text ?? '',
    WORDS[language].origins[origin.kind],
  ]
}
