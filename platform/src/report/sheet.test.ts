import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv, writeCsv } from './csv.ts'
import { readSheet } from './sheet.ts'

const TITLES = 'name,group,row,value,unit,origin,type,streams,from,to,document,result,reason'

test('R20 no cell begins a formula, and what was written reads back', () => {
  const cells = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((text) => !/[\r\0]/.test(text) && !/^'[=+\-@\t]/.test(text))
  fc.assert(
    fc.property(fc.array(fc.array(cells, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
      expect(readCsv(writeCsv(rows))).toEqual(rows)
    }),
  )
  for (const sign of ['=', '+', '-', '@', '\t'])
    for (const line of writeCsv([[`${sign}cmd|' /C calc'!A0`, 'x']])
      .slice(1)
      .split('\r\n'))
      expect(line).not.toMatch(/^"?[=+\-@\t]/)
})

test('a quote that is never closed is refused with its line', () => {
  expect(() => readCsv('a,b\n"c,d\n')).toThrow(expect.objectContaining({ code: 'E_DRAFT_SHEET' }))
})

test('lines become inputs, in whatever order the columns stand', () => {
  const { inputs, errors } = readSheet(
    `${TITLES}\nheat,,,12.5,GJ,manual,,,,,,,抄表\ncoalUsed,coals,2,,t,total,010101,1 2,0,3600,,,\nregion,,,national,,choice,,,,,,,\n`,
  )
  expect(errors).toEqual([])
  expect(inputs).toEqual([
    { name: 'heat', group: null, row: 0, value: '12.5', origin: { kind: 'manual', reason: '抄表' } },
    {
      name: 'coalUsed',
      group: 'coals',
      row: 1,
      origin: { kind: 'total', type: '010101', streams: [1, 2], from: 0, to: 3600 },
    },
    { name: 'region', group: null, row: 0, value: 'national', origin: { kind: 'choice' } },
  ])
})

test.each([
  ['no name', ',,,1,,manual,,,,,,,x', 'name'],
  ['an origin that is none', 'heat,,,1,,guess,,,,,,,x', 'origin'],
  ['a reason that is missing', 'heat,,,1,,manual,,,,,,,', 'reason'],
  ['a row that is no number', 'coalUsed,coals,two,1,,manual,,,,,,,x', 'row'],
  ['a time that is none', 'heat,,,,,total,0301,,yesterday,3600,,,', 'from'],
  ['a type that is none', 'heat,,,,,total,heat,,0,3600,,,', 'type'],
])('what is wrong is told with its line and column: %s', (_what, line, column) => {
  const { errors } = readSheet(`${TITLES}\nregion,,,national,,choice,,,,,,,\n${line}\n`)
  expect(errors[0]).toMatchObject({ line: 3, column })
})

test('a file without the columns is no sheet', () => {
  expect(() => readSheet('a,b\n1,2\n')).toThrow(expect.objectContaining({ code: 'E_DRAFT_SHEET' }))
})
