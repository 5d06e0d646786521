import type { Application } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { AskBinding } from './ask-binding.tsx'

/** How far an application has come (审批); once it is approved an enterprise goes on to its binding. */
export function ApplicationState({ application, onApproved }: { application: string; onApproved: () => void }) {
  const { t } = useTranslation()
  const found = useQuery({
    queryKey: ['application', application],
    queryFn: () => client.application(application),
    refetchInterval: ({ state }) => (state.data?.state === 'open' ? 4000 : false),
  })
  const state = found.data?.state
  useEffect(() => {
    if (state === 'approved') onApproved()
  }, [state, onApproved])
  if (found.isError) return <Problem error={found.error} onRetry={() => void found.refetch()} />
  if (found.data === undefined) return <p role="status">{t('shell.loading')}</p>
  return (
    <div className="stack">
      <Facts application={found.data} />
      {state === 'open' && (
        <p className="note" role="status">
          {t('apply.state.waiting')}
        </p>
      )}
      {state === 'refused' && (
        <div className="note failed">
          <p>
            <strong>{t('apply.state.refused')}</strong> {t('apply.state.refusedBody')}
          </p>
          {typeof found.data.reasonText === 'string' ? (
            <>
              <p className="small">{t('apply.state.reason')}</p>
              <blockquote>{found.data.reasonText}</blockquote>
            </>
          ) : (
            <p className="small">{t('apply.state.reasonHidden')}</p>
          )}
        </div>
      )}
      {state === 'lapsed' && (
        <p className="note failed">
          <strong>{t('apply.state.lapsed')}</strong> {t('apply.state.lapsedBody')}
        </p>
      )}
      {state === 'approved' && typeof found.data.organization === 'number' && (
        <Approved id={found.data.organization} kind={String(found.data.kind)} />
      )}
    </div>
  )
}

function Approved({ id, kind }: { id: number; kind: string }) {
  const { t } = useTranslation()
  return (
    <>
      <p className="note" role="status">
        <strong>{t('apply.state.approved', { id })}</strong>{' '}
        <Link to="/organizations/$id" params={{ id: String(id) }} search={{}}>
          {t('apply.state.open')}
        </Link>
      </p>
      {kind === 'enterprise' && <AskBinding organization={id} />}
    </>
  )
}

function Facts({ application }: { application: Application }) {
  const { t } = useTranslation()
  return (
    <dl className="facts">
      <dt>{t('organization.name')}</dt>
      <dd>{String(application.name ?? '–')}</dd>
      <dt>{t('apply.state.application')}</dt>
      <dd>
        <code>{application.application}</code>
      </dd>
      <dt>{t('home.log.status')}</dt>
      <dd data-testid="application-state">{t(`application.${application.state}`)}</dd>
    </dl>
  )
}
