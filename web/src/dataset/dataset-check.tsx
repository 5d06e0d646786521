import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { CheckedLine } from '../shell/checked-line.tsx'
import { Problem } from '../shell/problem.tsx'
import { AnswerSign } from '../shell/status.tsx'
import { type CheckLine, checkDataset } from './check.ts'
import type { LoadedDataset } from './load.ts'

/** The data set held to the log, line by line, in this browser. */
export function DatasetCheck({ loaded }: { loaded: LoadedDataset }) {
  const { t } = useTranslation()
  const check = useQuery({
    queryKey: ['dataset', loaded.cid, 'check'],
    queryFn: () => checkDataset(loaded),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  const lines = check.data ?? []
  const status = lines.some(({ ok }) => ok === false)
    ? 'failed'
    : lines.every(({ ok }) => ok === true)
      ? 'verified'
      : 'unchecked'
  return (
    <section
      className="sheet"
      aria-label={t('datasets.check.title')}
      {...(check.data === undefined ? {} : { 'data-verdict': status })}
    >
      {check.isPending && <p role="status">{t('trace.stages.checking')}</p>}
      {check.isError && <Problem error={check.error} onRetry={() => void check.refetch()} />}
      {check.data !== undefined && (
        <>
          <div className={`note ${status}`} role="status">
            <p className="row big">
              <AnswerSign ok={status === 'verified' ? true : status === 'failed' ? false : null} />
              <strong>{t(`datasets.check.${status}`)}</strong>
            </p>
            <p>{t('datasets.check.not')}</p>
          </div>
          <details open={status === 'failed'}>
            <summary>
              {t('datasets.check.lines', { held: lines.filter(({ ok }) => ok === true).length, all: lines.length })}
            </summary>
            <ol className="verdict-lines">
              {lines.map((line) => (
                <Line key={line.step} line={line} />
              ))}
            </ol>
          </details>
        </>
      )}
    </section>
  )
}

function Line({ line: { step, ok, values } }: { line: CheckLine }) {
  const { t } = useTranslation()
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? formatCount(value) : value]),
  )
  return (
    <CheckedLine step={step} ok={ok} title={t(`datasets.step.${step}.title`)}>
      {ok === null ? t('check:verdict.open') : t(`datasets.step.${step}.${ok ? 'held' : 'not'}`, shown)}
    </CheckedLine>
  )
}
