import * as z from 'zod'
import { Digest, Time } from '../form.ts'
import { ReportHead } from '../report/report-form.ts'

/** Digests of files that somebody names. */
export const Files = z
  .array(Digest)
  .max(40)
  .default([])
  .meta({ description: 'Digests of the speaker’s own attachments' })
/** A report on a desk. */
export const WorkItem = z
  .object({
    report: ReportHead,
    assignment: z.string(),
    due: z.number().nullable(),
    risk: z.number(),
    manual: z.number(),
    planned: z.boolean(),
  })
  .meta({ id: 'WorkItem', description: 'A report on a verifier’s desk' })
/** A finding with its conversation. */
export const Finding = z
  .object({
    id: z.string(),
    organization: z.number(),
    subject: z.string(),
    rule: z.string().nullable(),
    severity: z.enum(['info', 'question', 'hold']),
    state: z.enum(['open', 'answered', 'closed']),
    created: Time,
    messages: z
      .array(
        z.object({
          organization: z.number(),
          who: z.string(),
          kind: z.enum(['finding', 'request', 'answer', 'note', 'closing']),
          words: z.string(),
          files: z.array(z.string()).readonly(),
          at: Time,
        }),
      )
      .readonly(),
  })
  .meta({ id: 'VerificationFinding', description: 'A finding on a row of a report, with what both sides said' })
/** A site visit. */
export const Visit = z
  .object({
    id: z.string(),
    at: z.number(),
    place: z.string(),
    people: z.string(),
    words: z.string(),
    files: z.array(z.string()).readonly(),
    created: Time,
  })
  .meta({ id: 'SiteVisit' })
/** The work on one report. */
export const Whole = z
  .object({
    report: ReportHead,
    as: z.enum(['verifier', 'enterprise']),
    assignment: z.string(),
    risks: z.array(z.object({ stratum: z.string(), points: z.number(), reasons: z.array(z.string()) })),
    audits: z.object({ batches: z.number(), held: z.number(), documents: z.array(z.string()) }),
    items: z.array(
      z.object({
        key: z.string(),
        type: z.string(),
        stream: z.number(),
        start: z.number(),
        sequence: z.number().nullable(),
        batch: z.string().nullable(),
        trace: z.string(),
      }),
    ),
    findings: z.array(Finding),
    visits: z.array(Visit),
    thread: z.object({ digest: z.string(), salt: z.string() }).meta({
      description: 'H(salt ‖ conversation) as it stands: what an opinion of now would name',
    }),
  })
  .meta({ id: 'Verification', description: 'The work on one report, as its two parties see it' })
