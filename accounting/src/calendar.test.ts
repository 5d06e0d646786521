import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { deadlinesOf, readCalendar } from './calendar.ts'

const folder = join(import.meta.dirname, '..', 'calendar')
const load = (name: string) => parse(readFileSync(join(folder, name), 'utf8'), { schema: 'failsafe' })
const calendars = new Map(readdirSync(folder).map((name) => [name, readCalendar(load(name))]))
const of = (name: string, sector: string) =>
  deadlinesOf(calendars.get(name) as ReturnType<typeof readCalendar>, sector)
    .filter(({ step }) => step.report !== 'month')
    .map(({ step, period, day }) => `${day} ${step.name} ${period}`)

test('the notice of 2026: power', () => {
  expect(of('cn-ets-2026.yaml', 'power')).toEqual([
    '2026-03-31 annualReport 2025',
    '2026-06-30 preAllocation 2025',
    '2026-06-30 verification 2025',
    '2026-09-20 allocationFixed 2025',
    '2026-09-30 allocationIssued 2025',
    '2026-10-31 listOfEntities 2027',
    '2026-11-30 verifierAssessment 2025',
    '2026-12-31 controlPlan 2027',
    '2026-12-31 surrender 2025',
  ])
})

test('industry has other days than power in the notice of 2025', () => {
  expect(of('cn-ets-2025.yaml', 'power').slice(0, 3)).toEqual([
    '2025-03-31 annualReport 2024',
    '2025-04-20 preAllocation 2024',
    '2025-06-30 verification 2024',
  ])
  expect(of('cn-ets-2025.yaml', 'cement').slice(0, 2)).toEqual([
    '2025-06-30 annualReport 2024',
    '2025-08-31 verification 2024',
  ])
  expect(of('cn-ets-2025.yaml', 'farm')).toEqual([])
})

test('monthly evidence is due 40 natural days after the month, the last of them whole', () => {
  const months = deadlinesOf(calendars.get('cn-ets-2026.yaml') as never, 'steel').filter(
    ({ step }) => step.report === 'month',
  )
  expect(months).toHaveLength(12)
  expect(months.slice(0, 2).map(({ period, day }) => [period, day])).toEqual([
    ['2026-01', '2026-03-12'],
    ['2026-02', '2026-04-09'],
  ])
  // Midnight after 12 March in Shanghai.
  expect(months[0]?.due).toBe(Date.parse('2026-03-12T16:00:00Z') / 1000)
})

test('every date has a source, and each is as sure as it is said to be', () => {
  for (const { steps } of calendars.values())
    for (const { source } of steps) expect(['V', 'V2', 'M']).toContain(source.confidence)
})

test.each([
  ['a key that nobody knows', (step: Record<string, unknown>) => ({ ...step, colour: 'red' })],
  ['a day that no calendar has', (step: Record<string, unknown>) => ({ ...step, due: '2026-02-30' })],
  ['a note of a report', (step: Record<string, unknown>) => ({ ...step, action: 'note' })],
  ['days after a year', (step: Record<string, unknown>) => ({ ...step, daysAfter: '40', due: undefined })],
])('%s is refused', (_why, change) => {
  const good = load('cn-ets-2026.yaml')
  const step = Object.fromEntries(Object.entries(change(good.steps[1])).filter(([, value]) => value !== undefined))
  expect(() => readCalendar({ ...good, steps: [step] })).toThrow(expect.objectContaining({ code: 'E_DOCUMENT_FORM' }))
})
