import { expect, test } from 'vitest'
import { FACTOR_SETS, METHODOLOGIES } from '../test/library.ts'
import { choicesOf, choiceWords } from './choice.ts'
import type { Methodology } from './methodology.ts'
import { compileMethodology } from './program.ts'

const isYear = (key: string) => /^\d{4}$/.test(key)

/** What may be put in for an input of a methodology of the library. */
function choices(id: string, name: string): readonly string[] {
  const methodology = METHODOLOGIES.get(id) as Methodology
  const input = methodology.inputs.find((one) => one.name === name)
  if (input === undefined) throw new Error(`${id} has no input ${name}`)
  return choicesOf(compileMethodology(methodology, FACTOR_SETS), input)
}

test('every choice of the library and every key of its factors is called something in both languages', () => {
  const keys = new Set([
    ...FACTOR_SETS.flatMap(({ rows }) => rows.flatMap((row) => row.keys)),
    ...[...METHODOLOGIES.values()].flatMap(({ inputs }) => inputs.flatMap((input) => input.choices ?? [])),
  ])
  expect(keys.size).toBeGreaterThan(100)
  expect([...keys].filter((key) => !isYear(key) && !choiceWords(key))).toEqual([])
})

test('a key that nobody wrote a word for has none, whatever it is called', () => {
  expect(choiceWords('peat')).toBeUndefined()
  expect(choiceWords('constructor')).toBeUndefined()
})

test('a text input is one of what the methodology lists, else of the keys of all factors that it is looked up in', () => {
  expect(choices('cn.cement', 'clinkerType')).toEqual(['portland', 'white', 'sulphoaluminate', 'aluminate'])
  expect(choices('cn.steel', 'fuel')).toContain('cokingCoal')
  expect(choices('cn.steel', 'fuel')).not.toContain('limestone')
  expect(choices('building', 'year')).toEqual(['2023'])
  expect(choices('cn.steel', 'fuelUsed')).toEqual([])
})

test('every choice of a worked example is among those that are offered', () => {
  for (const [id, { inputs, examples }] of METHODOLOGIES)
    for (const { name, unit, group } of inputs) {
      if (unit !== undefined) continue
      const given = examples.flatMap(({ data }) =>
        group === undefined ? [data.values[name]] : (data.groups[group] ?? []).map((row) => row[name]),
      )
      const offered = choices(id, name)
      if (offered.length === 0) continue
      expect(offered, `${id} ${name}`).toEqual(
        expect.arrayContaining([...new Set(given)].filter((one) => one !== undefined)),
      )
    }
})
