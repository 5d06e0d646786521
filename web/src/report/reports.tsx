import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { first, type Search } from '../search.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { listReports, type ReportRecord, STAGES, type Stage } from './record.ts'
import { StageWord } from './stage-word.tsx'
import './texts.ts'
import { totalText } from './total-text.ts'

/** Reports listed at once. */
const SHOWN = 100

/** Every report in the log (报告): monthly and annual, with where each stands; anyone may do each of them again. */
export function ReportsPage() {
  const { t } = useTranslation()
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const stage = STAGES.find((one) => one === first(search, 'stage'))
  const asked = first(search, 'type') ?? 'year'
  const type = (['month', 'year'] as const).find((one) => one === asked)
  const organization = Number(first(search, 'organization')) || undefined
  const filter = {
    ...(stage === undefined ? {} : { stage }),
    ...(type === undefined ? {} : { type }),
    ...(organization === undefined ? {} : { organization }),
  }
  const list = useQuery({ queryKey: ['reports', filter], queryFn: () => listReports(filter, SHOWN), staleTime: 10_000 })
  const change = (name: string, value: string) =>
    void navigate({ to: '/reports', search: { ...search, [name]: value === '' ? undefined : value } })
  const columns: readonly Column<ReportRecord>[] = [
    {
      head: t('report:list.report'),
      lead: true,
      cell: ({ cid, subject, period }) => (
        <Link to="/reports/$cid" params={{ cid }} search={{}}>
          {t('report:titleOf', { subject, period })}
        </Link>
      ),
    },
    { head: t('report:list.organization'), cell: ({ organization: id }) => <OrganizationLink id={id} /> },
    { head: t('report:list.total'), number: true, cell: ({ outputs }) => totalText(outputs) },
    { head: t('report:list.stage'), cell: (record) => <StageWord stage={record.stage} /> },
    { head: t('report:list.submitted'), cell: ({ submitted }) => formatMoment(Date.parse(submitted) / 1000) },
  ]
  return (
    <Page title={t('report:list.title')} lead={t('report:list.lead')}>
      <div className="row">
        <label className="row">
          {t('report:list.type')}
          <select value={asked} onChange={(event) => change('type', event.target.value)}>
            <option value="all">{t('report:list.all')}</option>
            <option value="year">{t('report:type.year')}</option>
            <option value="month">{t('report:type.month')}</option>
          </select>
        </label>
        <label className="row">
          {t('report:list.stage')}
          <select value={stage ?? ''} onChange={(event) => change('stage', event.target.value)}>
            <option value="">{t('report:list.all')}</option>
            {STAGES.map((one: Stage) => (
              <option key={one} value={one}>
                {t(`report:stage.${one}.word`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="note">{t('report:list.empty')}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table label={t('report:list.title')} columns={columns} rows={list.data.items} keyOf={({ cid }) => cid} />
      )}
    </Page>
  )
}
