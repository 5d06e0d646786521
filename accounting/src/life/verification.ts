import { equalBytes, readAuditContent, toHex } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { OutputValue } from '../document/read.ts'
import type { Assignment, Decision, Draw, Opinion, Reopening, SamplingPlan } from '../document/verification.ts'
import { drawVerifiers, eligibleFor } from './draw.ts'
import { samplingSeed } from './sample.ts'
import {
  type DrawLife,
  type RegisterFacts,
  type RegisterState,
  type ReportLife,
  type Rule,
  registerError,
  requireKnown,
} from './state.ts'

/** A draw is announced before its block exists, and every enterprise has somebody left. */
export const drawRule: Rule<Draw> = (state, stated, _facts, block) => {
  const { content: draw } = stated
  if (draw.block <= block)
    throw registerError(
      'E_REGISTER_DRAW',
      `The draw names block ${draw.block}, and ${block} exists already: announce it before.`,
      {
        block: draw.block,
      },
    )
  for (const enterprise of draw.enterprises) eligibleFor(draw, enterprise)
  return () => {
    state.draws.set(stated.cid.toString(), { ...stated, assignment: undefined })
  }
}

/** What was assigned is what the root draws. */
export const assignmentRule: Rule<Assignment> = (state, stated, facts) => {
  const { draw: cid, size, root, assigned } = stated.content
  const draw = requireKnown(state.draws.get(cid.toString()), 'draw', cid)
  if (draw.organization !== stated.organization)
    throw registerError('E_REGISTER_OWNER', `The draw is organization ${draw.organization}'s.`, {
      what: 'draw',
      organization: draw.organization,
    })
  if (draw.assignment !== undefined)
    throw registerError('E_REGISTER_TWICE', 'The draw has been assigned already.', {
      what: 'assignment',
      cid: draw.assignment.cid.toString(),
    })
  const wrong = (why: string) =>
    registerError('E_REGISTER_DRAW', `The assignment is not what was drawn: ${why}.`, { why })
  const known = facts.rootAt?.(size)
  if (facts.rootAt !== undefined && (known === undefined || !equalBytes(known, root)))
    throw wrong('the log had another root')
  const after = facts.sizeAfter?.(draw.content.block)
  if (facts.sizeAfter !== undefined && after !== size)
    throw wrong(`the log's size after block ${draw.content.block} is another`)
  if (JSON.stringify(drawVerifiers(root, draw.content)) !== JSON.stringify(assigned))
    throw wrong('its pairs are others')
  return () => {
    draw.assignment = stated
    state.assignments.set(stated.cid.toString(), draw)
  }
}

/** The plan of the assigned verifier, by the seed that the log gives. */
export const planRule: Rule<SamplingPlan> = (state, stated, facts) => {
  const { report: cid, assignment, seed } = stated.content
  const report = requireOpen(state, cid, ['submitted'])
  requireAssigned(state, assignment, report, stated.organization)
  if (report.plan !== undefined)
    throw registerError('E_REGISTER_TWICE', 'The report has a sampling plan already.', {
      what: 'sampling plan',
      cid: report.plan.cid.toString(),
    })
  const root = facts.rootAt?.(report.index + 1)
  if (root !== undefined && !equalBytes(samplingSeed(root, assignment), seed))
    throw registerError('E_REGISTER_SEED', 'The seed of the sampling plan is not the one that the log gives.')
  return () => {
    report.plan = stated
    state.plans.set(stated.cid.toString(), stated)
  }
}

/** The assigned verifier's opinion, with the audits that it did itself of every batch of the report. */
export const opinionRule: Rule<Opinion> = (state, stated, facts) => {
  const { report: cid, assignment, plan, outcome, outputs, audits } = stated.content
  const report = requireOpen(state, cid, ['submitted'])
  requireAssigned(state, assignment, report, stated.organization)
  requireKnown(report.plan?.cid.equals(plan) ? report.plan : undefined, 'sampling plan of the report', plan)
  if (outcome === 'unqualified' || outcome === 'qualified') requireOutputs(report, outputs, `an ${outcome} opinion`)
  requireAudited(state, facts, report, stated.organization, audits, outcome === 'returned')
  return () => {
    report.opinions.push(stated)
    report.stage = outcome === 'returned' || outcome === 'adverse' ? outcome : 'verified'
    state.opinions.set(stated.cid.toString(), report)
  }
}

/** The decision of a third organization on a verified report, with what it recomputed. */
export const decisionRule: Rule<Decision> = (state, stated) => {
  const { report: cid, opinion: of, outcome, outputs } = stated.content
  const report = requireOpen(state, cid, ['verified', 'adverse'])
  const opinion = report.opinions.at(-1)
  if (opinion === undefined || !opinion.cid.equals(of))
    throw registerError('E_REGISTER_UNKNOWN', `${of} is not the last opinion on this report.`, {
      what: 'opinion',
      cid: of.toString(),
    })
  // Safety S16: preparer, verifier and acceptor are three.
  if (new Set([report.organization, opinion.organization, stated.organization]).size < 3)
    throw registerError('E_REGISTER_PARTIES', 'Preparer, verifier and acceptor of a report are three organizations.')
  if (outcome === 'accepted') {
    if (report.stage === 'adverse')
      throw registerError('E_REGISTER_STATE', 'A report with an adverse opinion cannot be accepted; reject it.', {
        cid: cid.toString(),
        state: report.stage,
        to: outcome,
      })
    requireOutputs(report, outputs, 'an acceptance')
  }
  return () => {
    report.decision = stated
    report.stage = outcome
    report.locked = outcome === 'accepted'
  }
}

/** Lets a further report take the place of an accepted one. */
export const reopeningRule: Rule<Reopening> = (state, stated) => {
  const report = requireOpen(state, stated.content.report, ['accepted'])
  if (!report.locked)
    throw registerError('E_REGISTER_TWICE', 'The period has been reopened already.', {
      what: 'reopening',
      cid: report.reopenings.at(-1)?.cid.toString() ?? null,
    })
  return () => {
    report.reopenings.push({ ...stated, content: { reason: stated.content.reason } })
    report.locked = false
  }
}

/** An audit of batches: what it holds, and what it takes back of the same organization's earlier ones. */
export const auditRule: Rule<unknown> = (state, stated) => {
  const { held, failed } = readAuditContent(stated.content)
  return () => {
    for (const [digest] of failed) state.failed.add(`${stated.organization} ${toHex(digest)}`)
    for (const digest of held) state.failed.delete(`${stated.organization} ${toHex(digest)}`)
    state.audits.set(stated.cid.toString(), { organization: stated.organization, held: new Set(held.map(toHex)) })
  }
}

/** The verifier that a report's organization was assigned for a period that holds the report's, the latest assignment first. */
export function verifierOf(
  state: RegisterState,
  { organization, content }: ReportLife,
): { readonly verifier: number; readonly draw: DrawLife } | undefined {
  return [...state.assignments.values()]
    .reverse()
    .filter(({ content: { period } }) => period[0] <= content.period[0] && period[1] >= content.period[1])
    .flatMap((draw) => {
      const pair = draw.assignment?.content.assigned.find(([enterprise]) => enterprise === organization)
      return pair === undefined ? [] : [{ verifier: pair[1], draw }]
    })[0]
}

/** The report, the latest of its kind and at one of these stages. */
function requireOpen(state: RegisterState, cid: CID, stages: readonly string[]): ReportLife {
  const report = requireKnown(state.reports.get(cid.toString()), 'report', cid)
  if (report.correctedBy !== undefined)
    throw registerError('E_REGISTER_STATE', `The report was corrected by ${report.correctedBy}; go on with that one.`, {
      cid: cid.toString(),
      state: 'corrected',
    })
  if (!stages.includes(report.stage))
    throw registerError(
      'E_REGISTER_STATE',
      `The report is ${report.stage}; this step follows ${stages.join(' or ')}.`,
      {
        cid: cid.toString(),
        state: report.stage,
      },
    )
  return report
}

function requireAssigned(state: RegisterState, cid: CID, report: ReportLife, organization: number) {
  requireKnown(state.assignments.get(cid.toString()), 'assignment', cid)
  const found = verifierOf(state, report)
  if (found?.draw.assignment?.cid.equals(cid) !== true || found.verifier !== organization)
    throw registerError('E_REGISTER_ASSIGNMENT', 'This verifier was not assigned to this report.', {
      organization,
      report: report.cid.toString(),
    })
}

function requireOutputs(report: ReportLife, outputs: readonly OutputValue[], what: string) {
  if (JSON.stringify(outputs) !== JSON.stringify(report.content.outputs))
    throw registerError(
      'E_REGISTER_OUTPUTS',
      `The outputs as recomputed are not those of the report, so ${what} cannot be given.`,
    )
}

/** A verifier must have rebuilt what it signs: its own audits hold every batch that the report's totals rest on. */
function requireAudited(
  state: RegisterState,
  facts: RegisterFacts,
  report: ReportLife,
  organization: number,
  audits: readonly CID[],
  returned: boolean,
) {
  const held = new Set<string>()
  for (const cid of audits) {
    const audit = requireKnown(state.audits.get(cid.toString()), 'audit', cid)
    if (audit.organization !== organization)
      throw registerError(
        'E_REGISTER_OWNER',
        `The audit is organization ${audit.organization}'s; a verifier names its own.`,
        {
          what: 'audit',
          organization: audit.organization,
        },
      )
    for (const digest of audit.held) held.add(digest)
  }
  if (returned) return
  const batches = facts.batchesOf?.(report.organization, report.content) ?? []
  const open = batches.filter((digest) => !held.has(digest) || state.failed.has(`${organization} ${digest}`))
  if (open.length > 0)
    throw registerError(
      'E_REGISTER_AUDITS',
      `${open.length} batches of the report are in none of the audits that the opinion names.`,
      {
        batches: open.length,
        digest: open[0] ?? null,
      },
    )
}
