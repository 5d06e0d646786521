import {
  type Block,
  decodeDocument,
  encodeReportPackage,
  locateTotals,
  prove,
  type ReportPackage,
  readReportEvidence,
  type TotalFilter,
  type TotalQuestions,
  type Tree,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type Report, readReport, type TotalOrigin } from './document/report.ts'

/** Everything of a report package but its proofs. */
export type ReportPackageParts = Omit<ReportPackage, 'proofs'>

/**
 * Packs a report with the proofs of its totals (报告证据包): each tree is asked once for all totals together.
 * @param treeOf the tree of a batch of the organization, by its sequence
 * @throws TanlianError E_VERDICT_…, E_DOCUMENT_FORM, E_FILTER_FORM
 */
export async function buildReportPackage(
  parts: ReportPackageParts,
  treeOf: (sequence: number) => Tree | Promise<Tree>,
): Promise<Uint8Array> {
  const report = packagedReport(parts)
  const { headers, declared } = readReportEvidence({ ...parts, proofs: [] }, report.size)
  const proofs: (readonly [number, readonly Uint8Array[]])[] = []
  for (const { sequence, questions } of locateTotals(totalFilters(report), headers, declared)) {
    const tree = await treeOf(sequence)
    proofs.push([
      sequence,
      questions.map((pieces) => prove(tree, { intervals: pieces.map(intervalOf), mode: 'total' })),
    ])
  }
  return encodeReportPackage({ ...parts, blocks: blocksOf(report, parts), proofs })
}

/** Methodology and factor sets in the report's order, whatever order they came in. @throws TanlianError E_REPORT_METHODOLOGY */
function blocksOf({ methodology, factors }: Report, { blocks }: ReportPackageParts): readonly Block[] {
  return [methodology, ...factors].map((cid) => {
    const found = blocks.find((block) => block.cid.equals(cid))
    if (found !== undefined) return found
    throw new TanlianError('E_REPORT_METHODOLOGY', `The report names ${cid}, and that block is not given.`, {
      values: { cid: cid.toString() },
    })
  })
}

/** The report that a package is about. @throws TanlianError E_VERDICT_REPORT, E_FORM, E_DOCUMENT_FORM */
export function packagedReport({ report, documents, organization }: ReportPackageParts): Report {
  const found = documents.find(({ document }) => document.cid.equals(report))
  const document = found === undefined ? undefined : decodeDocument(found.document.bytes)
  if (document?.kind !== 'report' || document.organization !== organization)
    throw new TanlianError(
      'E_VERDICT_REPORT',
      `The package does not hold the report ${report} of organization ${organization}.`,
      {
        values: { report: report.toString(), organization },
      },
    )
  return readReport(document.content)
}

/** The totals that a report rests on, each once, in the order of its inputs. */
export function totalFilters(report: Report): readonly TotalFilter[] {
  const filters = report.inputs.flatMap(({ origin }) => (origin.kind === 'total' ? [filterText(origin)] : []))
  const origins = report.inputs.flatMap(({ origin }) => (origin.kind === 'total' ? [origin] : []))
  return origins
    .filter((_, at) => filters.indexOf(filters[at] as string) === at)
    .map(({ type, streams, from, to }) => ({ type, streams, from, to }))
}

/** The same text for the same question. */
export function filterText({ type, streams, from, to }: TotalOrigin | TotalFilter): string {
  return `${type} ${streams === null ? 'all' : streams} ${from} ${to}`
}

function intervalOf({ interval }: TotalQuestions['questions'][number][number]) {
  return interval
}
