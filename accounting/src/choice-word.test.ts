import { expect, test } from 'vitest'
import { FACTOR_SETS, METHODOLOGIES } from '../test/library.ts'
import { choiceWords } from './choice-word.ts'

const isYear = (key: string) => /^\d{4}$/.test(key)

test('every choice of the library and every key of its factors is called something in both languages', () => {
  const keys = new Set([
    ...FACTOR_SETS.flatMap(({ rows }) => rows.flatMap((row) => row.keys)),
    ...[...METHODOLOGIES.values()].flatMap(({ inputs }) => inputs.flatMap(({ choices }) => choices ?? [])),
  ])
  expect(keys.size).toBeGreaterThan(100)
  expect([...keys].filter((key) => !isYear(key) && !choiceWords(key))).toEqual([])
})

test('a key that nobody wrote a word for has none, whatever it is called', () => {
  expect(choiceWords('peat')).toBeUndefined()
  expect(choiceWords('constructor')).toBeUndefined()
})
