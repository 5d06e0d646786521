import { type Deadline, deadlinesOf } from '@tanlian/accounting'
import { periodWindow } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { calendars } from './calendars.ts'
import type { Project } from './project.ts'

/** A deadline of a project, with where it stands by the log (期限). */
export interface DeadlineView {
  readonly project: string
  readonly subject: string
  readonly sector: string
  readonly calendar: string
  readonly step: string
  readonly zh: string
  readonly en: string
  readonly period: string
  /** The last day, in the calendar's zone. */
  readonly day: string
  /** Unix seconds at which that day has passed. */
  readonly due: number
  /** `date`: no report tells of it. */
  readonly state: 'done' | 'open' | 'late' | 'date'
  /** The report that it is about, if there is one. */
  readonly report: string | null
  readonly source: { readonly document: string; readonly confidence: string }
}

/** Stages at which a report has been submitted and not sent back. */
const SUBMITTED = new Set(['submitted', 'verified', 'accepted'])
const VERIFIED = new Set(['verified', 'adverse', 'accepted', 'rejected'])

/** Deadlines of projects whose day ends in `[from, to)`, the first due first. */
export function deadlines(
  { documents, clock }: Pick<Instance, 'documents' | 'clock'>,
  projects: readonly Project[],
  { from, to }: { readonly from: number; readonly to: number },
): DeadlineView[] {
  const nowS = Math.floor(clock() / 1000)
  return projects
    .flatMap((project) =>
      calendars().flatMap((calendar) =>
        deadlinesOf(calendar, project.sector)
          .filter(({ due }) => due >= from && due < to)
          .map((deadline) => {
            const report = reportOf({ documents }, project, deadline, calendar.zone)
            return viewOf(project, deadline, report, nowS)
          }),
      ),
    )
    .sort((a, b) => a.due - b.due || (a.subject < b.subject ? -1 : 1))
}

function viewOf(
  { id, subject, sector }: Project,
  { calendar, step, period, day, due }: Deadline,
  report: { readonly cid: string; readonly stage: string } | undefined,
  nowS: number,
): DeadlineView {
  const reached = step.action === 'verify' ? VERIFIED : SUBMITTED
  const done = report !== undefined && reached.has(report.stage)
  return {
    project: id,
    subject,
    sector,
    calendar,
    step: step.name,
    ...step.words,
    period,
    day,
    due,
    state: step.action === 'note' ? 'date' : done ? 'done' : nowS >= due ? 'late' : 'open',
    report: report?.cid ?? null,
    source: { document: step.source.document, confidence: step.source.confidence },
  }
}

function reportOf(
  { documents }: Pick<Instance, 'documents'>,
  { organization, subject }: Project,
  { step, period }: Deadline,
  zone: string,
) {
  if (step.report === undefined) return undefined
  const { from, to } = periodWindow(period, zone)
  const life = documents.register.latest(organization, { subject, type: step.report, period: [from, to] })
  return life === undefined ? undefined : { cid: life.cid.toString(), stage: life.stage }
}
