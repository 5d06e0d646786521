import {
  checkPackage,
  decodeHeader,
  decodePackage,
  decodeStreams,
  locate,
  signersOf,
  type Verdict,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { askChain, type ChainAddress } from './ask-chain.ts'

/** What the worker is given: a package, and which chain to ask; without one the verdict stays "not checked". */
export interface CheckJob {
  readonly bytes: Uint8Array
  readonly chain: ChainAddress | undefined
}

/** What it tells, in this order; `failed` instead of the rest. */
export type CheckNews =
  | { readonly stage: 'located'; readonly asked: readonly number[]; readonly all: number }
  | { readonly stage: 'opened'; readonly proofs: number; readonly bytes: number }
  | {
      readonly stage: 'checked'
      readonly verdict: Verdict
      readonly chainError: { readonly code: string; readonly message: string } | undefined
      readonly ms: number
    }
  | { readonly stage: 'failed'; readonly code: string; readonly message: string }

const tell = (news: CheckNews) => postMessage(news)

/** Checks off the main thread, so that the page stays alive while a million hashes are computed. */
addEventListener('message', async ({ data: { bytes, chain } }: MessageEvent<CheckJob>) => {
  try {
    const pack = decodePackage(bytes)
    const declared = new Map(
      pack.streams.flatMap((block) => decodeStreams(block.bytes).streams).map((item) => [item.stream, item]),
    )
    const plan = locate(
      pack.question,
      pack.headers.map((block) => decodeHeader(block.bytes)),
      declared.values(),
    )
    tell({ stage: 'located', asked: plan.map(({ sequence }) => sequence), all: pack.headers.length })
    tell({ stage: 'opened', proofs: pack.proofs.length, bytes: bytes.length })
    const begun = performance.now()
    let facts: Awaited<ReturnType<typeof askChain>> | undefined
    let chainError: { code: string; message: string } | undefined
    if (chain !== undefined) {
      try {
        const { organization } = pack.question
        facts = await askChain({ organization, log: pack.log, signers: signersOf(pack) }, chain)
      } catch (error) {
        // A chain that cannot be asked leaves the verdict open; it does not make the package false.
        chainError = refusal(error)
      }
    }
    tell({ stage: 'checked', verdict: checkPackage(pack, facts), chainError, ms: performance.now() - begun })
  } catch (error) {
    tell({ stage: 'failed', ...refusal(error) })
  }
})

function refusal(error: unknown): { code: string; message: string } {
  if (error instanceof TanlianError) return { code: error.code, message: error.message }
  // Nothing else should be thrown here: then it is our own fault, and is said as it is.
  return { code: 'E_CHECK_BROKEN', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
