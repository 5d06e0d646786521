import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatMoment } from '../format.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { StatusWord } from '../shell/status.tsx'

/** Entry of the log and receipt, as the platform lists them. */
export function EntryFacts({ kind, organization, sequence }: { kind: 1 | 2; organization: number; sequence: number }) {
  const { t } = useTranslation()
  const path = `/v1/organizations/${organization}/entries?kind=${kind}&after=${sequence - 1}&limit=1`
  const list = useQuery({
    queryKey: ['entry', path],
    queryFn: () => getJson<Page<Readonly<Record<string, unknown>>>>(path),
  })
  const entry = list.data?.items.find((one) => one.sequence === sequence)
  if (list.isError) return <Problem error={list.error} />
  if (entry === undefined) return null
  const anchored = typeof entry.index === 'number'
  const fields = ['index', 'block', 'transaction', 'digest', 'signature', 'received', 'bytes'] as const
  return (
    <section className="sheet">
      <div className="row between">
        <h2>{t('batch.entry')}</h2>
        <StatusWord word={anchored ? 'anchored' : 'sealed'} />
      </div>
      <dl className="facts">
        {fields
          .filter((field) => entry[field] !== undefined && entry[field] !== null)
          .map((field) => (
            <div key={field} className="contents">
              <dt>{t(`batch.field.${field}`)}</dt>
              <dd>{fieldText(field, entry[field])}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}

function fieldText(field: string, value: unknown) {
  if (field === 'received' && typeof value === 'string') return formatMoment(Date.parse(value) / 1000)
  if (field === 'bytes' && typeof value === 'number') return formatBytes(value)
  return typeof value === 'number' ? formatCount(value) : <code>{String(value)}</code>
}
