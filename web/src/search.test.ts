import fc from 'fast-check'
import { expect, it } from 'vitest'
import { all, first, parseSearch, stringifySearch } from './search.ts'

it('keeps a type’s leading zero and repeated names', () => {
  const search = parseSearch('?type=02&type=0101&stream=7')
  expect(all(search, 'type')).toEqual(['02', '0101'])
  expect(first(search, 'stream')).toBe('7')
  expect(first(search, 'from')).toBeUndefined()
})

it('gives back what it was given, for any texts', () => {
  const value = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.array(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 4 }),
  )
  const name = fc.stringMatching(/^[a-z]{1,8}$/)
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (search) => {
      expect(parseSearch(stringifySearch(search))).toEqual(search)
    }),
  )
})
