import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount } from '../format.ts'
import { getJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Figure } from './figure.tsx'
import { countColumns, shareColumns } from './figure-columns.tsx'
import type { Collection, StreamFigures } from './record.ts'
import { useProjected } from './use-projected.ts'
import { WithheldStreams } from './withheld-streams.tsx'

/** How each stream is collected: 缺漏采集 and 重复采集 as figures, and a score of four parts. */
export function Quality({ organization }: { organization: number }) {
  const { t } = useTranslation()
  useProjected('collection')
  const id = String(organization)
  const list = useQuery({
    queryKey: ['collection', id],
    queryFn: () => getJson<Collection>(`/v1/organizations/${id}/collection`),
  })
  const sum = (of: (one: StreamFigures) => number) =>
    (list.data?.items ?? []).reduce((total, one) => total + of(one), 0)
  return (
    <section className="sheet">
      <h2>{t('monitoring.tab.quality')}</h2>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data !== undefined && <WithheldStreams count={list.data.withheld} shown={list.data.items.length} />}
      {list.data !== undefined && (list.data.items.length > 0 || list.data.withheld === 0) && (
        <>
          <div className="grid figures">
            <Figure value={sum((one) => one.missingReadings)} text={t('monitoring.missingMeans')} />
            <Figure value={sum((one) => one.gaps)} text={t('monitoring.gapsMean')} />
            <Figure value={sum((one) => one.repeated + one.refused)} text={t('monitoring.repeatedMeans')} />
            <Figure value={sum((one) => one.restated)} text={t('monitoring.restatedMeans')} />
          </div>
          <Table
            label={t('monitoring.tab.quality')}
            rows={list.data.items}
            keyOf={({ stream }) => stream}
            columns={[
              {
                head: t('organization.streams.kind'),
                lead: true,
                cell: ({ stream, type, device }) => (
                  <Link to="/organizations/$id/streams/$stream" params={{ id, stream: String(stream) }} search={{}}>
                    {kindName(typeNumber(type))} · {device}
                  </Link>
                ),
              },
              ...shareColumns(t),
              ...countColumns(t),
              {
                head: t('monitoring.skipped'),
                hint: t('monitoring.means.skipped'),
                number: true,
                cell: ({ skipped }) => formatCount(skipped),
              },
            ]}
          />
        </>
      )}
    </section>
  )
}
