import { beginReport } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatMoment } from '../format.ts'
import { methodologyList } from '../methodology/record.ts'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { client, getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import { useWork } from '../shell/work.ts'
import type { DraftRecord } from './draft-record.ts'
import { isOpen } from './open-draft.ts'
import { listReports, type ReportRecord } from './record.ts'
import { StageWord } from './stage-word.tsx'
import './texts.ts'

/** Reports of one organization listed at once. */
const SHOWN = 100

/** An organization's own reports (本企业报告): what is being prepared, what is in the log, and a new one. */
export function DraftsPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = Number(id)
  const name = useOrganizationName(organization)
  const may = useHasRole(organization, 'editor')
  const drafts = useQuery({
    queryKey: ['drafts', organization],
    queryFn: () => getJson<ListPage<DraftRecord>>(`/v1/organizations/${organization}/reports?limit=${SHOWN}`),
    enabled: may,
    retry: false,
  })
  const logged = useQuery({
    queryKey: ['reports', { organization }],
    queryFn: () => listReports({ organization }, SHOWN),
    staleTime: 10_000,
  })
  const open = logged.data && drafts.data?.items.filter((draft) => isOpen(draft, logged.data.items))
  return (
    <Page title={t('report:own.title', { organization: name })} lead={t('report:own.lead')}>
      {!may && (
        <p className="note">
          {t('report:own.signIn')} <Link to="/sign-in">{t('shell.nav.signIn')}</Link>
        </p>
      )}
      {may && (
        <>
          <NewReport organization={organization} logged={logged.data?.items ?? []} />
          <h2 className="part">{t('report:own.drafts')}</h2>
          {drafts.isError && <Problem error={drafts.error} onRetry={() => void drafts.refetch()} />}
          {open?.length === 0 && <p className="note">{t('report:own.noDrafts')}</p>}
          {open !== undefined && open.length > 0 && (
            <Table
              label={t('report:own.drafts')}
              columns={[
                {
                  head: t('report:list.report'),
                  lead: true,
                  cell: (draft) => (
                    <Link to="/organizations/$id/reports/$draft" params={{ id, draft: draft.id }} search={{}}>
                      {t('report:titleOf', { subject: draft.subject, period: draft.period })}
                    </Link>
                  ),
                },
                {
                  head: t('report:own.changed'),
                  cell: ({ changed }) => formatMoment(Date.parse(changed) / 1000),
                },
              ]}
              rows={open}
              keyOf={(draft) => draft.id}
            />
          )}
        </>
      )}
      <h2 className="part">{t('report:own.logged')}</h2>
      {logged.isError && <Problem error={logged.error} onRetry={() => void logged.refetch()} />}
      {logged.data?.items.length === 0 && <p className="note">{t('report:own.noneLogged')}</p>}
      {logged.data !== undefined && logged.data.items.length > 0 && (
        <Table
          label={t('report:own.logged')}
          columns={[
            {
              head: t('report:list.report'),
              lead: true,
              cell: (report) => (
                <Link to="/reports/$cid" params={{ cid: report.cid }} search={{}}>
                  {t('report:titleOf', { subject: report.subject, period: report.period })}
                </Link>
              ),
            },
            { head: t('report:list.stage'), cell: ({ stage }) => <StageWord stage={stage} /> },
            {
              head: t('report:list.submitted'),
              cell: ({ submitted }) => formatMoment(Date.parse(submitted) / 1000),
            },
          ]}
          rows={logged.data.items}
          keyOf={({ cid }) => cid}
        />
      )}
    </Page>
  )
}

/** Begins a report; the platform fills it from proven totals. */
function NewReport({ organization, logged }: { organization: number; logged: readonly ReportRecord[] }) {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const list = useQuery(methodologyList)
  const [subject, setSubject] = useState('')
  const [period, setPeriod] = useState(() => new Date().toISOString().slice(0, 7))
  const [chosen, setMethodology] = useState<string>()
  const [reason, setReason] = useState('')
  // A further report of the same subject and period takes the place of the one before, and says why.
  const corrected = logged.find(
    (one) => one.correctedBy === null && one.subject === subject.trim() && one.period === period,
  )
  // It may keep the version of that report, retired or not.
  const methodologies = (list.data ?? []).filter(
    ({ kind, state, cid }) => kind === 'methodology' && (state === 'published' || cid === corrected?.methodology),
  )
  const methodology = chosen ?? corrected?.methodology ?? methodologies[0]?.cid ?? ''
  const { working, error, work } = useWork()
  const begin = () =>
    work(async () => {
      const type = period.length === 4 ? 'year' : 'month'
      const draft = await beginReport(client, organization, {
        type,
        subject: subject.trim(),
        period,
        zone: corrected?.zone ?? 'Asia/Shanghai',
        methodology,
        ...(corrected === undefined ? {} : { corrects: corrected.cid, reason: reason.trim() }),
      })
      await navigate({
        to: '/organizations/$id/reports/$draft',
        params: { id: String(organization), draft: draft.id },
        search: {},
      })
    })
  return (
    <form
      className="sheet stack"
      onSubmit={(event) => {
        event.preventDefault()
        void begin()
      }}
    >
      <h2>{t('report:new.title')}</h2>
      <div className="grid">
        <label className="field">
          <span>{t('report:new.subject')}</span>
          <input required maxLength={200} value={subject} onChange={(event) => setSubject(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('report:new.period')}</span>
          <input
            required
            pattern="\d{4}(-\d{2})?"
            placeholder="2026-11"
            value={period}
            onChange={(event) => setPeriod(event.target.value.trim())}
          />
        </label>
        <label className="field">
          <span>{t('methodology:one')}</span>
          <select value={methodology} onChange={(event) => setMethodology(event.target.value)}>
            {methodologies.map((item) => (
              <option key={item.cid} value={item.cid}>
                {textsIn(item, i18n.language)} {item.version}
              </option>
            ))}
          </select>
        </label>
      </div>
      {corrected !== undefined && (
        <label className="field">
          <span>{t('report:new.corrects')}</span>
          <textarea required rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      )}
      {list.data !== undefined && methodologies.length === 0 && (
        <p className="note">
          {t('report:new.noMethodology')}{' '}
          <Link to="/methodologies" search={{}}>
            {t('methodology:list.title')}
          </Link>
        </p>
      )}
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={working || methodology === ''}>
          {t('report:new.begin')}
        </button>
        <span className="small muted">{t('report:new.hint')}</span>
      </div>
    </form>
  )
}
