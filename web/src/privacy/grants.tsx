import type { GrantItem } from '@tanlian/sdk'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { useWork } from '../shell/work.ts'
import { GrantForm } from './grant-form.tsx'
import { GrantAccess, GrantPeriod, GrantScope, grantSight } from './grant-words.tsx'
import { type KeptStream, useGrants } from './record.ts'
import { Summaries } from './summaries.tsx'

/** Whom the organization lets read: each grant with what its reader can see now, and its end for the future. */
export function Grants({
  organization,
  streams,
  may,
}: {
  organization: number
  streams: readonly KeptStream[]
  may: boolean
}) {
  const { t } = useTranslation()
  const grants = useGrants('grants', organization, true)
  const { working, error, work } = useWork()
  const again = () => void grants.refetch()
  const end = ({ grant }: GrantItem) =>
    work(async () => {
      await postJson(`/v1/organizations/${organization}/grants/${grant}/end`, {})
      await grants.refetch()
    })
  const columns: readonly Column<GrantItem>[] = [
    { head: t('privacy:grants.reader'), lead: true, cell: ({ reader }) => <OrganizationLink id={reader} /> },
    { head: t('privacy:grants.access'), cell: (grant) => <GrantAccess grant={grant} /> },
    { head: t('privacy:grants.scope'), cell: (grant) => <GrantScope grant={grant} /> },
    { head: t('privacy:grants.period'), cell: (grant) => <GrantPeriod grant={grant} /> },
    { head: t('privacy:grants.sight'), cell: (grant) => grantSight(t, grant) },
    {
      head: t('privacy:grants.state'),
      cell: ({ ended, created }) =>
        ended === null
          ? t('privacy:grants.stands', { time: formatMoment(Date.parse(created) / 1000) })
          : t('privacy:grants.ended', { time: formatMoment(Date.parse(ended) / 1000) }),
    },
    {
      head: t('privacy:grants.act'),
      quiet: true,
      cell: (grant) =>
        may &&
        grant.ended === null && (
          <button type="button" disabled={working} onClick={() => void end(grant)}>
            {t('privacy:grants.end')}
          </button>
        ),
    },
  ]
  const steps = [...new Set((grants.data ?? []).filter(({ ended }) => ended === null).map(({ step }) => step))]
  return (
    <section className="sheet stack">
      <h2>{t('privacy:grants.title')}</h2>
      <p className="muted">{t('privacy:grants.lead')}</p>
      {grants.isPending && <p role="status">{t('shell.loading')}</p>}
      {grants.isError && <Problem error={grants.error} onRetry={again} />}
      {grants.data?.length === 0 && <p>{t('privacy:grants.none')}</p>}
      {grants.data !== undefined && grants.data.length > 0 && (
        <Table label={t('privacy:grants.title')} columns={columns} rows={grants.data} keyOf={({ grant }) => grant} />
      )}
      {error !== undefined && <Problem error={error} />}
      {may &&
        steps
          .filter((step) => step > 0)
          .map((step) => <Summaries key={step} organization={organization} step={step} />)}
      {may && <GrantForm organization={organization} streams={streams} onGiven={again} />}
    </section>
  )
}
