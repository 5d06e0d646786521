import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type CheckFacts, readChecks, runChecks, type SeriesFact } from '../src/index.ts'

const HOUR = 3600
const { rules: RULES } = readChecks(
  parse(readFileSync(join(import.meta.dirname, '../checks/series.yaml'), 'utf8'), { schema: 'failsafe' }),
)

/** Hourly Wh of one column of a table whose rows are a fixed time apart and begin at local midnight. */
function hourly(
  file: string,
  column: number,
  stream: number,
  year: number,
  minutes: number,
  whOf: (value: number) => number,
): SeriesFact {
  const lines = gunzipSync(readFileSync(join(import.meta.dirname, '../../data', file)))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
  const each = 60 / minutes
  const hours: number[] = []
  for (const [at, line] of lines.entries()) {
    const hour = Math.floor(at / each)
    hours[hour] = (hours[hour] ?? 0) + Math.round(whOf(Number(line.split(',')[column])))
  }
  return { stream, type: '020101', start: Date.UTC(year, 0, 1) / 1000, hours, offsetSeconds: 0 }
}

const STREAMS = [
  hourly('steel-energy/steel_2018.csv.gz', 1, 1, 2018, 15, (kWh) => kWh * 1000),
  ...[4, 5, 6].map((column) =>
    hourly('tetouan-power/tetouan_2017.csv.gz', column, column, 2017, 10, (kW) => (kW * 1000) / 6),
  ),
]

function findingsOf(series: readonly SeriesFact[]) {
  const facts: CheckFacts = {
    months: [],
    figures: [],
    analyses: [],
    series,
    previous: new Map(),
    peers: new Map(),
    corrections: [],
  }
  return runChecks(RULES, facts)
}

test('on real meters in which nothing was injected, the checks of series ask less than once a meter and month', () => {
  const findings = findingsOf(STREAMS)
  const months = STREAMS.reduce((sum, { hours }) => sum + Math.round(hours.length / 730), 0)
  console.log(
    `real meters: ${findings.length} findings in ${months} stream-months: ${findings.map(({ rule, subject, months: at }) => `${rule} of ${subject} ${at.join(' ')}`).join(', ') || 'none'}`,
  )
  expect(STREAMS.map(({ hours }) => hours.length)).toEqual([6552, 2160, 2160, 2160])
  expect(findings.length).toBeLessThan(months / 3)
})

test('a week copied into real meters is asked about for each meter', () => {
  const forged = STREAMS.map((one) => {
    const hours = [...one.hours]
    const from = (24 - ((one.start / HOUR) % 24)) % 24
    hours.splice(from + 70 * 24, 7 * 24, ...hours.slice(from + 40 * 24, from + 47 * 24))
    return { ...one, hours }
  })
  const asked = new Set(
    findingsOf(forged)
      .filter(({ rule }) => rule === 'copied-day')
      .map(({ subject }) => subject),
  )
  expect(asked).toEqual(new Set(STREAMS.map(({ stream }) => `${stream}`)))
})
