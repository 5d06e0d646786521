import type { ReportLife } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import { periodOf } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { isPublic } from '../privacy/publications.ts'
import { compareWithLastYear } from './compare.ts'
import { linesOf } from './compute.ts'
import { draftInputOf } from './input.ts'
import { findProgram } from './program.ts'
import { witnessesBelow } from './submission.ts'

/** What lists of reports are narrowed by. */
export interface ReportFilter {
  readonly organization?: number | undefined
  readonly type?: 'month' | 'year' | undefined
  readonly stage?: ReportLife['stage'] | undefined
  /** A methodology or factor set that they rest on. */
  readonly uses?: CID | undefined
}

/** Reports as the log has them, the last submitted first. */
export function listReports({ documents }: Pick<Instance, 'documents'>, filter: ReportFilter): ReportLife[] {
  return documents.register
    .reports()
    .filter(
      ({ organization, content, stage }) =>
        (filter.organization === undefined || organization === filter.organization) &&
        (filter.type === undefined || content.type === filter.type) &&
        (filter.stage === undefined || stage === filter.stage) &&
        (filter.uses === undefined || [content.methodology, ...content.factors].some((cid) => cid.equals(filter.uses))),
    )
    .reverse()
}

/** One report. @throws TanlianError E_NOT_FOUND */
export function reportLife({ documents }: Pick<Instance, 'documents'>, cid: CID): ReportLife {
  const life = documents.register.report(cid)
  if (life === undefined) throw notFound()
  return life
}

/** What lists show of a report. */
export function reportHead({ documents }: Pick<Instance, 'documents'>, life: ReportLife) {
  const { cid, organization, content, stage, locked, correctedBy, time, index } = life
  const { type, subject, period, zone, methodology, corrects, reason } = content
  return {
    cid: cid.toString(),
    organization,
    type,
    subject,
    period: periodOf(period[0], type, zone),
    from: period[0],
    to: period[1],
    zone,
    methodology: methodology.toString(),
    stage,
    locked,
    corrects: corrects?.toString() ?? null,
    correctedBy: correctedBy?.toString() ?? null,
    reason,
    submitted: timeOf(time),
    index,
    verifier: documents.register.verifier(cid)?.organization ?? null,
    outputs: content.outputs.map(([name, value, unit]) => ({ name, value, unit })),
  }
}

/** A report with everything that the log says of it. */
export async function reportWhole(instance: Instance, life: ReportLife) {
  const { organization, content, plan, opinions, decision, reopenings } = life
  const [{ program }, witnesses, isOpen] = await Promise.all([
    findProgram(instance, content.methodology, content.factors),
    witnessesBelow(instance, organization, content),
    isPublic(instance, life),
  ])
  const { methodology } = program
  return {
    ...reportHead(instance, life),
    size: content.size,
    method: { id: methodology.id, version: methodology.version, ...methodology.name },
    factors: content.factors.map(String),
    inputs: content.inputs.map(draftInputOf),
    lines: linesOf(program, content.outputs),
    trace: content.trace.toString(),
    answers: content.answers.map((answer) => [...answer] as [string, string, string]),
    manual: content.inputs.filter(({ origin }) => origin.kind === 'manual').length,
    witnesses,
    comparison: compareWithLastYear(instance, organization, content, content.outputs) ?? null,
    plan: plan === undefined ? null : { cid: plan.cid.toString(), items: plan.content.items.map(toHex) },
    opinions: opinions.map((opinion) => ({
      cid: opinion.cid.toString(),
      organization: opinion.organization,
      time: timeOf(opinion.time),
      outcome: opinion.content.outcome,
      statement: opinion.content.statement,
      audits: opinion.content.audits.map(String),
      findings: opinion.content.findings.map(([rule, subject, severity, state]) => ({
        rule,
        subject,
        severity,
        state,
      })),
      visits: opinion.content.visits.map(([at, files]) => ({ at, files: files.length })),
    })),
    decision:
      decision === undefined
        ? null
        : {
            cid: decision.cid.toString(),
            organization: decision.organization,
            time: timeOf(decision.time),
            outcome: decision.content.outcome,
            reason: decision.content.reason,
          },
    reopenings: reopenings.map((one) => ({
      organization: one.organization,
      time: timeOf(one.time),
      reason: one.content.reason,
    })),
    history: historyOf(instance, life),
    public: isOpen,
  }
}

/** This report and those that it corrects, the oldest last, each with its reason. */
function historyOf({ documents }: Pick<Instance, 'documents'>, life: ReportLife) {
  const found: { cid: string; submitted: string; stage: ReportLife['stage']; reason: string | null }[] = []
  for (let one: ReportLife | undefined = life; one !== undefined; ) {
    found.push({ cid: one.cid.toString(), submitted: timeOf(one.time), stage: one.stage, reason: one.content.reason })
    one = one.content.corrects === null ? undefined : documents.register.report(one.content.corrects)
  }
  return found
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
