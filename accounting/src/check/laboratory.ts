import { addRatios, compareRatios, divideRatios, multiplyRatios, type Ratio, ratio } from '@tanlian/units'
import type { AnalysisFact, CheckFacts } from './facts.ts'
import { type Found, testOf } from './rule.ts'
import { approximate, deviation, mean } from './statistics.ts'

const DAY = 86_400
const HOUR = 3600

/** Samples that stand for different months and reached the laboratory together (集中送检). */
export const together = testOf({
  names: [],
  numbers: ['months', 'days'],
  find(facts, _names, { months, days }) {
    const found: Found[] = []
    for (const own of byMaterial(facts)) {
      const sorted = [...own].sort((a, b) => a.received - b.received)
      let first = 0
      let reported = -1
      for (let last = 0; last < sorted.length; last++) {
        while (at(sorted, last).received - at(sorted, first).received > days * DAY) first++
        const covered = [...new Set(sorted.slice(first, last + 1).map(({ month }) => month))]
        if (covered.length < months || first <= reported) continue
        reported = last
        found.push({ subject: at(sorted, last).material, months: covered, values: { samples: String(covered.length) } })
      }
    }
    return found
  },
})

/** Report numbers of one laboratory that follow each other although their months do not (报告编号连续). */
export const consecutive = testOf({
  names: [],
  numbers: ['least'],
  find(facts, _names, { least }) {
    const found: Found[] = []
    for (const own of byMaterial(facts)) {
      const numbered = own
        .flatMap((one) => {
          const digits = one.number.match(/(\d{1,15})\D*$/)?.[1]
          return digits === undefined ? [] : [{ ...one, at: Number(digits) }]
        })
        .sort((a, b) => a.at - b.at)
      let run: typeof numbered = []
      const close = () => {
        const months = [...new Set(run.map(({ month }) => month))]
        if (months.length >= least)
          found.push({
            subject: at(run, 0).material,
            months,
            values: { first: at(run, 0).number, last: at(run, run.length - 1).number },
          })
      }
      for (const one of numbered) {
        if (run.length > 0 && one.at !== (run.at(-1)?.at ?? 0) + 1) {
          close()
          run = []
        }
        run.push(one)
      }
      if (run.length > 0) close()
    }
    return found
  },
})

/** A sample that was on its way too long, or came with its seal broken (样品链). */
export const travelled = testOf({
  names: [],
  numbers: ['hours'],
  find: (facts, _names, { hours }) =>
    facts.analyses.flatMap((one) => {
      const longest = Math.max(one.sealed - one.taken, one.handed - one.sealed, one.received - one.handed) / HOUR
      if (longest <= hours && one.intact) return []
      return [
        {
          subject: one.number,
          months: [one.month],
          values: { hours: longest.toFixed(1), intact: String(one.intact) },
        },
      ]
    }),
})

/** A laboratory's value outside what the material can have (检测值越界). */
export const bounded = testOf({
  names: ['results'],
  numbers: ['low', 'high'],
  find: (facts, { results }, { low, high }) =>
    facts.analyses.flatMap((one) =>
      results.flatMap((name): Found[] => {
        const result = one.results.get(name)
        if (result === undefined) return []
        const value = approximate(result.value)
        if (value >= low && value <= high) return []
        return [
          {
            subject: `${one.number}: ${name}`,
            months: [one.month],
            values: { value: `${result.text} ${result.unit}`, low: String(low), high: String(high) },
          },
        ]
      }),
    ),
})

/** Carbon as received, worked back from air-dried carbon and both moistures (基准换算复核). */
export const basis = testOf({
  names: ['received', 'dry', 'moistureReceived', 'moistureDry'],
  numbers: ['tolerance'],
  find: (facts, names, { tolerance }) =>
    facts.analyses.flatMap((one) => {
      const value = (list: readonly string[]) => one.results.get(list[0] ?? '')?.value
      const stated = value(names.received)
      const dry = value(names.dry)
      const wet = value(names.moistureReceived)
      const own = value(names.moistureDry)
      if (stated === undefined || dry === undefined || wet === undefined || own === undefined) return []
      const worked = divideRatios(multiplyRatios(dry, rest(wet)), rest(own))
      const gap = Math.abs(approximate(stated) - approximate(worked))
      if (gap <= tolerance) return []
      return [
        {
          subject: one.number,
          months: [one.month],
          values: { stated: approximate(stated).toFixed(4), worked: approximate(worked).toFixed(4) },
        },
      ]
    }),
})

/** Carbon that does not follow the heat as in the other months (碳热相关). */
export const residual = testOf({
  names: ['of', 'on'],
  numbers: ['sigmas', 'floor', 'least'],
  find(facts, { of, on }, { sigmas, floor, least }) {
    const found: Found[] = []
    for (const own of byMaterial(facts)) {
      const points = own.flatMap((one) => {
        const y = one.results.get(of[0] ?? '')?.value
        const x = one.results.get(on[0] ?? '')?.value
        return x === undefined || y === undefined ? [] : [{ one, x: approximate(x), y: approximate(y) }]
      })
      if (points.length < least) continue
      for (const point of points) {
        // The line through the others: one forged point must not bend the line that it is held against.
        const others = points.filter((other) => other !== point)
        const line = lineThrough(others)
        const noise = deviation(others.map(({ x, y }) => y - line(x)))
        const gap = point.y - line(point.x)
        if (Math.abs(gap) <= sigmas * noise || Math.abs(gap) <= floor * point.y) continue
        found.push({
          subject: point.one.number,
          months: [point.one.month],
          values: { value: point.y.toFixed(4), expected: line(point.x).toFixed(4) },
        })
      }
    }
    return found
  },
})

/** Two months whose analyses agree in one result after another, to every digit (检测报告复制). */
export const alike = testOf({
  names: ['results'],
  numbers: ['least'],
  find: (facts, { results }, { least }) =>
    byMaterial(facts).flatMap((own) =>
      own.flatMap((one, place) =>
        own.slice(place + 1).flatMap((other): Found[] => {
          const equal = results.filter((name) => {
            const text = one.results.get(name)?.text
            return text !== undefined && text === other.results.get(name)?.text
          })
          if (one.month === other.month || equal.length < least) return []
          return [
            {
              subject: `${one.number} = ${other.number}`,
              months: [one.month, other.month],
              values: { equal: String(equal.length) },
            },
          ]
        }),
      ),
    ),
})

/** An input that says another value than the analysis of its month (与检测报告不符). */
export const cited = testOf({
  names: ['figures'],
  numbers: [],
  find: (facts, { figures }) =>
    facts.figures.flatMap((figure): Found[] => {
      const { name, month, text, origin } = figure
      if (month === undefined || origin === undefined || origin === 'choice' || !figures.includes(name)) return []
      const analyses = facts.analyses.filter((one) => one.month === month && one.results.has(name))
      if (analyses.length === 0 || analyses.some((one) => same(one.results.get(name)?.value, figure.value))) return []
      const stated = analyses.map((one) => one.results.get(name)?.text).join(' / ')
      return [{ subject: name, months: [month], values: { value: text, analysis: stated } }]
    }),
})

function same(a: Ratio | undefined, b: Ratio): boolean {
  return a !== undefined && compareRatios(a, b) === 0
}

function byMaterial(facts: CheckFacts): readonly (readonly AnalysisFact[])[] {
  const groups = new Map<string, AnalysisFact[]>()
  for (const one of facts.analyses) {
    const name = `${one.laboratory}\n${one.material}`
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups.values()]
}

function lineThrough(points: readonly { readonly x: number; readonly y: number }[]): (x: number) => number {
  const middleX = mean(points.map(({ x }) => x))
  const middleY = mean(points.map(({ y }) => y))
  let top = 0
  let bottom = 0
  for (const { x, y } of points) {
    top += (x - middleX) * (y - middleY)
    bottom += (x - middleX) ** 2
  }
  const slope = bottom === 0 ? 0 : top / bottom
  return (x) => middleY + slope * (x - middleX)
}

function rest({ numerator, denominator }: Ratio): Ratio {
  return addRatios(ratio(1n), { numerator: -numerator, denominator })
}

function at<T>(list: readonly T[], place: number): T {
  return list[place] as T
}
