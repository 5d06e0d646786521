import { fromHex, type PackageQuestion, type Verdict } from '@tanlian/evidence'
import type { Granted, GrantItem } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chainOf, runCheck } from '../evidence/run-check.ts'
import { VerdictView } from '../evidence/verdict-view.tsx'
import { formatBytes } from '../format.ts'
import { type OpenKey, Unlock } from '../organization/unlock.tsx'
import { saveFile } from '../save-file.ts'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { GrantedFigures } from './granted-figures.tsx'
import type { OpenJob, OpenNews } from './open.worker.ts'

/** What was opened, and the check of its package where there is one. */
interface Result {
  readonly granted: Granted
  readonly bytes: Uint8Array | undefined
  readonly checked:
    | { readonly verdict: Verdict; readonly chainError: { code: string; message: string } | undefined }
    | undefined
}

/** Opens what one grant gave with the reader's key of this browser: fetched sealed, opened and checked here. */
export function OpenGranted({ grant }: { grant: GrantItem }) {
  const { t } = useTranslation()
  const [result, setResult] = useState<Result>()
  const { working, error, work } = useWork()
  const question: PackageQuestion = {
    organization: grant.organization,
    types: grant.types.map((type) => fromHex(type)),
    ...(grant.streams.length === 0 ? {} : { streams: grant.streams }),
    from: grant.from,
    to: grant.to,
    mode: 'total',
  }
  const open = ({ privateKey }: OpenKey) => work(async () => setResult(await openHere(question, privateKey)))
  const bytes = result?.bytes
  return (
    <>
      <section className="sheet stack" aria-label={t('privacy:open.title')}>
        <h2>{t('privacy:open.title')}</h2>
        <p className="muted">{t('privacy:open.lead')}</p>
        {working && <p role="status">{t('privacy:open.working')}</p>}
        {error !== undefined && <Problem error={error} />}
        {!working && result === undefined && <Unlock purpose="reader" onOpen={(key) => void open(key)} />}
        {result !== undefined && <GrantedFigures granted={result.granted} />}
        {bytes !== undefined && (
          <div className="row">
            <button
              type="button"
              onClick={() => saveFile(`tanlian-${grant.organization}-granted.car`, 'application/vnd.ipld.car', bytes)}
            >
              {t('privacy:open.save', { size: formatBytes(bytes.length) })}
            </button>
          </div>
        )}
      </section>
      {result?.checked !== undefined && (
        <VerdictView verdict={result.checked.verdict} chainError={result.checked.chainError} />
      )}
    </>
  )
}

async function openHere(question: PackageQuestion, privateKey: Uint8Array): Promise<Result> {
  const chain = chainOf(await client.wellKnown())
  if (chain === undefined) throw new TanlianError('E_CHAIN_RPC', 'The platform names no chain node to ask.')
  const { granted, bytes } = await runOpen({ question, secret: privateKey.slice(), chain, origin: location.origin })
  if (bytes === undefined) return { granted, bytes, checked: undefined }
  const news = await runCheck({ bytes: bytes.slice(), chain }, () => undefined)
  if (news.stage === 'failed') throw new TanlianError(news.code, news.message)
  const checked = news.stage === 'checked' ? { verdict: news.verdict, chainError: news.chainError } : undefined
  return { granted, bytes, checked }
}

/** Opens in a worker of its own; the key goes there and nowhere else. */
function runOpen(job: OpenJob): Promise<Extract<OpenNews, { news: 'opened' }>> {
  const worker = new Worker(new URL('./open.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Extract<OpenNews, { news: 'opened' }>>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<OpenNews>) => {
      if (data.news === 'opened') resolve(data)
      else reject(new TanlianError(data.code, data.message))
    }
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage(job)
  }).finally(() => worker.terminate())
}
