import { checkReportPackage, type ReportAsked, type ReportLine, type ReportVerdict } from '@tanlian/accounting'
import { decodeReportPackage, reportSigners } from '@tanlian/evidence'
import { openChain, openRpc, reportLogFacts } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { askChain, type ChainAddress } from '../evidence/ask-chain.ts'

/** What the worker is given: a report's package, and which chain to ask. */
export interface ReportJob {
  readonly bytes: Uint8Array
  readonly chain: ChainAddress | undefined
}

/** What doing a report again came to, as far as it can be handed from a worker to its page. */
export type ReportNews =
  | {
      readonly stage: 'checked'
      readonly status: ReportVerdict['status']
      readonly lines: readonly ReportLine[]
      readonly witnesses: readonly number[]
      readonly chainError: { readonly code: string; readonly message: string } | undefined
      readonly ms: number
    }
  | { readonly stage: 'failed'; readonly code: string; readonly message: string }

const tell = (news: ReportNews) => postMessage(news)

/** Does a report again off the main thread: every signature, every proof, the whole methodology. */
addEventListener('message', async ({ data: { bytes, chain: address } }: MessageEvent<ReportJob>) => {
  try {
    const pack = decodeReportPackage(bytes)
    let asked: ReportAsked = {}
    let chainError: { code: string; message: string } | undefined
    if (address !== undefined) {
      try {
        const question = { organization: pack.organization, log: pack.log, signers: reportSigners(pack) }
        const node = openChain(openRpc({ url: address.rpc, timeoutMs: 10_000, tries: 2 }), address)
        const [chain, log] = await Promise.all([askChain(question, address), reportLogFacts(node, pack)])
        asked = { chain, log }
      } catch (error) {
        // A chain that cannot be asked leaves the verdict open; it does not make the report false.
        chainError = refusal(error)
      }
    }
    const begun = performance.now()
    const { status, lines, witnesses } = checkReportPackage(pack, asked)
    tell({ stage: 'checked', status, lines, witnesses, chainError, ms: performance.now() - begun })
  } catch (error) {
    tell({ stage: 'failed', ...refusal(error) })
  }
})

function refusal(error: unknown): { code: string; message: string } {
  if (error instanceof TanlianError) return { code: error.code, message: error.message }
  return { code: 'E_CHECK_BROKEN', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
