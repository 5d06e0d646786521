import { compareRatios, convert, parseRatio, type Ratio, TanlianError } from '@tanlian/units'
import rows from './standards.json' with { type: 'json' }
import { isValidWindow } from './validity.ts'
import type { Part } from './window.ts'

/** A limit of an environmental quality standard (环境质量标准限值): for the mean of an hour or a day. */
export interface Standard {
  readonly id: string
  /** Factor code of HJ 212-2017 annex B. */
  readonly factor: string
  readonly zh: string
  readonly en: string
  readonly regime: 'air' | 'water'
  readonly seconds: number
  /** Bounds of the mean, in `unit`; oxygen in water has a least. */
  readonly least?: string
  readonly most?: string
  readonly unit: string
  readonly source: string
}

/** All limits, from `standards.json`. */
export const STANDARDS: readonly Standard[] = rows as readonly Standard[]

const byId = new Map(STANDARDS.map((standard) => [standard.id, standard]))

/** A limit by its id, such as `GB 3095-2012/PM10/day/2`. @throws TanlianError E_PLANT */
export function standardOf(id: string): Standard {
  const standard = byId.get(id)
  if (standard === undefined)
    throw new TanlianError('E_PLANT', `There is no limit "${id.slice(0, 60)}" in the table of standards.`, {
      values: { standard: id.slice(0, 60) },
    })
  return standard
}

/** Whether enough of the window was measured for its mean to be compared with a limit. */
export function isMeanValid({ regime, seconds }: Standard, part: Part): boolean {
  const window = seconds === 3600 ? 'hour' : 'day'
  return isValidWindow(regime, window, { valid: part.seconds, due: seconds - part.stopped, full: seconds })
}

/** The bound that a mean passes, as it is written; undefined where it keeps within. */
export function exceededSide({ least, most, unit }: Standard, mean: Ratio, meanUnit: string): string | undefined {
  const value = convert(mean, meanUnit, unit)
  if (most !== undefined && compareRatios(value, parseRatio(most)) > 0) return most
  if (least !== undefined && compareRatios(value, parseRatio(least)) < 0) return least
  return undefined
}
