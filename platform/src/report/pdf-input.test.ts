import { expect, test } from 'vitest'
import { type AskedInput, inputRow } from './pdf-input.ts'

const ASKED: readonly AskedInput[] = [
  { name: 'fuel', words: { zh: '燃料品种', en: 'Fuel' }, unit: undefined },
  { name: 'coalUsed', words: { zh: '消耗量', en: 'Used' }, unit: { text: 't' } },
]

test('a printed report calls a choice by its words in the language of the print, and a figure stays as it was entered', () => {
  const fuel = { name: 'fuel', group: 'fuels', row: 1, value: 'anthracite', origin: { kind: 'choice' } } as const
  expect(inputRow(ASKED, fuel, 'zh')).toEqual(['燃料品种', '2', '无烟煤', '', '选项'])
  expect(inputRow(ASKED, fuel, 'en')).toEqual(['Fuel', '2', 'anthracite', '', 'choice'])
  expect(inputRow(ASKED, { ...fuel, value: 'cokingCoal' }, 'en')[2]).toBe('coking coal (washed)')
  const used = {
    ...fuel,
    name: 'coalUsed',
    group: null,
    value: '120.50',
    origin: { kind: 'manual', reason: 'x' },
  } as const
  expect(inputRow(ASKED, used, 'en')).toEqual(['Used', '', '120.50', 't', 'entered by hand *'])
})

test('a text that nobody has words for is printed as it is', () => {
  const year = { name: 'year', group: null, row: 0, value: '2018', origin: { kind: 'choice' } } as const
  expect(inputRow(ASKED, year, 'zh').slice(0, 3)).toEqual(['year', '', '2018'])
})
