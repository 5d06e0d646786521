import type { Dataset } from '@tanlian/sdk'
import { expect, it } from 'vitest'
import { columnsFor, readRows, sumOf, valuesOf, viewOf, yearsOf } from './rows.ts'

const both = (word: string) => ({ zh: word, en: word })
const column = (name: string, sort: 'text' | 'category' | 'number', years: number[] = []) => ({
  name,
  title: both(name),
  sort,
  unit: null,
  years,
  values: name === 'country' ? { AT: both('Zzz'), BE: both('Aaa') } : {},
})
const dataset = {
  columns: [column('name', 'text'), column('country', 'category'), column('t_{year}', 'number', [2021, 2022])],
} as unknown as Dataset
const { head, rows } = readRows(
  new TextEncoder().encode(
    'country,name,t_2021,t_2022\nAT,"Steel, north",90,0.5\nBE,Glass,NA,10.25\nAT,Paper,100,\nBE,steel south,0,7\n',
  ),
)
const columns = columnsFor(dataset, head, 2021)
const names = (view: Parameters<typeof viewOf>[2]) => viewOf(rows, columns, view, 'en').map((row) => row[1])
const all = { words: '', chosen: {}, sort: undefined }

it('shows the columns of a year in the publisher’s order, wherever they stand in the file', () => {
  expect(columns.map(({ name, at }) => [name, at])).toEqual([
    ['name', 1],
    ['country', 0],
    ['t', 2],
  ])
  expect(columnsFor(dataset, head, 2030).map(({ name }) => name)).toEqual(['name', 'country'])
  expect(yearsOf(dataset)).toEqual([2022, 2021])
})

it('finds words in texts and values in categories', () => {
  expect(names({ ...all, words: ' STEEL ' })).toEqual(['Steel, north', 'steel south'])
  expect(names({ ...all, words: 'steel', chosen: { country: 'BE' } })).toEqual(['steel south'])
  expect(names({ ...all, words: 'AT' })).toEqual([])
})

it('sorts numbers by size with zero as a value and marks last, both ways', () => {
  expect(names({ ...all, sort: { name: 't', descending: true } })).toEqual([
    'Paper',
    'Steel, north',
    'steel south',
    'Glass',
  ])
  expect(names({ ...all, sort: { name: 't', descending: false } })).toEqual([
    'steel south',
    'Steel, north',
    'Paper',
    'Glass',
  ])
})

it('sorts categories by what they are called', () => {
  expect(names({ ...all, sort: { name: 'country', descending: false } })[0]).toBe('Glass')
})

it('sums exactly, without what is no number', () => {
  expect(sumOf(rows, 2)).toEqual({ sum: '190', count: 3 })
  expect(sumOf(rows, 3)).toEqual({ sum: '17.75', count: 3 })
})

it('counts the values of a category', () => {
  expect(valuesOf(rows, 0)).toEqual([
    ['AT', 2],
    ['BE', 2],
  ])
})
