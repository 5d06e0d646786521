import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useSession } from '../shell/session.ts'
import { type Column, Table } from '../shell/table.tsx'
import { Draws } from './draws.tsx'
import type { WorkItem } from './record.ts'
import { Reviews } from './reviews.tsx'
import './texts.ts'

/** Verification (核查): a verifier's worklist, a regulator's queue, and for everybody how verifiers were drawn. */
export function VerificationPage() {
  const { t } = useTranslation()
  const own = useSession().data?.organizations ?? []
  return (
    <Page title={t('verification:title')} lead={t('verification:lead')}>
      {own
        .filter(({ kind }) => kind === 'verifier')
        .map(({ id }) => (
          <Worklist key={id} organization={id} />
        ))}
      {own
        .filter(({ kind }) => kind === 'regulator')
        .map(({ id }) => (
          <Reviews key={id} organization={id} />
        ))}
      <Draws regulator={own.find(({ kind }) => kind === 'regulator')?.id} />
    </Page>
  )
}

/** What a verifier has to do, the first due and riskiest first. */
function Worklist({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const work = useQuery({
    queryKey: ['verifications', organization],
    queryFn: () => getJson<ListPage<WorkItem>>(`/v1/organizations/${organization}/verifications`),
    retry: false,
  })
  const columns: readonly Column<WorkItem>[] = [
    {
      head: t('report:list.report'),
      lead: true,
      cell: ({ report }) => (
        <Link
          to="/organizations/$id/verifications/$cid"
          params={{ id: String(organization), cid: report.cid }}
          search={{}}
        >
          {t('report:titleOf', { subject: report.subject, period: report.period })}
        </Link>
      ),
    },
    { head: t('report:list.organization'), cell: ({ report }) => <OrganizationLink id={report.organization} /> },
    { head: t('verification:due'), cell: ({ due }) => (due === null ? '–' : formatMoment(due)) },
    {
      head: t('verification:risk'),
      number: true,
      cell: ({ risk }) => formatCount(risk),
      hint: t('verification:riskHint'),
    },
    { head: t('verification:manual'), number: true, cell: ({ manual }) => formatCount(manual) },
    {
      head: t('verification:sample'),
      cell: ({ planned }) => t(planned ? 'verification:planned' : 'verification:notPlanned'),
    },
  ]
  return (
    <>
      <h2 className="part">{t('verification:work')}</h2>
      {work.isPending && <p role="status">{t('shell.loading')}</p>}
      {work.isError && <Problem error={work.error} onRetry={() => void work.refetch()} />}
      {work.data?.items.length === 0 && <p className="note">{t('verification:noWork')}</p>}
      {work.data !== undefined && work.data.items.length > 0 && (
        <Table
          label={t('verification:work')}
          columns={columns}
          rows={work.data.items}
          keyOf={({ report }) => report.cid}
        />
      )}
    </>
  )
}
