import {
  auditWords,
  batchDigests,
  type ChainFacts,
  checkReportAnchors,
  checkReportEntries,
  checkReportInclusion,
  checkReportLog,
  checkReportSignatures,
  checkTotals,
  fromHex,
  type LogFacts,
  locateTotals,
  type ReadDocument,
  type ReportEvidenceRead,
  type ReportPackage,
  readAuditContent,
  readReportEvidence,
  type TotalQuestions,
  witnessesOf,
} from '@tanlian/evidence'
import { type ErrorValues, refusalOf, TanlianError } from '@tanlian/units'
import type { Report, TotalOrigin } from './document/report.ts'
import { createRegister, type Register, type RegisterFacts, type ReportStage } from './life/index.ts'
import type { Program } from './program.ts'
import { type DifferenceCode, type Recomputed, recompute } from './recompute.ts'
import { programOf } from './report.ts'
import { filterText, packagedReport, totalFilters } from './report-package.ts'
import type { ProvenTotal } from './report-unit.ts'

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

interface Outcome {
  readonly ok: boolean | null
  readonly code?: string
  readonly values?: ErrorValues
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
  const step = <T>(name: ReportStep, work: () => Outcome & { readonly gives?: T }): T | undefined => {
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
    // Reading again names the fault that the attempts above passed over.
    foldDocuments(pack, evidence ?? readReportEvidence(pack, packagedReport(pack).size), locate, log),
  )
  const located = report === undefined ? [] : locate(report)
  const totals = step('proofs', () =>
    report === undefined || evidence === undefined ? skipped : provenTotals(pack, report, evidence, located),
  )
  const program = step('methodology', () => (report === undefined ? skipped : loadProgram(pack, report)))
  const recomputed =
    report === undefined || program === undefined || totals === undefined || register === undefined
      ? undefined
      : step('totals', () => {
          const gives = recompute(report, program, {
            totalOf: (origin) => totals.get(filterText(origin)),
            resultOf: ({ document, result }) =>
              register.sample(document)?.analysis?.content.results.find(({ name }) => name === result),
          })
          return { ...compared(gives, ['E_REPORT_TOTAL', 'E_REPORT_VALUE']), gives }
        })
  if (recomputed === undefined && !lines.some((line) => line.step === 'totals')) step('totals', () => skipped)
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

type Locate = (report: Report) => readonly TotalQuestions[]

/** Locates a report's totals; what the opinion and the proofs both ask is located once. */
function locator(pack: ReportPackage, evidence: ReportEvidenceRead | undefined): Locate {
  const known = new Map<string, readonly TotalQuestions[]>()
  return (report) => {
    const filters = totalFilters(report)
    const name = `${report.size} ${filters.map(filterText).join(';')}`
    const before = known.get(name)
    if (before !== undefined || evidence === undefined) return before ?? []
    // A report that was corrected may rest on an earlier size of the log.
    const { headers, declared } = evidence.size === report.size ? evidence : readReportEvidence(pack, report.size)
    const located = locateTotals(filters, headers, declared)
    known.set(name, located)
    return located
  }
}

/** The documents of the package, weighed in the order of the log by the rules of a report's life. */
function foldDocuments(
  pack: ReportPackage,
  evidence: ReportEvidenceRead,
  locate: Locate,
  log: LogFacts | undefined,
): Outcome & { readonly gives: Register } {
  const digests = batchDigests(pack)
  const parties = new Map(pack.parties)
  const register = createRegister({
    batchesOf: (organization, report) =>
      organization === pack.organization
        ? locate(report).map(({ sequence }) => digests[sequence - 1] as string)
        : undefined,
    ...(log === undefined ? {} : logAnswers(log)),
  })
  for (const [at, { document, index, block, time }] of evidence.documents.entries()) {
    const { kind, organization, content } = document
    const { cid } = (pack.documents[at] as ReportPackage['documents'][number]).document
    const party = parties.get(organization) ?? 'other'
    const answer = register.apply({ kind, organization, party, cid, content, time, block, index })
    if (!answer.ok)
      throw new TanlianError(answer.code, `Document ${cid} (${kind}) is void: ${answer.message}`, {
        values: { ...answer.values, document: cid.toString(), kind },
      })
  }
  const life = register.report(pack.report)
  return { ok: true, values: { documents: evidence.documents.length, stage: life?.stage ?? null }, gives: register }
}

function provenTotals(
  pack: ReportPackage,
  report: Report,
  { headers }: ReportEvidenceRead,
  located: readonly TotalQuestions[],
) {
  const filters = totalFilters(report)
  const answer = checkTotals(filters, located, headers, pack.proofs)
  if (!answer.ok) throw new TanlianError(answer.code, answer.message, { values: answer.values ?? {} })
  const gives = new Map(filters.map((filter, at) => [filterText(filter), answer.totals[at] as ProvenTotal]))
  const bytes = pack.proofs.reduce((sum, [, proofs]) => sum + proofs.reduce((all, proof) => all + proof.length, 0), 0)
  return { ok: true, values: { totals: filters.length, batches: located.length, bytes }, gives }
}

/** What the chain says of the draw: the log's size after its block, and the root at that size. */
function logAnswers({ roots }: LogFacts): RegisterFacts {
  return {
    rootAt: (size) => roots.find((one) => one.size === size)?.root,
    sizeAfter: (block) => roots.findLast((one) => one.block <= block)?.size,
  }
}

/** The methodology and factor sets are the very blocks that the report names. */
function loadProgram({ blocks }: ReportPackage, report: Report): Outcome & { readonly gives: Program } {
  const wanted = [report.methodology, ...report.factors]
  if (blocks.length !== wanted.length || blocks.some(({ cid }, at) => !wanted[at]?.equals(cid)))
    throw new TanlianError(
      'E_REPORT_METHODOLOGY',
      'The package holds other methodology or factor blocks than the report names.',
      {
        values: { methodology: report.methodology.toString() },
      },
    )
  const [methodology, ...factors] = blocks.map(({ bytes }) => bytes)
  const gives = programOf(methodology as Uint8Array, factors)
  const { id, version } = gives.methodology
  return { ok: true, values: { methodology: id, version, factors: factors.length }, gives }
}

function compared({ differences, outputs }: Recomputed, codes: readonly DifferenceCode[]): Outcome {
  const found = differences.find(({ code }) => codes.includes(code))
  if (found === undefined) return { ok: true, values: { outputs: outputs.length } }
  const { code, name, row, said, found: is } = found
  throw new TanlianError(code, `${name} (row ${row + 1}): the report says ${said}, and it is ${is}.`, {
    values: { name, row: row + 1, said, found: is },
  })
}

/** Who audited every batch that the totals rest on. */
function witnessed(
  pack: ReportPackage,
  { documents }: ReportEvidenceRead,
  asked: readonly number[],
): Outcome & { readonly gives: readonly number[] } {
  const audits = documents
    .filter(({ document }) => document.kind === 'audit')
    .map(({ entry: { organization, sequence }, document }) => ({
      organization,
      sequence,
      content: readAuditContent(document.content),
    }))
  const words = auditWords(audits)
  const digests = batchDigests(pack)
  const held = asked.map(
    (sequence) =>
      new Set(
        witnessesOf({ organization: pack.organization, digest: fromHex(digests[sequence - 1] as string) }, words).held,
      ),
  )
  const gives = [...(held[0] ?? [])].filter((one) => held.every((set) => set.has(one)))
  const values = { witnesses: gives.length, organizations: gives.join(', ') }
  return gives.length > 0 ? { ok: true, values, gives } : { ok: null, code: 'E_VERDICT_NO_WITNESS', values, gives }
}

/** How many values are from where: somebody's word is marked wherever it shows. */
function countSources({ inputs }: Report): ErrorValues {
  const count = (kind: TotalOrigin['kind'] | string) => inputs.filter(({ origin }) => origin.kind === kind).length
  return {
    total: count('total'),
    analysis: count('analysis'),
    voucher: count('voucher'),
    choice: count('choice'),
    manual: count('manual'),
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
