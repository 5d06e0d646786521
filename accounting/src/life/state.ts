import { type ErrorValues, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Analysis, Handover, Sample, SampleReceipt, Voucher } from '../document/laboratory.ts'
import type { Publication } from '../document/publication.ts'
import type { Report } from '../document/report.ts'
import type { Assignment, Decision, Draw, Opinion, SamplingPlan } from '../document/verification.ts'

/** A document as it stands in the log, or would stand if it were logged now. */
export interface DocumentFacts {
  readonly kind: string
  /** Whose statement it is, and what sort of party that is: `enterprise`, `verifier`, `laboratory`, `regulator`, `platform` … */
  readonly organization: number
  readonly party: string
  readonly cid: CID
  readonly content: unknown
  /** Its block's time (Unix seconds) and number; of a document not logged yet, now and the latest block. */
  readonly time: number
  readonly block: number
  /** Its place in the log; of a document not logged yet, the log's size. */
  readonly index: number
}

/** What a document's facts are kept with. */
export interface Stated<T> {
  readonly cid: CID
  readonly organization: number
  readonly time: number
  readonly index: number
  readonly content: T
}

/**
 * *submitted* → *verified* → *accepted*; an opinion may be *adverse* or send the report back (*returned*), a decision may have it *rejected*.
 */
export type ReportStage = 'submitted' | 'verified' | 'adverse' | 'returned' | 'accepted' | 'rejected'

/** A report and what became of it (报告状态). */
export interface ReportLife extends Stated<Report> {
  stage: ReportStage
  /** Accepted and not reopened: the period takes no further report. */
  locked: boolean
  /** The report that took its place. */
  correctedBy: CID | undefined
  plan: Stated<SamplingPlan> | undefined
  readonly opinions: Stated<Opinion>[]
  decision: Stated<Decision> | undefined
  readonly reopenings: Stated<{ readonly reason: string }>[]
}

/** A sample on its way through the laboratory (样品链). */
export interface SampleLife extends Stated<Sample> {
  handover: Stated<Handover> | undefined
  receipt: Stated<SampleReceipt> | undefined
  analysis: Stated<Analysis> | undefined
}

/** A methodology or factor set since it was published. */
export interface PublicationLife extends Stated<Publication> {
  retired: Stated<Publication> | undefined
}

/** A draw and who was assigned by it. */
export interface DrawLife extends Stated<Draw> {
  assignment: Stated<Assignment> | undefined
}

/** What a witness's audit documents of one organization hold now. */
export interface AuditLife {
  readonly organization: number
  readonly held: ReadonlySet<string>
}

/** All that the fold remembers; maps by the text of a CID. */
export interface RegisterState {
  readonly publications: Map<string, PublicationLife>
  readonly samples: Map<string, SampleLife>
  /** The sample of each handover, receipt and analysis. */
  readonly sampleOf: Map<string, SampleLife>
  /** `laboratory number` of each analysis. */
  readonly numbers: Set<string>
  readonly vouchers: Map<string, Stated<Voucher>>
  readonly reports: Map<string, ReportLife>
  /** The latest report of each organization, subject, type and period. */
  readonly latest: Map<string, ReportLife>
  readonly draws: Map<string, DrawLife>
  readonly assignments: Map<string, DrawLife>
  readonly plans: Map<string, Stated<SamplingPlan>>
  readonly opinions: Map<string, ReportLife>
  readonly audits: Map<string, AuditLife>
  /** Batches that later audits of an organization failed: `organization digest`. */
  readonly failed: Set<string>
}

/** What the fold asks of evidence; what it cannot ask, it does not hold against a document. */
export interface RegisterFacts {
  /** Digests (hex) of the batches that a report's totals rest on, as of its size. */
  readonly batchesOf?: (organization: number, report: Report) => readonly string[] | undefined
  /** The log's root at a size. */
  readonly rootAt?: (size: number) => Uint8Array | undefined
  /** The log's size after a block. */
  readonly sizeAfter?: (block: number) => number | undefined
}

/** A rule's outcome: what to write down once the document counts. It throws where the document is void. */
export type Rule<T> = (state: RegisterState, stated: Stated<T>, facts: RegisterFacts, block: number) => () => void

export function emptyRegister(): RegisterState {
  return {
    publications: new Map(),
    samples: new Map(),
    sampleOf: new Map(),
    numbers: new Set(),
    vouchers: new Map(),
    reports: new Map(),
    latest: new Map(),
    draws: new Map(),
    assignments: new Map(),
    plans: new Map(),
    opinions: new Map(),
    audits: new Map(),
    failed: new Set(),
  }
}

/** @throws TanlianError E_REGISTER_UNKNOWN for a document that no earlier entry holds */
export function requireKnown<T>(found: T | undefined, what: string, cid: CID): T {
  if (found !== undefined) return found
  throw registerError(
    'E_REGISTER_UNKNOWN',
    `There is no ${what} ${cid} in the log before this document, or it is void.`,
    {
      what,
      cid: cid.toString(),
    },
  )
}

export function registerError(code: string, message: string, values: ErrorValues = {}): TanlianError {
  return new TanlianError(code, message, { values })
}
