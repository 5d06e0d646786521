import {
  type ChainFacts,
  checkReportAnchors,
  checkReportEntries,
  checkReportInclusion,
  checkReportLog,
  checkReportSignatures,
  type LogFacts,
  type ReadDocument,
  type ReportPackage,
  readReportEvidence,
} from '@tanlian/evidence'
import { type ErrorValues, refusalOf } from '@tanlian/units'
import type { Report } from './document/report.ts'
import type { ReportStage } from './life/index.ts'
import { type Recomputed, recompute } from './recompute.ts'
import { filterText, packagedReport } from './report-package.ts'
import {
  compared,
  countSources,
  foldDocuments,
  loadReportProgram,
  locator,
  provenTotals,
  type StepDone,
  witnessed,
} from './report-steps.ts'

/** What is done with a report package, in order. */
export const REPORT_STEPS = [
  ...(['log', 'entries', 'signatures', 'inclusion', 'anchors', 'documents', 'proofs', 'methodology'] as const),
  ...(['totals', 'outputs', 'trace', 'witnesses', 'sources'] as const),
] as const
export type ReportStep = (typeof REPORT_STEPS)[number]

/** One line of a verdict on a report. `ok` is null where the step could not or need not be done; `code` says why. */
export interface ReportLine {
  readonly step: ReportStep
  readonly ok: boolean | null
  readonly code?: string
  readonly message?: string
  readonly values: ErrorValues
}

/** What doing a report again came to (报告复算结论). */
export interface ReportVerdict {
  /** `verified` where every line holds, `failed` where one does not, `unchecked` where the chain was not asked but nothing failed. */
  readonly status: 'verified' | 'failed' | 'unchecked'
  readonly lines: readonly ReportLine[]
  readonly organization: number
  readonly report: Report | undefined
  /** Where the report stands by the documents of the package. */
  readonly stage: ReportStage | undefined
  /** The report done again: outputs, trace, differences. */
  readonly recomputed: Recomputed | undefined
  /** All documents of the package, in the order of the log. */
  readonly documents: readonly ReadDocument[]
  /** Organizations whose audits hold every batch that the totals rest on. */
  readonly witnesses: readonly number[]
}

/** What the checker asked outside of the package (`sdk/src/facts.ts`); without both words of the chain the verdict is at most `unchecked`. */
export interface ReportAsked {
  readonly chain?: ChainFacts
  readonly log?: LogFacts
  /** The log's own keys, for its checkpoint. */
  readonly vkeys?: readonly string[]
}

/**
 * Does a report again (验证): every signature, every total's proof, all entries and their places in the log, the documents by their rules, then the
 * methodology on the proven totals, down to the CID of the trace. The rules come from here, never from the package (safety R3).
 */
export function checkReportPackage(pack: ReportPackage, { chain, log, vkeys = [] }: ReportAsked = {}): ReportVerdict {
  const lines: ReportLine[] = []
  const step = <T>(name: ReportStep, work: () => StepDone & { readonly gives?: T }): T | undefined => {
    try {
      const { ok, code, values = {}, gives } = work()
      lines.push({ step: name, ok, ...(code === undefined ? {} : { code }), values })
      return gives
    } catch (error) {
      const { code, message, values = {} } = refusalOf(error)
      lines.push({ step: name, ok: false, code, message, values })
      return undefined
    }
  }
  const skipped = { ok: null, code: 'E_VERDICT_STEP_BEFORE' } as const

  const report = attempt(() => packagedReport(pack))
  const evidence = report === undefined ? undefined : attempt(() => readReportEvidence(pack, report.size))
  const locate = locator(pack, evidence)
  step('log', () => checkReportLog(pack, chain, vkeys))
  step('entries', () => checkReportEntries(pack, report?.size ?? 0, chain))
  step('signatures', () => checkReportSignatures(pack, chain))
  step('inclusion', () => checkReportInclusion(pack))
  step('anchors', () => checkReportAnchors(pack, log))
  const register = step('documents', () =>
    // Doing it again names the fault that an attempt passed over, here and below.
    foldDocuments(pack, evidence ?? readReportEvidence(pack, packagedReport(pack).size), locate, log),
  )
  const located = report === undefined ? [] : locate(report)
  const totals = step('proofs', () =>
    report === undefined || evidence === undefined ? skipped : provenTotals(pack, report, evidence, located),
  )
  const program = step('methodology', () => (report === undefined ? skipped : loadReportProgram(pack, report)))
  const again =
    report === undefined || program === undefined || totals === undefined || register === undefined
      ? undefined
      : () =>
          recompute(report, program, {
            totalOf: (origin) => totals.get(filterText(origin)),
            resultOf: ({ document, result }) =>
              register.sample(document)?.analysis?.content.results.find(({ name }) => name === result),
          })
  const recomputed = again === undefined ? undefined : attempt(again)
  step('totals', () =>
    again === undefined ? skipped : compared(recomputed ?? again(), ['E_REPORT_TOTAL', 'E_REPORT_VALUE']),
  )
  step('outputs', () => (recomputed === undefined ? skipped : compared(recomputed, ['E_REPORT_OUTPUT'])))
  step('trace', () => (recomputed === undefined ? skipped : compared(recomputed, ['E_REPORT_TRACE'])))
  const witnesses = step('witnesses', () =>
    evidence === undefined
      ? skipped
      : witnessed(
          pack,
          evidence,
          located.map(({ sequence }) => sequence),
        ),
  )
  step('sources', () => (report === undefined ? skipped : { ok: true, values: countSources(report) }))
  const failed = lines.some(({ ok }) => ok === false)
  return {
    status: failed ? 'failed' : chain === undefined || log === undefined ? 'unchecked' : 'verified',
    lines,
    organization: pack.organization,
    report,
    stage: register?.report(pack.report)?.stage,
    recomputed,
    documents: evidence?.documents ?? [],
    witnesses: witnesses ?? [],
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    refusalOf(error)
    return undefined
  }
}
