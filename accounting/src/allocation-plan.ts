import { choiceOf, fieldsOf, formError, listOf, nameOf, textOf, type Words, wordsOf } from './shape.ts'

export const ALLOCATION_PLAN_FORMAT = 'tanlian/allocation-plan/1'

/** Which rule gives each sector of a market its allowances (配额分配方案), and what the rule reads from the reports of a plant. */
export interface AllocationPlan {
  readonly id: string
  readonly version: string
  readonly name: Words
  readonly zone: string
  readonly sectors: readonly PlanSector[]
}

export interface PlanSector {
  readonly sector: string
  readonly rules: readonly PlanRule[]
  readonly reports: readonly PlanReport[]
}

/** A rule of the library and the years that it is for; a draft was consulted on and is not in force. */
export interface PlanRule {
  readonly rule: string
  readonly years: readonly string[]
  readonly state: 'final' | 'draft'
}

/** What a rule reads from reports made by a methodology. */
export interface PlanReport {
  readonly methodology: string
  readonly reads: readonly PlanRead[]
}

/** An input of the rule, read from an input or an output of a report: quantities of several months are added up, of texts the last one counts. */
export interface PlanRead {
  readonly name: string
  readonly from: 'input' | 'output'
  readonly of: string
}

/**
 * Reads a plan from YAML parsed without types.
 * @throws TanlianError E_DOCUMENT_FORM
 */
export function readAllocationPlan(input: unknown): AllocationPlan {
  const f = fieldsOf('plan', input, ['format', 'id', 'version', 'name', 'zone', 'sectors'])
  choiceOf('format', f.format, [ALLOCATION_PLAN_FORMAT])
  return {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    zone: textOf('zone', f.zone, 60),
    sectors: listOf('sectors', f.sectors, readSector),
  }
}

/** The rule of a sector for a year; undefined where the plan names none, and a neighbouring year never stands in. */
export function ruleOfYear({ rules }: PlanSector, year: string): PlanRule | undefined {
  return rules.find(({ years }) => years.includes(year))
}

function readSector(at: string, input: unknown): PlanSector {
  const f = fieldsOf(at, input, ['sector', 'rules', 'reports'])
  const rules = listOf(`${at}.rules`, f.rules, readRule)
  const years = rules.flatMap((rule) => rule.years)
  if (new Set(years).size !== years.length) throw formError(`${at}.rules`, 'name a year twice')
  return {
    sector: textOf(`${at}.sector`, f.sector, 60),
    rules,
    reports: listOf(`${at}.reports`, f.reports, readReport),
  }
}

function readRule(at: string, input: unknown): PlanRule {
  const f = fieldsOf(at, input, ['rule', 'years', 'state'])
  return {
    rule: textOf(`${at}.rule`, f.rule, 80),
    years: listOf(`${at}.years`, f.years, (place, item) => {
      const year = textOf(place, item, 4)
      if (!/^\d{4}$/.test(year)) throw formError(place, 'is no year')
      return year
    }),
    state: choiceOf(`${at}.state`, f.state, ['final', 'draft']),
  }
}

function readReport(at: string, input: unknown): PlanReport {
  const f = fieldsOf(at, input, ['methodology', 'reads'])
  return {
    methodology: textOf(`${at}.methodology`, f.methodology, 80),
    reads: listOf(`${at}.reads`, f.reads, (place, item) => {
      const read = fieldsOf(place, item, ['name', 'from', 'of'])
      return {
        name: nameOf(`${place}.name`, read.name),
        from: choiceOf(`${place}.from`, read.from, ['input', 'output']),
        of: nameOf(`${place}.of`, read.of),
      }
    }),
  }
}
