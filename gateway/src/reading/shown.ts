import {
  addRatios,
  decimalText,
  exactDecimal,
  multiplyRatios,
  parseRatio,
  roundRatioTo,
  TanlianError,
} from '@tanlian/units'
import type { Point } from '../device.ts'

/** Digits after the point of a value that has no end. */
const DIGITS = 6

/**
 * What a device wrote, as a person reads it beside the point's unit: a register of hundredths of a kWh in kWh, a raw count in m³/m³. For the eye
 * alone; readings are made of the written text. What is no number stays as it was written.
 */
export function shownValue({ scale, offset }: Pick<Point, 'scale' | 'offset'>, written: string): string {
  if (scale === '1' && offset === '0') return written
  try {
    const value = addRatios(multiplyRatios(parseRatio(written), parseRatio(scale)), parseRatio(offset))
    return decimalText(exactDecimal(value) ?? roundRatioTo(value, DIGITS, 'half-even'))
  } catch (error) {
    if (error instanceof TanlianError) return written
    throw error
  }
}
