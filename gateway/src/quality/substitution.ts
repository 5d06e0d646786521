import { compareRatios, decimalText, parseRatio, type Ratio, ratio, roundRatioTo } from '@tanlian/units'
import rows from './substitution.json' with { type: 'json' }

/** What stands for missing hours (缺失数据处理): the greatest of so many valid hours before, or nothing: then emissions are calculated. */
export type Substitution = { readonly rule: 'max'; readonly basisHours: number } | { readonly rule: 'calculation' }

interface Row {
  readonly captureFrom: string
  readonly gapHoursTo?: number
  readonly rule: string
  readonly basisHours?: number
  readonly source: string
}

const TABLE: readonly Row[] = rows

/** The longest basis of the table. */
export const LONGEST_BASIS = Math.max(...TABLE.map(({ basisHours = 0 }) => basisHours))

/** All bases of the table, shortest first. */
export const BASES: readonly number[] = TABLE.flatMap(({ basisHours }) => basisHours ?? [])

/**
 * The capture rate α of a quarter (有效数据捕集率) in per cent, exact: hours that were valid, of those in which the unit ran.
 * Hours without a moment of running have no rate: undefined.
 */
export function captureRate(quarter: {
  readonly hours: number
  readonly stopped: number
  readonly invalid: number
}): Ratio | undefined {
  const ran = quarter.hours - quarter.stopped
  return ran <= 0 ? undefined : ratio(BigInt(ran - quarter.invalid) * 100n, BigInt(ran))
}

/** A capture rate as it is shown and kept: `92.35`. */
export function captureText(alpha: Ratio): string {
  return decimalText(roundRatioTo(alpha, 2, 'half-up'))
}

/** The rule for a run of missing hours, by the quarter's capture rate. Source: HJ 75-2017. */
export function substitutionOf(alpha: Ratio, gapHours: number): Substitution {
  const row = TABLE.find(
    ({ captureFrom, gapHoursTo }) =>
      compareRatios(alpha, parseRatio(captureFrom)) >= 0 && (gapHoursTo === undefined || gapHours <= gapHoursTo),
  )
  return row?.basisHours === undefined ? { rule: 'calculation' } : { rule: 'max', basisHours: row.basisHours }
}
