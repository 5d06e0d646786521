import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatMoment, formatSeconds } from '../format.ts'
import { Page } from './page.tsx'
import { Problem } from './problem.tsx'
import { AnswerSign } from './status.tsx'

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
  const parts = Object.entries(health.data ?? {}).filter(
    (entry): entry is [string, Part] => typeof entry[1] === 'object' && entry[1] !== null,
  )
  return (
    <Page narrow title={t('health.title')} lead={t('health.lead')}>
      {health.isPending && <p role="status">{t('shell.loading')}</p>}
      {health.isError && <Problem error={health.error} onRetry={() => void health.refetch()} />}
      {health.data !== undefined && (
        <div className={health.data.ok === true ? 'note' : 'note failed'} role="status">
          <p>
            <strong>{t(health.data.ok === true ? 'health.allOk' : 'health.someNot')}</strong>
          </p>
          <p className="small muted">
            {t('health.asOf', {
              time: formatMoment(Date.parse(String(health.data.time)) / 1000),
              instance: String(health.data.instance),
            })}
          </p>
        </div>
      )}
      {parts.map(([name, part]) => (
        <section key={name} className="sheet">
          <div className="row between">
            <h2>{t(`health.part.${name}`, { defaultValue: name })}</h2>
            <span className={part.ok ? 'status' : 'status failed'}>
              <AnswerSign ok={part.ok} />
              {t(part.ok ? 'health.ok' : 'health.notOk')}
            </span>
          </div>
          <Facts part={name} values={Object.entries(part).filter(([key, value]) => key !== 'ok' && value !== null)} />
        </section>
      ))}
    </Page>
  )
}

/** An answer of 503 is an answer: it says which part needs somebody to look. */
async function askHealth(): Promise<Record<string, unknown>> {
  const response = await fetch('/health')
  return (await response.json()) as Record<string, unknown>
}

function Facts({ part, values }: { part: string; values: readonly (readonly [name: string, value: unknown])[] }) {
  const { t } = useTranslation()
  return (
    <dl className="facts">
      {values.map(([name, value]) => (
        <div key={name} className="contents">
          <dt>{t(`health.value.${part}.${name}`, { defaultValue: name })}</dt>
          <dd>
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Units stand last in the names of what the service tells: bytes, milliseconds, seconds. */
function Value({ name, value }: { name: string; value: unknown }) {
  const { t } = useTranslation()
  if (typeof value === 'boolean') return t(value ? 'shell.yes' : 'shell.no')
  if (typeof value !== 'number') return <code>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</code>
  if (/bytes$/i.test(name)) return formatBytes(value)
  if (name.endsWith('Ms')) return `${formatCount(value)} ms`
  if (name.endsWith('S') || name.endsWith('Seconds')) return formatSeconds(value)
  // The number of a chain is a name, not a count.
  return name === 'chainId' ? value : formatCount(value)
}
