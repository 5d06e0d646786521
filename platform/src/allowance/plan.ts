import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type AllocationPlan,
  factsAsked,
  type Input,
  type PlanRule,
  type PlanSector,
  type Program,
  readAllocationPlan,
  ruleOfYear,
} from '@tanlian/accounting'
import { loadProgram } from '@tanlian/accounting/library'
import { parseRatio, TanlianError } from '@tanlian/units'
import { parse } from 'yaml'

const FILE = join(
  dirname(fileURLToPath(import.meta.resolve('@tanlian/accounting'))),
  '..',
  'allocation-plans',
  'cn-ets.yaml',
)

let read: AllocationPlan | undefined

/** The plan that comes with the platform, read once: data of `accounting/allocation-plans`. */
export function allocationPlan(): AllocationPlan {
  read ??= readAllocationPlan(parse(readFileSync(FILE, 'utf8'), { schema: 'failsafe' }))
  return read
}

/** The sector of the plan. @throws TanlianError E_ALLOCATION_SECTOR */
export function planSector(sector: string): PlanSector {
  const { sectors } = allocationPlan()
  const found = sectors.find((one) => one.sector === sector)
  if (found !== undefined) return found
  const known = sectors.map((one) => one.sector).join(', ')
  throw new TanlianError('E_ALLOCATION_SECTOR', `No rule gives allowances to ${sector}, only to ${known}.`, {
    values: { sector, known },
  })
}

/** The rule of a sector for a year, ready to run. @throws TanlianError E_ALLOCATION_YEAR */
export async function ruleFor(sector: PlanSector, year: string): Promise<{ rule: PlanRule; program: Program }> {
  const rule = ruleOfYear(sector, year)
  if (rule === undefined) {
    const known = sector.rules.flatMap(({ years }) => years).join(', ')
    throw new TanlianError(
      'E_ALLOCATION_YEAR',
      `The plans that are here name no allowances of ${sector.sector} for ${year}, only for ${known}.`,
      { values: { sector: sector.sector, year, known } },
    )
  }
  return { rule, program: await loadProgram(rule.rule) }
}

/** What a plant of a sector is asked, over all rules of the sector; each name once, as its newest rule has it. */
export async function factsOfSector(sector: PlanSector): Promise<readonly Input[]> {
  const programs = await Promise.all(sector.rules.map(({ rule }) => loadProgram(rule)))
  const facts = programs.flatMap(({ methodology }) => factsAsked(sector, methodology))
  return [...new Map(facts.map((fact) => [fact.name, fact])).values()]
}

/**
 * Facts that a sector asks and whose values are of their form.
 * @throws TanlianError E_PROJECT_FACTS naming the first that is not
 */
export async function requireFacts(sector: string, facts: Readonly<Record<string, string>>): Promise<void> {
  const { sectors } = allocationPlan()
  const found = sectors.find((one) => one.sector === sector)
  const asked = found === undefined ? [] : await factsOfSector(found)
  for (const [name, value] of Object.entries(facts)) {
    const input = asked.find((one) => one.name === name)
    if (input === undefined || !fits(input, value))
      throw new TanlianError('E_PROJECT_FACTS', `${value} is no ${name} of a plant in ${sector}.`, {
        values: { name, value, sector },
      })
  }
}

function fits({ unit, choices }: Input, value: string): boolean {
  if (unit === undefined) return choices?.includes(value) ?? true
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(value)) return false
  return unit.text !== '%' || !isAbove(value, 100n)
}

function isAbove(value: string, most: bigint): boolean {
  const { numerator, denominator } = parseRatio(value)
  return numerator > most * denominator
}
