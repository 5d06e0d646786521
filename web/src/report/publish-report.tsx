import { publishReport } from '@tanlian/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { useWork } from '../shell/work.ts'

/** Lets an owner open a report over sealed readings to everybody (公开报告), with what that tells and that it stays. */
export function PublishReport({ cid, organization }: { cid: string; organization: number }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { working, error, work } = useWork()
  if (!useHasRole(organization, 'owner')) return null
  const publish = () =>
    work(async () => {
      await publishReport(client, organization, cid)
      await queries.invalidateQueries({ queryKey: ['report', cid] })
    })
  return (
    <details className="sheet">
      <summary>{t('report:publish.title')}</summary>
      <div className="stack">
        <p>{t('report:publish.tells')}</p>
        <p>
          <strong>{t('report:publish.stays')}</strong>
        </p>
        <button type="button" disabled={working} onClick={() => void publish()}>
          {t('report:publish.act')}
        </button>
        {error !== undefined && <Problem error={error} />}
      </div>
    </details>
  )
}
