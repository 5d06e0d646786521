import type { ReportPackage } from './report-package.ts'
import { type StepOutcome, verdictError } from './verdict/form.ts'

/** What a chain node says of the log's past and of its parties: what a report's documents are weighed with. */
export interface LogFacts {
  /** Every size that the log had at the end of a transaction, with its root and block, ascending. */
  readonly roots: readonly { readonly size: number; readonly root: Uint8Array; readonly block: number }[]
  /** Unix time of each block that a document of the package is in. */
  readonly times: ReadonlyMap<number, number>
  /** What sort of party each organization is registered as. */
  readonly parties: ReadonlyMap<number, string>
}

/** The block that an entry is in: the first after which the log was longer than its index. */
export function blockOfIndex({ roots }: LogFacts, index: number): number | undefined {
  return roots.find(({ size }) => size > index)?.block
}

/** Blocks and times of the entries, and what sort of party each organization is, are the chain's. @throws TanlianError E_VERDICT_ANCHOR, E_VERDICT_PARTY */
export function checkReportAnchors(pack: ReportPackage, facts: LogFacts | undefined): StepOutcome {
  const { anchors, parties, headers, inclusion } = pack
  const values = { entries: anchors.length, parties: parties.length }
  if (facts === undefined) return { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
  for (const [at, index] of inclusion.indexes.entries()) {
    const [block, time] = anchors[at] ?? [0, 0]
    // When a batch came does not bear on the report; when a document came does.
    const isDocument = at >= headers.length
    if (block !== blockOfIndex(facts, index) || (isDocument && time !== facts.times.get(block)))
      throw verdictError(
        'E_VERDICT_ANCHOR',
        `Entry ${index} of the log is not in the block, or not of the time, that the package says.`,
        {
          index,
          block,
          time,
        },
      )
  }
  for (const [organization, kind] of parties)
    if (facts.parties.get(organization) !== kind)
      throw verdictError('E_VERDICT_PARTY', `Organization ${organization} is not registered as ${kind}.`, {
        organization,
        kind,
      })
  return { ok: true, values }
}
