import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { notice, runtimeLibraries } from '../scripts/notice.ts'

const PERMISSIVE =
  /^\(?(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|Python-2\.0|Zlib|PostgreSQL)\)?$/

test('NOTICE names every library and set of data with its licence', () => {
  expect(readFileSync(join(import.meta.dirname, '..', 'NOTICE'), 'utf8')).toBe(notice())
})

test('every library at run time has a permissive licence', () => {
  const libraries = runtimeLibraries()
  expect(libraries.length).toBeGreaterThan(50)
  const strict = libraries.filter(({ license }) => {
    // Of a choice one permissive licence is enough, of a combination all must be.
    const choices = license.replace(/^\((.*)\)$/, '$1').split(' OR ')
    return !choices.some((choice) => choice.split(' AND ').every((part) => PERMISSIVE.test(part.trim())))
  })
  expect(strict).toEqual([])
})
