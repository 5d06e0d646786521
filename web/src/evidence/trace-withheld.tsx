import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { BatchTable } from '../organization/organization-lists.tsx'
import type { Entry } from '../organization/record.ts'
import { listReports } from '../report/record.ts'
import { totalText } from '../report/total-text.ts'
import { client, getJson, type Page } from '../service.ts'
import { Withheld } from '../shell/withheld.tsx'

const BATCHES = 5
const REPORTS = 5

/** A question whose readings their owner keeps to itself: why there is no answer, and what of this organization is public all the same. */
export function TraceWithheld({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const id = String(organization)
  const state = useQuery({
    queryKey: ['withheld', organization],
    queryFn: async () => {
      const [head, log, entries, reports] = await Promise.all([
        client.head(organization, 1),
        client.log(),
        getJson<Page<Entry>>(`/v1/organizations/${id}/entries?kind=1&order=newest&limit=${BATCHES}`),
        listReports({ organization, type: 'year' }, REPORTS),
      ])
      return { batches: head.sequence, log, entries: entries.items, reports: reports.items }
    },
    staleTime: 10_000,
  })
  const { data } = state
  return (
    <>
      <Withheld />
      {data !== undefined && (
        <section className="sheet stack" aria-label={t('trace.withheld.title')}>
          <h2>{t('trace.withheld.title')}</h2>
          <p>{t(data.reports.length === 0 ? 'trace.withheld.noReports' : 'trace.withheld.reports')}</p>
          {data.reports.length > 0 && (
            <ul>
              {data.reports.map(({ cid, subject, period, outputs }) => (
                <li key={cid}>
                  <Link to="/reports/$cid" params={{ cid }} search={{}}>
                    {t('trace.withheld.report', { subject, period })}
                  </Link>{' '}
                  {totalText(outputs)}
                </li>
              ))}
            </ul>
          )}
          <p>{t('trace.withheld.batches', { n: formatCount(data.batches), size: formatCount(data.log.size) })}</p>
          <BatchTable entries={data.entries} />
          <p>
            <Link to="/organizations/$id" params={{ id }} search={{}}>
              {t('trace.withheld.organization')}
            </Link>
          </p>
        </section>
      )}
    </>
  )
}
