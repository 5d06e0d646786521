import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METHODOLOGIES, parseText, run, shown } from '../test/library.ts'
import { allocationData, factsAsked, type PlantYear } from './allocation.ts'
import { type AllocationPlan, type PlanSector, readAllocationPlan, ruleOfYear } from './allocation-plan.ts'
import type { Methodology } from './methodology.ts'

const text = readFileSync(join(import.meta.dirname, '../allocation-plans/cn-ets.yaml'), 'utf8')
const plan: AllocationPlan = readAllocationPlan(parseText(text))
const sectorOf = (name: string) => plan.sectors.find(({ sector }) => sector === name) as PlanSector
const methodology = (id: string) => METHODOLOGIES.get(id) as Methodology
const power = methodology('cn.allocation.power.2025')

/** Three months of a coal unit, with heat in one of them. */
const plant: PlantYear = {
  subject: 'unit 1',
  methodology: 'cn.power',
  months: 3,
  facts: { unitClass: 'coalSmall' },
  reports: [
    month({ electricityMade: '100000.5', heatSupplied: '7000' }, '90000.10'),
    month({ electricityMade: '90000' }, '80000.05'),
    month({ electricityMade: '110000' }, '95000.00'),
  ],
}

function month(inputs: Readonly<Record<string, string>>, total: string): PlantYear['reports'][number] {
  const origin = { kind: 'manual', reason: 'test' } as const
  return {
    inputs: Object.entries(inputs).map(([name, value]) => ({ name, group: null, row: 0, value, origin })),
    outputs: [['total', total, 'tCO2']],
  }
}

test('each rule of the plan is in the library, valid in its years, and what it reads is of the unit that reports have', () => {
  for (const { rules, reports } of plan.sectors)
    for (const { rule, years } of rules) {
      const found = methodology(rule)
      for (const year of years) {
        expect(found.from <= `${year}-01-01` && `${year}-12-31` <= (found.to ?? '9')).toBe(true)
        expect(found.inputs.find(({ name }) => name === 'year')?.choices).toContain(year)
      }
      for (const { methodology: id, reads } of reports)
        for (const { name, from, of } of reads) {
          const { inputs, equations } = methodology(id)
          const told = (from === 'input' ? inputs : equations).find((one) => one.name === of)
          const asked = found.inputs.find((input) => input.name === name)
          if (asked !== undefined) expect([id, of, told?.unit?.text]).toEqual([id, of, asked.unit?.text])
        }
    }
})

test('a year that the plan does not name has no rule, whatever its neighbours have', () => {
  expect(ruleOfYear(sectorOf('power'), '2024')?.state).toBe('final')
  expect(ruleOfYear(sectorOf('power'), '2025')?.state).toBe('draft')
  expect(ruleOfYear(sectorOf('steel'), '2023')).toBeUndefined()
  expect(ruleOfYear(sectorOf('power'), '2027')).toBeUndefined()
})

test('what no report tells is asked of the plant', () => {
  const asked = (sector: string, id: string) => factsAsked(sectorOf(sector), methodology(id)).map(({ name }) => name)
  expect(asked('power', 'cn.allocation.power.2025')).toEqual(['unitClass', 'loadFactor', 'special'])
  expect(asked('cement', 'cn.allocation.cement.2025')).toEqual(['balance', 'carbideShare', 'special'])
  expect(asked('steel', 'cn.allocation.industry.2024')).toEqual([])
})

test('months are added up, and the rest of the year is taken to be as their mean, exactly', () => {
  const sector = sectorOf('power')
  const soFar = allocationData(sector, power, '2025', [plant], 'so far')
  expect(soFar).toEqual({
    values: { year: '2025' },
    groups: {
      units: [{ electricity: '300000.5', heat: '7000', emissions: '265000.15', unitClass: 'coalSmall' }],
    },
  })
  const whole = allocationData(sector, power, '2025', [plant], 'year')
  expect(whole.groups.units?.[0]).toMatchObject({ electricity: '1200002', heat: '28000', emissions: '1060000.6' })
  // Seven months do not divide: the fraction stays one.
  const seven = allocationData(sector, power, '2025', [{ ...plant, months: 7 }], 'year')
  expect(seven.groups.units?.[0]?.heat).toBe('12000')
  expect(seven.groups.units?.[0]?.emissions).toBe('15900009/35')
  // 1,200,002 × 0.8017 and 28,000 × 0.1027, each floored; 20 % below what is emitted would be 848,000.
  const outcome = run('cn.allocation.power.2025', whole)
  expect([shown(outcome, 'allocation'), shown(outcome, 'surplus')]).toEqual(['964916', '-95084.60'])
})

test('reports by a methodology that the plan does not read are refused by name', () => {
  const other = { ...plant, methodology: 'park' }
  expect(() => allocationData(sectorOf('power'), power, '2025', [other], 'so far')).toThrow(
    expect.objectContaining({ code: 'E_ALLOCATION_REPORTS' }),
  )
})

test('plants state one balance value of their sector, or none', () => {
  const rule = methodology('cn.allocation.steel.2025')
  const works = (subject: string, facts: PlantYear['facts']): PlantYear => ({
    subject,
    methodology: 'cn.steel',
    months: 12,
    facts,
    reports: [{ inputs: [], outputs: [['enterprise', '1000', 'tCO2']] }],
  })
  const values = (...plants: readonly PlantYear[]) =>
    allocationData(sectorOf('steel'), rule, '2025', plants, 'year').values
  expect(values(works('a', { balance: '1.4' }), works('b', {}))).toEqual({ year: '2025', balance: '1.4' })
  expect(() => values(works('a', { balance: '1.4' }), works('b', { balance: '1.5' }))).toThrow(
    expect.objectContaining({ code: 'E_ALLOCATION_FACT' }),
  )
})

test('a plan that is written wrong is refused with its place', () => {
  const broken = (from: string, to: string) => () => readAllocationPlan(parseText(text.replace(from, to)))
  expect(broken('tanlian/allocation-plan/1', 'tanlian/allocation-plan/2')).toThrow(/format/)
  expect(broken('state: final', 'state: perhaps')).toThrow(/state/)
  expect(broken("years: ['2025', '2026']", "years: ['2024', '2026']")).toThrow(/a year twice/)
  expect(broken("['2023', '2024']", "['23']")).toThrow(/no year/)
})
