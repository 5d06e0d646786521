import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatSeconds } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Answer } from '../shell/status.tsx'
import { checkComplaint } from './check-receipt.ts'
import type { Complaint } from './record.ts'

/** Promises that were not kept (S8), for everybody to see and to check: the receipt beside the entry that was missing. */
export function Complaints() {
  const { t } = useTranslation()
  const list = useQuery({
    queryKey: ['complaints'],
    queryFn: () => getJson<Page<Complaint>>('/v1/complaints?limit=50'),
    refetchInterval: 15_000,
  })
  return (
    <section className="sheet">
      <h2>{t('monitoring.tab.complaints')}</h2>
      <p>{t('monitoring.complaint.lead')}</p>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{t('monitoring.complaint.none')}</p>}
      <ul className="plain-list">
        {list.data?.items.map((one) => (
          <li key={one.digest} className="sheet">
            <One complaint={one} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function One({ complaint }: { complaint: Complaint }) {
  const { t } = useTranslation()
  const { cid, organization, sequence, receipt, due, chain, settled } = complaint
  const check = useQuery({
    queryKey: ['complaint', complaint.digest, settled?.index],
    queryFn: () => checkComplaint(complaint),
  })
  return (
    <>
      <p>
        <OrganizationLink id={organization} /> ·{' '}
        <Link to="/batches/$cid" params={{ cid }} search={{}}>
          {t('home.log.batchNumber', { n: formatCount(sequence) })}
        </Link>
      </p>
      <p>
        {t('monitoring.complaint.promise', {
          received: formatMoment(receipt.received),
          promise: formatSeconds(receipt.promise),
          due: formatMoment(Date.parse(due) / 1000),
        })}{' '}
        {t('monitoring.complaint.missing', { block: formatCount(chain.block), head: formatCount(chain.head) })}
      </p>
      <p>
        {settled === null
          ? t('monitoring.complaint.open')
          : t('monitoring.complaint.settled', {
              index: formatCount(settled.index),
              at: formatMoment(Date.parse(settled.at) / 1000),
            })}
      </p>
      {check.data !== undefined && (
        <p className="row">
          <Answer
            ok={check.data.signed && check.data.promised}
            held={t('monitoring.complaint.signed')}
            failed={t('monitoring.complaint.unsigned')}
            unchecked=""
          />
          <span className="small muted">
            {check.data.inLog === undefined
              ? t('monitoring.complaint.notAsked')
              : t(check.data.inLog ? 'monitoring.complaint.nowThere' : 'monitoring.complaint.stillMissing')}
          </span>
        </p>
      )}
    </>
  )
}
