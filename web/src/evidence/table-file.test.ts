import { expect, it } from 'vitest'
import { csvOf } from './table-file.ts'

it('R20 quotes what a spreadsheet would run, and what would break a row', () => {
  expect(
    csvOf([
      ['=1+1', '-x', '@a', '\tb', 'plain'],
      ['a,b', 'say "so"', -3, 12n],
    ]),
  ).toBe(`\ufeff'=1+1,'-x,'@a,'\tb,plain\r\n"a,b","say ""so""",-3,12\r\n`)
})
