import { askStatement } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { SignBox } from '../report/sign-box.tsx'
import { StageWord } from '../report/stage-word.tsx'
import { client, getJson, type Page as ListPage } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import type { ReviewItem } from './record.ts'

/** A regulator's queue (审核): reports with an opinion, each done again by the platform, the riskiest first. */
export function Reviews({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<string>()
  const queue = useQuery({
    queryKey: ['reviews'],
    queryFn: () => getJson<ListPage<ReviewItem>>('/v1/reviews'),
    retry: false,
  })
  const columns: readonly Column<ReviewItem>[] = [
    {
      head: t('report:list.report'),
      lead: true,
      cell: ({ report }) => (
        <Link to="/reports/$cid" params={{ cid: report.cid }} search={{}}>
          {t('report:titleOf', { subject: report.subject, period: report.period })}
        </Link>
      ),
    },
    { head: t('report:list.organization'), cell: ({ report }) => <OrganizationLink id={report.organization} /> },
    { head: t('report:list.stage'), cell: ({ report }) => <StageWord stage={report.stage} /> },
    {
      head: t('verification:risk'),
      number: true,
      cell: ({ risk }) => formatCount(risk),
      hint: t('verification:riskHint'),
    },
    {
      head: t('verification:doneAgain'),
      cell: ({ differences, later, problem }) => (
        <span className={differences > 0 || problem !== null ? 'status failed' : 'status'}>
          {problem?.message ??
            t('verification:differences', { differences: formatCount(differences), later: formatCount(later) })}
        </span>
      ),
    },
    {
      head: t('verification:decide'),
      quiet: true,
      cell: ({ report }) => (
        <button type="button" className="plain" onClick={() => setChosen(report.cid)}>
          {t('verification:decide')}
        </button>
      ),
    },
  ]
  const item = queue.data?.items.find(({ report }) => report.cid === chosen)
  return (
    <>
      <h2 className="part">{t('verification:queue')}</h2>
      {queue.isPending && <p role="status">{t('shell.loading')}</p>}
      {queue.isError && <Problem error={queue.error} onRetry={() => void queue.refetch()} />}
      {queue.data?.items.length === 0 && <p className="note">{t('verification:emptyQueue')}</p>}
      {queue.data !== undefined && queue.data.items.length > 0 && (
        <Table
          label={t('verification:queue')}
          columns={columns}
          rows={queue.data.items}
          keyOf={({ report }) => report.cid}
        />
      )}
      {item !== undefined && (
        <Decide key={item.report.cid} organization={organization} item={item} onDone={() => void queue.refetch()} />
      )}
    </>
  )
}

function Decide({
  organization,
  item: { report },
  onDone,
}: {
  organization: number
  item: ReviewItem
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<'accepted' | 'rejected'>('accepted')
  const [reason, setReason] = useState('')
  return (
    <section className="sheet stack">
      <h3>{t('report:titleOf', { subject: report.subject, period: report.period })}</h3>
      <div className="grid">
        <label className="field">
          <span>{t('verification:outcome.label')}</span>
          <select value={outcome} onChange={(event) => setOutcome(event.target.value as typeof outcome)}>
            <option value="accepted">{t('report:stage.accepted.word')}</option>
            <option value="rejected">{t('report:stage.rejected.word')}</option>
          </select>
        </label>
        <label className="field">
          <span>{t('verification:reason')}</span>
          <input value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
      <SignBox
        organization={organization}
        label={t('verification:signDecision')}
        summary={t('verification:decisionSummary', {
          title: t('report:titleOf', { subject: report.subject, period: report.period }),
          outcome: t(`report:stage.${outcome}.word`),
        })}
        note={`decision/${report.cid}`}
        prepare={() =>
          askStatement(client, 'decision', `/v1/organizations/${organization}/reviews/${report.cid}/decision-content`, {
            outcome,
            reason: reason === '' ? null : reason,
          })
        }
        onLogged={onDone}
      />
    </section>
  )
}
