import { expect, it } from 'vitest'
import { guessInterval, guessStamp } from './stamp-guess.ts'

it('proposes the form that every sample has', () => {
  expect(guessStamp(['2018-03-01 00:15', '2018-03-01 00:30'])).toEqual({ format: 'yyyy-MM-dd HH:mm', certain: true })
  expect(guessStamp(['1/1/2017 0:00', '1/1/2017 0:10'])).toEqual({ format: 'd/M/yyyy H:mm', certain: false })
  expect(guessStamp(['01/01/2018 00:15', '31/01/2018 00:15'])).toEqual({ format: 'dd/MM/yyyy HH:mm', certain: true })
  expect(guessStamp(['yesterday'])).toBeUndefined()
  expect(guessStamp([])).toBeUndefined()
})

it('proposes the most frequent distance, over midnight too', () => {
  expect(guessInterval(['2018-01-01 23:30', '2018-01-01 23:45', '2018-01-02 00:00', '2018-01-02 00:15'])).toBe(900)
  expect(guessInterval(['x'])).toBeUndefined()
})
