import * as z from 'zod'
import { Time } from '../form.ts'
import { Answers, ComparisonShown, InputShown, OutputShown, STAGES, WitnessesShown } from './form.ts'

const Value = z.object({ name: z.string(), value: z.string(), unit: z.string() })
/** A report in lists. */
export const ReportHead = z
  .object({
    cid: z.string(),
    organization: z.number(),
    type: z.enum(['month', 'year']),
    subject: z.string(),
    period: z.string(),
    from: z.number(),
    to: z.number(),
    zone: z.string(),
    methodology: z.string(),
    stage: z.enum(STAGES),
    locked: z.boolean(),
    corrects: z.string().nullable(),
    correctedBy: z.string().nullable(),
    reason: z.string().nullable(),
    submitted: Time,
    index: z.number().meta({ description: 'Place in the log; until it is there the log’s size' }),
    verifier: z.number().nullable(),
    outputs: z.array(Value),
  })
  .meta({ id: 'Report', description: 'A report as the log has it' })
/** A report with what became of it. */
export const ReportWhole = ReportHead.extend({
  size: z.number().meta({ description: 'Size of the log that the totals are as of' }),
  method: z.object({ id: z.string(), version: z.string(), zh: z.string(), en: z.string() }),
  factors: z.array(z.string()),
  inputs: z.array(InputShown),
  lines: z.array(OutputShown),
  trace: z.string(),
  answers: Answers,
  manual: z.number(),
  witnesses: WitnessesShown,
  comparison: ComparisonShown.nullable(),
  plan: z.object({ cid: z.string(), items: z.array(z.string()) }).nullable(),
  opinions: z.array(
    z.object({
      cid: z.string(),
      organization: z.number(),
      time: Time,
      outcome: z.string(),
      statement: z.string(),
      audits: z.array(z.string()),
      findings: z.array(
        z.object({ rule: z.string().nullable(), subject: z.string(), severity: z.string(), state: z.string() }),
      ),
      visits: z.array(z.object({ at: z.number(), files: z.number() })),
    }),
  ),
  decision: z
    .object({
      cid: z.string(),
      organization: z.number(),
      time: Time,
      outcome: z.string(),
      reason: z.string().nullable(),
    })
    .nullable(),
  reopenings: z.array(z.object({ organization: z.number(), time: Time, reason: z.string() })),
  history: z.array(
    z.object({ cid: z.string(), submitted: Time, stage: z.enum(STAGES), reason: z.string().nullable() }),
  ),
  public: z.boolean().meta({
    description: 'Whether anybody may do it again: nothing of its owner is sealed, or its owner has published it',
  }),
}).meta({ id: 'ReportWhole', description: 'A report with what became of it' })
/** A report done again. */
export const Recomputation = z
  .object({
    outputs: z.array(OutputShown),
    trace: z.string(),
    differences: z.array(
      z.object({ code: z.string(), name: z.string(), row: z.number(), said: z.string(), found: z.string() }),
    ),
    later: z.number().meta({ description: 'Batches in the windows of its totals that came after the report' }),
  })
  .meta({ id: 'Recomputation', description: 'A report done again from the evidence; no difference is the good news' })

/** A methodology or factor set. */
export const Listed = z
  .object({
    cid: z.string(),
    kind: z.enum(['methodology', 'factors']),
    id: z.string(),
    version: z.string(),
    zh: z.string(),
    en: z.string(),
    sector: z.string().nullable(),
    from: z.string(),
    to: z.string().nullable(),
    state: z.enum(['library', 'published', 'retired']),
    by: z.number().nullable(),
    since: z.number().nullable(),
    publications: z.array(
      z.object({
        document: z.string(),
        state: z.enum(['published', 'retired']),
        organization: z.number(),
        time: z.number(),
        index: z.number().meta({ description: 'Place in the log; until it is there the log’s size' }),
        reason: z.string().nullable(),
      }),
    ),
    reports: z.number().meta({ description: 'Reports that rest on it' }),
  })
  .meta({ id: 'Methodology', description: 'A methodology or factor set; reports rest on what is published' })
/** What a cross-check asks. */
export const CheckFinding = z
  .object({
    rule: z.string(),
    severity: z.string(),
    subject: z.string(),
    zh: z.string(),
    en: z.string(),
    months: z.array(z.string()),
    source: z.object({ document: z.string(), article: z.string().nullable(), confidence: z.string() }),
    answer: z.string().nullable(),
  })
  .meta({ id: 'CheckFinding', description: 'A question that a cross-check raises, never a verdict' })
