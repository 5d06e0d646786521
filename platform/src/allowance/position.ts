import {
  allocationData,
  calculate,
  equationStep,
  marksOf,
  type Outcome,
  type PlantYear,
  type Program,
  type ReportData,
  type ReportLife,
  shownTexts,
} from '@tanlian/accounting'
import { periodOf, periodWindow, TanlianError } from '@tanlian/units'
import type { Project } from '../calendar/project.ts'
import type { Instance } from '../instance.ts'
import { findProgram } from '../report/program.ts'
import { allocationPlan, planSector, ruleFor } from './plan.ts'

/** What the plants of a sector may expect of a year, as an estimate (预计盈缺): nothing of it is proven or decided. */
export interface Position {
  readonly sector: string
  readonly year: string
  /** Null where no plan names a rule; `problem` says why. */
  readonly rule: RuleView | null
  readonly plants: PlantView[]
  /** By the reports that there are; null where there are none, or it does not compute. */
  readonly soFar: Estimate | null
  /** The year as a whole, its missing months taken as the mean of those that there are. */
  readonly projected: Estimate | null
  readonly problem: { readonly code: string; readonly message: string } | null
}

export interface RuleView {
  readonly id: string
  readonly cid: string
  readonly zh: string
  readonly en: string
  /** `draft`: it was consulted on and is not in force. */
  readonly state: 'final' | 'draft'
  readonly source: { readonly document: string; readonly article?: string; readonly confidence: string }
}

/** A plant with the reports that its figures are read from. */
export interface PlantView {
  readonly project: string
  readonly subject: string
  /** `year`: an annual report tells of all of it. */
  readonly basis: 'year' | 'months' | 'none'
  /** Of twelve. */
  readonly months: number
  readonly reports: { readonly cid: string; readonly period: string; readonly stage: ReportLife['stage'] }[]
  readonly facts: Record<string, string>
}

export interface Estimate {
  /** What the rule is run on; a quantity that does not divide is a fraction. */
  readonly data: { values: Record<string, string>; groups: Record<string, Record<string, string>[]> }
  readonly lines: { name: string; zh: string; en: string; value: string; unit: string }[]
  /** Checks of the rule that do not hold. */
  readonly checks: { name: string; zh: string; en: string; severity: 'info' | 'question' | 'error' }[]
  /** Parameters whose values nobody confirmed by their source. */
  readonly unverified: string[]
}

/** Stages at which a report does not count: what it says was not taken. */
const VOID = new Set<ReportLife['stage']>(['adverse', 'returned', 'rejected'])
const MONTHS = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0'))

/** The position of each sector that an organization has plants in; without a year that of the newest that has a report. */
export async function positions(
  instance: Pick<Instance, 'documents' | 'blocks' | 'clock'>,
  projects: readonly Project[],
  asked?: string,
): Promise<Position[]> {
  const sectors = [...new Set(projects.map(({ sector }) => sector))].sort()
  return Promise.all(
    sectors.map(async (sector) => {
      const own = projects.filter((project) => project.sector === sector)
      return positionOf(instance, sector, own, asked ?? newestYear(instance, own))
    }),
  )
}

async function positionOf(
  instance: Pick<Instance, 'documents' | 'blocks'>,
  sector: string,
  projects: readonly Project[],
  year: string,
): Promise<Position> {
  const found = projects.map((project) => reportsOf(instance, project, year))
  const head = { sector, year, plants: found.map(viewOfPlant) }
  const none = { ...head, rule: null, soFar: null, projected: null }
  try {
    const plan = planSector(sector)
    const { rule, program } = await ruleFor(plan, year)
    const { id, cid, name, source } = program.methodology
    const view: RuleView = { id, cid: cid.toString(), ...name, state: rule.state, source }
    try {
      const plants = await Promise.all(
        found.filter(({ lives }) => lives.length > 0).map((one) => yearOf(instance, one)),
      )
      if (plants.length === 0) return { ...none, rule: view, problem: null }
      const estimate = (upTo: 'so far' | 'year') =>
        estimateOf(program, allocationData(plan, program.methodology, year, plants, upTo))
      return { ...head, rule: view, soFar: estimate('so far'), projected: estimate('year'), problem: null }
    } catch (error) {
      return { ...none, rule: view, problem: problemOf(error) }
    }
  } catch (error) {
    return { ...none, problem: problemOf(error) }
  }
}

interface PlantReports {
  readonly project: Project
  readonly lives: readonly ReportLife[]
  readonly basis: PlantView['basis']
}

/** The annual report where there is one, else those of the months. */
function reportsOf({ documents }: Pick<Instance, 'documents'>, project: Project, year: string): PlantReports {
  const { organization, subject } = project
  const { zone } = allocationPlan()
  const latest = (type: 'month' | 'year', period: string) => {
    const { from, to } = periodWindow(period, zone)
    const life = documents.register.latest(organization, { subject, type, period: [from, to] })
    return life === undefined || VOID.has(life.stage) ? [] : [life]
  }
  const annual = latest('year', year)
  if (annual.length > 0) return { project, lives: annual, basis: 'year' }
  const lives = MONTHS.flatMap((month) => latest('month', `${year}-${month}`))
  return { project, lives, basis: lives.length === 0 ? 'none' : 'months' }
}

function viewOfPlant({ project: { id, subject, facts }, lives, basis }: PlantReports): PlantView {
  const reports = lives.map(({ cid, stage, content: { period, type, zone } }) => ({
    cid: cid.toString(),
    period: periodOf(period[0], type, zone),
    stage,
  }))
  return { project: id, subject, basis, months: monthsOf({ lives, basis }), reports, facts: { ...facts } }
}

async function yearOf(instance: Pick<Instance, 'documents' | 'blocks'>, found: PlantReports): Promise<PlantYear> {
  const { project, lives } = found
  const programs = await Promise.all(
    lives.map(({ content }) => findProgram(instance, content.methodology, content.factors)),
  )
  // Reports of one plant are made by one methodology; where it changed, the last one says what to read.
  const methodology = programs.at(-1)?.program.methodology.id ?? ''
  return {
    subject: project.subject,
    methodology,
    reports: lives.map(({ content }) => content),
    months: monthsOf(found),
    facts: project.facts,
  }
}

function monthsOf({ lives, basis }: Pick<PlantReports, 'lives' | 'basis'>): number {
  return basis === 'year' ? MONTHS.length : lives.length
}

function estimateOf(program: Program, data: ReportData): Estimate {
  const outcome = calculate(program, data)
  const groups = Object.entries(data.groups).map(([name, rows]) => [name, rows.map((row) => ({ ...row }))] as const)
  const shown = { values: { ...data.values }, groups: Object.fromEntries(groups) }
  return { data: shown, lines: linesOf(outcome), checks: brokenChecks(outcome), unverified: unverifiedOf(outcome) }
}

/** What the rule shows once for the sector; what it shows for each plant is in the trace. */
function linesOf(outcome: Outcome): Estimate['lines'] {
  const { outputs, equations } = outcome.program.methodology
  return outputs.flatMap(({ equation: name }) => {
    const equation = equations.find((one) => one.name === name)
    if (equation === undefined || equationStep(outcome.program, name).over !== undefined) return []
    const [value = ''] = shownTexts(outcome, name)
    return [{ name, ...equation.words, value, unit: equation.unit.text }]
  })
}

function brokenChecks({ checks }: Outcome): Estimate['checks'] {
  return checks
    .filter(({ rows }) => rows.length > 0)
    .map(({ check: { name, words, severity } }) => ({ name, ...words, severity }))
}

function unverifiedOf(outcome: Outcome): string[] {
  return marksOf(outcome).flatMap(({ mark, parameter }) => (mark === 'unverified' ? [parameter] : []))
}

function problemOf(error: unknown): NonNullable<Position['problem']> {
  if (!(error instanceof TanlianError)) throw error
  return { code: error.code, message: error.message }
}

/** The newest year that a report of these plants is of; the present one where there is none. */
function newestYear({ documents, clock }: Pick<Instance, 'documents' | 'clock'>, projects: readonly Project[]): string {
  const { zone } = allocationPlan()
  const own = new Set(projects.map(({ organization, subject }) => `${organization} ${subject}`))
  const years = documents.register
    .reports()
    .filter(({ organization, content, stage }) => own.has(`${organization} ${content.subject}`) && !VOID.has(stage))
    .map(({ content }) => periodOf(content.period[0], 'year', zone))
  return years.sort().at(-1) ?? periodOf(Math.floor(clock() / 1000), 'year', zone)
}
