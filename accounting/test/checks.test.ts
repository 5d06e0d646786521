import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { findingText, readChecks, runChecks } from '../src/index.ts'
import { factsOf, makeYear, type Year } from './plant-year.ts'

const RULES = ['cn-power', 'laboratory', 'series'].flatMap(
  (name) =>
    readChecks(parse(readFileSync(join(import.meta.dirname, `../checks/${name}.yaml`), 'utf8'), { schema: 'failsafe' }))
      .rules,
)
const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1)

const found = (year: Year): ReadonlySet<string> => new Set(runChecks(RULES, factsOf(year)).map(({ rule }) => rule))
const month = (year: Year, at: number) => year.months[at] as Year['months'][number]

/** Frauds of reports and laboratories (fraud.md sections 1 and 4): what is done to the year, and the rules of which one must catch it. */
const FRAUDS: Readonly<Record<string, { readonly put: (year: Year) => void; readonly caughtBy: readonly string[] }>> = {
  'carbon of one month × 0.95 in the analysis': {
    put: (year) => {
      month(year, 6).carbonDry *= 0.95
    },
    caughtBy: ['carbon-by-heat-stray', 'carbon-residual'],
  },
  'carbon × 0.95 from July on, in the analyses': {
    put: (year) => {
      for (const one of year.months.slice(6)) one.carbonDry *= 0.95
    },
    caughtBy: ['cems'],
  },
  'carbon of one month lowered in the report alone': {
    put: (year) => year.stated.set('2025-05 coalCarbon', '0.5123'),
    caughtBy: ['other-than-analysis'],
  },
  'moisture invented to lower the basis': {
    put: (year) => year.stated.set('2025-08 coalCarbon', '0.5011'),
    caughtBy: ['other-than-analysis'],
  },
  "November's test copied to December": {
    put: (year) => {
      const { ncv, carbonDry, moistureReceived, moistureDry } = month(year, 10)
      Object.assign(month(year, 11), { ncv, carbonDry, moistureReceived, moistureDry })
    },
    caughtBy: ['copied-analysis'],
  },
  'twelve samples sent in one week': {
    put: (year) => {
      const last = month(year, 11).received
      for (const [at, one] of year.months.entries()) one.received = last - at * 3600
    },
    caughtBy: ['sent-together'],
  },
  'reports of five months written in a row': {
    put: (year) => {
      for (let at = 1; at < 6; at++) month(year, at).number = month(year, 0).number + at
    },
    caughtBy: ['numbers-in-a-row'],
  },
  'a sample ten days on its way': {
    put: (year) => {
      month(year, 3).received = month(year, 3).taken + 240 * 3600
    },
    caughtBy: ['long-way'],
  },
  'coal burned lowered by 4 %': {
    put: (year) => {
      month(year, 4).coalUsed *= 0.96
    },
    caughtBy: ['coal-balance'],
  },
  'coal burned lowered by 1.2 % each month': {
    put: (year) => {
      for (const one of year.months) one.coalUsed *= 0.988
    },
    caughtBy: ['coal-balance'],
  },
  'a month without its unwelcome test': {
    put: (year) => year.defaults.add('2025-09'),
    caughtBy: ['carbon-switched'],
  },
  'heats rounded as nobody measures': {
    put: (year) => {
      for (const one of year.months) one.ncv = Math.round(one.ncv * 2) / 2
    },
    caughtBy: ['round-values', 'repeated-value'],
  },
  'a current transformer of half the ratio for a month': {
    put: ({ meters }) => {
      const part = meters.parts[1] as number[]
      for (let at = 31 * 24; at < 59 * 24; at++) part[at] = 100 * Math.round((part[at] as number) / 200)
    },
    caughtBy: ['meters-sum'],
  },
  'a week of the meter copied from the week before': {
    put: ({ meters }) => meters.main.splice(100 * 24, 7 * 24, ...meters.main.slice(93 * 24, 100 * 24)),
    caughtBy: ['copied-day'],
  },
  'weekends left out in June': {
    put: ({ meters }) => {
      const part = meters.parts[0] as number[]
      for (let at = 151 * 24; at < 181 * 24; at++) {
        const day = new Date(Date.UTC(2025, 0, 1) + at * 3_600_000).getUTCDay()
        if (day === 0 || day === 6) part[at] = 100 * Math.round((part[at] as number) / 250)
      }
    },
    caughtBy: ['rhythm', 'meters-sum'],
  },
  'electricity put up to lower the intensity': {
    put: (year) => {
      month(year, 2).electricity *= 1.12
    },
    caughtBy: ['heat-rate-stray', 'efficiency'],
  },
  'three corrections, all downwards': {
    put: (year) => {
      year.corrections = [-1200, -800, -2500]
    },
    caughtBy: ['corrected-down'],
  },
}

test.each(Object.entries(FRAUDS))('a rule asks about %s', (_name, { put, caughtBy }) => {
  const missed = SEEDS.filter((seed) => {
    const year = makeYear(seed)
    put(year)
    const rules = found(year)
    return !caughtBy.some((rule) => rules.has(rule))
  })
  expect(missed).toEqual([])
})

test('years in which nothing was done raise less than one question a year, and no hold', () => {
  const findings = SEEDS.flatMap((seed) => runChecks(RULES, factsOf(makeYear(seed))))
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  console.log(
    `false alarms in ${SEEDS.length} clean years: ${[...counts].map(([rule, count]) => `${rule} ${count}`).join(', ') || 'none'}`,
  )
  expect(findings.filter(({ severity }) => severity === 'hold')).toEqual([])
  expect(findings.length).toBeLessThan(SEEDS.length)
})

test('a finding is said in both languages with its values', () => {
  const year = makeYear(1)
  month(year, 4).coalUsed *= 0.96
  const finding = runChecks(RULES, factsOf(year)).find(({ rule }) => rule === 'coal-balance')
  const rule = RULES.find(({ id }) => id === 'coal-balance')
  if (finding === undefined || rule === undefined) throw new Error('no finding')
  expect(finding.months).toEqual(['2025-05'])
  expect(findingText(rule, finding, 'zh')).toMatch(/相差 \d\.\d\d %$/)
  expect(findingText(rule, finding, 'en')).not.toContain('{')
})

test('a rule with an unknown key, test or number is refused with its place', () => {
  const rule = {
    id: 'x',
    test: 'peers',
    severity: 'info',
    zh: '问',
    en: 'Ask',
    source: { document: 'd', confidence: 'M' },
    outputs: ['a'],
    times: '3',
    floor: '0',
    change: '1',
    least: '3',
  }
  const read = (change: object) => () =>
    readChecks({
      format: 'tanlian/checks/1',
      id: 'x',
      version: '1',
      name: { zh: '问', en: 'Ask' },
      rules: [{ ...rule, ...change }],
    })
  expect(read({})).not.toThrow()
  expect(read({ more: '1' })).toThrow(/rules\[0\]\.more is no known key/)
  expect(read({ test: 'constructor' })).toThrow(/rules\[0\]\.test/)
  expect(read({ times: 'many' })).toThrow()
})
