import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecimals, compareDecimals, decimal, decimalText, multiplyDecimals, parseDecimal } from './decimal.ts'
import {
  compareRatios,
  divideRatios,
  exactDecimal,
  ROUNDINGS,
  ratio,
  ratioOf,
  roundDecimal,
  roundRatio,
  roundRatioTo,
} from './ratio.ts'

const anyDecimal = fc.record({
  coefficient: fc.bigInt(-(10n ** 20n), 10n ** 20n),
  exponent: fc.integer({ min: -20, max: 20 }),
})

describe('parsing', () => {
  test.each([
    ['0', 0n, 0],
    ['-12.340', -12340n, -3],
    ['0.5', 5n, -1],
    ['34055.6962', 340556962n, -4],
    ['1.2e-5', 12n, -6],
    ['3E2', 3n, 2],
    ['00.10', 10n, -2],
  ])('%s keeps every digit', (text, coefficient, exponent) => {
    expect(parseDecimal(text)).toEqual({ coefficient, exponent })
  })

  test.each([
    '',
    ' ',
    '1,234',
    '1 234',
    '.5',
    '5.',
    '+1',
    '--1',
    '1e',
    '0x10',
    'NaN',
    'Infinity',
    '1.2.3',
    '１２',
    '1e999',
    '1'.repeat(61),
  ])('"%s" is refused', (text) => {
    expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: 'E_DECIMAL_FORM' }))
  })

  test('a thousands separator counts only where declared, and only in its places', () => {
    expect(parseDecimal('1,234,567.8', { thousands: ',' })).toEqual({ coefficient: 12345678n, exponent: -1 })
    expect(parseDecimal('-1 234', { thousands: ' ' })).toEqual({ coefficient: -1234n, exponent: 0 })
    for (const text of ['1,23', '1,2345', ',123', '1234,567', '1,234.5,6', '1 234'])
      expect(() => parseDecimal(text, { thousands: ',' })).toThrow(expect.objectContaining({ code: 'E_DECIMAL_FORM' }))
  })

  test('text and value lead to each other', () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        expect(compareDecimals(parseDecimal(decimalText(value)), value)).toBe(0)
      }),
    )
  })
})

test('sums, products and order are those of fractions', () => {
  fc.assert(
    fc.property(anyDecimal, anyDecimal, (a, b) => {
      const [x, y] = [ratioOf(a), ratioOf(b)]
      const sum = ratio(x.numerator * y.denominator + y.numerator * x.denominator, x.denominator * y.denominator)
      expect(ratioOf(addDecimals(a, b))).toEqual(sum)
      expect(ratioOf(multiplyDecimals(a, b))).toEqual(ratio(x.numerator * y.numerator, x.denominator * y.denominator))
      expect(compareDecimals(a, b)).toBe(compareRatios(x, y))
    }),
  )
})

describe('rounding', () => {
  test.each([
    // value, half-even (GB/T 8170), half-up, floor
    ['0.5', 0n, 1n, 0n],
    ['1.5', 2n, 2n, 1n],
    ['2.5', 2n, 3n, 2n],
    ['2.4999', 2n, 2n, 2n],
    ['2.5001', 3n, 3n, 2n],
    ['-0.5', 0n, -1n, -1n],
    ['-1.5', -2n, -2n, -2n],
    ['-2.5', -2n, -3n, -3n],
    ['-2.4', -2n, -2n, -3n],
    ['7', 7n, 7n, 7n],
  ])('%s', (text, even, up, floor) => {
    const value = parseDecimal(text)
    expect([roundDecimal(value, 'half-even'), roundDecimal(value, 'half-up'), roundDecimal(value, 'floor')]).toEqual([
      even,
      up,
      floor,
    ])
  })

  test('exact refuses what is not whole', () => {
    expect(roundDecimal(parseDecimal('12.000'), 'exact')).toBe(12n)
    expect(() => roundDecimal(parseDecimal('12.001'), 'exact')).toThrow(
      expect.objectContaining({ code: 'E_DECIMAL_INEXACT' }),
    )
  })

  test('every mode is within one of the value, and keeps whole numbers', () => {
    fc.assert(
      fc.property(fc.bigInt(-1000n, 1000n), fc.bigInt(1n, 60n), fc.constantFrom(...ROUNDINGS), (n, d, mode) => {
        expect(roundRatio(ratio(n * d, d), mode)).toBe(n)
        if (mode === 'exact') return
        const off = roundRatio(ratio(n, d), mode) * d - n
        expect(off < d && off > -d).toBe(true)
        if (mode !== 'floor') expect(2n * off <= d && 2n * off >= -d).toBe(true)
      }),
    )
  })

  test('to digits after the point', () => {
    expect(decimalText(roundRatioTo(ratio(2n, 3n), 4, 'half-even'))).toBe('0.6667')
    expect(exactDecimal(ratio(1n, 3n))).toBeUndefined()
    expect(exactDecimal(ratio(7n, 8n))).toEqual(decimal(875n, -3))
    expect(exactDecimal(ratio(1n, 80n))).toEqual(decimal(125n, -4))
  })

  test('nothing is divided by zero', () => {
    expect(() => divideRatios(ratio(1n), ratio(0n))).toThrow(expect.objectContaining({ code: 'E_RATIO_ZERO' }))
  })
})
