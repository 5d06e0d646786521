import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatAge, formatCount } from '../format.ts'
import { organizationName } from '../organization/name.ts'
import { getJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Age } from './age.tsx'
import { countColumns, shareColumns } from './figure-columns.tsx'
import type { OrganizationFigures } from './record.ts'
import { useNow, useProjected } from './use-projected.ts'

/** Every organization that measures, one line each: what is missing, what came twice, when something came last. */
export function Overview() {
  const { t } = useTranslation()
  const nowMs = useNow()
  const connection = useProjected('collection')
  const list = useQuery({
    queryKey: ['collection', 'all'],
    queryFn: () => getJson<{ items: readonly OrganizationFigures[] }>('/v1/collection'),
  })
  return (
    <section className="sheet">
      <div className="row between">
        <h2>{t('monitoring.tab.overview')}</h2>
        <Age connection={connection} />
      </div>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{t('monitoring.nothing')}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table
          label={t('monitoring.tab.overview')}
          rows={list.data.items}
          keyOf={({ organization }) => organization}
          columns={[
            {
              head: t('home.log.organization'),
              lead: true,
              cell: (one) => (
                <Link to="/monitoring" search={{ organization: String(one.organization) }}>
                  {organizationName({ id: one.organization, name: one.name, nameEn: one.nameEn })}
                </Link>
              ),
            },
            {
              head: t('monitoring.streams'),
              number: true,
              cell: ({ streams, withheld }) =>
                withheld === 0
                  ? formatCount(streams)
                  : t('monitoring.streamsWithheld', { n: formatCount(streams), withheld: formatCount(withheld) }),
            },
            ...shareColumns<OrganizationFigures>(t),
            ...countColumns<OrganizationFigures>(t),
            {
              head: t('monitoring.last'),
              cell: ({ lastReceived }) => (lastReceived === null ? '–' : formatAge(Date.parse(lastReceived), nowMs)),
            },
          ]}
        />
      )}
    </section>
  )
}
