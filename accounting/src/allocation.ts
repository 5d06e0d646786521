import { addRatios, multiplyRatios, parseRatio, type Ratio, ratio, TanlianError } from '@tanlian/units'
import type { PlanReport, PlanSector } from './allocation-plan.ts'
import type { Report } from './document/report.ts'
import type { Given, Input, Methodology, ReportData } from './methodology.ts'
import { exactText } from './report-unit.ts'

/** A plant's reports of a year, in their order, and what it says of itself (厂区事实), such as the class of its units. */
export interface PlantYear {
  readonly subject: string
  /** Id of the methodology that its reports are made by. */
  readonly methodology: string
  readonly reports: readonly Pick<Report, 'inputs' | 'outputs'>[]
  /** Months that the reports cover, 1 to 12. */
  readonly months: number
  readonly facts: Given
}

const MONTHS = 12n

/**
 * What an allocation rule is run on: a row for each plant, from what its reports say so far or, by its months so far, for the whole year (预计). The
 * projection takes what is missing to be as the mean of what is there: × 12 ÷ months, exactly.
 * @throws TanlianError E_ALLOCATION_REPORTS, E_ALLOCATION_FACT
 */
export function allocationData(
  sector: PlanSector,
  rule: Methodology,
  year: string,
  plants: readonly PlantYear[],
  upTo: 'so far' | 'year',
): ReportData {
  const facts = factsAsked(sector, rule)
  const [group = ''] = rule.groups.keys()
  const rows = plants.map((plant) => {
    const scale = upTo === 'year' ? ratio(MONTHS, BigInt(plant.months)) : ratio(1n)
    const own = facts.filter((fact) => fact.group === group && plant.facts[fact.name] !== undefined)
    return {
      ...readReports(reportsOf(sector, plant), rule, plant, scale),
      ...Object.fromEntries(own.map(({ name }) => [name, plant.facts[name] as string])),
    }
  })
  const shared = facts
    .filter((fact) => fact.group === undefined)
    .flatMap(({ name }) => {
      const value = sharedFact(name, plants)
      return value === undefined ? [] : [[name, value] as const]
    })
  return { values: { year, ...Object.fromEntries(shared) }, groups: { [group]: rows } }
}

/** The inputs of a rule that no report tells: what a plant states itself. */
export function factsAsked({ reports }: PlanSector, { inputs }: Methodology): readonly Input[] {
  const read = new Set(reports.flatMap(({ reads }) => reads.map(({ name }) => name)))
  return inputs.filter(({ name }) => name !== 'year' && !read.has(name))
}

function reportsOf({ sector, reports }: PlanSector, { subject, methodology }: PlantYear): PlanReport {
  const found = reports.find((one) => one.methodology === methodology)
  if (found !== undefined) return found
  throw new TanlianError(
    'E_ALLOCATION_REPORTS',
    `Allowances of ${sector} are not read from reports by ${methodology}, as ${subject} makes them.`,
    { values: { sector, methodology, subject } },
  )
}

function readReports({ reads }: PlanReport, rule: Methodology, { reports }: PlantYear, scale: Ratio): Given {
  const given: Record<string, string> = {}
  for (const { name, from, of } of reads) {
    const input = rule.inputs.find((one) => one.name === name)
    if (input === undefined) continue
    const texts = reports.flatMap(({ inputs, outputs }) =>
      from === 'input'
        ? inputs.filter((one) => one.name === of).map(({ value }) => value)
        : outputs.filter(([output]) => output === of).map(([, value]) => value),
    )
    const last = texts.at(-1)
    if (last === undefined) continue
    const sum = () => texts.map(parseRatio).reduce(addRatios)
    given[name] = input.unit === undefined ? last : exactText(multiplyRatios(sum(), scale))
  }
  return given
}

/** A value that is one for the sector, so that plants that state it state the same. */
function sharedFact(name: string, plants: readonly PlantYear[]): string | undefined {
  const stated = [...new Set(plants.flatMap(({ facts }) => facts[name] ?? []))]
  if (stated.length <= 1) return stated[0]
  throw new TanlianError('E_ALLOCATION_FACT', `Plants state different values of ${name}: ${stated.join(', ')}.`, {
    values: { name, stated: stated.join(', ') },
  })
}
