import { packagedReport, programOf, type Recalculated, type Report, readReport, recalculate } from '@tanlian/accounting'
import { cidOf, decodeDocument, decodeReportPackage, parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { client } from '../service.ts'

/** A report opened and computed again in this browser. */
export interface Made {
  readonly report: Report
  readonly organization: number
  readonly again: Recalculated
}

/** From a package. @throws TanlianError E_VERDICT_REPORT, and what reading and compiling throw */
export function madeOfPackage(bytes: Uint8Array): Made {
  const pack = decodeReportPackage(bytes)
  const report = packagedReport(pack)
  const [methodology, ...factors] = pack.blocks.map((block) => block.bytes)
  const program = programOf(methodology ?? new Uint8Array(), factors)
  return { report, organization: pack.organization, again: recalculate(program, report) }
}

/**
 * From the public blocks alone, where the proofs of its totals are withheld: the report as it was logged, methodology and factors, each held to its CID.
 * @throws TanlianError E_TRACE_BLOCK, E_REPORT_…
 */
export async function madeOfBlocks(cid: string): Promise<Made> {
  const { organization, content } = decodeDocument(await requireBlock(cid))
  const report = readReport(content)
  const [methodology, ...factors] = await Promise.all(
    [report.methodology, ...report.factors].map((one) => requireBlock(one.toString())),
  )
  const program = programOf(methodology ?? new Uint8Array(), factors)
  return { report, organization, again: recalculate(program, report) }
}

/** Whether the calculation came to what was reported, in every result and every step of the way to it. */
export function isSame({ report, again }: Made): boolean {
  return report.trace.equals(again.blocks[0].cid)
}

async function requireBlock(cid: string): Promise<Uint8Array> {
  const bytes = await client.block(cid)
  if (cidOf(bytes).equals(parseCid(cid))) return bytes
  throw new TanlianError(
    'E_TRACE_BLOCK',
    'The bytes that came do not match the CID. The evidence is unavailable, not refuted.',
    { values: { cid } },
  )
}
