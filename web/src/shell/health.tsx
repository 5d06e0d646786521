import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Problem } from './problem.tsx'
import { Answer } from './status.tsx'

/** One part of the service as `GET /health` tells it. */
interface Part {
  readonly ok: boolean
  readonly [value: string]: unknown
}

/** Node, log size, last checkpoint, queue, disk: how the service is, asked again every ten seconds. */
export function HealthPage() {
  const { t } = useTranslation()
  const health = useQuery({
    queryKey: ['health'],
    queryFn: askHealth,
    refetchInterval: 10_000,
  })
  const entries = Object.entries(health.data ?? {})
  const parts = entries.filter((entry): entry is [string, Part] => typeof entry[1] === 'object' && entry[1] !== null)
  const plain = entries.filter(([, value]) => typeof value !== 'object')
  return (
    <div className="page narrow">
      <header className="page-head">
        <h1>{t('health.title')}</h1>
        <p>{t('health.lead')}</p>
      </header>
      {health.isPending && <p role="status">{t('shell.loading')}</p>}
      {health.isError && <Problem error={health.error} onRetry={() => void health.refetch()} />}
      {plain.length > 0 && (
        <section className="sheet">
          <Facts values={Object.fromEntries(plain)} />
        </section>
      )}
      {parts.map(([name, part]) => (
        <section key={name} className="sheet">
          <div className="row between">
            <h2>{t(`health.part.${name}`, { defaultValue: name })}</h2>
            {typeof part.ok === 'boolean' && (
              <Answer ok={part.ok} held={t('health.ok')} failed={t('health.notOk')} unchecked={t('health.notOk')} />
            )}
          </div>
          <Facts values={Object.fromEntries(Object.entries(part).filter(([key]) => key !== 'ok'))} />
        </section>
      ))}
    </div>
  )
}

/** An answer of 503 is an answer: it says which part needs somebody to look. */
async function askHealth(): Promise<Record<string, unknown>> {
  const response = await fetch('/health')
  return (await response.json()) as Record<string, unknown>
}

function Facts({ values }: { values: Readonly<Record<string, unknown>> }) {
  const { t } = useTranslation()
  return (
    <dl className="facts">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} className="contents">
          <dt>{t(`health.value.${name}`, { defaultValue: name })}</dt>
          <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
