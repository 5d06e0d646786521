import { kindInfo } from '@tanlian/evidence'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatQuantity, formatWindow, shorten } from '../format.ts'
import { Problem } from '../shell/problem.tsx'
import { AnswerSign, StatusWord } from '../shell/status.tsx'
import { FrameView } from './frame-view.tsx'
import { checkReading, type FoundReading, findReading, type ReadingStep } from './load-reading.ts'

/** One reading from its raw message to the chain; everything on it is read from blocks that match their hashes, here. */
export function ReadingView({ cid, stream, start }: { cid: string; stream: number; start: number }) {
  const { t } = useTranslation()
  const reading = useQuery({
    queryKey: ['reading', cid, stream, start],
    queryFn: () => findReading(cid, stream, start),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  if (reading.isError)
    return (
      <section className="sheet">
        <StatusWord word="unavailable" />
        <Problem error={reading.error} onRetry={() => void reading.refetch()} />
      </section>
    )
  if (reading.data === undefined) return <p role="status">{t('shell.loading')}</p>
  return (
    <>
      <section className="sheet">
        <h2>{t('device.reading')}</h2>
        <Facts cid={cid} reading={reading.data} />
        <Steps cid={cid} reading={reading.data} />
      </section>
      {reading.data.source === undefined ? (
        <p className="note">{t('device.noSource')}</p>
      ) : (
        <FrameView cid={reading.data.source} reading={reading.data} />
      )}
    </>
  )
}

function Facts({ cid, reading }: { cid: string; reading: FoundReading }) {
  const { t } = useTranslation()
  const { header, start, seconds, quantity, flag, type } = reading
  const kind = kindInfo(type >>> 8)
  return (
    <dl className="facts">
      <dt>{t('stream.when')}</dt>
      <dd>{formatWindow(start, start + seconds)}</dd>
      <dt>{t('device.value')}</dt>
      <dd>
        <strong>{kind === undefined ? quantity : formatQuantity(BigInt(quantity), BigInt(seconds), kind)}</strong>{' '}
        <span className="muted">
          {t('device.integer', {
            n: formatCount(quantity),
            unit: `${kind?.unit ?? ''}${kind?.sort === 'gauge' ? '·s' : ''}`,
          })}
        </span>
      </dd>
      <dt>{t('device.flag')}</dt>
      <dd>
        <code>{flag}</code> {t(`device.flags.${flag}`)}
      </dd>
      <dt>{t('batch.title')}</dt>
      <dd>
        <Link to="/batches/$cid" params={{ cid }} search={{}}>
          {t('home.log.batchNumber', { n: formatCount(header.sequence) })} <code>{shorten(cid, 8)}</code>
        </Link>
      </dd>
    </dl>
  )
}

function Steps({ cid, reading }: { cid: string; reading: FoundReading }) {
  const { t } = useTranslation()
  const steps = useQuery({
    queryKey: ['reading-steps', cid, reading.item.stream, reading.start],
    queryFn: () => checkReading(cid, reading),
    retry: 1,
  })
  if (steps.isError) return <Problem error={steps.error} onRetry={() => void steps.refetch()} />
  if (steps.data === undefined) return <p role="status">{t('device.checking')}</p>
  const verified = steps.data.length === 4 && steps.data.every(({ ok }) => ok === true)
  return (
    <>
      {verified && <StatusWord word="verified" />}
      <ul className="plain-list" data-testid="reading-steps">
        {steps.data.map((step) => (
          <StepLine key={step.step} step={step} />
        ))}
      </ul>
    </>
  )
}

function StepLine({ step: { step, ok, values } }: { step: ReadingStep }) {
  const { t } = useTranslation()
  const tone = ok === null ? 'unchecked' : ok ? 'verified' : 'failed'
  const state = ok === null ? 'open' : ok ? 'held' : 'failed'
  return (
    <li>
      <span className={`status ${tone}`}>
        <AnswerSign ok={ok} />
        {t(`device.step.${step}.${state}`, values)}
      </span>
    </li>
  )
}
