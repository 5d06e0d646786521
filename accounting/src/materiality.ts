import { addRatios, compareRatios, divideRatios, multiplyRatios, parseRatio, type Ratio, ratio } from '@tanlian/units'
import type { Source } from './shape.ts'

/** From how many percent of the verified figure a misstatement is material (重要性阈值), by the size of that figure. */
export interface MaterialityThreshold {
  /** Tonnes of CO2 that the verified figure is below; none for the last. */
  readonly belowT: string | undefined
  readonly percent: string
  readonly source: Source
}

/** What a verifier's figure says about a report's. */
export interface Materiality {
  /** Reported less verified. */
  readonly difference: Ratio
  /** Its size in percent of the verified figure; undefined where that is zero and the report is not. */
  readonly percent: Ratio | undefined
  readonly threshold: MaterialityThreshold
  readonly material: boolean
}

const SOURCE: Source = {
  document: 'Regulation (EU) 2018/2067, stands in where the national guide names none',
  article: 'article 23',
  confidence: 'M',
}

/** 5 %, and 2 % from 500,000 t on. */
export const MATERIALITY: readonly [MaterialityThreshold, ...MaterialityThreshold[]] = [
  { belowT: '500000', percent: '5', source: SOURCE },
  { belowT: undefined, percent: '2', source: SOURCE },
]

/** Holds a reported figure against the verified one; both in tonnes. A difference of exactly the threshold is material. */
export function materialityOf(reported: Ratio, verified: Ratio, thresholds = MATERIALITY): Materiality {
  const difference = addRatios(reported, multiplyRatios(verified, ratio(-1n)))
  const size = magnitude(verified)
  const threshold =
    thresholds.find(({ belowT }) => belowT === undefined || compareRatios(size, parseRatio(belowT)) < 0) ??
    thresholds[0]
  const percent =
    size.numerator === 0n
      ? difference.numerator === 0n
        ? ratio(0n)
        : undefined
      : multiplyRatios(divideRatios(magnitude(difference), size), ratio(100n))
  const material = percent === undefined || compareRatios(percent, parseRatio(threshold.percent)) >= 0
  return { difference, percent, threshold, material }
}

function magnitude(value: Ratio): Ratio {
  return value.numerator < 0n ? multiplyRatios(value, ratio(-1n)) : value
}
