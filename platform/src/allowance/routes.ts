import * as z from 'zod'
import type { App } from '../app.ts'
import { listProjects } from '../calendar/project.ts'
import { Id, NoQuery } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page } from '../page.ts'
import { requireConcerned } from '../policy.ts'
import { STAGES } from '../report/form.ts'
import { allocationPlan, factsOfSector } from './plan.ts'
import { positions } from './position.ts'

const Source = z.object({ document: z.string(), article: z.string().optional(), confidence: z.string() })
const State = z.enum(['final', 'draft']).meta({ description: 'draft: consulted on, not in force' })
const Texts = z.record(z.string(), z.string())
const Estimate = z.object({
  data: z.object({ values: Texts, groups: z.record(z.string(), z.array(Texts)) }),
  lines: z.array(z.object({ name: z.string(), zh: z.string(), en: z.string(), value: z.string(), unit: z.string() })),
  checks: z.array(
    z.object({ name: z.string(), zh: z.string(), en: z.string(), severity: z.enum(['info', 'question', 'error']) }),
  ),
  unverified: z.array(z.string()),
})
const Position = z
  .object({
    sector: z.string(),
    year: z.string(),
    rule: z
      .object({ id: z.string(), cid: z.string(), zh: z.string(), en: z.string(), state: State, source: Source })
      .nullable(),
    plants: z.array(
      z.object({
        project: z.string(),
        subject: z.string(),
        basis: z.enum(['year', 'months', 'none']),
        months: z.number(),
        reports: z.array(z.object({ cid: z.string(), period: z.string(), stage: z.enum(STAGES) })),
        facts: Texts,
      }),
    ),
    soFar: Estimate.nullable(),
    projected: Estimate.nullable(),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({
    id: 'AllowancePosition',
    description: 'An estimate, neither proven nor decided: expected allowances of a sector less its emissions, in t',
  })
const Rule = z
  .object({
    sector: z.string(),
    rules: z.array(z.object({ rule: z.string(), years: z.array(z.string()), state: State })),
    facts: z.array(
      z.object({
        name: z.string(),
        zh: z.string(),
        en: z.string(),
        unit: z.string().nullable(),
        choices: z.array(z.string()).nullable(),
        optional: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'AllocationRule', description: 'What gives a sector its allowances, and what its plants are asked' })

/** Expected allowances, and the rules that they are expected by. */
export function allowanceRoutes(app: App, instance: Instance) {
  const tags = ['reports']

  app.get(
    '/v1/organizations/:id/allowances',
    {
      schema: {
        tags,
        summary: 'Expected surplus or deficit of allowances by sector, so far and for the whole year: an estimate',
        description:
          'For the organization, regulators and verifiers of its reports. From reports in the log; a missing month is taken as the mean of the others.',
        params: z.strictObject({ id: Id }),
        querystring: z.strictObject({
          year: z
            .string()
            .regex(/^\d{4}$/, 'is no year')
            .optional()
            .meta({ description: 'The newest that has a report where it is left out' }),
        }),
        response: { 200: Page(Position) },
      },
    },
    async (request) => {
      const { id } = request.params
      const { register } = instance.documents
      const verifiers = register
        .reports()
        .filter(({ organization }) => organization === id)
        .flatMap(({ cid }) => register.verifier(cid)?.organization ?? [])
      requireConcerned(request.caller, [id, ...verifiers])
      const organization = await requireOrganization(instance, id)
      const projects = await listProjects(instance, organization)
      return { items: await positions(instance, projects, request.query.year), next: null }
    },
  )
  app.get(
    '/v1/allocation-rules',
    {
      schema: {
        tags,
        summary:
          'Sectors that are given allowances: their rules by year, and what a plant is asked that no report tells',
        querystring: NoQuery,
        response: { 200: Page(Rule) },
      },
    },
    async () => ({
      items: await Promise.all(
        allocationPlan().sectors.map(async (sector) => ({
          sector: sector.sector,
          rules: sector.rules.map((rule) => ({ ...rule, years: [...rule.years] })),
          facts: (await factsOfSector(sector)).map(({ name, words, unit, choices, optional }) => ({
            name,
            ...words,
            unit: unit?.text ?? null,
            choices: choices === undefined ? null : [...choices],
            optional,
          })),
        })),
      ),
      next: null,
    }),
  )
}
