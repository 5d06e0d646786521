import type { Verdict } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { isWithheld } from '../shell/withheld.tsx'
import { type FilterStream, requestOf, type TraceFilter } from './filter.ts'
import { chainOf, runCheck } from './run-check.ts'
import { type Progress, Stages } from './stages.tsx'
import { TraceFigures } from './trace-figures.tsx'
import { TraceShare } from './trace-share.tsx'
import { TraceWithheld } from './trace-withheld.tsx'
import { VerdictLines, VerdictWord } from './verdict-view.tsx'

interface Properties {
  readonly filter: TraceFilter
  readonly streams: readonly FilterStream[]
  readonly onMode: (mode: 'total' | 'readings') => void
}

/** The answer to a question; trying again begins it anew. */
export function TraceAnswer(properties: Properties) {
  const [round, setRound] = useState(0)
  return <Attempt key={round} {...properties} onRetry={() => setRound(round + 1)} />
}

/** Asks, fetches and checks while the reader watches: 定位 → 检索 → 验证, then the verdict and the figures it proved. */
function Attempt({ filter, streams, onMode, onRetry }: Properties & { readonly onRetry: () => void }) {
  const { t } = useTranslation()
  const [progress, setProgress] = useState<Progress>({ received: 0 })
  const [verdict, setVerdict] = useState<Verdict | undefined>(undefined)
  const [bytes, setBytes] = useState<Uint8Array | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)

  useEffect(() => {
    const stop = new AbortController()
    const move = (more: Partial<Progress>) => stop.signal.aborted || setProgress((now) => ({ ...now, ...more }))
    const run = async () => {
      const [where, head] = await Promise.all([client.wellKnown(), client.head(filter.organization, 1)])
      move({ head: head.sequence })
      const answer = await client.trace(filter.organization, requestOf(filter, streams), (received) =>
        move({ received }),
      )
      move({ received: answer.length })
      setBytes(answer.slice())
      const news = await runCheck(
        { bytes: answer, chain: chainOf(where) },
        (one) => {
          if (one.stage === 'located') move({ located: one })
          else if (one.stage === 'opened') move({ opened: one })
          else if (one.stage === 'checked') move({ checked: one })
        },
        stop.signal,
      )
      if (news.stage === 'checked') setVerdict(news.verdict)
      else if (news.stage === 'failed') throw new TanlianError(news.code, news.message)
    }
    run().catch((cause) => stop.signal.aborted || setError(cause))
    return () => stop.abort(new DOMException('left the page', 'AbortError'))
  }, [filter, streams])

  if (isWithheld(error)) return <TraceWithheld organization={filter.organization} />
  return (
    <>
      <section className="sheet" aria-label={t('trace.stages.label')}>
        <Stages progress={progress} failed={error !== undefined} />
      </section>
      {error !== undefined && <Problem error={error} onRetry={onRetry} />}
      {verdict !== undefined && bytes !== undefined && (
        <>
          <section className="sheet" aria-label={t('check:totals.title')} data-verdict={verdict.status}>
            <VerdictWord verdict={verdict} chainError={progress.checked?.chainError} />
            <TraceFigures verdict={verdict} filter={filter} onMode={onMode} />
          </section>
          <section className="sheet" aria-label={t('check:verdict.lines')}>
            <VerdictLines verdict={verdict} />
          </section>
          <TraceShare verdict={verdict} bytes={bytes} filter={filter} streams={streams} />
        </>
      )}
    </>
  )
}
