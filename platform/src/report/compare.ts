import type { OutputValue, Report } from '@tanlian/accounting'
import {
  addRatios,
  decimalText,
  divideRatios,
  multiplyRatios,
  parseRatio,
  periodOf,
  periodWindow,
  ratio,
  roundRatioTo,
} from '@tanlian/units'
import type { Instance } from '../instance.ts'

/** The same report a year before, and how each line changed (同比). */
export interface Comparison {
  readonly report: string
  readonly from: number
  readonly to: number
  readonly lines: {
    name: string
    unit: string
    before: string
    now: string
    /** Per cent, two digits, half to even; null where there was nothing before. */
    changePercent: string | null
  }[]
}

/** Compares outputs with those of the same subject and stretch of the year before; undefined where there is no such report. */
export function compareWithLastYear(
  { documents }: Pick<Instance, 'documents'>,
  organization: number,
  { subject, type, period, zone }: Pick<Report, 'subject' | 'type' | 'period' | 'zone'>,
  outputs: readonly OutputValue[],
): Comparison | undefined {
  const name = periodOf(period[0], type, zone)
  const earlier = periodWindow(`${String(Number(name.slice(0, 4)) - 1).padStart(4, '0')}${name.slice(4)}`, zone)
  const found = documents.register.latest(organization, { subject, type, period: [earlier.from, earlier.to] })
  if (found === undefined) return undefined
  const before = new Map(found.content.outputs.map(([output, value, unit]) => [`${output} ${unit}`, value]))
  const lines = outputs.flatMap(([output, now, unit]) => {
    const was = before.get(`${output} ${unit}`)
    return was === undefined ? [] : [{ name: output, unit, before: was, now, changePercent: changeOf(was, now) }]
  })
  return { report: found.cid.toString(), ...earlier, lines }
}

function changeOf(before: string, now: string): string | null {
  const was = parseRatio(before)
  if (was.numerator === 0n) return null
  const change = divideRatios(addRatios(parseRatio(now), multiplyRatios(was, ratio(-1n))), was)
  return decimalText(roundRatioTo(multiplyRatios(change, ratio(100n)), 2, 'half-even'))
}
