import { encodePackage, openReader, type PackageQuestion } from '@tanlian/evidence'
import { collectPackage, type Granted, openChain, openClient, openGranted, openRpc, platformBlocks } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { ChainAddress } from '../evidence/ask-chain.ts'

/** What the worker is given. The reader's key lives in its memory for the time of opening and is never stored or sent. */
export interface OpenJob {
  readonly question: PackageQuestion
  readonly secret: Uint8Array
  readonly chain: ChainAddress
  readonly origin: string
}

/** What it tells: what the key opens, and the evidence package of the batches that it opens whole, where there are any. */
export type OpenNews =
  | { readonly news: 'opened'; readonly granted: Granted; readonly bytes: Uint8Array | undefined }
  | { readonly news: 'failed'; readonly code: string; readonly message: string }

const tell = (news: OpenNews) => postMessage(news)

/** Opens off the main thread: chunks are fetched sealed, and what they open to stays here. */
addEventListener('message', async ({ data: { question, secret, chain: address, origin } }: MessageEvent<OpenJob>) => {
  try {
    const chain = openChain(openRpc({ url: address.rpc, timeoutMs: 20_000, tries: 2 }), address)
    const blocks = platformBlocks(openClient({ base: origin, tries: 2 }))
    const readers = [openReader(secret)]
    const granted = await openGranted(chain, blocks, question, readers)
    const isWhole = granted.batches.some(({ state }) => state === 'whole')
    const bytes = isWhole ? encodePackage(await collectPackage(chain, blocks, question, undefined, readers)) : undefined
    tell({ news: 'opened', granted, bytes })
  } catch (error) {
    if (error instanceof TanlianError) tell({ news: 'failed', code: error.code, message: error.message })
    else
      tell({ news: 'failed', code: 'E_CHECK_BROKEN', message: error instanceof Error ? error.message : String(error) })
  } finally {
    secret.fill(0)
  }
})
