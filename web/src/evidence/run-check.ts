import type { WellKnown } from '@tanlian/sdk'
import type { ChainAddress } from './ask-chain.ts'
import type { CheckJob, CheckNews } from './check.worker.ts'

/** Checks a package in a worker of its own, telling each stage; resolves with the last news. Aborting ends the worker. */
export function runCheck(job: CheckJob, onNews: (news: CheckNews) => void, signal?: AbortSignal): Promise<CheckNews> {
  const worker = new Worker(new URL('./check.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<CheckNews>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
    worker.onmessage = ({ data }: MessageEvent<CheckNews>) => {
      onNews(data)
      if (data.stage === 'checked' || data.stage === 'failed') resolve(data)
    }
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage(job)
  }).finally(() => worker.terminate())
}

/** Where the chain is asked, by the platform's own word on its contracts; the person's node goes first where one is named. */
export function chainOf(where: WellKnown, node?: string): ChainAddress | undefined {
  const rpc = node ?? where.rpc
  if (rpc === null || rpc === '') return undefined
  return {
    rpc,
    chainId: where.chainId,
    evidenceLog: where.contracts.EvidenceLog,
    organizationRegistry: where.contracts.OrganizationRegistry,
  }
}
