import { reopeningOf } from '@tanlian/accounting'
import { parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getJson } from '../service.ts'
import { useSession } from '../shell/session.ts'
import type { ReportRecord } from './record.ts'
import { SignBox } from './sign-box.tsx'

/** Lets a regulator open the period of an accepted report again (解锁), with a reason that everybody sees; then its enterprise may correct it. */
export function Reopen({ report, onDone }: { report: ReportRecord; onDone: () => void }) {
  const { t } = useTranslation()
  const own = useSession().data?.organizations.find(({ kind }) => kind === 'regulator')
  const [reason, setReason] = useState('')
  const [done, setDone] = useState(false)
  if (done) return <p className="note">{t('report:reopen.done')}</p>
  if (own === undefined || !report.locked) return null
  const prepare = async () => {
    // What is signed and then refused would stand in the way of the next statement: another may have opened it since.
    const { locked } = await getJson<ReportRecord>(`/v1/reports/${report.cid}`)
    if (!locked) throw new TanlianError('E_REGISTER_TWICE', 'The period has been reopened already.')
    return reopeningOf(parseCid(report.cid), reason.trim())
  }
  return (
    <details className="sheet">
      <summary>{t('report:reopen.title')}</summary>
      <div className="stack">
        <p>{t('report:reopen.means')}</p>
        <label className="field">
          <span>{t('report:reopen.reason')}</span>
          <input value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
        </label>
        {reason.trim() !== '' && (
          <SignBox
            organization={own.id}
            label={t('report:reopen.act')}
            summary={t('report:reopen.summary', {
              title: t('report:titleOf', { subject: report.subject, period: report.period }),
              reason: reason.trim(),
            })}
            note={`reopening/${report.cid}`}
            prepare={prepare}
            onLogged={() => {
              setDone(true)
              onDone()
            }}
          />
        )}
      </div>
    </details>
  )
}
