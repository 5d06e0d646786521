import {
  auditWords,
  batchDigests,
  checkTotals,
  fromHex,
  type LogFacts,
  locateTotals,
  type ReportEvidenceRead,
  type ReportPackage,
  readAuditContent,
  readReportEvidence,
  type TotalQuestions,
  witnessesOf,
} from '@tanlian/evidence'
import { type ErrorValues, TanlianError } from '@tanlian/units'
import type { Report, ReportOrigin } from './document/report.ts'
import { createRegister, type Register, type RegisterFacts } from './life/index.ts'
import type { Program } from './program.ts'
import type { DifferenceCode, Recomputed } from './recompute.ts'
import { programOf } from './report.ts'
import { filterText, totalFilters } from './report-package.ts'
import type { ProvenTotal } from './report-unit.ts'

/** What a step found; without `ok: true`, why. */
export interface StepDone {
  readonly ok: boolean | null
  readonly code?: string
  readonly values?: ErrorValues
}

/** What a report asks of evidence, located. */
export type Locate = (report: Report) => readonly TotalQuestions[]

/** Locates a report's totals; what the opinion and the proofs both ask is located once. */
export function locator(pack: ReportPackage, evidence: ReportEvidenceRead | undefined): Locate {
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
export function foldDocuments(
  pack: ReportPackage,
  evidence: ReportEvidenceRead,
  locate: Locate,
  log: LogFacts | undefined,
): StepDone & { readonly gives: Register } {
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

/** The totals that the package's proofs prove, by question. */
export function provenTotals(
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
export function loadReportProgram({ blocks }: ReportPackage, report: Report): StepDone & { readonly gives: Program } {
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

/** The first difference of these kinds fails the step. */
export function compared({ differences, outputs }: Recomputed, codes: readonly DifferenceCode[]): StepDone {
  const found = differences.find(({ code }) => codes.includes(code))
  if (found === undefined) return { ok: true, values: { outputs: outputs.length } }
  const { code, name, row, said, found: is } = found
  throw new TanlianError(code, `${name} (row ${row + 1}): the report says ${said}, and it is ${is}.`, {
    values: { name, row: row + 1, said, found: is },
  })
}

/** Who audited every batch that the totals rest on. */
export function witnessed(
  pack: ReportPackage,
  { documents }: ReportEvidenceRead,
  asked: readonly number[],
): StepDone & { readonly gives: readonly number[] } {
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
export function countSources({ inputs }: Report): ErrorValues {
  const count = (kind: ReportOrigin['kind']) => inputs.filter(({ origin }) => origin.kind === kind).length
  return {
    total: count('total'),
    analysis: count('analysis'),
    voucher: count('voucher'),
    choice: count('choice'),
    manual: count('manual'),
  }
}
