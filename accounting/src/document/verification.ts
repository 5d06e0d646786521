import { compareKeys } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { choiceOf, fieldsOf, formError, listOf, textOf } from '../shape.ts'
import {
  type Attachment,
  attachmentOf,
  byCid,
  byNumber,
  byNumbers,
  byText,
  bytesOf,
  countOf,
  linkOf,
  nullable,
  type OutputValue,
  outputsOf,
  type Period,
  periodOf,
  setOf,
  tupleOf,
} from './read.ts'

/** Who verifies whom is drawn at a block announced here, before it exists (抽签公告). */
export interface Draw {
  readonly format: 'tanlian/draw/1'
  readonly period: Period
  readonly enterprises: readonly number[]
  readonly candidates: readonly number[]
  /** Conflicts of interest: a candidate that an enterprise must not get. */
  readonly excluded: readonly (readonly [enterprise: number, candidate: number, reason: string])[]
  /** Who verified whom last time: rotation. */
  readonly previous: readonly Pairing[]
  readonly block: number
  readonly due: number
}

export type Pairing = readonly [enterprise: number, verifier: number]

/** What was drawn (指派). Anyone draws again from the root. */
export interface Assignment {
  readonly format: 'tanlian/assignment/1'
  readonly draw: CID
  /** The log as of the draw's block. */
  readonly size: number
  readonly root: Uint8Array
  readonly assigned: readonly Pairing[]
}

/** Which readings the verifier looks at (抽样方案), drawn by risk. */
export interface SamplingPlan {
  readonly format: 'tanlian/sampling-plan/1'
  readonly report: CID
  readonly assignment: CID
  readonly seed: Uint8Array
  readonly risks: readonly (readonly [stratum: string, points: number])[]
  /** Keys of readings. */
  readonly items: readonly Uint8Array[]
}

/** The verifier's opinion (核查意见). */
export interface Opinion {
  readonly format: 'tanlian/opinion/1'
  readonly report: CID
  readonly assignment: CID
  readonly plan: CID
  readonly outcome: OpinionOutcome
  /** As the verifier recomputed them. */
  readonly outputs: readonly OutputValue[]
  /** Its own witness's audit documents, which hold every batch of the report. */
  readonly audits: readonly CID[]
  readonly findings: readonly Finding[]
  /** H(salt ‖ the conversation). */
  readonly thread: Uint8Array
  readonly visits: readonly (readonly [at: number, files: readonly Attachment[]])[]
  readonly statement: string
}

export type OpinionOutcome = (typeof OPINION_OUTCOMES)[number]
/** Without reservation, with reservations, against, sent back. */
export const OPINION_OUTCOMES = ['unqualified', 'qualified', 'adverse', 'returned'] as const
export type Finding = readonly [rule: string | null, subject: string, severity: string, state: string]

/** The regulator's decision on a verified report (复核决定), with the outputs that it recomputed. */
export interface Decision {
  readonly format: 'tanlian/decision/1'
  readonly report: CID
  readonly opinion: CID
  readonly outcome: 'accepted' | 'rejected'
  readonly outputs: readonly OutputValue[]
  readonly reason: string | null
}

/** Lets a locked period be corrected (解锁). */
export interface Reopening {
  readonly format: 'tanlian/reopening/1'
  readonly report: CID
  readonly reason: string
}

/** The statement by which a regulator opens the period of an accepted report again. */
export function reopeningOf(report: CID, reason: string) {
  const content: Reopening = { format: 'tanlian/reopening/1', report, reason }
  return { kind: 'reopening', content, blocks: [] } as const
}

export function readDraw(input: unknown): Draw {
  const keys = ['format', 'period', 'enterprises', 'candidates', 'excluded', 'previous', 'block', 'due']
  const f = fieldsOf('draw', input, keys)
  return {
    format: choiceOf('draw.format', f.format, ['tanlian/draw/1']),
    period: periodOf('draw.period', f.period),
    enterprises: organizationsOf('draw.enterprises', f.enterprises),
    candidates: organizationsOf('draw.candidates', f.candidates),
    excluded: setOf(
      'draw.excluded',
      f.excluded,
      (at, item) => {
        const [enterprise, candidate, reason] = tupleOf(at, item, 3)
        return [countOf(at, enterprise, 1), countOf(at, candidate, 1), textOf(at, reason, 80)] as const
      },
      ([a, b], [c, d]) => byNumbers([a, b], [c, d]),
    ),
    previous: pairingsOf('draw.previous', f.previous),
    block: countOf('draw.block', f.block, 1),
    due: countOf('draw.due', f.due),
  }
}

export function readAssignment(input: unknown): Assignment {
  const f = fieldsOf('assignment', input, ['format', 'draw', 'size', 'root', 'assigned'])
  return {
    format: choiceOf('assignment.format', f.format, ['tanlian/assignment/1']),
    draw: linkOf('assignment.draw', f.draw),
    size: countOf('assignment.size', f.size, 1),
    root: bytesOf('assignment.root', f.root, 32),
    assigned: pairingsOf('assignment.assigned', f.assigned),
  }
}

export function readSamplingPlan(input: unknown): SamplingPlan {
  const f = fieldsOf('plan', input, ['format', 'report', 'assignment', 'seed', 'risks', 'items'])
  return {
    format: choiceOf('plan.format', f.format, ['tanlian/sampling-plan/1']),
    report: linkOf('plan.report', f.report),
    assignment: linkOf('plan.assignment', f.assignment),
    seed: bytesOf('plan.seed', f.seed, 32),
    risks: setOf(
      'plan.risks',
      f.risks,
      (at, item) => {
        const [stratum, points] = tupleOf(at, item, 2)
        return [textOf(at, stratum, 80), countOf(at, points)] as const
      },
      ([a], [b]) => byText(a, b),
    ),
    items: setOf('plan.items', f.items, (at, item) => bytesOf(at, item, 16), compareKeys),
  }
}

export function readOpinion(input: unknown): Opinion {
  const f = fieldsOf('opinion', input, OPINION_KEYS)
  return {
    format: choiceOf('opinion.format', f.format, ['tanlian/opinion/1']),
    report: linkOf('opinion.report', f.report),
    assignment: linkOf('opinion.assignment', f.assignment),
    plan: linkOf('opinion.plan', f.plan),
    outcome: choiceOf('opinion.outcome', f.outcome, OPINION_OUTCOMES),
    outputs: outputsOf('opinion.outputs', f.outputs),
    audits: setOf('opinion.audits', f.audits, linkOf, byCid),
    findings: listOf('opinion.findings', f.findings, (at, item) => {
      const [rule, subject, severity, state] = tupleOf(at, item, 4)
      return [
        nullable(rule, (name) => textOf(at, name, 80)),
        textOf(at, subject, 200),
        textOf(at, severity, 40),
        textOf(at, state, 40),
      ] as const
    }),
    thread: bytesOf('opinion.thread', f.thread, 32),
    visits: listOf('opinion.visits', f.visits, (at, item) => {
      const [time, files] = tupleOf(at, item, 2)
      return [countOf(at, time), listOf(at, files, attachmentOf)] as const
    }),
    statement: textOf('opinion.statement', f.statement, 20_000),
  }
}

const OPINION_KEYS = [
  ...['format', 'report', 'assignment', 'plan', 'outcome', 'outputs'],
  ...['audits', 'findings', 'thread', 'visits', 'statement'],
]

export function readDecision(input: unknown): Decision {
  const f = fieldsOf('decision', input, ['format', 'report', 'opinion', 'outcome', 'outputs', 'reason'])
  const outcome = choiceOf('decision.outcome', f.outcome, ['accepted', 'rejected'])
  const reason = nullable(f.reason, (text) => textOf('decision.reason', text))
  if (outcome === 'rejected' && reason === null) throw formError('decision.reason', 'is missing of a rejection')
  return {
    format: choiceOf('decision.format', f.format, ['tanlian/decision/1']),
    report: linkOf('decision.report', f.report),
    opinion: linkOf('decision.opinion', f.opinion),
    outcome,
    outputs: outputsOf('decision.outputs', f.outputs),
    reason,
  }
}

export function readReopening(input: unknown): Reopening {
  const f = fieldsOf('reopening', input, ['format', 'report', 'reason'])
  return {
    format: choiceOf('reopening.format', f.format, ['tanlian/reopening/1']),
    report: linkOf('reopening.report', f.report),
    reason: textOf('reopening.reason', f.reason),
  }
}

function organizationsOf(at: string, input: unknown): readonly number[] {
  return setOf(at, input, (place, item) => countOf(place, item, 1), byNumber)
}

function pairingsOf(at: string, input: unknown): readonly Pairing[] {
  return setOf(
    at,
    input,
    (place, item) => {
      const [enterprise, verifier] = tupleOf(place, item, 2)
      return [countOf(place, enterprise, 1), countOf(place, verifier, 1)] as const
    },
    ([a], [b]) => a - b,
  )
}
