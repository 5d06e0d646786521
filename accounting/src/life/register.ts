import { type Refusal, refusalOf } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { isDocumentKind, readDocumentContent, STATED_BY } from '../document/content.ts'
import type { Report } from '../document/report.ts'
import { analysisRule, handoverRule, receiptRule, sampleRule, voucherRule } from './laboratory.ts'
import { publicationRule } from './publication.ts'
import { reportKey, reportRule } from './report.ts'
import {
  type DocumentFacts,
  type DrawLife,
  emptyRegister,
  type PublicationLife,
  type RegisterFacts,
  type ReportLife,
  type Rule,
  registerError,
  type SampleLife,
  type Stated,
} from './state.ts'
import {
  assignmentRule,
  auditRule,
  decisionRule,
  drawRule,
  opinionRule,
  planRule,
  reopeningRule,
  verifierOf,
} from './verification.ts'

/**
 * The state of reports, samples and assignments (台账): a fold over documents in log order, the same for everybody. A document that breaks a rule is
 * void and changes nothing. Rules are those of `docs/spec/documents.md`.
 */
export interface Register {
  /** Whether a document would count if it were logged next; nothing changes. */
  check(document: DocumentFacts): { readonly ok: true } | Refusal
  /** The same, and where it counts, it is written down. */
  apply(document: DocumentFacts): { readonly ok: true } | Refusal
  report(cid: CID | string): ReportLife | undefined
  /** All reports in log order, superseded ones too. */
  reports(): readonly ReportLife[]
  /** The report of an organization, subject, type and period that counts now. */
  latest(organization: number, of: Pick<Report, 'subject' | 'type' | 'period'>): ReportLife | undefined
  /** The sample of a `sample`, `handover`, `receipt` or `analysis` document. */
  sample(cid: CID | string): SampleLife | undefined
  /** The publication of a methodology or factor set, and its retirement. */
  publication(cid: CID | string): PublicationLife | undefined
  /** The draw of an assignment. */
  assignment(cid: CID | string): DrawLife | undefined
  /** Who verifies a report, and by which assignment. */
  verifier(report: CID | string): { readonly organization: number; readonly assignment: CID } | undefined
}

const RULES: Readonly<Record<string, Rule<never>>> = {
  methodology: publicationRule,
  factors: publicationRule,
  sample: sampleRule,
  handover: handoverRule,
  receipt: receiptRule,
  analysis: analysisRule,
  voucher: voucherRule,
  report: reportRule,
  draw: drawRule,
  assignment: assignmentRule,
  'sampling-plan': planRule,
  opinion: opinionRule,
  decision: decisionRule,
  reopening: reopeningRule,
}

/** @param facts what evidence and the log answer; a rule whose question nobody answers is not held against a document */
export function createRegister(facts: RegisterFacts = {}): Register {
  const state = emptyRegister()
  const weigh = (document: DocumentFacts): (() => void) => {
    const { kind, organization, party, cid, time, index, block } = document
    const stated = { cid, organization, time, index }
    if (kind === 'audit') return auditRule(state, { ...stated, content: document.content }, facts, block)
    if (!isDocumentKind(kind)) return () => {}
    if (!(STATED_BY[kind] as readonly string[]).includes(party))
      throw registerError('E_REGISTER_PARTY', `A ${kind} is not for a party of kind ${party} to state.`, {
        kind,
        party,
      })
    const { content } = readDocumentContent(kind, document.content)
    return (RULES[kind] as Rule<typeof content>)(state, { ...stated, content } as Stated<typeof content>, facts, block)
  }
  const attempt = (document: DocumentFacts, then: (write: () => void) => void): { readonly ok: true } | Refusal => {
    try {
      then(weigh(document))
      return { ok: true }
    } catch (error) {
      return refusalOf(error)
    }
  }
  return {
    check: (document) => attempt(document, () => {}),
    apply: (document) => attempt(document, (write) => write()),
    report: (cid) => state.reports.get(cid.toString()),
    reports: () => [...state.reports.values()],
    latest: (organization, of) => state.latest.get(reportKey(organization, of)),
    sample: (cid) => state.samples.get(cid.toString()) ?? state.sampleOf.get(cid.toString()),
    publication: (cid) => state.publications.get(cid.toString()),
    assignment: (cid) => state.assignments.get(cid.toString()),
    verifier: (cid) => {
      const report = state.reports.get(cid.toString())
      const found = report === undefined ? undefined : verifierOf(state, report)
      const assignment = found?.draw.assignment?.cid
      return found === undefined || assignment === undefined ? undefined : { organization: found.verifier, assignment }
    },
  }
}
