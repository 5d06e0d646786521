import { addRatios, divideRatios, multiplyRatios, type Ratio, ratio } from '@tanlian/units'
import type { CheckFacts, Figure } from './facts.ts'
import { type Found, testOf } from './rule.ts'
import { approximate, deviation, mean, median, outliers, spread } from './statistics.ts'

/** Bought and stocked against burned (物料平衡): what came in and did not stay must be what was used. */
export const balance = testOf({
  names: ['in', 'out', 'used'],
  numbers: ['tolerance', 'lean', 'leanMonths'],
  find(facts, { in: inflow, out: outflow, used }, { tolerance, lean, leanMonths }) {
    const gaps: { month: string; share: number }[] = []
    for (const month of facts.months) {
      const burned = total(facts, used, month)
      const came = total(facts, inflow, month)
      const went = total(facts, outflow, month)
      if (burned === undefined || came === undefined || went === undefined || burned.numerator === 0n) continue
      gaps.push({ month, share: approximate(divideRatios(minus(minus(came, went), burned), burned)) })
    }
    const found: Found[] = gaps
      .filter(({ share }) => Math.abs(share) > tolerance)
      .map(({ month, share }) => ({ subject: used.join(' + '), months: [month], values: { gap: percent(share) } }))
    // A gap that always leans to one side is no measuring noise, however small each is.
    for (const sign of [1, -1]) {
      const leaning = gaps.filter(({ share }) => share * sign > lean)
      if (leaning.length >= leanMonths && leaning.length === gaps.length)
        found.push({
          subject: used.join(' + '),
          months: leaning.map(({ month }) => month),
          values: { gap: percent(mean(leaning.map(({ share }) => share))) },
        })
    }
    return found
  },
})

/** A quotient of figures within bounds that physics or the trade sets, such as carbon by heat or a unit's efficiency. */
export const quotient = testOf({
  names: ['over', 'under'],
  numbers: ['factor', 'low', 'high'],
  find: (facts, { over, under }, { factor, low, high }) =>
    quotients(facts, over, under).flatMap(({ subject, month, value }) => {
      const scaled = value * factor
      if (scaled >= low && scaled <= high) return []
      return [
        { subject, months: monthsOf(month), values: { value: short(scaled), low: short(low), high: short(high) } },
      ]
    }),
})

/** A quotient that stands out from the other months' (趋势突变). */
export const stray = testOf({
  names: ['over', 'under'],
  numbers: ['times', 'floor'],
  find(facts, { over, under }, { times, floor }) {
    const values = quotients(facts, over, under).filter(({ month }) => month !== undefined)
    const found: Found[] = []
    for (const subject of new Set(values.map((one) => one.subject))) {
      const own = values.filter((one) => one.subject === subject)
      const numbers = own.map(({ value }) => value)
      for (const at of outliers(numbers, times, floor)) {
        const { month, value } = own[at] as (typeof own)[number]
        found.push({
          subject,
          months: monthsOf(month),
          values: { value: short(value), median: short(median(numbers)) },
        })
      }
    }
    return found
  },
})

/** Two ways to the same figure (比对), such as CEMS and calculation: each month, and drifting away over months. */
export const compared = testOf({
  names: ['of', 'against'],
  numbers: ['tolerance', 'sigmas'],
  find(facts, { of, against }, { tolerance, sigmas }) {
    const found: Found[] = []
    const shares: { month: string; share: number }[] = []
    for (const month of facts.months) {
      const one = total(facts, of, month)
      const other = total(facts, against, month)
      if (one === undefined || other === undefined || other.numerator === 0n) continue
      const share = approximate(divideRatios(minus(one, other), other))
      shares.push({ month, share })
      if (Math.abs(share) > tolerance)
        found.push({ subject: of.join(' + '), months: [month], values: { gap: percent(share) } })
    }
    const drift = driftOf(
      shares.map(({ share }) => share),
      sigmas,
    )
    if (drift !== undefined)
      found.push({
        subject: of.join(' + '),
        months: shares.slice(drift).map(({ month }) => month),
        values: { gap: percent(mean(shares.slice(drift).map(({ share }) => share))) },
      })
    return found
  },
})

/** Parts against the whole (总分表比对): sub-meters against the main meter. */
export const parts = testOf({
  names: ['whole', 'parts'],
  numbers: ['tolerance'],
  find: (facts, { whole, parts: pieces }, { tolerance }) =>
    facts.months.flatMap((month) => {
      const main = total(facts, whole, month)
      const sum = total(facts, pieces, month)
      if (main === undefined || sum === undefined || main.numerator === 0n) return []
      const share = approximate(divideRatios(minus(sum, main), main))
      if (Math.abs(share) <= tolerance) return []
      return [{ subject: whole.join(' + '), months: [month], values: { gap: percent(share) } }]
    }),
})

/** An output against the same output of the sector, and against last year's (同行与同比). */
export const peers = testOf({
  names: ['outputs'],
  numbers: ['times', 'floor', 'change', 'least'],
  find: (facts, { outputs }, { times, floor, change, least }) =>
    outputs.flatMap((name) => {
      const own = facts.figures.find((figure) => figure.name === name && figure.month === undefined)
      if (own === undefined) return []
      const value = approximate(own.value)
      const found: Found[] = []
      const others = (facts.peers.get(name) ?? []).map(approximate)
      const middle = others.length === 0 ? 0 : median(others)
      if (
        others.length >= least &&
        Math.abs(value - middle) > times * spread(others) &&
        Math.abs(value - middle) > floor * Math.abs(middle)
      )
        found.push({ subject: name, months: [], values: { value: short(value), median: short(middle) } })
      const before = facts.previous.get(name)
      const share = before === undefined || before.numerator === 0n ? 0 : value / approximate(before) - 1
      if (Math.abs(share) > change)
        found.push({ subject: name, months: [], values: { value: short(value), change: percent(share) } })
      return found
    }),
})

/** Corrections that all go one way (更正方向一致). */
export const corrected = testOf({
  names: [],
  numbers: ['least'],
  find(facts, _names, { least }) {
    const lower = facts.corrections.filter(({ change }) => change.numerator < 0n)
    if (lower.length < least || lower.length < facts.corrections.length) return []
    return [{ subject: 'total', months: [], values: { corrections: String(lower.length) } }]
  },
})

/** Measured in some months and by the default in others of the same year (缺省值切换). */
export const switched = testOf({
  names: ['measured', 'beside'],
  numbers: [],
  find(facts, { measured, beside }) {
    const months = (names: readonly string[]) =>
      facts.months.filter((month) => facts.figures.some((one) => one.month === month && names.includes(one.name)))
    const having = months(measured)
    const without = months(beside).filter((month) => !having.includes(month))
    if (having.length === 0 || without.length === 0) return []
    return [{ subject: measured.join(' / '), months: without, values: { months: without.join(', ') } }]
  },
})

/** The place from which a series of deviations runs away from its first half (CUSUM), or undefined. */
function driftOf(values: readonly number[], sigmas: number): number | undefined {
  if (values.length < 6) return undefined
  const calm = values.slice(0, values.length >> 1)
  const sigma = Math.max(deviation(calm), 0.002)
  const middle = mean(calm)
  for (const sign of [1, -1]) {
    let sum = 0
    let since = 0
    for (const [at, value] of values.entries()) {
      sum += (sign * (value - middle)) / sigma - 0.5
      if (sum <= 0) {
        sum = 0
        since = at + 1
      } else if (sum > sigmas) return since
    }
  }
  return undefined
}

/** The quotient of each row and month; figures of one month and part belong together. */
function quotients(facts: CheckFacts, over: readonly string[], under: readonly string[]) {
  const found: { subject: string; month: string | undefined; value: number }[] = []
  const places = new Map(facts.figures.map(({ month, part }) => [`${month ?? ''}\n${part}`, { month, part }]))
  for (const { month, part } of places.values()) {
    const top = product(facts, over, month, part)
    const bottom = product(facts, under, month, part)
    if (top === undefined || bottom === undefined || bottom.numerator === 0n) continue
    const name = [over.join(' · '), under.join(' · ')].filter((text) => text !== '').join(' ÷ ')
    found.push({
      subject: part === '' ? name : `${part}: ${name}`,
      month,
      value: approximate(divideRatios(top, bottom)),
    })
  }
  return found
}

function product(
  facts: CheckFacts,
  names: readonly string[],
  month: string | undefined,
  part: string,
): Ratio | undefined {
  let result = ratio(1n)
  for (const name of names) {
    const figure =
      findFigure(facts, name, month, part) ?? (part === '' ? undefined : findFigure(facts, name, month, ''))
    if (figure === undefined) return undefined
    result = multiplyRatios(result, figure.value)
  }
  return result
}

function findFigure(facts: CheckFacts, name: string, month: string | undefined, part: string): Figure | undefined {
  return facts.figures.find((one) => one.name === name && one.month === month && one.part === part)
}

/** The sum of these figures in a month; undefined where one of them is not there at all. */
function total(facts: CheckFacts, names: readonly string[], month: string): Ratio | undefined {
  let sum = ratio(0n)
  for (const name of names) {
    const own = facts.figures.filter((one) => one.name === name && one.month === month)
    if (own.length === 0) return undefined
    for (const { value } of own) sum = addRatios(sum, value)
  }
  return sum
}

function minus(a: Ratio, b: Ratio): Ratio {
  return addRatios(a, { numerator: -b.numerator, denominator: b.denominator })
}

function monthsOf(month: string | undefined): readonly string[] {
  return month === undefined ? [] : [month]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

/** Five digits, enough to see what a bound was broken by. */
function short(value: number): string {
  return Number(value.toPrecision(5)).toString()
}
