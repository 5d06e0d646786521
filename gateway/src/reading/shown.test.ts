import { expect, test } from 'vitest'
import { shownValue } from './shown.ts'

test.each([
  ['a value in its unit stays digit for digit', '1', '0', '12.50', '12.50'],
  ['a register of hundredths', '0.01', '0', '1234567', '12345.67'],
  ['a gauge above the air’s pressure', '1', '101.325', '-0.325', '101'],
  ['a probe’s raw count', '0.0003879', '-0.6956', '2500', '0.27415'],
  ['a ratio that has no end', '1/3', '0', '1', '0.333333'],
  ['what is no number', '0.01', '0', 'NAN', 'NAN'],
])('%s', (_, scale, offset, written, shown) => {
  expect(shownValue({ scale, offset }, written)).toBe(shown)
})
