import { openReader } from '@tanlian/evidence'
import { handInSummaries, missingSummaries, type SummaryProgress } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { type OpenKey, Unlock } from '../organization/unlock.tsx'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { stepWord } from './record.ts'

/** Batches that the platform cannot read answer a grant of sums only from what their owner hands in: made here, with the reader's key. */
export function Summaries({ organization, step }: { organization: number; step: number }) {
  const { t } = useTranslation()
  const [progress, setProgress] = useState<SummaryProgress>()
  const [open, setOpen] = useState(false)
  const { working, error, work } = useWork()
  const missing = useQuery({
    queryKey: ['summaries', organization, step],
    queryFn: () => missingSummaries(client, organization, step),
  })
  const hand = ({ privateKey }: OpenKey) =>
    work(async () => {
      await handInSummaries(client, organization, openReader(privateKey), step, setProgress)
      setOpen(false)
      await missing.refetch()
    })
  const word = stepWord(step) ?? 'day'
  if (missing.isError) return <Problem error={missing.error} onRetry={() => void missing.refetch()} />
  if (missing.data === undefined) return null
  const count = formatCount(missing.data.length)
  if (missing.data.length === 0)
    return <p className="small muted">{t('privacy:summaries.none', { access: t(`privacy:access.${word}`) })}</p>
  return (
    <div className="note stack">
      <p>{t('privacy:summaries.missing', { count, access: t(`privacy:access.${word}`) })}</p>
      {working && progress !== undefined && (
        <p role="status">
          {t('privacy:summaries.working', { done: formatCount(progress.done), of: formatCount(progress.of) })}
        </p>
      )}
      {error !== undefined && <Problem error={error} />}
      {!open && (
        <div className="row">
          <button type="button" onClick={() => setOpen(true)}>
            {t('privacy:summaries.hand')}
          </button>
        </div>
      )}
      {open && !working && <Unlock purpose="reader" onOpen={(key) => void hand(key)} />}
    </div>
  )
}
