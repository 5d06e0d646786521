import { parseRatio, type Ratio } from '@tanlian/units'
import type { AnalysisFact, CheckFacts, Figure, SeriesFact } from '../src/index.ts'

/*
 * A year of a coal-fired unit, made up with a seed: coal, its laboratory, CEMS beside the calculation, meters by the hour. What is true in it is known, so that a
 * fraud can be put into it and what the checks say can be counted.
 */

const HOUR = 3600
const DAY = 24 * HOUR
const OFFSET = 8 * HOUR

/** A month of the unit, in doubles; texts are written from it with the digits that its instruments have. */
export interface Month {
  readonly name: string
  readonly start: number
  coalUsed: number
  bought: number
  opening: number
  closing: number
  ncv: number
  carbonDry: number
  moistureReceived: number
  moistureDry: number
  electricity: number
  cems: number
  taken: number
  received: number
  number: number
}

/** The whole year before it is written down: a fraud changes it here. */
export interface Year {
  readonly months: Month[]
  readonly meters: { main: number[]; parts: number[][] }
  readonly start: number
  /** What the report says where it is not what the laboratory found. */
  readonly stated: Map<string, string>
  readonly defaults: Set<string>
  corrections: number[]
  previousIntensity: number
}

/** Uniform numbers in [0, 1), the same for a seed everywhere (a linear congruential generator on 32 bits, of Numerical Recipes' constants). */
export function randomOf(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let at = 0; at < 8; at++) next()
  return next
}

/** A sum of twelve uniforms: normal enough, mean 0 and deviation 1. */
function normal(random: () => number): number {
  let sum = -6
  for (let at = 0; at < 12; at++) sum += random()
  return sum
}

export function makeYear(seed: number): Year {
  const random = randomOf(seed)
  const year = 2025
  let stock = 40_000 + 5_000 * random()
  let number = 1000 + Math.floor(4000 * random())
  const efficiency = 0.37 + 0.03 * random()
  const bias = 0.01 * normal(random)
  const months = Array.from({ length: 12 }, (_, at): Month => {
    const start = Date.UTC(year, at, 1) / 1000 - OFFSET
    const coalUsed = 60_000 + 12_000 * random()
    const opening = stock
    const bought = coalUsed + 8_000 * (random() - 0.5)
    stock = opening + bought - coalUsed
    const ncv = 21 + 0.5 * normal(random)
    const moistureReceived = 0.1 + 0.012 * normal(random)
    const moistureDry = 0.025 + 0.003 * normal(random)
    const carbon = ncv * (0.0262 + 0.00015 * normal(random))
    const electricity = (coalUsed * ncv * efficiency * (1 + 0.006 * normal(random))) / 3.6
    const taken = start + DAY * (25 + Math.floor(4 * random())) + 9 * HOUR
    number += 20 + Math.floor(60 * random())
    return {
      name: `${year}-${String(at + 1).padStart(2, '0')}`,
      start,
      coalUsed,
      opening,
      bought,
      // A stock survey is good to about half a percent of a month's burn.
      closing: stock + 0.003 * coalUsed * normal(random),
      ncv,
      carbonDry: (carbon * (1 - moistureDry)) / (1 - moistureReceived),
      moistureReceived,
      moistureDry,
      electricity,
      cems: coalUsed * carbon * 0.99 * (44 / 12) * (1 + bias + 0.015 * normal(random)),
      taken,
      received: taken + HOUR * (4 + 30 * random()),
      number,
    }
  })
  const start = months[0]?.start as number
  return {
    months,
    meters: makeMeters(random, start),
    start,
    stated: new Map(),
    defaults: new Set(),
    corrections: [],
    previousIntensity: intensityOf(months) * (1 + 0.02 * normal(random)),
  }
}

/** A main meter and three below it, hour by hour, busier by day and on working days; in Wh with steps of 100. */
function makeMeters(random: () => number, start: number): Year['meters'] {
  const parts: number[][] = [[], [], []]
  const main: number[] = []
  for (let at = 0; at < 365 * 24; at++) {
    const local = start + OFFSET + at * HOUR
    const hour = Math.floor(local / HOUR) % 24
    const day = new Date(local * 1000).getUTCDay()
    const busy = (hour >= 6 && hour < 22 ? 1 : 0.55) * (day === 0 || day === 6 ? 0.7 : 1)
    let sum = 0
    for (const part of parts) {
      const value = 100 * Math.round((900_000 * busy * (1 + 0.05 * normal(random))) / 100)
      part.push(value)
      sum += value
    }
    main.push(100 * Math.round((sum * (1 + 0.002 * normal(random))) / 100))
  }
  return { main, parts }
}

function intensityOf(months: readonly Month[]): number {
  const carbon = months.reduce((sum, one) => sum + one.coalUsed * receivedOf(one), 0)
  return (carbon * 0.99 * (44 / 12)) / months.reduce((sum, one) => sum + one.electricity, 0)
}

function receivedOf({ carbonDry, moistureReceived, moistureDry }: Month): number {
  return (carbonDry * (1 - moistureReceived)) / (1 - moistureDry)
}

/** The year as the checks see it. */
export function factsOf(year: Year): CheckFacts {
  const figures: Figure[] = []
  const put = (name: string, month: string | undefined, text: string, origin: Figure['origin'], part = '') =>
    figures.push({ name, month, part, value: parseRatio(text), text, origin })
  const analyses: AnalysisFact[] = []
  for (const month of year.months) {
    const { name } = month
    const carbon = receivedOf(month).toFixed(4)
    const results = {
      coalNcv: month.ncv.toFixed(3),
      coalCarbon: carbon,
      coalCarbonDry: month.carbonDry.toFixed(4),
      moistureReceived: month.moistureReceived.toFixed(4),
      moistureDry: month.moistureDry.toFixed(4),
    }
    const said = (figure: keyof typeof results) => year.stated.get(`${name} ${figure}`) ?? results[figure]
    put('coalUsed', name, month.coalUsed.toFixed(2), 'total')
    put('coalOpening', name, month.opening.toFixed(2), 'voucher')
    put('coalBought', name, month.bought.toFixed(2), 'voucher')
    put('coalSold', name, '0', 'voucher')
    put('coalClosing', name, month.closing.toFixed(2), 'voucher')
    put('coalNcv', name, said('coalNcv'), 'analysis')
    if (!year.defaults.has(name)) put('coalCarbon', name, said('coalCarbon'), 'analysis')
    put('electricityMonth', name, month.electricity.toFixed(3), 'total')
    put('coalLine', name, (month.coalUsed * Number(said('coalCarbon')) * 0.99 * (44 / 12)).toFixed(2), undefined)
    put('cemsCo2', name, month.cems.toFixed(2), 'total')
    analyses.push({
      reference: `analysis ${name}`,
      laboratory: 9,
      number: `MT-${month.number}`,
      material: 'coal',
      month: name,
      taken: month.taken,
      sealed: month.taken + 600,
      handed: month.taken + 2 * HOUR,
      received: month.received,
      analysed: month.received + 20 * HOUR,
      intact: true,
      results: new Map(
        Object.entries(results).map(([result, text]) => [result, { value: parseRatio(text), text, unit: '1' }]),
      ),
    })
  }
  put('intensity', undefined, intensityOf(year.months).toFixed(4), undefined)
  const electricity = (stream: number, hours: readonly number[]): SeriesFact => ({
    stream,
    type: '020101',
    start: year.start,
    hours,
    offsetSeconds: OFFSET,
  })
  for (const { name, start } of year.months) {
    const from = (start - year.start) / HOUR
    const to = from + 24 * new Date(Date.UTC(Number(name.slice(0, 4)), Number(name.slice(5)), 0)).getUTCDate()
    const sum = (hours: readonly number[]) => hours.slice(from, to).reduce((total, value) => total + value, 0)
    put('meterMain', name, String(sum(year.meters.main)), 'total')
    for (const [at, part] of year.meters.parts.entries()) put('meterPart', name, String(sum(part)), 'total', `${at}`)
  }
  const ratioOf = (value: number): Ratio => parseRatio(value.toFixed(4))
  return {
    months: year.months.map(({ name }) => name),
    figures,
    analyses,
    series: [electricity(1, year.meters.main), ...year.meters.parts.map((part, at) => electricity(2 + at, part))],
    previous: new Map([['intensity', ratioOf(year.previousIntensity)]]),
    peers: new Map(),
    corrections: year.corrections.map((change, at) => ({ reference: `${at}`, change: parseRatio(String(change)) })),
  }
}
